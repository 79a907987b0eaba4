//! A textbook glob matcher, shared with nobody: one walk, and a return to the last `*` where it fails.
//!
//! Going back to the *last* `*` is enough: an earlier one could only give up characters that the last one can
//! take as well. So the time is at most the product of both lengths, and the memory is two positions.

use std::str::Chars;

use super::truth::Truth;
use crate::policy::{Piece, Template};

/// Whether letters of another case are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// `a` is not `A`: resources, condition values.
    Sensitive,
    /// ASCII letters are equal in either case: actions.
    Insensitive,
}

/// Whether a template matches the whole of a text: `*` any run of characters, `?` exactly one, everything else
/// itself. Wildcards in the text are ordinary characters.
///
/// Undefined where the template has a variable: where one may stand, `variable` replaces it first.
pub(super) fn matches(template: &Template, text: &str, case: Case) -> Truth {
    match Units::of(template) {
        Some(units) => walk(units, text.chars(), case).into(),
        None => Truth::Undefined,
    }
}

/// C-15: whether a template, cut at its first five colons, matches the six parts of a text, part by part: the
/// last one across `/` and `:`. A template that has fewer parts matches nothing.
///
/// Undefined where the template has a variable, as in [`matches`].
pub(super) fn matches_parts(template: &Template, parts: [&str; 6]) -> Truth {
    let Some(mut rest) = Units::of(template) else { return Truth::Undefined };
    let [first @ .., last] = parts;
    for part in first {
        let Some(own) = rest.cut_at_colon() else { return Truth::False };
        if !walk(own, part.chars(), Case::Sensitive) {
            return Truth::False;
        }
    }
    walk(rest, last.chars(), Case::Sensitive).into()
}

fn walk(mut pattern: Units<'_>, mut text: Chars<'_>, case: Case) -> bool {
    // What follows the last `*`, and the first character that it has not taken yet.
    let mut last_run: Option<(Units<'_>, Chars<'_>)> = None;
    loop {
        let fits = match pattern.next() {
            Some(Unit::AnyRun) => {
                last_run = Some((pattern.clone(), text.clone()));
                true
            }
            Some(unit) => match text.next() {
                Some(character) => unit.is(character, case),
                // The pattern wants more than there is: so it would from any later start.
                None => return false,
            },
            None if text.as_str().is_empty() => return true,
            None => false,
        };
        if !fits {
            let Some((after, from)) = &mut last_run else { return false };
            if from.next().is_none() {
                return false;
            }
            (pattern, text) = (after.clone(), from.clone());
        }
    }
}

/// What a pattern asks for at one place.
#[derive(Debug, Clone, Copy)]
enum Unit {
    AnyRun,
    AnyOne,
    Character(char),
}

impl Unit {
    /// Whether the unit stands for this one character (one Unicode scalar value).
    fn is(self, character: char, case: Case) -> bool {
        match (self, case) {
            (Self::AnyRun | Self::AnyOne, _) => true,
            (Self::Character(own), Case::Sensitive) => own == character,
            (Self::Character(own), Case::Insensitive) => own.eq_ignore_ascii_case(&character),
        }
    }
}

/// The rest of a template, unit by unit.
#[derive(Debug, Clone)]
struct Units<'a> {
    /// The rest of the text piece that is being read.
    text: Chars<'a>,
    /// The pieces after it.
    pieces: &'a [Piece],
    /// Whether the next colon is the end (C-15).
    until_colon: bool,
}

impl<'a> Units<'a> {
    /// The whole of a template; `None` where it has a variable.
    fn of(template: &'a Template) -> Option<Self> {
        let has_variable = template.pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. }));
        (!has_variable).then_some(Self { text: "".chars(), pieces: &template.pieces, until_colon: false })
    }

    /// Takes what stands before the next colon, and the colon; `None` where there is none.
    fn cut_at_colon(&mut self) -> Option<Self> {
        let before = Self { until_colon: true, ..self.clone() };
        self.find(|unit| matches!(unit, Unit::Character(':')))?;
        Some(before)
    }
}

