//! Documents over the whole grammar, valid by construction.
//!
//! Words come from small pools, so that statements overlap and requests meet them. A document stays in parts, which
//! shrink by themselves and which the properties take apart and put together again; `json` writes it.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Map, Value, json};

use super::edges::{self, Scale};
use super::one_in;

#[derive(Debug, Clone)]
pub struct Document {
    pub version: Option<&'static str>,
    pub id: Option<&'static str>,
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone)]
pub struct Statement {
    pub sid: Option<&'static str>,
    pub effect: Effect,
    pub principal: Principal,
    pub action: Element,
    pub resource: Element,
    pub tests: Vec<Test>,
    /// Lists of one are written without brackets.
    pub bare: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone)]
pub enum Principal {
    Everyone,
    Listed { negated: bool, aws: Vec<&'static str>, services: Vec<&'static str> },
}

/// An element that is a list, or the list of what it does not mean.
#[derive(Debug, Clone)]
pub struct Element {
    pub negated: bool,
    pub patterns: Vec<String>,
}

/// One operator on one key.
#[derive(Debug, Clone)]
pub struct Test {
    pub operator: Operator,
    pub key: &'static str,
    pub values: Vec<String>,
    /// Values that are JSON numbers or booleans too are written as such (D-11).
    pub unquoted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// With its colon; empty where there is none.
    pub qualifier: &'static str,
    pub base: &'static str,
    pub if_exists: bool,
}

/// Operators that read their values alike.
#[derive(Debug)]
pub struct Family {
    pub operators: &'static [&'static str],
    keys: &'static [&'static str],
    pub values: Values,
}

