//! The table of operators, cell by cell, and what the rules make of its rows.

use serde_json::{Value as Json, json};

use super::super::truth::Truth::{False, True, Undefined};
use super::*;
use crate::gate::{Caller, Context, Question, Request, Value};
use crate::policy::Policy;

const RESOURCE: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";

/// Variables name these. `x:none` has no value.
const VARIABLES: [(&str, &[&str]); 5] = [
    ("x:one", &["Ab*"]),
    ("x:arn", &["arn:aws:sns:r:a:b"]),
    ("x:e", &[""]),
    ("x:colon", &[":"]),
    ("x:two", &["a", "b"]),
];

/// What `{operator: {"x:key": listed}}` makes of a request that gives `x:key` these values.
fn ask(operator: &str, listed: &Json, values: &[&str]) -> Truth {
    let statement = json!({
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {operator: {"x:key": listed}},
    });
    let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let policy = Policy::from_json(&text).unwrap_or_else(|errors| panic!("{errors}"));
    let mut context = vec![("X:Key", Value::list(values))];
    context.extend(VARIABLES.map(|(key, values)| (key, Value::list(values))));
    let request = Request::invoke(Caller::Anonymous, RESOURCE).with_context(Context::new(&context));
    let asked = Asked { question: Question::read(&request).unwrap(), endpoint: None, has_boundary: false };
    holds(&policy.statements[0].condition, &asked)
}

#[track_caller]
fn check(operator: &str, listed: Json, values: &[&str], expected: Truth) {
    assert_eq!(ask(operator, &listed, values), expected, "{operator} {listed} on {values:?}");
}

