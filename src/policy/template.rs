//! Text with wildcards, variables and escapes (V-02 to V-05).
//!
//! Invariant: every [`Template`] is canonical, as its type says: [`Builder`] is the only maker of pieces.

use super::condition::read_key_name;
use super::error::{Problem, quote};
use super::{Piece, Template, Version};

/// Keys that are known to have several values (K-06), in lower case.
const MULTIVALUED_KEYS: [&str; 7] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
];

/// Whether `*` and `?` stand for other characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    /// As in a glob.
    Wild,
    /// They stand for themselves (C-14).
    Literal,
}

/// Reads text that may hold variables and escapes, under the version that has them.
pub(super) fn read_template(text: &str, wildcards: Wildcards, version: Version) -> Result<Template, Problem> {
    let mut builder = Builder::with_room_for(text);
    let mut rest = text;
    while let Some(at) = rest.find(['*', '?', '$']) {
        let (before, special) = rest.split_at(at);
        builder.text(before);
        let start = text.len() - special.len();
        rest = match (special.strip_prefix("${"), version) {
            (Some(inner), Version::V2012) => {
                let (piece, after) = read_variable(inner, start)?;
                builder.piece(piece);
                after
            }
            _ => builder.character(special, wildcards),
        };
    }
    builder.text(rest);
    Ok(builder.finish())
}

/// Reads a glob that has no variables, because its version or its element has none.
pub(crate) fn read_glob(text: &str) -> Template {
    let mut builder = Builder::with_room_for(text);
    let mut rest = text;
    while let Some(at) = rest.find(['*', '?']) {
        let (before, special) = rest.split_at(at);
        builder.text(before);
        rest = builder.character(special, Wildcards::Wild);
    }
    builder.text(rest);
    builder.finish()
}

/// Refuses `${` in an element that has no variables, under the version that has them elsewhere (V-06).
pub(super) fn refuse_variable(text: &str, version: Version, element: &str) -> Result<(), Problem> {
    match text.find("${") {
        Some(at) if version == Version::V2012 => {
            let end = text.get(at..).and_then(|rest| rest.find('}')).map_or(text.len(), |brace| at + brace + 1);
            let variable = quote(text.get(at..end).unwrap_or_default());
            let problem =
                Problem::new(format!("variable {variable} in {element}"), "expected text without `${`").at(at..end);
            Err(problem
                .help("variables stand in the last part of a resource, and in values of String and Arn operators"))
        }
        _ => Ok(()),
    }
}

/// Reads what follows `${` up to its `}` (V-03 to V-05); also returns what is after that. `start` is where
/// the `$` stands.
fn read_variable(inner: &str, start: usize) -> Result<(Piece, &str), Problem> {
    const FORMS: &str = "expected `${key}` or `${key, 'default'}`";
    let inner_start = start + 2;
    for character in ["*", "?", "$"] {
        if let Some(after) = inner.strip_prefix(character).and_then(|after| after.strip_prefix('}')) {
            return Ok((Piece::Text(character.to_owned()), after));
        }
    }
    let Some((body, after)) = inner.split_once('}') else {
        let problem = Problem::new(format!("variable {} has no `}}`", quote(&format!("${{{inner}"))), FORMS);
        return Err(problem
            .at(start..inner_start + inner.len())
            .help("close it with `}`, or write `${$}` for the character `$`"));
    };
    let shown = quote(&format!("${{{body}}}"));
    let whole = start..inner_start + body.len() + 1;
    let wrong = |what: &str| Problem::new(format!("variable {shown} {what}"), FORMS).at(whole.clone());
    if body.is_empty() {
        return Err(wrong("is empty").help("name a context key, as `${aws:username}`"));
    }
    if body.contains("${") {
        return Err(wrong("holds another variable").help("variables do not nest"));
    }
    let (key, default) = match body.split_once(',') {
        None => (body, None),
        Some((key, default)) => (key, Some(default)),
    };
    if let Some(odd) = key.find([' ', '\'', '*', '?', '$', '{']) {
        let odd_text: String = key.get(odd..).into_iter().flat_map(str::chars).take(1).collect();
        let at = inner_start + odd..inner_start + odd + odd_text.len();
        let help = match odd_text.as_str() {
            " " => "remove the space",
            "'" => "a default follows a comma and a space, as `${aws:username, 'anyone'}`",
            _ => "`${*}`, `${?}` and `${$}`, each alone, stand for those characters; a key has none of them",
        };
        return Err(wrong(&format!("has {} in its key", quote(&odd_text))).at(at).help(help));
    }
    read_key_name(key).map_err(|problem| {
        let help =
            "a variable is a context key, as `${aws:username}`; what a template fills in must be filled in before";
        problem.shifted(inner_start, key.len()).help(help)
    })?;
    if MULTIVALUED_KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)) {
        let problem = wrong(&format!("names {}, which has several values", quote(key)));
        return Err(problem.at(inner_start..inner_start + key.len()).help("test the key in a condition instead"));
    }
    let default = default.map(|default| read_default(default, &wrong)).transpose()?;
    Ok((Piece::Variable { key: key.to_owned(), default }, after))
}

/// Reads what follows the comma: one space, and text in single quotes (V-04).
fn read_default(written: &str, wrong: &impl Fn(&str) -> Problem) -> Result<String, Problem> {
    const FORM: &str = "write a comma, one space, and the default in single quotes, as `${aws:username, 'anyone'}`";
    let Some(quoted) = written.strip_prefix(' ').filter(|quoted| !quoted.starts_with(' ')) else {
        return Err(wrong("has a comma without exactly one space after it").help(FORM));
    };
    let Some(default) = quoted.strip_prefix('\'').and_then(|opened| opened.strip_suffix('\'')) else {
        return Err(wrong("has a default that does not stand in single quotes").help(FORM));
    };
    if default.contains(['\'', '*', '?', '$', '{', '}']) {
        let help = "a default is literal text without `'`, `*`, `?`, `$`, `{` and `}`";
        return Err(wrong(&format!("has the default {}", quote(default))).help(help));
    }
    Ok(default.to_owned())
}

