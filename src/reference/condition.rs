//! Rules C: what a condition block makes of a request. Every operator is spelled out.

use std::net::IpAddr;

use super::Asked;
use super::glob::{Case, matches};
use super::truth::Truth;
use crate::gate::Scratch;
use crate::policy::{BaseOperator, ConditionTest, ConditionValue};

/// C-02, E-06: every test must hold; none at all holds.
pub(super) fn holds(tests: &[ConditionTest], asked: &Asked<'_>) -> Truth {
    Truth::all(tests.iter().map(|test| test_holds(test, asked)))
}

/// What the request says of one key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key<'a> {
    /// Not present (K-03).
    Absent,
    /// Exactly one value, also where it came as a list (C-08).
    One {
        text: &'a str,
        /// The text as an address (C-19), where it is one.
        address: Option<IpAddr>,
    },
    /// Several values.
    Several {
        /// Each of them is the empty string (C-11).
        all_empty: bool,
    },
}

/// One operator on one key.
fn test_holds(test: &ConditionTest, asked: &Asked<'_>) -> Truth {
    let operator = test.operator.value;
    if operator.qualifier.is_some() || operator.if_exists {
        return Truth::Undefined;
    }
    let mut scratch = Scratch::new();
    let key = asked.key(&test.key.value, &mut scratch);
    match operator.base {
        BaseOperator::StringEquals => some_value(test, key, string_equals),
        BaseOperator::StringLike => some_value(test, key, string_like),
        BaseOperator::Bool => some_value(test, key, bool_equals),
        BaseOperator::IpAddress => some_value(test, key, in_network),
        BaseOperator::Null => Truth::any(test.values.iter().map(|value| is_null(&value.value, key))),
        // Policies that use these are refused. Were one here all the same, it would help no Allow.
        BaseOperator::StringNotEquals
        | BaseOperator::StringEqualsIgnoreCase
        | BaseOperator::StringNotEqualsIgnoreCase
        | BaseOperator::StringNotLike
        | BaseOperator::NumericEquals
        | BaseOperator::NumericNotEquals
        | BaseOperator::NumericLessThan
        | BaseOperator::NumericLessThanEquals
        | BaseOperator::NumericGreaterThan
        | BaseOperator::NumericGreaterThanEquals
        | BaseOperator::DateEquals
        | BaseOperator::DateNotEquals
        | BaseOperator::DateLessThan
        | BaseOperator::DateLessThanEquals
        | BaseOperator::DateGreaterThan
        | BaseOperator::DateGreaterThanEquals
        | BaseOperator::BinaryEquals
        | BaseOperator::NotIpAddress
        | BaseOperator::ArnEquals
        | BaseOperator::ArnLike
        | BaseOperator::ArnNotEquals
        | BaseOperator::ArnNotLike => Truth::Undefined,
    }
}

/// Compares one listed value with the one value of the request.
type Compare = fn(&ConditionValue, &str, Option<IpAddr>) -> Truth;

/// C-02, C-04, C-08: a positive operator without qualifier holds if some listed value matches the one value of
/// the request; it does not where the key is absent, and is undefined on several values.
fn some_value(test: &ConditionTest, key: Key<'_>, compare: Compare) -> Truth {
    match key {
        Key::Absent => Truth::False,
        Key::One { text, address } => {
            Truth::any(test.values.iter().map(|listed| compare(&listed.value, text, address)))
        }
        Key::Several { .. } => Truth::Undefined,
    }
}

/// `StringEquals`: the same characters (C-12), wildcards ordinary (C-14).
fn string_equals(listed: &ConditionValue, text: &str, _: Option<IpAddr>) -> Truth {
    match listed {
        ConditionValue::Text(template) => template.as_literal().map_or(Truth::Undefined, |own| (own == text).into()),
        _ => Truth::Undefined,
    }
}

/// `StringLike`: a glob, case-sensitive.
fn string_like(listed: &ConditionValue, text: &str, _: Option<IpAddr>) -> Truth {
    match listed {
        ConditionValue::Text(template) => matches(template, text, Case::Sensitive),
        _ => Truth::Undefined,
    }
}

/// C-18: `true` and `false` of the request in any case; every other text is unreadable (C-09).
fn bool_equals(listed: &ConditionValue, text: &str, _: Option<IpAddr>) -> Truth {
    let readable = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    match listed {
        ConditionValue::Bool(own) if readable => (*own == text.eq_ignore_ascii_case("true")).into(),
        _ => Truth::Undefined,
    }
}

/// C-19: in the block, and of its family; a text that is no address is unreadable (C-09).
fn in_network(listed: &ConditionValue, _: &str, address: Option<IpAddr>) -> Truth {
    match (listed, address) {
        (ConditionValue::Network(network), Some(address)) => network.contains(&address).into(),
        _ => Truth::Undefined,
    }
}

/// C-11: `true` holds if the key is not present, `false` if it is; nothing but empty strings is neither.
fn is_null(listed: &ConditionValue, key: Key<'_>) -> Truth {
    let absent = match key {
        Key::Absent => Truth::True,
        Key::One { text: "", .. } | Key::Several { all_empty: true } => Truth::Undefined,
        Key::One { .. } | Key::Several { all_empty: false } => Truth::False,
    };
    match listed {
        ConditionValue::Bool(true) => absent,
        ConditionValue::Bool(false) => absent.not(),
        _ => Truth::Undefined,
    }
}