#[derive(Debug, Clone, Copy)]
pub enum Values {
    Text,
    Arn,
    Of(&'static Scale),
}

pub static FAMILIES: [Family; 8] = [
    Family {
        operators: &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        keys: &KEYS,
        values: Values::Text,
    },
    Family {
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        keys: &["custom:n", "aws:MultiFactorAuthAge", "aws:EpochTime", "custom:k"],
        values: Values::Of(&edges::NUMBERS),
    },
    Family {
        operators: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        keys: &["aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime", "custom:k"],
        values: Values::Of(&edges::INSTANTS),
    },
    Family {
        operators: &["Bool"],
        keys: &["aws:SecureTransport", "aws:PrincipalIsAWSService", "aws:MultiFactorAuthPresent", "custom:k"],
        values: Values::Of(&edges::BOOLEANS),
    },
    Family { operators: &["BinaryEquals"], keys: &["custom:b", "custom:k"], values: Values::Of(&edges::BYTES) },
    Family {
        operators: &["IpAddress", "NotIpAddress"],
        keys: &["aws:VpcSourceIp", "aws:SourceIp", "custom:k"],
        values: Values::Of(&edges::NETWORKS),
    },
    Family {
        operators: &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        keys: &["aws:PrincipalArn", "aws:SourceArn", "custom:v", "custom:k"],
        values: Values::Arn,
    },
    Family { operators: &["Null"], keys: &KEYS, values: Values::Of(&edges::BOOLEANS) },
];

const QUALIFIERS: [&str; 2] = ["ForAllValues:", "ForAnyValue:"];

static KEYS: [&str; 20] = [
    "custom:k",
    "custom:k2",
    "CUSTOM:K",
    "custom:v",
    "aws:PrincipalTag/Team",
    "aws:PrincipalArn",
    "AWS:principalaccount",
    "aws:username",
    "aws:userid",
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:ResourceAccount",
    "aws:RequestedRegion",
    "aws:SourceVpce",
    "aws:CalledVia",
    "aws:TagKeys",
    "aws:UserAgent",
    "aws:CurrentTime",
    "aws:EpochTime",
];

/// Each form of P-02; callers are these, and their neighbours.
pub static AWS_ENTRIES: [&str; 17] = [
    "arn:aws:iam::123412341234:user/Ann",
    "arn:aws:iam::123412341234:user/team/Ann",
    "arn:aws-cn:iam::123412341234:user/Ann",
    "arn:aws:iam::999999999999:user/Ann",
    "arn:aws:iam::123412341234:role/Ann",
    "arn:aws:iam::123412341234:role/x/y/Ann",
    "arn:aws:iam::999999999999:role/Ann",
    "arn:aws-us-gov:iam::123412341234:role/Bob",
    "arn:aws:sts::123412341234:assumed-role/Ann/s",
    "arn:aws:sts::123412341234:assumed-role/Ann/a:é",
    "arn:aws:sts::123412341234:federated-user/Ann",
    "arn:aws:iam::123412341234:root",
    "arn:aws-cn:iam::123412341234:root",
    "arn:aws:iam::999999999999:root",
    "123412341234",
    "999999999999",
    "*",
];
pub static SERVICES: [&str; 2] = ["apigateway.amazonaws.com", "events.amazonaws.com"];

const ACTIONS: [&str; 11] = [
    "execute-api:Invoke",
    "*",
    "execute-api:*",
    "EXECUTE-API:in?OKE",
    "execute-api:Inv*",
    "execute-api:InvalidateCache",
    "*:Invoke",
    "exec*:*e",
    "execute-ap?:*vo*",
    "s3:*",
    "execute-api:Invoke?",
];
/// Legal where there are no variables (V-06).
const BRACED_ACTIONS: [&str; 2] = ["execute-api:${*}", "execute-api:Invok${"];

const PARTITIONS: [&str; 5] = ["aws", "aws", "aws*", "a?s-cn", "*"];
const REGIONS: [&str; 6] = ["us-east-1", "us-east-1", "us-*", "*", "us-east-?", ""];
const ACCOUNTS: [&str; 6] = ["123412341234", "123412341234", "*", "1234*", "????????????", ""];
const APIS: [&str; 5] = ["a1b2c3d4e5", "a1b2c3d4e5", "z9", "*", "a1*"];
const SEGMENTS: [&str; 11] = ["prod", "GET", "pets", "*", "p*", "?ets", "*e*s", "4?", "", "PO*T", "**"];
const TOKENS: [&str; 14] = ["a", "a", "b", "ab", "/", "/", ":", "é", "𝄞", "a1b2c3d4e5/", "/GET/", "*", "*", "?"];
const VARIABLES: [&str; 13] = [
    "${custom:v}",
    "${custom:v}",
    "${CUSTOM:V, 'b'}",
    "${aws:username}",
    "${aws:username, 'Ann'}",
    "${aws:PrincipalAccount}",
    "${aws:PrincipalTag/team, ''}",
    "${custom:k}",
    "${custom:none}",
    "${custom:none, 'a'}",
    "${*}",
    "${?}",
    "${$}",
];
/// What stands in the place of variables where there are none (V-02).
const BRACES: [&str; 6] = ["${*}", "${?}", "${", "}", "${aws:username}", "$"];

/// Values that keys really have, and texts beside them.
const TEXTS: [&str; 22] = [
    "a",
    "ab",
    "A",
    "",
    "é",
    "*",
    "a*",
    "*b",
    "a?",
    "?",
    "a*b*",
    "123412341234",
    "1234*",
    "us-east-1",
    "User",
    "AssumedRole",
    "Ann",
    "anonymous",
    "arn:aws:iam::123412341234:*/Ann",
    "17*",
    "apigateway.amazonaws.com",
    "true",
];
const ARN_PARTS: [&[&str]; 6] = [
    &["arn", "arn", "arn", "ar?", "*"],
    &["aws", "aws", "aws*", "*", "a?s"],
    &["iam", "iam", "sts", "*", "?a?", "execute-api"],
    &["", "", "*", "us-east-1"],
    &["123412341234", "*", "1234*", "????????????"],
    &[
        "user/Ann",
        "role/Ann",
        "*",
        "role/*",
        "user/*n",
        "root",
        "assumed-role/Ann/*",
        "*:*",
        "?ole/?nn",
        "role/x/y/Ann",
    ],
];
const VARIABLE_ARNS: [&str; 8] = [
    "arn:aws:iam::${aws:PrincipalAccount}:role/Ann",
    "arn:aws:iam::*:user/${aws:username}",
    "arn:aws:iam::123412341234:*/${custom:v, 'Ann'}",
    "arn:aws:${custom:v}:role/*",
    "${custom:v}",
    "${custom:v, 'arn:aws:iam::123412341234:role/Ann'}",
    "arn:*:iam::${custom:none}:*",
    "*:${custom:v}",
];

/// A document of either version, or of none.
pub fn document() -> impl Strategy<Value = Document> {
    prop_oneof![
        7 => document_of(Some("2012-10-17")),
        2 => document_of(Some("2008-10-17")),
        1 => document_of(None),
    ]
}

fn document_of(version: Option<&'static str>) -> impl Strategy<Value = Document> {
    let id = prop::option::weighted(0.1, Just("one"));
    let statements = prop::collection::vec(statement(has_variables(version)), 1..6);
    (id, statements).prop_map(move |(id, statements)| Document { version, id, statements })
}

fn has_variables(version: Option<&str>) -> bool {
    version == Some("2012-10-17")
}

/// A statement, for a document that has variables or has none.
pub fn statement(variables: bool) -> impl Strategy<Value = Statement> {
    (
        prop::option::weighted(0.2, select(&["One", "two words", "é", ""][..])),
        prop_oneof![3 => Just(Effect::Allow), 2 => Just(Effect::Deny)],
        principal(),
        element(action(variables), 6),
        element(resource(variables), 6),
        prop_oneof![
            4 => Just(Vec::new()),
            4 => prop::collection::vec(test(variables), 1),
            2 => prop::collection::vec(test(variables), 2..4),
        ],
        any::<bool>(),
    )
        .prop_map(|(sid, effect, principal, action, resource, tests, bare)| {
            let mut statement = Statement { sid, effect, principal, action, resource, tests, bare };
            statement.mend();
            statement
        })
}

fn principal() -> impl Strategy<Value = Principal> {
    let aws = prop::collection::vec(select(&AWS_ENTRIES[..]), 1..4);
    let services = prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(select(&SERVICES[..]), 1..3)];
    let listed = (one_in(4), aws, services, one_in(8)).prop_map(|(negated, mut aws, services, services_alone)| {
        if services_alone && !services.is_empty() {
            aws.clear();
        }
        Principal::Listed { negated, aws, services }
    });
    prop_oneof![1 => Just(Principal::Everyone), 1 => listed]
}

