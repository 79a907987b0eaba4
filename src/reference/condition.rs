//! Rules C: what a condition block makes of a request. Every operator is spelled out.

use std::cmp::Ordering;

use super::Asked;
use super::glob::{Case, matches, matches_parts};
use super::key::{Key, OneValue};
use super::read::{read_address, read_arn, read_bool, read_bytes, read_instant, read_number};
use super::truth::Truth;
use super::variable::resolve;
use crate::gate::Scratch;
use crate::policy::{BaseOperator, ConditionTest, ConditionValue, Operator, Qualifier, Template};

/// C-02, E-06: every test must hold; none at all holds.
pub(super) fn holds(tests: &[ConditionTest], asked: &Asked<'_>) -> Truth {
    Truth::all(tests.iter().map(|test| test_holds(test, asked)))
}

/// One operator on one key.
fn test_holds(test: &ConditionTest, asked: &Asked<'_>) -> Truth {
    let operator = test.operator.value;
    let mut scratch = Scratch::new();
    let key = asked.key(&test.key.value, &mut scratch);
    match row(operator.base) {
        None => Truth::any(test.values.iter().map(|listed| is_null(&listed.value, key))),
        Some(row) if !key.is_present() => of_absent(operator, row),
        Some(row) => of_present(test, row, key, asked),
    }
}

/// C-04, C-05: the key is not present. No listed value is looked at.
fn of_absent(operator: Operator, row: Row) -> Truth {
    match (operator.qualifier, operator.if_exists) {
        (None, false) => row.negated.into(),
        (None, true) | (Some(Qualifier::ForAllValues), _) => Truth::True,
        (Some(Qualifier::ForAnyValue), false) => Truth::False,
        (Some(Qualifier::ForAnyValue), true) => Truth::Undefined,
    }
}

/// C-06 to C-08, C-10: the key has values. `IfExists` does not matter any more.
fn of_present(test: &ConditionTest, row: Row, key: Key<'_>, asked: &Asked<'_>) -> Truth {
    let passes = |value| of_value(test, row, value, asked);
    match test.operator.value.qualifier {
        // C-08
        None => key.single().map_or(Truth::Undefined, passes),
        // C-07
        Some(Qualifier::ForAllValues) if key.is_all_empty() => Truth::True,
        Some(Qualifier::ForAnyValue) if key.is_all_empty() => Truth::False,
        // C-06
        Some(Qualifier::ForAllValues) => Truth::all(key.values().map(passes)),
        Some(Qualifier::ForAnyValue) => Truth::any(key.values().map(passes)),
    }
}

/// C-02: a positive operator holds if some listed value matches, a negated one if none does. A match is
/// definite, whatever the other listed values come to.
fn of_value(test: &ConditionTest, row: Row, value: OneValue<'_>, asked: &Asked<'_>) -> Truth {
    let listed = Truth::any(test.values.iter().map(|listed| (row.matches)(&listed.value, value, asked)));
    if row.negated { listed.not() } else { listed }
}

/// C-11: `true` holds if the key is not present, `false` if it is; nothing but empty strings is neither.
fn is_null(listed: &ConditionValue, key: Key<'_>) -> Truth {
    let absent = if key.is_all_empty() { Truth::Undefined } else { Truth::from(!key.is_present()) };
    match listed {
        ConditionValue::Bool(true) => absent,
        ConditionValue::Bool(false) => absent.not(),
        _ => Truth::Undefined,
    }
}

/// A row of the table of operators.
#[derive(Clone, Copy)]
struct Row {
    /// The sense.
    negated: bool,
    /// The match of one listed value with one value of the request.
    ///
    /// Undefined where the request's value cannot be read (C-09), and where the listed value is of another kind
    /// than the operator's, which no policy that was read has.
    matches: fn(&ConditionValue, OneValue<'_>, &Asked<'_>) -> Truth,
}