/// One row of the table: the operator, a listed value, values of the request that match it, that do not, and
/// that cannot be read.
type Example =
    (&'static str, bool, &'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// Every operator but `Null`; `true` is negated.
const ROWS: [Example; 26] = [
    ("StringEquals", false, "a*é", &["a*é"], &["", "A*é", "a*e\u{301}", "a*éé", " a*é", "axé"], &[]),
    ("StringNotEquals", true, "a*é", &["a*é"], &["", "A*é", "a*e\u{301}", "a*éé", " a*é", "axé"], &[]),
    ("StringEqualsIgnoreCase", false, "aB?k", &["ab?K", "AB?K"], &["", "ab?", "abxk", "ab?\u{212A}"], &[]),
    ("StringNotEqualsIgnoreCase", true, "aB?k", &["ab?K", "AB?K"], &["", "ab?", "abxk", "ab?\u{212A}"], &[]),
    ("StringLike", false, "a?*:c", &["ab:c", "a::c", "abc:d:c"], &["", "a:c", "Ab:c", "ab:c "], &[]),
    ("StringNotLike", true, "a?*:c", &["ab:c", "a::c", "abc:d:c"], &["", "a:c", "Ab:c", "ab:c "], &[]),
    ("NumericEquals", false, "5", &["5", "5.0", "+05.00"], &["-5", "5.000000000000000001"], &["", "5.", "5e0", "five"]),
    ("NumericNotEquals", true, "5", &["5", "5.0", "+05.00"], &["-5", "5.000000000000000001"], &["", ".5", " 5"]),
    ("NumericLessThan", false, "-1.5", &["-1.51", "-2"], &["-1.5", "-1", "0"], &["", "-1e9", "--2"]),
    ("NumericLessThanEquals", false, "-1.5", &["-1.50", "-2"], &["-1.49", "0"], &["", "-1e9", "--2"]),
    ("NumericGreaterThan", false, "-1.5", &["-1.49", "0"], &["-1.5", "-2"], &["", "1e9", "1000000000000000000"]),
    ("NumericGreaterThanEquals", false, "-1.5", &["-1.50", "0"], &["-1.51", "-2"], &["", "1e9", "٥"]),
    (
        "DateEquals",
        false,
        "2026-01-01",
        &["2026-01", "2026-01-01T01:00+01:00", "1767225600"],
        &["2026-01-01T00:00:00.000000001Z", "1767225599"],
        &["", "2026", "1767225600000", "2026-01-01T00:00", "2026-02-30"],
    ),
    (
        "DateNotEquals",
        true,
        "1767225600",
        &["2026-01", "2025-12-31T23:00:00-01:00"],
        &["2026-01-01T00:00:00.000000001Z", "1767225599"],
        &["", "2026", "1767225600000", "2026-01-01 00:00Z"],
    ),
    (
        "DateLessThan",
        false,
        "2026-01-01",
        &["2025-12-31T23:59:59.999999999Z"],
        &["2026-01", "1767225601"],
        &["", "now"],
    ),
    ("DateLessThanEquals", false, "2026-01-01", &["2026-01", "1767225599"], &["1767225601"], &["", "1767225599.5"]),
    ("DateGreaterThan", false, "2026-01-01", &["2026-01-01T00:00:00.1Z"], &["2026-01", "1767225599"], &["", "9999"]),
    ("DateGreaterThanEquals", false, "2026-01-01", &["2026-01", "1767225601"], &["1767225599"], &["", "999999999999"]),
    ("Bool", false, "true", &["true", "True", "TRUE"], &["false", "FALSE"], &["", "1", "yes", "true "]),
    ("BinaryEquals", false, "YQ==", &["YQ=="], &["", "YWI=", "YQAA"], &["YQ", "YR==", "YQ==\n", "Y"]),
    (
        "IpAddress",
        false,
        "10.1.2.3/8",
        &["10.0.0.0", "10.255.255.255", "::ffff:10.0.0.1"],
        &["11.0.0.0", "9.255.255.255", "::", "a00::", "::10.0.0.1"],
        &["", "10.0.0.1/32", "10.0.0.01", "10.0.0.1:80", "::1%lo"],
    ),
    (
        "NotIpAddress",
        true,
        "2001:db8::1/32",
        &["2001:db8::", "2001:0DB8:ffff::1"],
        &["2001:db9::", "10.0.0.1", "::ffff:10.0.0.1"],
        &["", "2001:db8::/32", "[2001:db8::]"],
    ),
    ("ArnEquals", false, ARN, ARNS, OTHER_ARNS, NO_ARNS),
    ("ArnLike", false, ARN, ARNS, OTHER_ARNS, NO_ARNS),
    ("ArnNotEquals", true, ARN, ARNS, OTHER_ARNS, NO_ARNS),
    ("ArnNotLike", true, ARN, ARNS, OTHER_ARNS, NO_ARNS),
];
const ARN: &str = "arn:*:sns:?:1*:a*/z";
const ARNS: &[&str] = &["arn:aws:sns:r:1:a/z", "arn::sns:r:12:a:b/c:d/z"];
const OTHER_ARNS: &[&str] =
    &[":::::", "arn:aws:sns:rr:1:a/z", "arn:aws:SNS:r:1:a/z", "arn:aws:sns:r:1:a/z/", "arn:a:b:sns:r:1:a/z"];
const NO_ARNS: &[&str] = &["", "arn", "arn:aws:sns:r:1", "a/z"];

/// C-02, C-04, C-05, C-09, C-12 to C-20.
#[test]
fn every_row() {
    for (name, negated, listed, matching, others, unreadable) in ROWS {
        let (yes, no) = if negated { (False, True) } else { (True, False) };
        for (values, expected) in [(matching, yes), (others, no), (unreadable, Undefined)] {
            for value in values {
                // C-10: the suffix changes nothing where the key is present.
                check(name, json!(listed), &[value], expected);
                check(&format!("{name}IfExists"), json!(listed), &[value], expected);
                // C-06, C-07: of one value the qualifiers ask the same, save of the empty one.
                for (qualifier, of_empty) in [("ForAllValues", True), ("ForAnyValue", False)] {
                    let expected = if value.is_empty() { of_empty } else { expected };
                    check(&format!("{qualifier}:{name}"), json!([listed]), &[value], expected);
                    check(&format!("{qualifier}:{name}IfExists"), json!([listed]), &[value], expected);
                }
            }
        }
    }
}

/// C-04, C-05, column "absent": a key that is not there.
#[test]
fn absent() {
    for (name, negated, listed, ..) in ROWS {
        check(name, json!(listed), &[], Truth::from(negated));
        check(&format!("{name}IfExists"), json!(listed), &[], True);
        check(&format!("ForAllValues:{name}"), json!(listed), &[], True);
        check(&format!("ForAllValues:{name}IfExists"), json!(listed), &[], True);
        check(&format!("ForAnyValue:{name}"), json!(listed), &[], False);
        check(&format!("ForAnyValue:{name}IfExists"), json!(listed), &[], Undefined);
    }
}

/// C-06 to C-09, E-05: several values of the request.
#[test]
fn several_values() {
    for (name, negated, listed, matching, others, unreadable) in ROWS {
        let (yes, no) = (matching[0], others.iter().find(|other| !other.is_empty()).copied().unwrap());
        let (passing, failing) = if negated { (no, yes) } else { (yes, no) };
        let all = format!("ForAllValues:{name}");
        let any = format!("ForAnyValue:{name}");
        for (values, of_all, of_any) in [
            (&[passing, passing], True, True),
            (&[passing, failing], False, True),
            (&[failing, passing], False, True),
            (&[failing, failing], False, False),
        ] {
            check(&all, json!(listed), values, of_all);
            check(&any, json!(listed), values, of_any);
            check(&format!("{all}IfExists"), json!(listed), values, of_all);
            check(&format!("{any}IfExists"), json!(listed), values, of_any);
            // C-08
            check(name, json!(listed), values, Undefined);
            check(&format!("{name}IfExists"), json!(listed), values, Undefined);
        }
        for unreadable in unreadable {
            check(&all, json!(listed), &[passing, unreadable], Undefined);
            check(&all, json!(listed), &[unreadable, failing], False);
            check(&any, json!(listed), &[passing, unreadable], True);
            check(&any, json!(listed), &[unreadable, failing], Undefined);
        }
        // C-07: nothing but empty strings is nothing, however many.
        check(&all, json!(listed), &["", ""], True);
        check(&any, json!(listed), &["", ""], False);
        check(&format!("{any}IfExists"), json!(listed), &["", ""], False);
        check(name, json!(listed), &["", ""], Undefined);
    }
    // C-07: an empty string beside another is a value.
    check("ForAllValues:StringEquals", json!("a"), &["a", ""], False);
    check("ForAnyValue:StringEquals", json!(""), &["a", ""], True);
    check("ForAnyValue:StringNotEquals", json!(["a", "b"]), &["a", "c"], True);
    check("ForAnyValue:StringNotEquals", json!(["a", "b"]), &["a", "b"], False);
    check("ForAllValues:StringNotEquals", json!(["a", "b"]), &["c", "d"], True);
    check("ForAllValues:StringNotEquals", json!(["a", "b"]), &["c", "b"], False);
}

/// C-02: listed values are alternatives, or, under a negated operator, all excluded.
#[test]
fn listed_values() {
    check("StringEquals", json!(["a", "b"]), &["b"], True);
    check("StringEquals", json!(["a", "b"]), &["c"], False);
    check("StringNotEquals", json!(["a", "b"]), &["b"], False);
    check("StringNotEquals", json!(["a", "b"]), &["c"], True);
    check("NumericLessThan", json!(["1", "10"]), &["5"], True);
    check("Bool", json!(["true", "false"]), &["false"], True);
    check("Bool", json!(["true", "false"]), &["maybe"], Undefined);
    check("IpAddress", json!(["0.0.0.0/0", "::/0"]), &["::1"], True);
    check("NotIpAddress", json!(["0.0.0.0/0", "::/0"]), &["::1"], False);
    check("IpAddress", json!("0.0.0.0/0"), &["::1"], False);
}

/// C-02, E-06: every operator and every key must hold.
#[test]
fn blocks() {
    let ask = |condition: Json| {
        let statement =
            json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition});
        let policy = Policy::from_json(&json!({"Statement": statement}).to_string()).unwrap();
        let context = [("x:a", Value::text("a")), ("x:b", Value::text("b"))];
        let request = Request::invoke(Caller::Anonymous, RESOURCE).with_context(Context::new(&context));
        let asked = Asked { question: Question::read(&request).unwrap(), endpoint: None, has_boundary: false };
        holds(&policy.statements[0].condition, &asked)
    };
    assert_eq!(ask(json!({})), True);
    assert_eq!(ask(json!({"StringEquals": {"x:a": "a", "x:b": "b"}})), True);
    assert_eq!(ask(json!({"StringEquals": {"x:a": "a", "x:b": "c"}})), False);
    assert_eq!(ask(json!({"StringEquals": {"x:a": "a"}, "StringLike": {"x:a": "b"}})), False);
    assert_eq!(ask(json!({"StringEquals": {"x:a": "a"}, "Bool": {"x:b": true}})), Undefined);
    assert_eq!(ask(json!({"Bool": {"x:b": true}, "StringEquals": {"x:a": "b"}})), False);
}