fn element(pattern: impl Strategy<Value = String>, negated_one_in: u32) -> impl Strategy<Value = Element> {
    (one_in(negated_one_in), prop::collection::vec(pattern, 1..4))
        .prop_map(|(negated, patterns)| Element { negated, patterns })
}

fn action(variables: bool) -> impl Strategy<Value = String> {
    let braced: &[&str] = if variables { &[] } else { &BRACED_ACTIONS };
    select([&ACTIONS, braced].concat()).prop_map(str::to_owned)
}

fn resource(variables: bool) -> impl Strategy<Value = String> {
    let segment = prop_oneof![6 => select(&SEGMENTS[..]), 1 => select(words(variables))];
    let route = (select(&APIS[..]), prop::collection::vec(segment, 0..6))
        .prop_map(|(api, segments)| format!("{api}/{}", segments.join("/")));
    let rest = prop_oneof![3 => route, 1 => text(variables)];
    let service = prop_oneof![15 => Just("execute-api"), 1 => Just("s3")];
    let whole = (select(&PARTITIONS[..]), service, select(&REGIONS[..]), select(&ACCOUNTS[..]), rest).prop_map(
        |(partition, service, region, account, rest)| format!("arn:{partition}:{service}:{region}:{account}:{rest}"),
    );
    let short = select(
        &[
            "*",
            "arn:aws:execute-api:*",
            "arn:aws:execute-api:us-*",
            "arn:aws:execute-api:us-east-1:1234*",
            "arn:a*:execute-api:us-east-1:*",
        ][..],
    );
    prop_oneof![6 => whole, 1 => short.prop_map(str::to_owned)]
}

