//! Findings about `Condition`: PC4.

use super::Code;
use super::finding::{Finding, Report};
use super::inputs::{Attached, Document};
use super::keys::{self, GlobalKey, Type};
use super::language::Glob;
use crate::bundle::AuthorizationType;
use crate::policy::error::nearest;
use crate::policy::{
    BaseOperator, ConditionTest, ConditionValue, Effect, Piece, Place, Qualifier, Spanned, Statement, Template,
    Version, tame,
};

/// The findings of one statement.
pub(super) fn check(document: &Document<'_>, statement: &Statement, report: &mut Report) {
    never_holds(document, statement, report);
    for test in &statement.condition {
        let known = keys::find(&test.key.value);
        key(document, test, known, report);
        qualifier(document, statement, test, known, report);
        absence(document, statement, test, known, report);
        types(document, test, known, report);
        both_values(document, test, report);
        for value in &test.values {
            wildcard(document, test, value, report);
            network(document, test, value, report);
            principal_arn(document, test, value, report);
            id(document, test, value, report);
            variable(document, statement, test, value, report);
        }
        if matches!(document.attached, Attached::Endpoints) {
            unsaved(document, test, known, report);
        }
    }
}

/// PC414: two tests of one key that no value passes, in an Allow.
fn never_holds(document: &Document<'_>, statement: &Statement, report: &mut Report) {
    if statement.effect != Effect::Allow {
        return;
    }
    for (at, one) in statement.condition.iter().enumerate() {
        let before = statement.condition.iter().take(at);
        let same_key = before.filter(|other| is_key(one, &other.key.value));
        for other in same_key {
            // A qualifier makes tests of single values of them.
            let (first, second) = (other.operator.value, one.operator.value);
            let is_plain = first.qualifier.is_none() && second.qualifier.is_none();
            // With both a missing key passes.
            let asks = !(first.if_exists && second.if_exists);
            if is_plain && asks && exclude_each_other(one, other) {
                let message = format!("no value of `{}` passes this test and the other", tame(&one.key.value));
                report.add(
                    finding(Code::PC414, document, one.operator.place, message)
                        .advice("all tests of a condition must hold: make statements of them where one is enough")
                        .related(document.source(), other.operator.place, "the other"),
                );
            }
        }
    }
}

/// Whether no value passes two tests of one key, of which one at least asks for a value.
fn exclude_each_other(one: &ConditionTest, other: &ConditionTest) -> bool {
    let pair = [(one, other), (other, one)];
    pair.into_iter().any(|(one, other)| {
        absent_and_present(one, other)
            || texts_apart(one, other)
            || texts_excluded(one, other)
            || window_is_empty(one, other)
    })
}

/// `Null` with `true`, and a test that a missing key fails.
fn absent_and_present(one: &ConditionTest, other: &ConditionTest) -> bool {
    let asks_for_absence = one.operator.value.base == BaseOperator::Null
        && one.values.iter().all(|value| value.value == ConditionValue::Bool(true));
    let operator = other.operator.value;
    let asks_for_presence = !operator.base.is_negated() && !operator.if_exists && operator.base != BaseOperator::Null;
    asks_for_absence && asks_for_presence
}

/// The values of a test of texts as globs; `None` of another test, and where one has a variable.
fn globs(test: &ConditionTest, folded: bool) -> Option<Vec<Glob>> {
    let glob = |value: &Spanned<ConditionValue>| match &value.value {
        ConditionValue::Text(template) => Glob::of(template).map(|glob| if folded { glob.folded() } else { glob }),
        _ => None,
    };
    if family(test.operator.value.base) != Some(Type::Text) {
        return None;
    }
    test.values.iter().map(glob).collect()
}

fn folds(test: &ConditionTest) -> bool {
    use BaseOperator as Op;
    matches!(test.operator.value.base, Op::StringEqualsIgnoreCase | Op::StringNotEqualsIgnoreCase)
}

/// Two positive tests whose values have nothing in common.
fn texts_apart(one: &ConditionTest, other: &ConditionTest) -> bool {
    if one.operator.value.base.is_negated() || other.operator.value.base.is_negated() {
        return false;
    }
    let folded = folds(one) || folds(other);
    let (Some(one), Some(other)) = (globs(one, folded), globs(other, folded)) else { return false };
    !one.iter().any(|one| other.iter().any(|other| one.meets(other)))
}