/// C-11.
#[test]
fn null() {
    for (listed, absent, present, empty) in [
        (json!("true"), True, False, Undefined),
        (json!(true), True, False, Undefined),
        (json!("false"), False, True, Undefined),
        (json!(["true", "false"]), True, True, Undefined),
        (json!(["false", "false"]), False, True, Undefined),
    ] {
        check("Null", listed.clone(), &[], absent);
        for values in [&["a"][..], &["a", "b"], &["", "a"], &[" "]] {
            check("Null", listed.clone(), values, present);
        }
        check("Null", listed.clone(), &[""], empty);
        check("Null", listed, &["", ""], empty);
    }
}

/// V-07 to V-10 in values.
#[test]
fn variables() {
    for (base, listed, value, matched) in [
        ("StringEquals", json!("x${x:one}y"), "xAb*y", True),
        ("StringEquals", json!("x${x:one}y"), "xAbcy", False),
        ("StringEquals", json!("${X:ONE}${*}"), "Ab**", True),
        ("StringEquals", json!("${x:none, 'd'}"), "d", True),
        ("StringEquals", json!("${x:e, 'd'}"), "d", True),
        ("StringEquals", json!("${x:one, 'd'}"), "d", False),
        ("StringEquals", json!("${x:e, ''}"), "", True),
        ("StringEquals", json!("${x:e}"), "", False),
        ("StringEquals", json!("${x:none}"), "", False),
        ("StringEquals", json!("${x:two}"), "a", Undefined),
        ("StringEquals", json!("${x:two, 'd'}"), "a", Undefined),
        ("StringEquals", json!("${x:none}${x:two}"), "a", Undefined),
        ("StringEqualsIgnoreCase", json!("x${x:one}"), "XaB*", True),
        ("StringEqualsIgnoreCase", json!("${x:none, 'd'}"), "D", True),
        ("StringLike", json!("*${x:one}"), "zAb*", True),
        ("StringLike", json!("*${x:one}"), "zAbc", False),
        ("StringLike", json!("*${x:none}"), "z", False),
        ("StringLike", json!("*${x:one}"), "zab*", False),
        ("StringLike", json!("z*${x:two}"), "y", Undefined),
        // A definite answer wins over an undefined one, and nothing over neither.
        ("StringEquals", json!(["${x:two}", "a"]), "a", True),
        ("StringEquals", json!(["a", "${x:two}"]), "a", True),
        ("StringEquals", json!(["${x:two}", "b"]), "a", Undefined),
        ("StringEquals", json!(["${x:none}", "a"]), "a", True),
        ("StringEquals", json!(["${x:none}", "b"]), "a", False),
        // C-15: cut after substitution, what is substituted is text.
        ("ArnLike", json!("${x:arn}"), "arn:aws:sns:r:a:b", True),
        ("ArnLike", json!("${x:arn}*"), "arn:aws:sns:r:a:bc:d", True),
        ("ArnLike", json!("${x:arn}"), "arn:aws:sns:r:a:c", False),
        ("ArnLike", json!("*:*:*:*:*${x:colon}b"), "arn:aws:sns:r:a:b", True),
        ("ArnLike", json!("*:*:*:*:*:*${x:colon}*"), "arn:aws:sns:r:a:b", False),
        ("ArnLike", json!("*:*:*:*:*:*${x:colon}*"), "arn:aws:sns:r:a:b:c", True),
        ("ArnLike", json!("*:*:*:*:*${x:none, ':'}b"), "arn:aws:sns:r:a:b", True),
        ("ArnLike", json!("arn:aws:sns:${x:one}:a:b"), "arn:aws:sns:Abc:a:b", False),
        ("ArnLike", json!("arn:aws:sns:${x:one}:a:b"), "arn:aws:sns:Ab*:a:b", True),
        // Fewer than six parts match nothing.
        ("ArnLike", json!("${x:one}*"), "Ab*:::::", False),
        ("ArnLike", json!("*${x:none}:*:*:*:*:*"), "arn:aws:sns:r:a:b", False),
        ("ArnLike", json!("other:*:*:*:*:${x:two}"), "arn:aws:sns:r:a:b", Undefined),
        // C-09 before V-09.
        ("ArnLike", json!("${x:none}"), "no ARN", Undefined),
        ("ArnLike", json!("${x:one}"), "no ARN", Undefined),
        ("ArnLike", json!("${x:two}"), "no ARN", Undefined),
    ] {
        check(base, listed.clone(), &[value], matched);
        let negated = match base {
            "StringEquals" => "StringNotEquals",
            "StringEqualsIgnoreCase" => "StringNotEqualsIgnoreCase",
            "StringLike" => "StringNotLike",
            _ => "ArnNotLike",
        };
        check(negated, listed.clone(), &[value], matched.not());
        if base == "ArnLike" {
            check("ArnEquals", listed.clone(), &[value], matched);
            check("ArnNotEquals", listed, &[value], matched.not());
        }
    }
    // C-04, C-05, C-07: where there is nothing to compare, what is listed does not matter.
    check("StringEquals", json!("${x:two}"), &[], False);
    check("StringNotEquals", json!("${x:two}"), &[], True);
    check("ForAllValues:StringEquals", json!("${x:two}"), &[""], True);
    check("ForAnyValue:StringEquals", json!("${x:two}"), &[""], False);
    // C-06 with values that are undefined in part.
    check("ForAllValues:StringEquals", json!(["a", "${x:two}"]), &["a", "z"], Undefined);
    check("ForAnyValue:StringEquals", json!(["a", "${x:two}"]), &["z", "a"], True);
    check("ForAllValues:StringNotEquals", json!(["a", "${x:two}"]), &["z", "a"], False);
    check("ForAnyValue:StringNotEquals", json!(["a", "${x:two}"]), &["z", "a"], Undefined);
}
