//! What a document is refused with: every mistake it has, each with its place and how to mend it.
//!
//! Invariant: a [`PolicyErrors`] is never empty, and its mistakes stand in the order of the text.
//! [`Mistakes`] is the only door to one: a reader reports into it and goes on, so that one mistake hides
//! no other, and nothing is read successfully from a text that has one.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use annotate_snippets::Level;

use super::draw::{Drawing, Spot};
use super::place::{Columns, Place, Source};

/// User text longer than this many characters is cut in a message.
const MAX_QUOTED_CHARS: usize = 200;

/// Every mistake of one or more documents, in the order of their text. Never empty.
#[derive(Clone, thiserror::Error)]
pub struct PolicyErrors(Vec<PolicyError>);

/// As [`Display`](fmt::Display): a `main` or a build script that returns it with `?` prints it so.
impl fmt::Debug for PolicyErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter)?;
        fmt::Display::fmt(self, formatter)
    }
}

impl PolicyErrors {
    /// The mistakes, at least one.
    pub fn as_slice(&self) -> &[PolicyError] {
        &self.0
    }

    /// The mistakes, one after another.
    pub fn iter(&self) -> std::slice::Iter<'_, PolicyError> {
        self.0.iter()
    }

    /// Every mistake as [`PolicyError::render`] draws it, with an empty line between two.
    pub fn render(&self, styled: bool) -> String {
        let drawn: Vec<_> = self.0.iter().map(|error| error.render(styled)).collect();
        drawn.join("\n\n")
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{error}")?;
        }
        Ok(())
    }
}

impl<'a> IntoIterator for &'a PolicyErrors {
    type Item = &'a PolicyError;
    type IntoIter = std::slice::Iter<'a, PolicyError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One mistake: where it stands, what it is, what was expected, and how to mend it.
///
/// [`fmt::Display`] gives it in plain lines, `endpoint.json:12:9: …` first; [`PolicyError::render`] with
/// the text it stands in.
#[derive(Debug, Clone, thiserror::Error)]
pub struct PolicyError {
    source_text: Source,
    line: usize,
    column: usize,
    mistake: Mistake,
}

impl PolicyError {
    /// The text it was found in.
    pub fn source_text(&self) -> &Source {
        &self.source_text
    }

    /// The offending bytes of that text.
    pub fn place(&self) -> Place {
        self.mistake.place
    }

    /// The line of the first offending byte, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column of the first offending byte, in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.mistake.problem.message
    }

    /// What was expected in its place.
    pub fn label(&self) -> &str {
        &self.mistake.problem.expected
    }

    /// How to mend it, where that can be said.
    pub fn help(&self) -> Option<&str> {
        self.mistake.problem.help.as_deref()
    }