/// A positive test, each of whose values a negated one excludes.
fn texts_excluded(one: &ConditionTest, other: &ConditionTest) -> bool {
    let asks = !one.operator.value.base.is_negated() && !one.operator.value.if_exists;
    // Folding one side alone would make two values of one.
    if !asks || !other.operator.value.base.is_negated() || (folds(one) && !folds(other)) {
        return false;
    }
    let folded = folds(other);
    let (Some(one), Some(other)) = (globs(one, folded), globs(other, folded)) else { return false };
    one.iter().all(|one| other.iter().any(|other| one.is_within(other)))
}

/// A lower bound that is no less than an upper one.
fn window_is_empty(lower: &ConditionTest, upper: &ConditionTest) -> bool {
    use BaseOperator as Op;
    let is_strict = match (lower.operator.value.base, upper.operator.value.base) {
        (Op::NumericGreaterThanEquals, Op::NumericLessThanEquals)
        | (Op::DateGreaterThanEquals, Op::DateLessThanEquals) => false,
        (Op::NumericGreaterThan | Op::NumericGreaterThanEquals, Op::NumericLessThan | Op::NumericLessThanEquals)
        | (Op::DateGreaterThan | Op::DateGreaterThanEquals, Op::DateLessThan | Op::DateLessThanEquals) => true,
        _ => return false,
    };
    let number = |value: &Spanned<ConditionValue>| match value.value {
        ConditionValue::Number { scaled } => Some(scaled),
        ConditionValue::Instant { nanoseconds } => Some(nanoseconds),
        _ => None,
    };
    // One of several values is enough: the least of the lower ones, the greatest of the upper.
    let least = lower.values.iter().filter_map(number).min();
    let most = upper.values.iter().filter_map(number).max();
    least.zip(most).is_some_and(|(least, most)| if is_strict { least >= most } else { least > most })
}

/// What the values are that an operator compares.
fn family(base: BaseOperator) -> Option<Type> {
    let name = base.name();
    let is = |start: &str| name.trim_start_matches("Not").starts_with(start);
    match base {
        BaseOperator::Null | BaseOperator::BinaryEquals => None,
        BaseOperator::Bool => Some(Type::Boolean),
        _ if is("Numeric") => Some(Type::Number),
        _ if is("Date") => Some(Type::Date),
        _ if is("IpAddress") => Some(Type::Address),
        _ if is("Arn") => Some(Type::Arn),
        _ => Some(Type::Text),
    }
}

fn finding(code: Code, document: &Document<'_>, place: Place, message: impl Into<String>) -> Finding {
    Finding::new(code, document.source(), place, message)
}

fn is_key(test: &ConditionTest, name: &str) -> bool {
    test.key.value.eq_ignore_ascii_case(name)
}

/// PC407, PC409, PC410: keys that are not there.
fn key(document: &Document<'_>, test: &ConditionTest, known: Option<&GlobalKey>, report: &mut Report) {
    let name = &test.key.value;
    let place = test.key.place;
    if known.is_none() && keys::is_global(name) {
        let message = format!("`{}` is no global condition key, so no request has it", tame(name));
        let meant = nearest(&name.to_ascii_lowercase(), keys::names());
        let advice = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "AWS lists its global condition keys in the IAM User Guide".to_owned(),
        };
        report.add(finding(Code::PC409, document, place, message).advice(advice));
    }
    // K-11
    let is_behind_endpoint = matches!(document.attached, Attached::Endpoints | Attached::Api(_));
    if is_behind_endpoint && is_key(test, "aws:SourceIp") {
        let message = "a request through a VPC endpoint has no `aws:SourceIp`";
        report.add(
            finding(Code::PC407, document, place, message)
                .advice("write `aws:VpcSourceIp`, the address within the VPC"),
        );
    }
    // K-07
    if let Attached::Api(api) = document.attached
        && !api.methods.is_empty()
        && api.methods.iter().all(|method| method.authorization != AuthorizationType::AwsIam)
        && is_callers(name)
    {
        let message = format!("no method of the API is `AWS_IAM`, so that its policy sees no `{}`", tame(name));
        report.add(
            finding(Code::PC410, document, place, message)
                .advice("test it in the endpoint policy, or ask for a signature with `AWS_IAM`"),
        );
    }
}