/// What `${` may begin.
fn words(variables: bool) -> &'static [&'static str] {
    if variables { &VARIABLES } else { &BRACES }
}

/// A few words of any kind.
fn text(variables: bool) -> impl Strategy<Value = String> {
    let token = prop_oneof![3 => select(&TOKENS[..]), 1 => select(words(variables))];
    prop::collection::vec(token, 0..6).prop_map(|tokens| tokens.concat())
}

fn arn(variables: bool) -> impl Strategy<Value = String> {
    let parts: Vec<_> = ARN_PARTS.iter().map(|pool| select(*pool)).collect();
    let plain = parts.prop_map(|parts| parts.join(":"));
    let with_variables = select(&VARIABLE_ARNS[..]).prop_map(str::to_owned);
    prop_oneof![2 => plain, u32::from(variables) => with_variables]
}

fn test(variables: bool) -> impl Strategy<Value = Test> {
    let of = |family: &'static Family| {
        let value = match family.values {
            Values::Text => {
                let plain = select(&TEXTS[..]).prop_map(str::to_owned);
                let one = select(words(variables)).prop_map(str::to_owned);
                prop_oneof![3 => plain, 2 => one, 2 => text(variables)].boxed()
            }
            Values::Arn => arn(variables).boxed(),
            Values::Of(scale) => {
                let values: Vec<_> = scale.edges.iter().flat_map(|edge| edge.policy).copied().collect();
                select(values).prop_map(str::to_owned).boxed()
            }
        };
        // Often one alone, so that no other value of the list decides.
        let values = prop_oneof![prop::collection::vec(value.clone(), 1), prop::collection::vec(value, 1..4)];
        let operator = (
            prop_oneof![3 => Just(""), 1 => Just(QUALIFIERS[0]), 1 => Just(QUALIFIERS[1])],
            select(family.operators),
            one_in(3),
        )
            .prop_map(|(qualifier, base, if_exists)| match base {
                "Null" => Operator::plain(base),
                _ => Operator { qualifier, base, if_exists },
            });
        (operator, select(family.keys), values, one_in(3)).prop_map(|(operator, key, values, unquoted)| Test {
            operator,
            key,
            values,
            unquoted,
        })
    };
    // Each operator as often as another, one that is alone a little more.
    let weight = |family: &Family| 1 + u32::try_from(family.operators.len()).unwrap();
    Union::new_weighted(FAMILIES.iter().map(|family| (weight(family), of(family))).collect())
}

impl Operator {
    pub fn plain(base: &'static str) -> Self {
        Self { qualifier: "", base, if_exists: false }
    }

    pub fn is_negated(self) -> bool {
        self.base.contains("Not")
    }

    /// Every operator with every qualifier and suffix it takes (C-01).
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for base in FAMILIES.iter().flat_map(|family| family.operators).copied() {
            let variants: &[&str] = if base == "Null" { &[""] } else { &["", QUALIFIERS[0], QUALIFIERS[1]] };
            for &qualifier in variants {
                all.push(Self { qualifier, base, if_exists: false });
                if base != "Null" {
                    all.push(Self { qualifier, base, if_exists: true });
                }
            }
        }
        all
    }

    pub fn values(self) -> Values {
        FAMILIES.iter().find(|family| family.operators.contains(&self.base)).unwrap().values
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}{}", self.qualifier, self.base, if self.if_exists { "IfExists" } else { "" })
    }
}

impl Document {
    /// A document of the version that has variables.
    pub fn of(statements: Vec<Statement>) -> Self {
        Self { version: Some("2012-10-17"), id: None, statements }
    }

    pub fn has_variables(&self) -> bool {
        has_variables(self.version)
    }