impl Iterator for Units<'_> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        loop {
            let mut text = self.text.clone();
            if let Some(character) = text.next() {
                if self.until_colon && character == ':' {
                    return None;
                }
                self.text = text;
                return Some(Unit::Character(character));
            }
            let (piece, rest) = self.pieces.split_first()?;
            self.pieces = rest;
            match piece {
                Piece::Text(text) => self.text = text.chars(),
                Piece::AnyRun => return Some(Unit::AnyRun),
                Piece::AnyOne => return Some(Unit::AnyOne),
                // `Units::of` has turned templates with variables away.
                Piece::Variable { .. } => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Truth, matches, matches_parts};
    use crate::policy::{Piece, Template, read_glob};

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(
            matches(&read_glob(pattern), text, Case::Sensitive),
            Truth::from(expected),
            "`{pattern}` on `{text}`"
        );
    }

    #[test]
    fn literals() {
        check("", "", true);
        check("", "a", false);
        check("a", "", false);
        check("abc", "abc", true);
        check("abc", "ab", false);
        check("abc", "abcd", false);
        check("abc", "Abc", false);
    }

    #[test]
    fn runs() {
        check("*", "", true);
        check("*", "a/b:c", true);
        check("a*", "a", true);
        check("a*", "ba", false);
        check("*a", "aa", true);
        check("*ab", "aab", true);
        check("*ab*", "xaab", true);
        check("a*b*c", "abbc", true);
        check("a*b*c", "acb", false);
        check("*abab", "ababab", true);
        check("a*a", "a", false);
        check("a*?", "a", false);
        check("a*?", "ab", true);
    }

    #[test]
    fn one_is_one_unicode_scalar() {
        check("?", "", false);
        check("?", "é", true);
        check("?", "e\u{301}", false);
        check("??", "e\u{301}", true);
        check("a?b", "a𝄞b", true);
        check("a??b", "aéb", false);
        check("*é?", "éé𝄞", true);
    }

    #[test]
    fn wildcards_of_the_text_are_ordinary() {
        check("a?", "a*", true);
        check("a", "*", false);
        check("ab", "a?", false);
        check("a*b", "a*b", true);
    }

    #[test]
    fn case() {
        assert_eq!(matches(&read_glob("In*KE"), "iNVOke", Case::Insensitive), Truth::True);
        assert_eq!(matches(&read_glob("É"), "é", Case::Insensitive), Truth::False, "ASCII alone is folded");
    }

    /// C-15, R-03: the first five parts see no colon, the last one does.
    #[test]
    fn parts() {
        let parts = ["arn", "aws", "sns", "us-east-1", "123412341234", "a:b/c"];
        for (pattern, expected) in [
            ("arn:aws:sns:us-east-1:123412341234:a:b/c", true),
            ("*:*:*:*:*:*", true),
            ("a*:???:s*s:us-*-1:*4:*/?", true),
            ("arn:aws:sns:us-east-1:123412341234:a*c", true),
            ("arn:aws:sns:us-east-1:123412341234:a?b?c", true),
            ("arn:aws:sns:us-east-1:123412341234:*:*", true),
            // The star of the region would have to run over a colon.
            ("arn:aws:*:123412341234:a:b/c", false),
            ("arn:aws:sns:*a:b/c", false),
            ("arn:aws:sns?us-east-1:123412341234:a:b/c", false),
            ("arn:aws:sns:us-east-1:123412341234", false),
            ("*", false),
            ("", false),
            ("arn:aws:sns:us-east-1:123412341234:", false),
            ("arn:aws:sns:us-east-1:123412341234:a", false),
            ("arn:aws:sns:us-east-1::a:b/c", false),
            ("arn:aws:sns:us-east:*:*", false),
            ("ARN:aws:sns:us-east-1:123412341234:*", false),
        ] {
            assert_eq!(matches_parts(&read_glob(pattern), parts), Truth::from(expected), "C-15 `{pattern}`");
        }
        let bare = ["", "", "", "", "", ""];
        assert_eq!(matches_parts(&read_glob(":::::"), bare), Truth::True);
        assert_eq!(matches_parts(&read_glob("::::::"), bare), Truth::False);
        assert_eq!(matches_parts(&read_glob("::::"), bare), Truth::False);
        // A colon may stand in the midst of a piece, or between two.
        let pieces = ["a:b", ":c:d", ":e:f"].map(|text| Piece::Text(text.to_owned()));
        let split = Template { pieces: pieces.to_vec() };
        assert_eq!(matches_parts(&split, ["a", "b", "c", "d", "e", "f"]), Truth::True);
        assert_eq!(matches_parts(&split, ["a", "b", "c", "d", "e", "x"]), Truth::False);
    }

    #[test]
    fn a_variable_is_undefined() {
        let variable = Piece::Variable { key: "aws:username".to_owned(), default: Some("x".to_owned()) };
        let template = Template { pieces: vec![variable] };
        assert_eq!(matches(&template, "x", Case::Sensitive), Truth::Undefined);
        assert_eq!(matches_parts(&template, ["a", "b", "c", "d", "e", "f"]), Truth::Undefined);
    }

    /// The recursive textbook matcher tries each of these some 10^17 ways.
    #[test]
    fn many_runs_take_no_longer_than_the_product() {
        let pattern = "a*".repeat(40) + "b";
        check(&pattern, &"a".repeat(2_000), false);
        check(&("*a".repeat(40) + "*"), &"a".repeat(2_000), true);
    }
}
