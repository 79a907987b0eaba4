//! Hostile globs: many stars, long runs of `?`, characters of several bytes, long literals, more segments than a
//! machine word has bits; and requests' texts that nearly match them (`request` fills and bends them as any other).

use proptest::prelude::*;
use proptest::sample::select;

use super::document::{Document, Effect, Element, Operator, Statement, Test};
use super::one_in;

/// A glob without variables, of at least one character and without colons.
fn glob() -> impl Strategy<Value = String> {
    let letter = select(&["a", "a", "b", "é", "𝄞", "/", "?"][..]);
    // `*a*a*a*b`: each star may stop at every `a` of the text.
    let stars = (prop::collection::vec(letter.clone(), 1..24), select(&["*b", "*", "b", "?", "é"][..]))
        .prop_map(|(letters, end)| format!("*{}{end}", letters.join("*")));
    let marks = (1usize..80, one_in(2), select(&["", "a", "é", "/a/"][..]))
        .prop_map(|(count, star, end)| format!("{}{}{end}", "?".repeat(count), if star { "*" } else { "" }));
    let mixed = prop::collection::vec(prop_oneof![letter.clone(), Just("*"), Just("**")], 1..40)
        .prop_map(|letters| letters.concat());
    let long = (60usize..400, select(&["a", "é", "ab", "/"][..]), select(&["", "*", "?", "*a", "b"][..]))
        .prop_map(|(count, unit, end)| format!("{}{end}", unit.repeat(count)));
    let segment = select(&["a", "b", "*", "?", "a*", "*b", "ab", ""][..]);
    let deep = prop::collection::vec(segment, 50..90).prop_map(|segments| format!("a/{}", segments.join("/")));
    prop_oneof![4 => stars, 2 => marks, 4 => mixed, 1 => long, 1 => deep]
}

fn test() -> impl Strategy<Value = Test> {
    let like = (select(&["StringLike", "StringNotLike"][..]), glob());
    let arn = (select(&["ArnLike", "ArnNotEquals"][..]), glob().prop_map(|rest| format!("arn:*:iam::*?:{rest}")));
    (prop_oneof![like, arn], one_in(4)).prop_map(|((base, value), any)| Test {
        operator: Operator { qualifier: if any { "ForAnyValue:" } else { "" }, base, if_exists: false },
        key: "custom:k",
        values: vec![value],
        unquoted: false,
    })
}

fn statement() -> impl Strategy<Value = Statement> {
    let resource =
        (select(&["us-east-1", "*s*-*", "??-*"][..]), select(&["123412341234", "*1*2*4", "?*?"][..]), glob())
            .prop_map(|(region, account, rest)| format!("arn:a*s:execute-api:{region}:{account}:{rest}"));
    let action = glob().prop_map(|glob| format!("e*u*e-a*i:{glob}"));
    // Mostly every action and every caller: what is asked is the globs.
    let action = prop_oneof![6 => Just("*".to_owned()), 1 => action];
    let element = |pattern: BoxedStrategy<String>, count: usize| {
        (one_in(8), prop::collection::vec(pattern, 1..=count))
            .prop_map(|(negated, patterns)| Element { negated, patterns })
    };
    (one_in(3), element(resource.boxed(), 3), element(action.boxed(), 1), prop::option::weighted(0.4, test())).prop_map(
        |(deny, resource, action, test)| Statement {
            effect: if deny { Effect::Deny } else { Effect::Allow },
            action,
            resource,
            tests: test.into_iter().collect(),
            ..Statement::everything()
        },
    )
}

/// A document with hostile globs in its resources, actions and conditions.
pub fn document() -> impl Strategy<Value = Document> {
    prop::collection::vec(statement(), 1..4).prop_map(Document::of)
}