    pub fn json(&self) -> Value {
        let mut document = Map::new();
        if let Some(version) = self.version {
            document.insert("Version".to_owned(), json!(version));
        }
        if let Some(id) = self.id {
            document.insert("Id".to_owned(), json!(id));
        }
        let statements = match self.statements.as_slice() {
            [one] if one.bare => one.json(),
            several => several.iter().map(Statement::json).collect(),
        };
        document.insert("Statement".to_owned(), statements);
        Value::Object(document)
    }
}

impl Statement {
    /// Allows everything to everyone.
    pub fn everything() -> Self {
        let all = || Element { negated: false, patterns: vec!["*".to_owned()] };
        Self {
            sid: None,
            effect: Effect::Allow,
            principal: Principal::Everyone,
            action: all(),
            resource: all(),
            tests: Vec::new(),
            bare: false,
        }
    }

    /// Puts right what may not stand together.
    pub fn mend(&mut self) {
        if let Principal::Listed { negated, aws, services } = &mut self.principal {
            // P-12.
            *negated &= self.effect == Effect::Deny;
            if *negated {
                aws.retain(|entry| *entry != "*");
                if aws.is_empty() && services.is_empty() {
                    aws.push(AWS_ENTRIES[0]);
                }
            }
        }
        // D-12: the first of two keys that differ in case alone stays.
        let mut kept: Vec<Test> = Vec::new();
        for mut test in self.tests.drain(..) {
            let same = |one: &Test| one.operator == test.operator && one.key.eq_ignore_ascii_case(test.key);
            if kept.iter().any(same) {
                continue;
            }
            if test.operator.base.ends_with("IgnoreCase") {
                // C-13.
                test.values.iter_mut().for_each(|value| value.retain(|character| character.is_ascii()));
            }
            kept.push(test);
        }
        self.tests = kept;
    }

    pub fn json(&self) -> Value {
        let mut statement = Map::new();
        let mut put = |name: &str, value: Value| statement.insert(name.to_owned(), value);
        if let Some(sid) = self.sid {
            put("Sid", json!(sid));
        }
        put("Effect", json!(if self.effect == Effect::Deny { "Deny" } else { "Allow" }));
        match &self.principal {
            Principal::Everyone => put("Principal", json!("*")),
            Principal::Listed { negated, aws, services } => {
                let kinds = [("AWS", aws), ("Service", services)];
                let listed = kinds.into_iter().filter(|(_, entries)| !entries.is_empty());
                let listed: Map<_, _> = listed
                    .map(|(kind, entries)| (kind.to_owned(), self.list(entries.iter().map(|one| json!(one)))))
                    .collect();
                put(if *negated { "NotPrincipal" } else { "Principal" }, Value::Object(listed))
            }
        };
        put(if self.action.negated { "NotAction" } else { "Action" }, self.texts(&self.action.patterns));
        put(if self.resource.negated { "NotResource" } else { "Resource" }, self.texts(&self.resource.patterns));
        let mut condition: Map<String, Value> = Map::new();
        for test in &self.tests {
            let keys = condition.entry(test.operator.to_string()).or_insert_with(|| json!({}));
            keys[test.key] = self.list(test.values.iter().map(|value| test.json(value)));
        }
        if !condition.is_empty() {
            put("Condition", Value::Object(condition));
        }
        Value::Object(statement)
    }

    fn texts(&self, texts: &[String]) -> Value {
        self.list(texts.iter().map(|text| json!(text)))
    }

    fn list(&self, elements: impl Iterator<Item = Value>) -> Value {
        let mut elements: Vec<_> = elements.collect();
        if self.bare && elements.len() == 1 { elements.remove(0) } else { Value::Array(elements) }
    }
}

impl Test {
    fn json(&self, value: &str) -> Value {
        // D-11: a fraction is for Numeric operators alone.
        let literal = self.unquoted && (!value.contains('.') || self.operator.base.starts_with("Numeric"));
        let parsed = serde_json::from_str::<Value>(value).ok().filter(|parsed| literal && format!("{parsed}") == value);
        parsed.unwrap_or_else(|| json!(value))
    }
}
