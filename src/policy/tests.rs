//! Every rule about documents, with what it accepts and what it refuses; and properties of the whole reading.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    ConditionValue, Effect, Piece, Policy, PolicyErrors, PolicyKind, PrincipalArn, PrincipalEntry, ResourcePattern,
    Source, Template, Version,
};

/// A statement that is right, with some elements in place of its own; `null` removes one.
fn statement(changes: &str) -> Value {
    let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"});
    let elements = statement.as_object_mut().unwrap();
    let changes: Value = serde_json::from_str(changes).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => elements.remove(name),
            value => elements.insert(name.clone(), value.clone()),
        };
    }
    statement
}

fn document(version: &str, changes: &str) -> String {
    json!({"Version": version, "Statement": statement(changes)}).to_string()
}

fn endpoint(text: &str) -> Result<Policy, PolicyErrors> {
    Policy::from_json(text)
}

fn identity(text: &str) -> Result<Policy, PolicyErrors> {
    Policy::parse(Source::new("identity.json", text), PolicyKind::Identity)
}

/// Expects one mistake, with this in its message.
#[track_caller]
fn assert_refused(rule: &str, read: Result<Policy, PolicyErrors>, message: &str, text: &str) {
    let errors = read.expect_err(&format!("{rule} refuses {text}"));
    let found: Vec<_> = errors.iter().map(super::PolicyError::message).collect();
    assert!(matches!(found.as_slice(), [only] if only.contains(message)), "{rule}: {text}: {found:#?}");
}

#[track_caller]
fn assert_accepted(rule: &str, read: Result<Policy, PolicyErrors>, text: &str) -> Policy {
    read.unwrap_or_else(|errors| panic!("{rule} accepts {text}: {errors}"))
}

const STATEMENT: &str = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#;

