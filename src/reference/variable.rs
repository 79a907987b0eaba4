//! Variables (V-07 to V-10): a template, and what is left of it once each variable is the text it stands for.

use std::borrow::Cow;

use super::Asked;
use super::truth::Truth;
use crate::gate::Scratch;
use crate::policy::{Piece, Template};

/// A template whose variables have been replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolved<'t> {
    /// Only text and wildcards are left.
    Template(Cow<'t, Template>),
    /// V-08: a variable has no value and no default. It matches nothing.
    Nothing,
    /// V-10: a variable has several values.
    Undefined,
}

impl Resolved<'_> {
    /// What a comparison with the template comes to: false where it matches nothing (V-09).
    pub fn compare(&self, compare: impl FnOnce(&Template) -> Truth) -> Truth {
        match self {
            Self::Template(template) => compare(template),
            Self::Nothing => Truth::False,
            Self::Undefined => Truth::Undefined,
        }
    }
}

/// What one variable stands for.
enum Substitute {
    Text(String),
    Nothing,
    Several,
}

/// V-07 to V-10. One variable with several values makes the whole undefined, also where another has no value.
///
/// A template without variables is borrowed.
pub(super) fn resolve<'t>(template: &'t Template, asked: &Asked<'_>) -> Resolved<'t> {
    if !template.pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. })) {
        return Resolved::Template(Cow::Borrowed(template));
    }
    let mut resolved = Template::default();
    let mut matches_nothing = false;
    for piece in &template.pieces {
        match piece {
            Piece::Variable { key, default } => match substitute(key, default.as_deref(), asked) {
                Substitute::Text(text) => push(&mut resolved, Piece::Text(text)),
                Substitute::Nothing => matches_nothing = true,
                Substitute::Several => return Resolved::Undefined,
            },
            piece => push(&mut resolved, piece.clone()),
        }
    }
    if matches_nothing { Resolved::Nothing } else { Resolved::Template(Cow::Owned(resolved)) }
}

/// The value of a key, else the default (V-08).
fn substitute(key: &str, default: Option<&str>, asked: &Asked<'_>) -> Substitute {
    let mut scratch = Scratch::new();
    let key = asked.key(key, &mut scratch);
    match key.single() {
        // V-07: whatever stands in it is text.
        Some(value) if !value.text.is_empty() => Substitute::Text(value.text.to_owned()),
        // V-10: not a question of what the values are, be they all empty.
        None if key.is_present() => Substitute::Several,
        _ => default.map_or(Substitute::Nothing, |default| Substitute::Text(default.to_owned())),
    }
}

/// Adds a piece, so that the template stays canonical, as its type asks.
fn push(template: &mut Template, piece: Piece) {
    match (template.pieces.last_mut(), piece) {
        (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
        (Some(Piece::AnyRun), Piece::AnyRun) => {}
        (_, Piece::Text(text)) if text.is_empty() => {}
        (_, piece) => template.pieces.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{Caller, Context, Question, Request, Value};

    const RESOURCE: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn variable(key: &str) -> Piece {
        Piece::Variable { key: key.to_owned(), default: None }
    }

    fn or(key: &str, default: &str) -> Piece {
        Piece::Variable { key: key.to_owned(), default: Some(default.to_owned()) }
    }

    #[test]
    fn resolved() {
        let context = [
            ("x:one", Value::text("o*e?:${x:one}")),
            ("x:list", Value::list(&["l"])),
            ("x:empty", Value::text("")),
            ("x:empty-list", Value::list(&[])),
            ("x:one-empty", Value::list(&[""])),
            ("x:two", Value::list(&["a", "b"])),
            ("x:two-equal", Value::list(&["a", "a"])),
            ("x:two-empty", Value::list(&["", ""])),
        ];
        let request = Request::invoke(Caller::Arn("arn:aws:sts::111122223333:assumed-role/dev/mon"), RESOURCE)
            .with_context(Context::new(&context));
        let asked = Asked { question: Question::read(&request).unwrap(), endpoint: None, has_boundary: false };

        let whole = |pieces: &[Piece]| Resolved::Template(Cow::Owned(Template { pieces: pieces.to_vec() }));
        let (nothing, undefined) = (Resolved::Nothing, Resolved::Undefined);
        let cases = [
            ("V-07", vec![text("a"), variable("x:one"), text("b")], whole(&[text("ao*e?:${x:one}b")])),
            ("V-07", vec![variable("X:One")], whole(&[text("o*e?:${x:one}")])),
            ("V-07", vec![variable("x:list"), Piece::AnyRun], whole(&[text("l"), Piece::AnyRun])),
            ("V-07, K-05", vec![variable("aws:PrincipalArn")], whole(&[text("arn:aws:iam::111122223333:role/dev")])),
            ("V-08", vec![Piece::AnyRun, variable("x:none")], nothing.clone()),
            ("V-08", vec![variable("x:empty"), variable("x:one")], nothing.clone()),
            ("V-08", vec![variable("x:empty-list")], nothing.clone()),
            ("V-08", vec![variable("x:one-empty")], nothing.clone()),
            ("V-08", vec![variable("aws:username")], nothing.clone()),
            ("V-08", vec![or("x:none", "d"), or("x:empty", "e"), or("x:one-empty", "f")], whole(&[text("def")])),
            ("V-08", vec![or("x:list", "d")], whole(&[text("l")])),
            ("V-04", vec![or("x:none", "")], whole(&[])),
            ("V-04", vec![Piece::AnyRun, or("x:none", ""), Piece::AnyRun], whole(&[Piece::AnyRun])),
            ("V-10", vec![variable("x:two")], undefined.clone()),
            ("V-10", vec![or("x:two", "d")], undefined.clone()),
            ("V-10", vec![variable("x:two-equal")], undefined.clone()),
            ("V-10", vec![or("x:two-empty", "d")], undefined.clone()),
            ("V-10", vec![variable("x:none"), variable("x:two")], undefined.clone()),
            ("V-10", vec![variable("x:two"), variable("x:none")], undefined),
            ("", vec![Piece::AnyOne, text("a"), Piece::AnyRun], whole(&[Piece::AnyOne, text("a"), Piece::AnyRun])),
        ];
        for (rule, pieces, expected) in cases {
            let template = Template { pieces };
            assert_eq!(resolve(&template, &asked), expected, "{rule} {template:?}");
        }
    }

    #[test]
    fn comparing() {
        assert_eq!(Resolved::Nothing.compare(|_| Truth::True), Truth::False, "V-09");
        assert_eq!(Resolved::Undefined.compare(|_| Truth::False), Truth::Undefined, "V-10");
    }
}