/// Whether a key describes a caller, and nothing is known of it for an anonymous one (K-05, K-07).
fn is_callers(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let derived = ["aws:principalaccount", "aws:principaltype", "aws:userid"];
    let others = [
        "aws:username",
        "aws:tokenissuetime",
        "aws:federatedprovider",
        "aws:sourceidentity",
        "aws:assumedroot",
        "aws:chatbotsourcearn",
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc",
        "aws:signinsessionarn",
    ];
    !derived.contains(&lower.as_str())
        && (others.contains(&lower.as_str())
            || lower.starts_with("aws:principal")
            || lower.starts_with("aws:multifactorauth"))
}

/// PC403, PC404: C-05 to C-08.
fn qualifier(
    document: &Document<'_>,
    statement: &Statement,
    test: &ConditionTest,
    known: Option<&GlobalKey>,
    report: &mut Report,
) {
    let Some(known) = known else { return };
    let operator = test.operator.value;
    match operator.qualifier {
        None if known.many && operator.base != BaseOperator::Null => {
            let message = format!("`{}` may have several values, and `{operator}` is for one", tame(&test.key.value));
            report.add(
                finding(Code::PC404, document, test.operator.place, message)
                    .advice(format!("write `ForAnyValue:{operator}` or `ForAllValues:{operator}`")),
            );
        }
        // What PC402 says weighs more.
        Some(Qualifier::ForAllValues) if is_open_to_absence(statement, test) => {}
        Some(_) if !known.many => {
            let message =
                format!("`{}` has one value: the qualifier only changes what its absence means", tame(&test.key.value));
            report.add(
                finding(Code::PC403, document, test.operator.place, message)
                    .advice(format!("write `{}`", without_qualifier(operator))),
            );
        }
        _ => {}
    }
}

fn without_qualifier(operator: crate::policy::Operator) -> crate::policy::Operator {
    crate::policy::Operator { qualifier: None, ..operator }
}

/// Whether it is a `ForAllValues` of an Allow that lets pass who has not the key.
fn is_open_to_absence(statement: &Statement, test: &ConditionTest) -> bool {
    statement.effect == Effect::Allow
        && test.operator.value.qualifier == Some(Qualifier::ForAllValues)
        && !asks_for_presence(statement, &test.key.value)
}

/// Whether some test of the statement fails where the key is missing (C-04, C-05, C-11).
fn asks_for_presence(statement: &Statement, key: &str) -> bool {
    statement.condition.iter().filter(|test| is_key(test, key)).any(|test| {
        let operator = test.operator.value;
        match (operator.base, operator.qualifier) {
            (BaseOperator::Null, _) => test.values.iter().all(|value| value.value == ConditionValue::Bool(false)),
            (_, Some(Qualifier::ForAllValues)) => false,
            (_, Some(Qualifier::ForAnyValue)) => !operator.if_exists,
            (base, None) => !base.is_negated() && !operator.if_exists,
        }
    })
}

/// PC402, PC405, PC406: what a missing key makes of a test (C-04, C-05).
fn absence(
    document: &Document<'_>,
    statement: &Statement,
    test: &ConditionTest,
    known: Option<&GlobalKey>,
    report: &mut Report,
) {
    let operator = test.operator.value;
    let key = tame(&test.key.value);
    let place = test.operator.place;
    if is_open_to_absence(statement, test) {
        let message = format!("`{operator}` holds where the request has no `{key}`");
        report.add(
            finding(Code::PC402, document, place, message)
                .advice(format!("add `\"Null\": {{\"{key}\": \"false\"}}`, which asks for the key")),
        );
        return;
    }
    let may_be_missing = known.is_none_or(|known| !known.always);
    if operator.base == BaseOperator::Null || operator.qualifier.is_some() || operator.if_exists || !may_be_missing {
        return;
    }
    match (statement.effect, operator.base.is_negated()) {
        (Effect::Allow, true) if !asks_for_presence(statement, &test.key.value) => {
            let message = format!("`{operator}` in an Allow holds where the request has no `{key}`");
            report.add(finding(Code::PC405, document, place, message).advice(format!(
                "add `\"Null\": {{\"{key}\": \"false\"}}`, or write `{operator}IfExists` if that is meant"
            )));
        }
        (Effect::Deny, false) if !thinks_of_absence(statement) => {
            let message = format!(
                "`{operator}` in a Deny does not hold where the request has no `{key}`: then nothing is denied"
            );
            report.add(
                finding(Code::PC406, document, place, message)
                    .advice(format!("write `{operator}IfExists`, which then denies, or ask for the key by `\"Null\": {{\"{key}\": \"false\"}}`")),
            );
        }
        _ => {}
    }
}