    /// Draws the mistake as rustc does: message, file, line and column, the offending text underlined, help.
    ///
    /// `styled` adds colours as ANSI escapes. No line break at the end.
    pub fn render(&self, styled: bool) -> String {
        let drawing = Drawing {
            level: Level::ERROR,
            code: None,
            message: self.message(),
            spot: Spot {
                source: &self.source_text,
                place: self.mistake.place,
                line: self.line,
                column: self.column,
                label: Some(self.label()),
            },
            help: self.help(),
            related: Vec::new(),
        };
        drawing.render(styled)
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = tame(self.source_text.name());
        write!(formatter, "{name}:{}:{}: {}\n  {}", self.line, self.column, self.message(), self.label())?;
        match self.help() {
            Some(help) => write!(formatter, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// What is wrong with a piece of text, said by a grammar that does not know where the text stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Problem {
    message: String,
    expected: String,
    help: Option<String>,
    /// The offending bytes, counted from the start of the piece; all of it where there is no range.
    within: Option<Range<usize>>,
}

impl Problem {
    /// What is wrong, and what was expected.
    pub fn new(message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { message: message.into(), expected: expected.into(), help: None, within: None }
    }

    /// How to mend it.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// How to mend it, where that can be said.
    pub fn help_if(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    /// The part of the piece that is meant.
    pub fn at(self, within: Range<usize>) -> Self {
        Self { within: Some(within), ..self }
    }

    /// The same problem, of a piece that begins this many bytes into a larger one.
    pub fn shifted(self, by: usize, len: usize) -> Self {
        let within = self.within.clone().unwrap_or(0..len);
        self.at(within.start + by..within.end + by)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Mistake {
    place: Place,
    problem: Problem,
}

/// The mistakes found in one text so far.
#[derive(Debug)]
pub(crate) struct Mistakes {
    source: Source,
    found: Vec<Mistake>,
}

impl Mistakes {
    /// None yet.
    pub fn new(source: &Source) -> Self {
        Self { source: source.clone(), found: Vec::new() }
    }

    /// The text they are found in.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whether nothing was reported.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Reports a problem of what stands at a place.
    pub fn report(&mut self, place: impl Into<Place>, problem: Problem) {
        self.found.push(Mistake { place: place.into(), problem });
    }

    /// Reports a problem of a string's content. `content` is the string without its escapes.
    pub fn report_in_string(&mut self, place: impl Into<Place>, content: &str, problem: Problem) {
        let mut place = place.into();
        let written = Place { start: place.start + 1, end: place.end.saturating_sub(1) };
        // With an escape in the string, offsets in its content are not offsets in the text.
        if let Some(within) = &problem.within
            && self.source.at(written) == content
        {
            place = Place { start: written.start + within.start, end: written.start + within.end };
        }
        self.report(place, problem);
    }

    /// Adds those of another reading of the same text that were not found before.
    pub fn add_new(&mut self, other: Self) {
        let known: HashSet<_> = self.found.iter().cloned().collect();
        self.found.extend(other.found.into_iter().filter(|mistake| !known.contains(mistake)));
    }

    /// What was read, if no mistake was found in this text or in `others` that were read with it.
    pub fn finish<T>(mut self, others: Vec<Self>, read: Option<T>) -> Result<T, PolicyErrors> {
        let clean = self.is_empty() && others.iter().all(Self::is_empty);
        match read {
            Some(read) if clean => return Ok(read),
            // A reader that gave up without a word: refused all the same.
            None if clean => {
                self.report(0..0, Problem::new("the document was not understood", "expected another document"));
            }
            _ => {}
        }
        Err(PolicyErrors(std::iter::once(self).chain(others).flat_map(Self::in_order).collect()))
    }

    /// The mistakes in the order of the text, with lines and columns.
    fn in_order(mut self) -> Vec<PolicyError> {
        self.found.sort_by_key(|mistake| mistake.place);
        let mut columns = Columns::default();
        let mut errors = Vec::with_capacity(self.found.len());
        for mistake in self.found {
            let (line, column) = columns.of(&self.source, mistake.place.start);
            errors.push(PolicyError { source_text: self.source.clone(), line, column, mistake });
        }
        errors
    }
}

/// User text for a message: in backticks, on one line, without control characters, and not endless.
pub(crate) fn quote(text: &str) -> String {
    if text.is_empty() {
        return "the empty string".to_owned();
    }
    let mut quoted = String::from("`");
    for (count, character) in text.chars().enumerate() {
        if count == MAX_QUOTED_CHARS {
            quoted.push('…');
            break;
        }
        push_tame(&mut quoted, character);
    }
    quoted.push('`');
    quoted
}

/// Whether a character is obeyed rather than seen, or not seen at all, which could make a message read as another one:
///
/// - controls: C0, C1, U+007F;
/// - what ends a line or a paragraph: U+2028, U+2029;
/// - Unicode's property `Default_Ignorable_Code_Point`: what has no width, turns the direction, picks a variant or is a
///   tag, and what is kept free for more of the kind. A test compares the list with the property;
/// - marks around annotations, U+FFF9 to U+FFFB, and the Braille pattern without dots, U+2800.
///
/// Spaces are seen, whatever their width, and so are the marks of a script.
pub(crate) fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || character.is_control()
}

/// Adds a character, as an escape where it [`is_hidden`].
fn push_tame(text: &mut String, character: char) {
    if is_hidden(character) {
        text.extend(character.escape_default());
    } else {
        text.push(character);
    }
}

/// A text of a policy, fit for a line of a terminal: with escapes for controls, separators, and characters that are
/// not seen or that turn the direction.
///
/// ```
/// # use portcullis::policy::tame;
/// assert_eq!(tame("a\u{1b}[2K é"), "a\\u{1b}[2K é");
/// ```
pub fn tame(text: &str) -> String {
    let mut tamed = String::with_capacity(text.len());
    text.chars().for_each(|character| push_tame(&mut tamed, character));
    tamed
}

/// The known name that a wrong one was probably meant to be: equal but for case, else within a small
/// distance for its length.
pub(crate) fn nearest<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> Option<&'k str> {
    if wrong.len() > MAX_QUOTED_CHARS {
        return None;
    }
    let by_case = known.clone().into_iter().find(|name| name.eq_ignore_ascii_case(wrong));
    let folded = wrong.to_ascii_lowercase();
    by_case.or_else(|| {
        known
            .into_iter()
            .map(|name| (strsim::osa_distance(&folded, &name.to_ascii_lowercase()), name))
            .filter(|(distance, name)| *distance <= (name.len() / 4).clamp(1, 3))
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, name)| name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, text: &str, at: Range<usize>, problem: Problem) -> PolicyErrors {
        let mut mistakes = Mistakes::new(&Source::new(name, text));
        mistakes.report(at, problem);
        mistakes.finish::<()>(Vec::new(), Some(())).unwrap_err()
    }

    #[test]
    fn tame_text_is_seen_and_not_obeyed() {
        assert_eq!(tame("a\u{1b}\u{9b}\u{202e}\u{2028}\u{2066}é"), r"a\u{1b}\u{9b}\u{202e}\u{2028}\u{2066}é");
    }

    #[test]
    fn hidden_is_what_unicode_lets_a_reader_ignore_and_little_else() {
        let parsed = regex_syntax::parse(r"\p{Default_Ignorable_Code_Point}").unwrap();
        let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(ignorable)) = parsed.kind() else {
            panic!("{parsed:?}");
        };
        let is_ignorable = |character| ignorable.iter().any(|range| (range.start()..=range.end()).contains(&character));
        let others: Vec<_> = ('\0'..=char::MAX)
            .filter(|&character| is_hidden(character) != is_ignorable(character) && !character.is_control())
            .collect();
        assert_eq!(others, ['\u{2028}', '\u{2029}', '\u{2800}', '\u{fff9}', '\u{fffa}', '\u{fffb}']);
        let seen = "aé\u{301} \u{a0}\u{3000}ж中नि\u{200a}\u{fffd}😀";
        assert_eq!(tame(seen), seen);
        assert_eq!(tame("a\u{ad}\u{e0041}\u{fe0f}\u{3164}"), r"a\u{ad}\u{e0041}\u{fe0f}\u{3164}");
    }

    #[test]
    fn a_mistake_says_where_what_expected_and_mend() {
        let problem = Problem::new("unknown condition operator `StringsLike`", "expected an IAM condition operator");
        let errors = refusal(
            "endpoint.json",
            "{\r\n  \"é\": \"StringsLike\"\r\n}",
            11..24,
            problem.help("did you mean `StringLike`?"),
        );
        assert_eq!(
            errors.to_string(),
            "endpoint.json:2:8: unknown condition operator `StringsLike`\n  expected an IAM condition operator\n  help: did \
             you mean `StringLike`?"
        );
        assert_eq!(
            errors.render(false),
            r#"error: unknown condition operator `StringsLike`
 --> endpoint.json:2:8
  |
2 |   "é": "StringsLike"
  |        ^^^^^^^^^^^^^ expected an IAM condition operator
  |
  = help: did you mean `StringLike`?"#
        );
        assert!(errors.render(true).contains("\u{1b}["), "colours where they are asked for");
    }

    #[test]
    fn the_column_of_a_long_line_is_the_whole_lines() {
        let text = format!("{}\"ö\"{}", "ü".repeat(3000), " ".repeat(100));
        let errors = refusal("-", &text, 6000..6004, Problem::new("odd", "expected even"));
        assert!(errors.to_string().starts_with("-:1:3001: odd"), "{errors}");
        let drawn = errors.render(false);
        assert!(drawn.contains("--> -:1:3001\n") && drawn.contains("^^^ expected even"), "{drawn}");
        assert!(drawn.len() < 1000, "a part of the line alone: {drawn}");
    }

    #[test]
    fn mistakes_are_in_the_order_of_the_text_with_columns_counted_on() {
        let mut mistakes = Mistakes::new(&Source::new("a", "ää\nböbö"));
        for at in [8, 0, 5, 2] {
            mistakes.report(at..at + 1, Problem::new(at.to_string(), "expected none"));
        }
        let errors = mistakes.finish::<()>(Vec::new(), None).unwrap_err();
        let places: Vec<_> = errors.iter().map(|error| (error.message(), error.line(), error.column())).collect();
        assert_eq!(places, [("0", 1, 1), ("2", 1, 2), ("5", 2, 1), ("8", 2, 3)]);
        for error in &errors {
            let place = error.source_text().line_column(error.place().start);
            assert_eq!(place, (error.line(), error.column()), "counting on gives what counting afresh gives");
        }
    }

    #[test]
    fn nothing_is_read_from_a_text_with_a_mistake_and_silence_is_one() {
        let source = Source::new("a", "{}");
        let clean = Mistakes::new(&source).finish(Vec::new(), Some(1));
        assert_eq!(clean.ok(), Some(1));
        assert!(Mistakes::new(&source).finish::<()>(Vec::new(), None).is_err(), "silence");
        let mut other = Mistakes::new(&source);
        other.report(0..1, Problem::new("odd", "expected even"));
        assert!(Mistakes::new(&source).finish(vec![other], Some(1)).is_err(), "a mistake elsewhere");
    }

    #[test]
    fn quoted_text_is_tame() {
        assert_eq!(quote("a\u{1b}[31m\n\u{202e}é"), r"`a\u{1b}[31m\n\u{202e}é`");
        assert_eq!(quote("\u{80}\u{9f}\u{2028}\u{2069}\u{61c}\u{7f}"), r"`\u{80}\u{9f}\u{2028}\u{2069}\u{61c}\u{7f}`");
        assert_eq!(quote(&"x".repeat(300)).chars().count(), 200 + 3);
        assert_eq!(quote(""), "the empty string");
    }

    #[test]
    fn drawn_text_is_tame_and_underlined_where_it_stands() {
        for hidden in
            ['\u{80}', '\u{85}', '\u{9b}', '\u{9f}', '\u{200b}', '\u{2028}', '\u{2029}', '\u{202e}', '\u{2066}']
        {
            let text = format!("é{hidden} \"{hidden}x\" {hidden}");
            let start = text.find('"').unwrap();
            let end = text.rfind('"').unwrap() + 1;
            let errors = refusal(&format!("a{hidden}"), &text, start..end, Problem::new("odd", "expected even"));
            let place = format!("a{}:1:4", hidden.escape_default());
            assert_eq!(
                errors.render(false),
                format!("error: odd\n --> {place}\n  |\n1 | é� \"�x\" �\n  |    ^^^^ expected even")
            );
            assert!(errors.to_string().starts_with(&format!("{place}: odd")), "{errors}");
        }
    }

    #[test]
    fn names_are_guessed_by_case_then_by_distance() {
        let known = ["StringLike", "StringNotLike", "Bool", "Null"];
        for (wrong, meant) in [
            ("stringlike", Some("StringLike")),
            ("StringsLike", Some("StringLike")),
            ("stringNotLik", Some("StringNotLike")),
            ("Boole", Some("Bool")),
            ("Boolean", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, known), meant, "{wrong}");
        }
    }
}