#[test]
fn documents() {
    for (rule, text) in [
        ("D-01", " \n{\"Statement\":@}\r\n\t"),
        ("D-02", r#"{"Version":"2012-10-17","Id":"x","Statement":@}"#),
        ("D-03", r#"{"Statement":@,"Id":""}"#),
        ("D-04", r#"{"Statement":[@,@]}"#),
        (
            "D-08",
            r#"{"Statement":[{"Sid":"a b!","Effect":"Deny","Principal":"*","Action":"*","Resource":"*"},{"Sid":"a b!","Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#,
        ),
        ("V-01", r#"{"Version":"2008-10-17","Statement":@}"#),
        ("V-06", r#"{"Version":"2012-10-17","Id":"${","Statement":@}"#),
    ] {
        let text = text.replace('@', STATEMENT);
        assert_accepted(rule, endpoint(&text), &text);
    }
    for (rule, text, message) in [
        ("D-01", "[]", "the document is a list"),
        ("D-01", "\u{feff}{\"Statement\":@}", "byte order mark"),
        ("D-01", "{\"Statement\":@} {}", "trailing characters"),
        ("D-01", "// policy\n{\"Statement\":@}", "not JSON"),
        ("D-02", r#"{"Statement":@,"Statement":@}"#, "`Statement` stands twice"),
        ("D-02", r#"{"version":"2012-10-17","Statement":@}"#, "unknown key `version`"),
        ("D-03", r#"{"Version":"2012-10-17"}"#, "no `Statement`"),
        ("D-03", r#"{"Statement":@,"Comment":"x"}"#, "unknown key `Comment`"),
        ("D-03", r#"{"Statement":@,"Id":1}"#, "`Id` is a number"),
        ("D-04", r#"{"Statement":[]}"#, "`Statement` is an empty list"),
        ("D-04", r#"{"Statement":"x"}"#, "`Statement` is a string"),
        ("D-04", r#"{"Statement":[@,[@]]}"#, "an element of `Statement` is a list"),
        ("V-01", r#"{"Version":"2012-10-18","Statement":@}"#, "`Version` is `2012-10-18`"),
        ("V-01", r#"{"Version":20121017,"Statement":@}"#, "`Version` is a number"),
    ] {
        let text = text.replace('@', STATEMENT);
        assert_refused(rule, endpoint(&text), message, &text);
    }
    let absent = endpoint(&format!("{{\"Statement\":{STATEMENT}}}")).unwrap();
    assert_eq!(absent.version, Version::V2008, "V-01");
}

#[test]
fn statements() {
    for (rule, changes) in [
        ("D-05", r#"{"Sid": "a", "Condition": {}}"#),
        ("D-05", r#"{"Action": null, "NotAction": "*", "Resource": null, "NotResource": "*"}"#),
        ("D-06", r#"{"Effect": "Deny", "Principal": null, "NotPrincipal": {"AWS": "123412341234"}}"#),
        ("D-07", r#"{"Effect": "Deny"}"#),
        ("D-08", r#"{"Sid": ""}"#),
        ("D-09", r#"{"Action": ["*", "a:b"], "Resource": ["*"]}"#),
        ("V-06", r#"{"Sid": "${"}"#),
        ("P-01", r#"{"Principal": {"AWS": ["*", "123412341234"], "Service": "x.amazonaws.com"}}"#),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws-cn:iam::000000000001:root"}}"#),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:iam::123412341234:user/a/b:c/$d"}}"#),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws-us-gov:iam::123412341234:role/R"}}"#),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws-iso-b2:sts::123412341234:assumed-role/R/S"}}"#),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:sts::123412341234:federated-user/F"}}"#),
        ("P-03", r#"{"Principal": {"AWS": "*"}}"#),
        ("P-11", r#"{"Principal": {"Service": ["apigateway.amazonaws.com", "b"]}}"#),
        ("A-01", r#"{"Action": "*"}"#),
        ("A-01", r#"{"Action": "$x:{y}"}"#),
        ("A-03", r#"{"Action": "exec*:In?oke"}"#),
        ("A-05", r#"{"Action": "s3:GetObject"}"#),
        ("R-02", r#"{"Resource": "*"}"#),
        ("R-03", r#"{"Resource": "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*"}"#),
        ("R-06", r#"{"Resource": "arn:aws:execute-api:*"}"#),
        ("R-06", r#"{"Resource": "arn:aws:execute-api:us-*"}"#),
        ("R-06", r#"{"Resource": "arn:aws:execute-api:us-east-1:1234*"}"#),
        ("R-07", r#"{"Resource": "arn:a?s*:s3:::bucket/*"}"#),
        (
            "R-08",
            r#"{"Resource": ["arn:aws:execute-api:::x", "arn:aws:execute-api::?:x", "arn:aws:execute-api::12*:"]}"#,
        ),
        ("C-01", r#"{"Condition": {"Null": {"aws:TagKeys": true}}}"#),
        ("D-10", r#"{"Condition": {"StringEquals": {"aws:a": "x", "aws:b": ["y", "z"]}, "Bool": {"aws:a": "true"}}}"#),
        ("D-11", r#"{"Condition": {"StringEquals": {"aws:a": ["x", 5, -7, true, ""]}}}"#),
        ("D-12", r#"{"Condition": {"StringEquals": {"aws:a": "x"}, "StringLike": {"AWS:A": "x"}}}"#),
        ("V-03", r#"{"Resource": "arn:aws:execute-api:$:*:$", "Condition": {"StringLike": {"aws:a": "$}{$x"}}}"#),
        (
            "V-05",
            r#"{"Resource": "arn:aws:execute-api:::${*}${?}${$}", "Condition": {"StringEquals": {"aws:a": "${$}{"}}}"#,
        ),
        ("C-13", r#"{"Condition": {"StringEquals": {"aws:a": "café"}}}"#),
        ("C-18", r#"{"Condition": {"Bool": {"aws:a": ["true", "false", false]}}}"#),
        ("C-19", r#"{"Condition": {"IpAddress": {"aws:a": ["10.0.0.1", "10.0.0.1/8", "2001:DB8::/32"]}}}"#),
        ("C-21", r#"{"Condition": {"StringEquals": {"aws:RequestTag/a:b/c": "x", "é:ü": "x"}}}"#),
    ] {
        let text = document("2012-10-17", changes);
        assert_accepted(rule, endpoint(&text), &text);
    }
    for (rule, changes, message) in [
        ("D-05", r#"{"Effect": null}"#, "has no `Effect`"),
        ("D-05", r#"{"Action": null}"#, "has no `Action` or `NotAction`"),
        ("D-05", r#"{"Resource": null}"#, "has no `Resource` or `NotResource`"),
        ("D-05", r#"{"NotAction": "*"}"#, "has both `Action` and `NotAction`"),
        ("D-05", r#"{"NotResource": "*"}"#, "has both `Resource` and `NotResource`"),
        ("D-05", r#"{"Conditions": {}}"#, "unknown key `Conditions`"),
        ("D-02", r#"{"Action": null, "action": "*"}"#, "unknown key `action`"),
        ("D-06", r#"{"Principal": null}"#, "has no `Principal` or `NotPrincipal`"),
        (
            "D-06",
            r#"{"Effect": "Deny", "NotPrincipal": {"AWS": "123412341234"}}"#,
            "has both `Principal` and `NotPrincipal`",
        ),
        ("D-07", r#"{"Effect": "ALLOW"}"#, "`Effect` is `ALLOW`"),
        ("D-07", r#"{"Effect": true}"#, "`Effect` is a boolean"),
        ("D-08", r#"{"Sid": 1}"#, "`Sid` is a number"),
        ("D-09", r#"{"Action": []}"#, "`Action` is an empty list"),
        ("D-09", r#"{"Action": ""}"#, "the empty string is no action"),
        ("D-09", r#"{"Action": ["*", 1]}"#, "`Action` lists a number"),
        ("D-09", r#"{"Resource": {}}"#, "`Resource` is an object"),
        ("D-09", r#"{"Resource": ""}"#, "the empty string is no resource"),
        ("D-09", r#"{"Resource": [["*"]]}"#, "`Resource` lists a list"),
        ("D-10", r#"{"Condition": []}"#, "`Condition` is a list"),
        ("D-10", r#"{"Condition": {"StringEquals": "x"}}"#, "the value of `StringEquals` is a string"),
        ("D-10", r#"{"Condition": {"StringEquals": {}}}"#, "operator `StringEquals` has no context key"),
        ("D-10", r#"{"Condition": {"StringEquals": {"aws:a": []}}}"#, "`aws:a` has an empty list"),
        ("D-11", r#"{"Condition": {"StringEquals": {"aws:a": [null]}}}"#, "a value of `aws:a` is null"),
        ("D-11", r#"{"Condition": {"StringEquals": {"aws:a": {}}}}"#, "a value of `aws:a` is an object"),
        ("D-11", r#"{"Condition": {"StringEquals": {"aws:a": [["x"]]}}}"#, "a value of `aws:a` is a list"),
        ("D-11", r#"{"Condition": {"StringEquals": {"aws:a": 1.5}}}"#, "number `1.5` has a fraction"),
        (
            "D-12",
            r#"{"Condition": {"StringEquals": {"aws:a": "x", "AWS:A": "x"}}}"#,
            "keys `AWS:A` and `aws:a` are the same",
        ),
        ("D-13", r#"{"Condition": {"StringsLike": {"aws:a": "x"}}}"#, "unknown condition operator `StringsLike`"),
        ("D-13", r#"{"Condition": {"stringLike": {"aws:a": "x"}}}"#, "unknown condition operator `stringLike`"),
        ("D-13", r#"{"Condition": {"ForSomeValue:StringLike": {"aws:a": "x"}}}"#, "unknown condition operator"),
        ("D-13", r#"{"Condition": {"IfExists": {"aws:a": "x"}}}"#, "unknown condition operator `IfExists`"),
        ("D-13", r#"{"Condition": {"StringLikeIfExistsIfExists": {"aws:a": "x"}}}"#, "unknown condition operator"),
        ("P-01", r#"{"Principal": "123412341234"}"#, "`Principal` is `123412341234`"),
        ("P-01", r#"{"Principal": {}}"#, "`Principal` is an empty object"),
        ("P-01", r#"{"Principal": ["*"]}"#, "`Principal` is a list"),
        ("P-01", r#"{"Principal": {"AWS": []}}"#, "`AWS` is an empty list"),
        ("P-01", r#"{"Principal": {"aws": "*"}}"#, "unknown key `aws`"),
        ("P-01", r#"{"Principal": {"Federated": "x"}}"#, "principals under `Federated`"),
        ("P-01", r#"{"Principal": {"AWS": "*", "CanonicalUser": "x"}}"#, "principals under `CanonicalUser`"),
        ("P-02", r#"{"Principal": {"AWS": ""}}"#, "the empty string is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "12341234123"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "AIDAEXAMPLE"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:iam::123412341234:group/g"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:iam::123412341234:user/"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:iam::123412341234:user/a//b"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:iam:us-east-1:123412341234:user/a"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:iam::12341234123:user/a"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:AWS:iam::123412341234:user/a"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws-:iam::123412341234:user/a"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:sts::123412341234:assumed-role/R"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:sts::123412341234:assumed-role/p/R/S"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:sts::123412341234:federated-user/p/F"}}"#, "is no principal"),
        ("P-02", r#"{"Principal": {"AWS": "arn:aws:sts::123412341234:user/a"}}"#, "is no principal"),
        ("P-03", r#"{"Principal": {"AWS": "arn:aws:iam::123412341234:user/*"}}"#, "wildcard in principal"),
        ("P-03", r#"{"Principal": {"AWS": "12341234123?"}}"#, "wildcard in principal"),
        ("P-03", r#"{"Principal": {"AWS": "**"}}"#, "wildcard in principal"),
        ("P-11", r#"{"Principal": {"Service": "*.amazonaws.com"}}"#, "no service principal"),
        ("P-11", r#"{"Principal": {"Service": ""}}"#, "no service principal"),
        (
            "P-12",
            r#"{"Principal": null, "NotPrincipal": {"AWS": "123412341234"}}"#,
            "`NotPrincipal` stands in an Allow",
        ),
        ("P-12", r#"{"Effect": "Deny", "Principal": null, "NotPrincipal": "*"}"#, "`NotPrincipal` of `*`"),
        (
            "P-12",
            r#"{"Effect": "Deny", "Principal": null, "NotPrincipal": {"AWS": ["123412341234", "*"]}}"#,
            "`NotPrincipal` of `*`",
        ),
        ("A-01", r#"{"Action": "Invoke"}"#, "`Invoke` is no action"),
        ("A-01", r#"{"Action": ":Invoke"}"#, "is no action"),
        ("A-01", r#"{"Action": "execute-api:"}"#, "is no action"),
        ("A-01", r#"{"Action": "execute-api:a:b"}"#, "is no action"),
        ("A-01", r#"{"Action": "**"}"#, "is no action"),
        ("R-01", r#"{"Resource": "ARN:aws:execute-api:::x"}"#, "is no resource"),
        ("R-01", r#"{"Resource": "**"}"#, "is no resource"),
        ("R-06", r#"{"Resource": "arn:aws:execute-api:us-east-1"}"#, "fewer than six parts"),
        ("R-06", r#"{"Resource": "arn:aws:execute-api:us-east-1:123412341234"}"#, "fewer than six parts"),
        ("R-06", r#"{"Resource": "arn:aws:execute-api:us-*-1"}"#, "fewer than six parts"),
        ("R-07", r#"{"Resource": "arn:*"}"#, "wildcard in the service part"),
        ("R-07", r#"{"Resource": "arn:aws:execute-api*"}"#, "wildcard in the service part"),
        ("R-07", r#"{"Resource": "arn:aws:execute-ap?:::x"}"#, "wildcard in the service part"),
        ("R-07", r#"{"Resource": "arn:aws:Execute-API:::x"}"#, "is not in lower case"),
        ("R-08", r#"{"Resource": "arn:aws:execute-api::1234:x"}"#, "account `1234`"),
        ("R-09", r#"{"Resource": "execute-api:/*"}"#, "here is none"),
        ("C-01", r#"{"Condition": {"NullIfExists": {"aws:a": "true"}}}"#, "would be constant"),
        ("C-01", r#"{"Condition": {"ForAnyValue:Null": {"aws:a": "true"}}}"#, "would be constant"),
        ("C-18", r#"{"Condition": {"Bool": {"aws:a": "True"}}}"#, "`Bool` cannot read `True`"),
        ("C-18", r#"{"Condition": {"Null": {"aws:a": 1}}}"#, "`Null` cannot read `1`"),
        ("C-19", r#"{"Condition": {"IpAddress": {"aws:a": "10.0.0.0/33"}}}"#, "`IpAddress` cannot read"),
        ("C-21", r#"{"Condition": {"StringEquals": {"SourceVpce": "x"}}}"#, "`SourceVpce` is no context key"),
        ("C-21", r#"{"Condition": {"StringEquals": {"a:b:c": "x"}}}"#, "is no context key"),
        ("C-21", r#"{"Condition": {"StringEquals": {"a/b:c": "x"}}}"#, "is no context key"),
        ("C-21", r#"{"Condition": {"StringEquals": {"a:b/": "x"}}}"#, "is no context key"),
        ("C-21", r#"{"Condition": {"StringEquals": {"a:/b": "x"}}}"#, "is no context key"),
        ("C-21", r#"{"Condition": {"StringEquals": {":a": "x"}}}"#, "is no context key"),
        ("C-21", r#"{"Condition": {"StringEquals": {"aws:requesttag": "x"}}}"#, "names no tag"),
        ("V-03", r#"{"Resource": "arn:aws:execute-api:::${aws:a"}"#, "has no `}`"),
        ("V-03", r#"{"Resource": "arn:aws:execute-api:::${}"}"#, "is empty"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:${aws:b}}"}}}"#, "holds another variable"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${ aws:b}"}}}"#, "has ` ` in its key"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:*}"}}}"#, "has `*` in its key"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:b,'x'}"}}}"#, "exactly one space"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:b,  'x'}"}}}"#, "exactly one space"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:b , 'x'}"}}}"#, "has ` ` in its key"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:b, x}"}}}"#, "single quotes"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:b, 'x}"}}}"#, "single quotes"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:b, '}"}}}"#, "single quotes"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:b, 'x' }"}}}"#, "single quotes"),
        ("V-03", r#"{"Condition": {"StringEquals": {"aws:a": "${b}"}}}"#, "`b` is no context key"),
        ("V-04", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:b, 'x*'}"}}}"#, "has the default `x*`"),
        ("V-04", r#"{"Condition": {"StringEquals": {"aws:a": "${aws:b, 'x'y'}"}}}"#, "has the default `x'y`"),
        ("V-05", r#"{"Condition": {"StringEquals": {"aws:a": "${**}"}}}"#, "has `*` in its key"),
        ("V-06", r#"{"Action": "execute-api:${*}"}"#, "in an action"),
        ("V-06", r#"{"Principal": {"AWS": "arn:aws:iam::123412341234:user/${aws:username}"}}"#, "in a principal"),
        ("V-06", r#"{"Principal": {"Service": "${aws:a}.amazonaws.com"}}"#, "in a principal"),
        ("V-06", r#"{"Resource": "arn:aws:execute-api:${aws:RequestedRegion}:*:x"}"#, "in the first five parts"),
        ("V-06", r#"{"Resource": "arn:aws:execute-api:${$}*"}"#, "in the first five parts"),
        ("V-06", r#"{"Condition": {"StringEquals": {"aws:${aws:a}": "x"}}}"#, "in the name of a context key"),
        ("V-06", r#"{"Condition": {"Bool": {"aws:a": "${aws:b}"}}}"#, "in a value of `Bool`"),
        ("V-10", r#"{"Condition": {"StringEquals": {"aws:a": "${AWS:tagkeys}"}}}"#, "several values"),
    ] {
        let text = document("2012-10-17", changes);
        assert_refused(rule, endpoint(&text), message, &text);
    }
}

/// Under 2008-10-17 there are no variables (V-02), so nothing about them is refused.
#[test]
fn the_old_version_has_no_variables() {
    let text = document(
        "2008-10-17",
        r#"{"Action": "execute-api:${*}", "Principal": {"AWS": "arn:aws:iam::123412341234:user/${a}"},
            "Resource": "arn:aws:execute-api:${a:*:${*", "Condition": {"StringEquals": {"aws:${a": "${"}}}"#,
    );
    assert_accepted("V-02", endpoint(&text), &text);
    let text = document("2008-10-17", r#"{"Condition": {"Bool": {"aws:a": "${aws:b}"}}}"#);
    assert_refused("C-03", endpoint(&text), "`Bool` cannot read", &text);
}

#[test]
fn identity_policies() {
    let own =
        |more: &str| format!(r#"{{{more}"Statement":[{{"Sid":"A1","Effect":"Allow","Action":"*","Resource":"*"}}]}}"#);
    let policy = assert_accepted("D-06", identity(&own("")), "an identity policy");
    assert!(policy.statements[0].principal.is_none());
    let two = |one: &str, other: &str| {
        format!(
            r#"{{"Statement":[{{"Sid":"{one}","Effect":"Allow","Action":"*","Resource":"*"}},{{"Sid":"{other}","Effect":"Allow","Action":"*","Resource":"*"}}]}}"#
        )
    };
    assert_accepted("D-08", identity(&two("", "a")), "different Sids");
    for (rule, text, message) in [
        ("D-03", own(r#""Id":"x","#), "has no `Id`"),
        ("D-06", format!("{{\"Statement\":{STATEMENT}}}"), "has no `Principal`"),
        (
            "D-06",
            format!("{{\"Statement\":{}}}", STATEMENT.replace("Principal", "NotPrincipal")),
            "has no `NotPrincipal`",
        ),
        ("D-08", two("a b", "c"), "holds ` `"),
        ("D-08", two("a", "é"), "holds `é`"),
        ("D-08", two("a", "a"), "`Sid` `a` stands twice"),
        ("R-09", own("").replace("\"Resource\":\"*\"", "\"Resource\":\"execute-api:/*\""), "here is none"),
    ] {
        assert_refused(rule, identity(&text), message, &text);
    }
}

#[test]
fn every_mistake_is_reported_at_once() {
    let text = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "allow", "Principal": "*", "Action": "Invoke", "Resource": "*"},
    {"Effect": "Deny", "Principal": {"AWS": "12341234123"}, "Action": "*",
     "Resource": ["*", "arn:aws:execute-api"], "Condition": {"StringsLike": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}
  ],
  "Note": null
}"#;
    let errors = endpoint(text).unwrap_err();
    let found: Vec<_> =
        errors.iter().map(|error| (error.line(), error.column(), error.source_text().at(error.place()))).collect();
    assert_eq!(
        found,
        [
            (4, 16, "\"allow\""),
            (4, 53, "\"Invoke\""),
            (5, 45, "\"12341234123\""),
            (6, 24, "\"arn:aws:execute-api\""),
            (6, 62, "\"StringsLike\""),
            (8, 3, "\"Note\""),
        ]
    );
    assert_eq!(errors.as_slice()[4].help(), Some("did you mean `StringLike`?"));
}

/// The offending part of a string is underlined where the string has no escapes, else the whole string.
#[test]
fn places_inside_strings() {
    for (resource, expected) in [
        (r#""arn:aws:execute-api:::é/${aws:a b}""#, " "),
        (r#""arn:aws:execute-api:::é/${aws:a""#, "${aws:a"),
        (r#""arn:aws:execute-api:::\u00e9/${aws:a""#, r#""arn:aws:execute-api:::\u00e9/${aws:a""#),
    ] {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":"*","Resource":{resource}}}}}"#
        );
        let errors = endpoint(&text).unwrap_err();
        let error = &errors.as_slice()[0];
        assert_eq!(error.source_text().at(error.place()), expected);
    }
}

#[test]
fn names_of_the_wrong_case_are_named_right() {
    for (wrong, help) in [
        (STATEMENT.replace("Effect", "effect"), "write `Effect`: names are case-sensitive"),
        (STATEMENT.replace("Resource", "Resourse"), "did you mean `Resource`?"),
        (STATEMENT.replace("Allow", "allow"), "write `Allow`: names are case-sensitive"),
        (
            STATEMENT.replace("\"*\"}", "\"*\",\"Condition\":{\"foranyvalue:stringlikeifexists\":{\"a:b\":\"\"}}}"),
            "write `ForAnyValue:StringLikeIfExists`: names are case-sensitive",
        ),
    ] {
        let errors = endpoint(&format!("{{\"Statement\":{wrong}}}")).unwrap_err();
        let helps: Vec<_> = errors.iter().map(super::PolicyError::help).collect();
        assert_eq!(helps, [Some(help)], "{wrong}");
    }
}

#[test]
fn the_tree_says_what_the_text_says() {
    let text = r#"{"Version": "2012-10-17", "Id": "i", "Statement": {"Sid": "s", "Effect": "Deny",
        "NotPrincipal": {"AWS": ["123412341234", "arn:aws:sts::123412341234:assumed-role/R/S"], "Service": "x.y"},
        "NotAction": ["*", "Execute-API:In?*"], "NotResource": ["*", "arn:aws:execute-api:us-*"],
        "Condition": {"StringLike": {"aws:a": ["${*}x*", 12345678901234567890]}, "Null": {"aws:b": false}}}}"#;
    let policy = endpoint(text).unwrap();
    assert_eq!(policy.version, Version::V2012);
    assert_eq!(policy.id.as_ref().map(|id| id.value.as_str()), Some("i"));
    let statement = &policy.statements[0];
    assert_eq!(policy.source.at(statement.place).get(..7), Some("{\"Sid\":"));
    assert_eq!(statement.sid.as_ref().map(|sid| sid.value.as_str()), Some("s"));
    assert_eq!(statement.effect, Effect::Deny);
    let principal = statement.principal.as_ref().unwrap();
    assert!(principal.negated);
    let entries: Vec<_> = principal.entries.iter().map(|entry| entry.value.clone()).collect();
    let session = PrincipalArn {
        arn: "arn:aws:sts::123412341234:assumed-role/R/S".into(),
        partition: "aws".into(),
        account: "123412341234".into(),
        name: "R".into(),
    };
    assert_eq!(
        entries,
        [
            PrincipalEntry::Account("123412341234".into()),
            PrincipalEntry::Session(session),
            PrincipalEntry::Service("x.y".into())
        ]
    );
    assert_eq!(policy.source.at(principal.entries[2].place), "\"x.y\"");
    assert!(statement.action.negated && statement.resource.negated);
    let ResourcePattern::Arn(arn) = &statement.resource.patterns[1].value else { panic!("an ARN") };
    assert_eq!(arn.service, "execute-api");
    assert_eq!(arn.region.pieces, [Piece::Text("us-".into()), Piece::AnyRun]);
    assert!(arn.account.is_any_run() && arn.rest.is_any_run());
    let values: Vec<_> = statement.condition[0].values.iter().map(|value| value.value.clone()).collect();
    let text = |pieces: &[Piece]| ConditionValue::Text(Template { pieces: pieces.to_vec() });
    assert_eq!(
        values,
        [text(&[Piece::Text("*x".into()), Piece::AnyRun]), text(&[Piece::Text("12345678901234567890".into())])]
    );
    assert_eq!(statement.condition[1].values[0].value, ConditionValue::Bool(false));
    assert_eq!(statement.condition[1].key.value, "aws:b");
}

/// A document's statements without their places.
fn without_places(policy: &Policy) -> String {
    let shown = format!("{:?} {:?} {:?}", policy.version, policy.id, policy.statements);
    // `Place { start: 1, end: 2 }` is all that reformatting may change.
    let mut parts = shown.split("Place { ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('}').map_or(part, |(_, after)| after))
}

/// JSON that is nearly a policy: right elements and wrong ones in the right places.
fn near_policy() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("*".to_owned()),
        Just("execute-api:Invoke".to_owned()),
        Just("arn:aws:execute-api:*:*:x/${aws:username}*".to_owned()),
        Just("arn:aws:execute-api:::x/${*}**".to_owned()),
        Just("Allow".to_owned()),
        Just("Deny".to_owned()),
        Just("true".to_owned()),
        Just("10.0.0.0/8".to_owned()),
        "[a-z:*?${}', ]{0,12}",
        any::<String>(),
    ];
    let leaf = prop_oneof![
        4 => text.prop_map(Value::from), 1 => any::<bool>().prop_map(Value::from), 1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from), 1 => Just(Value::Null),
    ];
    let name = prop_oneof![
        6 => prop::sample::select(vec![
            "Statement", "Version", "Id", "Effect", "Principal", "NotPrincipal", "AWS", "Action", "Resource", "NotResource", "Condition",
            "StringEquals", "StringLike", "Bool", "IpAddress", "Null", "aws:SourceVpce",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let any_json = leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    (any_json.clone(), any_json.clone(), any_json.clone(), any_json, any::<[bool; 4]>()).prop_map(
        |(action, resource, condition, principal, wild)| {
            let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
            for ((name, value), change) in
                [("Action", action), ("Resource", resource), ("Condition", condition), ("Principal", principal)]
                    .into_iter()
                    .zip(wild)
            {
                if change {
                    statement[name] = value;
                }
            }
            json!({"Version": "2012-10-17", "Statement": [statement]})
        },
    )
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = endpoint(&text);
    }

    #[test]
    fn no_bracket_soup_panics(text in r#"[\[\]{}",:0-9a\\ u.]{0,60}"#) {
        let _ = endpoint(&text);
    }

    /// The tree is of a JSON value if and only if serde_json, which decodes escapes too, has one.
    #[test]
    fn json_is_what_serde_json_says(text in r#"[\[\]{}",:0-9a\\ud\-.eEtrue\x0b\x01\u{a0}]{0,24}"#) {
        let source = Source::new("a", text.as_str());
        let mut mistakes = super::error::Mistakes::new(&source);
        let ours = super::json::read(&source, &mut mistakes).is_some();
        let theirs = serde_json::from_str::<Value>(&text);
        let out_of_range = theirs.as_ref().is_err_and(|error| error.to_string().starts_with("number out of range"));
        prop_assert_eq!(ours || out_of_range, theirs.is_ok() || out_of_range);
    }

    #[test]
    fn no_near_policy_panics_and_errors_can_be_drawn(value in near_policy()) {
        if let Err(errors) = endpoint(&value.to_string()) {
            for error in &errors {
                prop_assert!(!error.label().is_empty() && !error.message().is_empty());
            }
            prop_assert!(!errors.render(false).is_empty());
        }
    }

    /// White space changes places alone.
    #[test]
    fn a_document_equals_itself_reformatted(value in near_policy()) {
        let (compact, pretty) = (value.to_string(), serde_json::to_string_pretty(&value).unwrap());
        match (endpoint(&compact), endpoint(&pretty)) {
            (Ok(one), Ok(other)) => prop_assert_eq!(without_places(&one), without_places(&other)),
            (Err(one), Err(other)) => {
                let messages = |errors: &PolicyErrors| errors.iter().map(|error| error.message().to_owned()).collect::<Vec<_>>();
                prop_assert_eq!(messages(&one), messages(&other));
            }
            (one, other) => prop_assert!(false, "{one:?} {other:?}"),
        }
    }
}