/// Puts a template together, canonical at every step.
#[derive(Debug)]
struct Builder {
    pieces: Vec<Piece>,
}

impl Builder {
    /// Room for what a text can come to. Most hold one piece or two, and a policy has many: growing a vector
    /// as usual, from four, costs more memory than the text has.
    fn with_room_for(text: &str) -> Self {
        let specials = text.bytes().filter(|byte| matches!(byte, b'*' | b'?' | b'$')).count();
        let text_pieces = if text.starts_with('*') { specials } else { specials + 1 };
        Self { pieces: Vec::with_capacity(specials + text_pieces) }
    }

    /// Adds literal text.
    fn text(&mut self, more: &str) {
        if more.is_empty() {
            return;
        }
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push_str(more),
            _ => self.pieces.push(Piece::Text(more.to_owned())),
        }
    }

    /// Adds a piece of any kind.
    fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Text(text) => self.text(&text),
            Piece::AnyRun if self.pieces.last() == Some(&Piece::AnyRun) => {}
            piece => self.pieces.push(piece),
        }
    }

    /// Adds the first character of `special`, a wildcard or not, and returns what is after it.
    fn character<'t>(&mut self, special: &'t str, wildcards: Wildcards) -> &'t str {
        let mut characters = special.chars();
        match (characters.next(), wildcards) {
            (Some('*'), Wildcards::Wild) => self.piece(Piece::AnyRun),
            (Some('?'), Wildcards::Wild) => self.piece(Piece::AnyOne),
            (Some(other), _) => self.text(other.encode_utf8(&mut [0; 4])),
            (None, _) => {}
        }
        characters.as_str()
    }

    fn finish(self) -> Template {
        Template { pieces: self.pieces }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn variable(key: &str, default: Option<&str>) -> Piece {
        Piece::Variable { key: key.to_owned(), default: default.map(str::to_owned) }
    }

    #[test]
    fn pieces() {
        let cases = [
            ("", vec![]),
            ("ab", vec![text("ab")]),
            ("a**?*b", vec![text("a"), Piece::AnyRun, Piece::AnyOne, Piece::AnyRun, text("b")]),
            ("$a$", vec![text("$a$")]),
            ("a${*}${?}${$}{b}", vec![text("a*?${b}")]),
            ("${$}{aws:a}", vec![text("${aws:a}")]),
            ("$${aws:a}", vec![text("$"), variable("aws:a", None)]),
            ("${Aws:a/b, ''}${aws:c, 'd, e'}", vec![variable("Aws:a/b", Some("")), variable("aws:c", Some("d, e"))]),
            ("*${*}*", vec![Piece::AnyRun, text("*"), Piece::AnyRun]),
        ];
        for (written, pieces) in cases {
            assert_eq!(read_template(written, Wildcards::Wild, Version::V2012).unwrap().pieces, pieces, "{written}");
        }
        let old = read_template("${*}a${b}", Wildcards::Wild, Version::V2008).unwrap();
        assert_eq!(old.pieces, [text("${"), Piece::AnyRun, text("}a${b}")], "V-02");
        let literal = read_template("a*${*}?", Wildcards::Literal, Version::V2012).unwrap();
        assert_eq!(literal.pieces, [text("a**?")], "V-05");
    }

    #[test]
    fn every_multivalued_key_is_refused() {
        for key in MULTIVALUED_KEYS {
            let problem = read_template(
                &format!("a${{{}}}", key.to_uppercase().replace("AWS", "aws")),
                Wildcards::Literal,
                Version::V2012,
            );
            assert!(problem.is_err(), "V-10 {key}");
        }
    }

    fn is_canonical(template: &Template) -> bool {
        let lonely = template
            .pieces
            .windows(2)
            .all(|pair| !matches!(pair, [Piece::Text(_), Piece::Text(_)] | [Piece::AnyRun, Piece::AnyRun]));
        lonely && !template.pieces.contains(&text(""))
    }

    proptest! {
        #[test]
        fn templates_are_canonical(
            written in r"([ab]|\*|\?|\$|\{|\}|\$\{\*\}|\$\{\?\}|\$\{\$\}|\$\{aws:a\}|\$\{a:b, 'c'\}){0,12}",
            wild in any::<bool>(),
            old in any::<bool>(),
        ) {
            let wildcards = if wild { Wildcards::Wild } else { Wildcards::Literal };
            let version = if old { Version::V2008 } else { Version::V2012 };
            if let Ok(template) = read_template(&written, wildcards, version) {
                prop_assert!(is_canonical(&template), "{template:?}");
                prop_assert!(wild || !template.pieces.iter().any(|piece| matches!(piece, Piece::AnyRun | Piece::AnyOne)));
            }
            let glob = read_glob(&written);
            prop_assert!(is_canonical(&glob), "{glob:?}");
            let again: String = glob.pieces.iter().map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::AnyRun => "*",
                Piece::AnyOne => "?",
                Piece::Variable { .. } => "",
            }).collect();
            // Runs of `*` are all a glob may lose.
            let mut collapsed = written.clone();
            while collapsed.contains("**") {
                collapsed = collapsed.replace("**", "*");
            }
            prop_assert_eq!(again, collapsed);
        }
    }
}