/// Whether some test says what it means of a key's absence: then another that does not is meant so.
fn thinks_of_absence(statement: &Statement) -> bool {
    let mut operators = statement.condition.iter().map(|test| test.operator.value);
    operators.any(|operator| operator.if_exists || operator.base == BaseOperator::Null)
}

/// PC411: what a key holds, and what an operator compares.
fn types(document: &Document<'_>, test: &ConditionTest, known: Option<&GlobalKey>, report: &mut Report) {
    let (Some(known), Some(compared)) = (known, family(test.operator.value.base)) else { return };
    let (is_odd, what) = match known.has {
        Type::Address => (compared != Type::Address, "an address"),
        Type::Text => (!matches!(compared, Type::Text | Type::Arn | Type::Number), "text"),
        Type::Arn => (!matches!(compared, Type::Text | Type::Arn), "an ARN"),
        Type::Boolean => (!matches!(compared, Type::Boolean | Type::Text), "`true` or `false`"),
        Type::Date => (compared != Type::Date, "a date"),
        Type::Epoch => (!matches!(compared, Type::Date | Type::Number), "seconds since 1970"),
        Type::Number => (compared != Type::Number, "a number"),
    };
    if is_odd {
        let (key, operator) = (tame(&test.key.value), test.operator.value);
        let message = format!("`{key}` holds {what}, and `{operator}` compares something else");
        report.add(
            finding(Code::PC411, document, test.operator.place, message)
                .advice(format!("use {}", operators_for(known.has))),
        );
    }
}

fn operators_for(has: Type) -> &'static str {
    match has {
        Type::Text => "a String operator",
        Type::Arn => "an Arn operator",
        Type::Address => "`IpAddress` or `NotIpAddress`",
        Type::Boolean => "`Bool`",
        Type::Date | Type::Epoch => "a Date operator",
        Type::Number => "a Numeric operator",
    }
}

/// PC401: C-14.
fn wildcard(document: &Document<'_>, test: &ConditionTest, value: &Spanned<ConditionValue>, report: &mut Report) {
    use BaseOperator as Op;
    let base = test.operator.value.base;
    let like = match base {
        Op::StringEquals | Op::StringEqualsIgnoreCase => "StringLike",
        Op::StringNotEquals | Op::StringNotEqualsIgnoreCase => "StringNotLike",
        _ => return,
    };
    let written = document.written(value.place);
    // Who writes `${*}` means the character (V-05).
    let plain = match document.policy.version {
        Version::V2012 => written.replace("${*}", "").replace("${?}", ""),
        Version::V2008 => written.into_owned(),
    };
    if let Some(wild) = plain.chars().find(|char| matches!(char, '*' | '?')) {
        let message = format!("under `{}` a `{wild}` is the character itself", test.operator.value);
        let advice = match document.policy.version {
            Version::V2012 => format!("write `{like}`, or `${{{wild}}}` if the character is meant"),
            Version::V2008 => format!("write `{like}`"),
        };
        report.add(finding(Code::PC401, document, value.place, message).advice(advice));
    }
}