/// The table of operators. `Null` compares nothing, and has no row.
fn row(base: BaseOperator) -> Option<Row> {
    use BaseOperator as Op;
    let positive = |matches| Some(Row { negated: false, matches });
    let negated = |matches| Some(Row { negated: true, matches });
    match base {
        Op::StringEquals => positive(string_equals),
        Op::StringNotEquals => negated(string_equals),
        Op::StringEqualsIgnoreCase => positive(string_equals_ignore_case),
        Op::StringNotEqualsIgnoreCase => negated(string_equals_ignore_case),
        Op::StringLike => positive(string_like),
        Op::StringNotLike => negated(string_like),
        Op::NumericEquals => positive(|listed, value, _| number(listed, value, Ordering::is_eq)),
        Op::NumericNotEquals => negated(|listed, value, _| number(listed, value, Ordering::is_eq)),
        Op::NumericLessThan => positive(|listed, value, _| number(listed, value, Ordering::is_lt)),
        Op::NumericLessThanEquals => positive(|listed, value, _| number(listed, value, Ordering::is_le)),
        Op::NumericGreaterThan => positive(|listed, value, _| number(listed, value, Ordering::is_gt)),
        Op::NumericGreaterThanEquals => positive(|listed, value, _| number(listed, value, Ordering::is_ge)),
        Op::DateEquals => positive(|listed, value, _| date(listed, value, Ordering::is_eq)),
        Op::DateNotEquals => negated(|listed, value, _| date(listed, value, Ordering::is_eq)),
        Op::DateLessThan => positive(|listed, value, _| date(listed, value, Ordering::is_lt)),
        Op::DateLessThanEquals => positive(|listed, value, _| date(listed, value, Ordering::is_le)),
        Op::DateGreaterThan => positive(|listed, value, _| date(listed, value, Ordering::is_gt)),
        Op::DateGreaterThanEquals => positive(|listed, value, _| date(listed, value, Ordering::is_ge)),
        Op::Bool => positive(bool_equals),
        Op::BinaryEquals => positive(binary_equals),
        Op::IpAddress => positive(in_network),
        Op::NotIpAddress => negated(in_network),
        // C-15: `ArnEquals` is `ArnLike`.
        Op::ArnEquals | Op::ArnLike => positive(arn_like),
        Op::ArnNotEquals | Op::ArnNotLike => negated(arn_like),
        Op::Null => None,
    }
}

/// `StringEquals`: the same characters (C-12), wildcards ordinary (C-14).
fn string_equals(listed: &ConditionValue, value: OneValue<'_>, asked: &Asked<'_>) -> Truth {
    text(listed, asked, |own| literal(own, |own| own == value.text))
}

/// `StringEqualsIgnoreCase`: the same, in any case of ASCII letters (C-13).
fn string_equals_ignore_case(listed: &ConditionValue, value: OneValue<'_>, asked: &Asked<'_>) -> Truth {
    text(listed, asked, |own| literal(own, |own| own.eq_ignore_ascii_case(value.text)))
}

/// `StringLike`: a glob, case-sensitive.
fn string_like(listed: &ConditionValue, value: OneValue<'_>, asked: &Asked<'_>) -> Truth {
    text(listed, asked, |own| matches(own, value.text, Case::Sensitive))
}

/// `ArnLike`: a glob for each of the six parts (C-15).
///
/// C-09 before V-09: a value that is no ARN is undefined, also against what matches nothing.
fn arn_like(listed: &ConditionValue, value: OneValue<'_>, asked: &Asked<'_>) -> Truth {
    match read_arn(value.text) {
        Some(parts) => text(listed, asked, |own| matches_parts(own, parts)),
        None => Truth::Undefined,
    }
}

/// The Numeric operators: the request's number, compared with the listed one (C-16).
fn number(listed: &ConditionValue, value: OneValue<'_>, is: fn(Ordering) -> bool) -> Truth {
    match (listed, read_number(value.text)) {
        (ConditionValue::Number { scaled }, Some(own)) => is(own.cmp(scaled)).into(),
        _ => Truth::Undefined,
    }
}

/// The Date operators: the request's instant, compared with the listed one (C-17).
fn date(listed: &ConditionValue, value: OneValue<'_>, is: fn(Ordering) -> bool) -> Truth {
    match (listed, read_instant(value.text)) {
        (ConditionValue::Instant { nanoseconds }, Some(own)) => is(own.cmp(nanoseconds)).into(),
        _ => Truth::Undefined,
    }
}

/// `Bool` (C-18).
fn bool_equals(listed: &ConditionValue, value: OneValue<'_>, _: &Asked<'_>) -> Truth {
    match (listed, read_bool(value.text)) {
        (ConditionValue::Bool(listed), Some(own)) => (own == *listed).into(),
        _ => Truth::Undefined,
    }
}

/// `BinaryEquals`: the same bytes (C-20).
fn binary_equals(listed: &ConditionValue, value: OneValue<'_>, _: &Asked<'_>) -> Truth {
    match (listed, read_bytes(value.text)) {
        (ConditionValue::Bytes(listed), Some(own)) => (own == *listed).into(),
        _ => Truth::Undefined,
    }
}

/// `IpAddress`: in the block, and of its family (C-19).
fn in_network(listed: &ConditionValue, value: OneValue<'_>, _: &Asked<'_>) -> Truth {
    match (listed, read_address(value)) {
        (ConditionValue::Network(network), Some(address)) => network.contains(&address).into(),
        _ => Truth::Undefined,
    }
}

/// V-07 to V-10: compares a listed text once its variables are replaced.
fn text(listed: &ConditionValue, asked: &Asked<'_>, compare: impl FnOnce(&Template) -> Truth) -> Truth {
    match listed {
        ConditionValue::Text(template) => resolve(template, asked).compare(compare),
        _ => Truth::Undefined,
    }
}

/// C-14: the text of an operator that has no wildcards; such a template holds none.
fn literal(template: &Template, equals: impl FnOnce(&str) -> bool) -> Truth {
    template.as_literal().map_or(Truth::Undefined, |own| equals(own).into())
}

#[cfg(test)]
mod tests;