/// PC408, PC415, PC416: C-19.
fn network(document: &Document<'_>, test: &ConditionTest, value: &Spanned<ConditionValue>, report: &mut Report) {
    let ConditionValue::Network(network) = &value.value else { return };
    let written = document.written(value.place);
    if network.prefix_len() == 0 {
        let (all, none) = if network.addr().is_ipv4() { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
        let message = format!("`{}` is every {all} address, and no {none} address", tame(&written));
        report.add(
            finding(Code::PC416, document, value.place, message)
                .advice("list both families, or leave the test out if every address is meant"),
        );
    } else if written.parse::<ipnet::IpNet>().is_ok_and(|block| block.addr() != block.network()) {
        let message = format!("`{}` means the block `{network}`", tame(&written));
        report.add(
            finding(Code::PC415, document, value.place, message)
                .advice(format!("write `{network}`, or a prefix that holds one address if that is meant")),
        );
    }
    // Behind an endpoint the key is not there at all (PC407).
    let is_elsewhere = matches!(document.attached, Attached::Nothing | Attached::Identities);
    if is_elsewhere && is_key(test, "aws:SourceIp") && is_private(network) {
        let message = format!("`aws:SourceIp` is a public address, never one of `{}`", tame(&written));
        report.add(
            finding(Code::PC408, document, value.place, message)
                .advice("write `aws:VpcSourceIp` for addresses within a VPC"),
        );
    }
}

/// Whether all of a block is private (RFC 1918, RFC 4193).
fn is_private(network: &ipnet::IpNet) -> bool {
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
        .iter()
        .filter_map(|block| block.parse::<ipnet::IpNet>().ok())
        .any(|block| block.contains(network))
}

/// What a template begins with, up to its first wildcard or variable.
fn beginning(template: &Template) -> &str {
    match template.pieces.first() {
        Some(Piece::Text(text)) => text,
        _ => "",
    }
}

/// PC412, PC413: K-05, K-08.
fn principal_arn(document: &Document<'_>, test: &ConditionTest, value: &Spanned<ConditionValue>, report: &mut Report) {
    let ConditionValue::Text(template) = &value.value else { return };
    if !is_key(test, "aws:PrincipalArn") {
        return;
    }
    let mut parts = beginning(template).splitn(6, ':');
    let service = parts.nth(2).unwrap_or_default();
    let name = parts.nth(2).unwrap_or_default();
    if service == "sts" && name.starts_with("assumed-role/") {
        let message = "of a session `aws:PrincipalArn` is the role, never the session";
        report.add(
            finding(Code::PC412, document, value.place, message)
                .advice("write the role, `arn:aws:iam::ACCOUNT:role/ROLE`; `aws:userid` tells sessions apart"),
        );
    }
    let is_whole = template.as_literal().is_some();
    if service == "iam" && is_whole && name.strip_prefix("role/").is_some_and(|path| path.contains('/')) {
        let message = "the role has a path, which the ARN of its sessions has not";
        report.add(
            finding(Code::PC413, document, value.place, message).advice(
                "list `role/NAME` without the path as well, unless whoever asks gives `aws:PrincipalArn` with it",
            ),
        );
    }
}

/// PC419: ids that are none.
fn id(document: &Document<'_>, test: &ConditionTest, value: &Spanned<ConditionValue>, report: &mut Report) {
    let ConditionValue::Text(template) = &value.value else { return };
    let Some(text) = template.as_literal() else { return };
    let is_hex = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_word = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z'));
    let (what, example, is_one) = match test.key.value.to_ascii_lowercase().as_str() {
        "aws:sourcevpce" => ("VPC endpoint", "vpce-1a2b3c4d", text.strip_prefix("vpce-").is_some_and(is_hex)),
        "aws:sourcevpc" | "aws:ec2instancesourcevpc" => {
            ("VPC", "vpc-1a2b3c4d", text.strip_prefix("vpc-").is_some_and(is_hex))
        }
        "aws:principalorgid" | "aws:resourceorgid" | "aws:sourceorgid" | "aws:vpceorgid" => {
            ("organization", "o-a1b2c3d4e5", text.strip_prefix("o-").is_some_and(is_word))
        }
        _ => return,
    };
    // A wildcard that its operator has not is what PC401 is about.
    if !is_one && !text.contains(['*', '?']) {
        let message = format!("`{}` is no id of a{} {what}", tame(text), if what == "organization" { "n" } else { "" });
        report.add(
            finding(Code::PC419, document, value.place, message)
                .advice(format!("write an id as `{example}`, in lower case")),
        );
    }
}

/// PC418: V-08, V-09.
fn variable(
    document: &Document<'_>,
    statement: &Statement,
    test: &ConditionTest,
    value: &Spanned<ConditionValue>,
    report: &mut Report,
) {
    let ConditionValue::Text(template) = &value.value else { return };
    if statement.effect != Effect::Allow || !test.operator.value.base.is_negated() {
        return;
    }
    let open = template.pieces.iter().find_map(|piece| match piece {
        Piece::Variable { key, default: None } if !asks_for_presence(statement, key) => Some(key),
        _ => None,
    });
    if let Some(key) = open {
        let (operator, key) = (test.operator.value, tame(key));
        let message = format!("where the request has no `{key}`, the value matches nothing and `{operator}` holds");
        report.add(finding(Code::PC418, document, value.place, message).advice(format!(
            "give a default, `${{{key}, '\u{2026}'}}`, or ask for the key by `\"Null\": {{\"{key}\": \"false\"}}`"
        )));
    }
}

/// PC007 to PC009: D-15. What AWS asks of an endpoint policy when it is saved.
fn unsaved(document: &Document<'_>, test: &ConditionTest, known: Option<&GlobalKey>, report: &mut Report) {
    let base = test.operator.value.base;
    let compared = family(base);
    let is_like = matches!(base, BaseOperator::StringLike | BaseOperator::StringNotLike) || compared == Some(Type::Arn);
    let holds_id = known.is_some_and(|known| known.is_id);
    if holds_id && compared == Some(Type::Number) {
        let message = format!(
            "AWS does not save an endpoint policy with `{}` on `{}`",
            test.operator.value,
            tame(&test.key.value)
        );
        report.add(finding(Code::PC007, document, test.operator.place, message).advice("write `StringEquals`"));
    }
    for value in &test.values {
        let ConditionValue::Text(template) = &value.value else { continue };
        let is_wild = template.pieces.iter().any(|piece| matches!(piece, Piece::AnyRun | Piece::AnyOne));
        if !is_like || !is_wild {
            continue;
        }
        if holds_id {
            let message =
                format!("AWS does not save an endpoint policy with a wildcard on `{}`", tame(&test.key.value));
            report.add(finding(Code::PC007, document, value.place, message).advice("list the ids"));
        } else if compared == Some(Type::Text) && lonely_wildcard(template) {
            let message =
                "AWS does not save an endpoint policy with a wildcard that has not six characters before or behind it";
            report.add(finding(Code::PC008, document, value.place, message).advice("write more of what is meant"));
        }
        if compared == Some(Type::Arn) && mixes_account(template) {
            report.add(mixed_account(document, value.place));
        }
    }
}

/// Whether a wildcard has fewer than six characters before it, and behind it, up to the next one.
fn lonely_wildcard(template: &Template) -> bool {
    let length = |at: Option<usize>| match at.and_then(|at| template.pieces.get(at)) {
        Some(Piece::Text(text)) => text.chars().count(),
        // How long a value is nobody knows.
        Some(Piece::Variable { .. }) => usize::MAX,
        _ => 0,
    };
    template.pieces.iter().enumerate().any(|(at, piece)| {
        matches!(piece, Piece::AnyRun | Piece::AnyOne) && length(at.checked_sub(1)) < 6 && length(Some(at + 1)) < 6
    })
}

/// Whether the fifth part of an ARN has digits and a wildcard.
fn mixes_account(template: &Template) -> bool {
    let mut colons = 0;
    let (mut digits, mut wild) = (false, false);
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => {
                for char in text.chars() {
                    match char {
                        ':' => colons += 1,
                        char if colons == 4 => digits |= char.is_ascii_digit(),
                        _ => {}
                    }
                }
            }
            Piece::AnyRun | Piece::AnyOne => wild |= colons == 4,
            // It may hold colons.
            Piece::Variable { .. } => return false,
        }
    }
    digits && wild
}

/// PC009, in a resource as in a condition.
pub(super) fn mixed_account(document: &Document<'_>, place: Place) -> Finding {
    finding(
        Code::PC009,
        document,
        place,
        "AWS does not save an endpoint policy with an account of digits and a wildcard",
    )
    .advice("write the whole account, or `*`")
}

/// PC417: C-11, C-18.
fn both_values(document: &Document<'_>, test: &ConditionTest, report: &mut Report) {
    let base = test.operator.value.base;
    if !matches!(base, BaseOperator::Bool | BaseOperator::Null) {
        return;
    }
    let place_of = |wanted| test.values.iter().find(|value| value.value == ConditionValue::Bool(wanted));
    if let (Some(yes), Some(no)) = (place_of(true), place_of(false)) {
        let message = match base {
            BaseOperator::Null => "`Null` with both values holds whether the key is present or not",
            _ => "`Bool` with both values holds whatever the key's value is",
        };
        let place = yes.place.max(no.place);
        report.add(
            finding(Code::PC417, document, place, message).advice("keep the one that is meant, or remove the test"),
        );
    }
}
