//! Bytes to a document of the whole language, and requests beside its edges.
//!
//! Choices are made from small pools, so that documents and requests meet: a request takes most of its resource,
//! its caller and its context from what the document says, with something in the place of each wildcard and
//! variable, and then bends some of it.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

use crate::request::{Asked, Given, Who};

/// A document, and what is asked of it.
#[derive(Debug, Clone)]
pub struct Case {
    pub document: String,
    pub requests: Vec<Asked>,
}

const ENTRIES: [&str; 13] = [
    "arn:aws:iam::123412341234:user/Ann",
    "arn:aws:iam::123412341234:role/Ann",
    "arn:aws:sts::123412341234:assumed-role/Ann/s",
    "*",
    "123412341234",
    "999999999999",
    "arn:aws:iam::123412341234:root",
    "arn:aws-cn:iam::123412341234:root",
    "arn:aws:iam::123412341234:user/team/Ann",
    "arn:aws:iam::123412341234:role/x/y/Ann",
    "arn:aws:iam::999999999999:role/Ann",
    "arn:aws:sts::123412341234:assumed-role/Ann/a:é",
    "arn:aws:sts::123412341234:federated-user/Ann",
];
const OTHER_CALLERS: [&str; 8] = [
    "arn:aws:sts::123412341234:assumed-role/Bob/s",
    "arn:aws:iam::123412341234:user/ann",
    "arn:aws-cn:sts::123412341234:assumed-role/Ann/s",
    "arn:aws:sts::999999999999:assumed-role/Ann/s",
    "arn:aws:sts::123412341234:federated-user/Bob",
    "arn:aws:iam::999999999999:root",
    "arn:aws:iam::123412341234:group/Ann",
    "arn:aws-cn:iam::123412341234:user/Ann",
];
const SERVICES: [&str; 2] = ["apigateway.amazonaws.com", "events.amazonaws.com"];
const ACTION_PATTERNS: [&str; 10] = [
    "execute-api:Invoke",
    "*",
    "execute-api:*",
    "EXECUTE-API:in?OKE",
    "execute-api:InvalidateCache",
    "*:Invoke",
    "exec*:*e",
    "s3:*",
    "execute-api:Invoke?",
    "é*:?*v*",
];
const ACTIONS: [&str; 8] = [
    "execute-api:Invoke",
    "Execute-API:invoke",
    "execute-api:InvalidateCache",
    "s3:GetObject",
    "execute-api:*",
    "execute-api:Invoke?",
    "éx:v",
    "Invoke",
];
const SHORT_RESOURCES: [&str; 5] =
    ["*", "arn:aws:execute-api:*", "arn:aws:execute-api:us-*", "arn:aws:execute-api:us-east-1:1234*", "arn:a*:s3:*"];
const PARTITIONS: [&str; 4] = ["aws", "aws*", "a?s-cn", "*"];
const REGIONS: [&str; 6] = ["us-east-1", "us-*", "*", "us-east-?", "", "*-*-1"];
const ACCOUNTS: [&str; 5] = ["123412341234", "*", "1234*", "????????????", ""];
const TOKENS: [&str; 20] = [
    "a",
    "/",
    "b",
    "ab",
    "*",
    ":",
    "?",
    "é",
    "𝄞",
    "api/",
    "/GET/",
    "A",
    "",
    "Ann",
    "-",
    "$",
    "prod/GET/",
    "a1b2c3d4e5",
    "}",
    "1",
];
const APIS: [&str; 4] = ["a1b2c3d4e5", "zzzzzzzzzz", "*", "a1b2*"];
const STAGES: [&str; 4] = ["prod", "*", "p?od", "a-stage-of-many-bytes"];
const METHODS: [&str; 4] = ["GET", "*", "POST", "?ET"];
const PATHS: [&str; 8] =
    ["pets", "*", "", "pets/*/toys", "*/pets", "a-long-segment/*", "pe*ts/?", "users/${aws:username}"];
const ESCAPES: [&str; 3] = ["${*}", "${?}", "${$}"];
const KEYS: [&str; 24] = [
    "custom:K",
    "custom:k2",
    "aws:username",
    "aws:PrincipalArn",
    "AWS:principalaccount",
    "aws:PrincipalType",
    "aws:userid",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:ResourceAccount",
    "aws:RequestedRegion",
    "aws:EpochTime",
    "aws:CurrentTime",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:SecureTransport",
    "aws:TagKeys",
    "aws:CalledVia",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalTag/team",
    "aws:RequestTag/a:b/c",
    "aws:TokenIssueTime",
    "aws:MultiFactorAuthAge",
    "aws:UserAgent",
];
/// The keys that may stand in a variable.
const VARIABLES: [&str; 10] = [
    "aws:username",
    "custom:k",
    "aws:PrincipalTag/Team",
    "AWS:PrincipalAccount",
    "aws:RequestedRegion",
    "aws:EpochTime",
    "aws:CurrentTime",
    "aws:userid",
    "aws:PrincipalArn",
    "custom:K2",
];
const NUMBERS: [&str; 14] = [
    "0",
    "-0",
    "+1",
    "1",
    "007",
    "1.50",
    "-1.5",
    "0.000000000000000001",
    "999999999999999999.999999999999999999",
    "-999999999999999999",
    "17",
    "1767225600",
    "1767225599.5",
    "20260101",
];
const DATES: [&str; 17] = [
    "2026-01-01T00:00:00Z",
    "2026-01",
    "2026-01-01",
    "2025-12-31T23:59:59.999999999Z",
    "2026-01-01T00:00:00.5Z",
    "2026-01-01T01:00+01:00",
    "2025-12-31T00:00:00-23:59",
    "2024-02-29T23:59:59+14:00",
    "0000-01-01",
    "0000-01-01T00:00+23:59",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999-23:59",
    "1767225600",
    "1767225599",
    "12345",
    "99999999999",
    "1969-12-31T23:59:59.5Z",
];
const NETWORKS: [&str; 11] = [
    "10.0.0.0/8",
    "10.0.0.8/29",
    "10.0.0.7",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/33",
    "::ffff:10.0.0.0/104",
    "::1",
    "10.0.0.9/31",
    "2001:db8:7fff::1/127",
    "::FFFF:0A00:0007",
];
const ADDRESSES: [&str; 12] = [
    "10.0.0.7",
    "9.255.255.255",
    "10.0.0.8",
    "10.0.0.15",
    "10.0.0.16",
    "11.0.0.0",
    "2001:db8:7fff::",
    "2001:db8:8000::",
    "::ffff:10.0.0.9",
    "::1",
    "10.0.0.07",
    "::ffff:0:0",
];
const BINARIES: [&str; 6] = ["", "AA==", "AAA=", "AAAA", "aGVsbG8=", "/+8="];
const ARNS: [&str; 7] = [
    "arn:aws:iam::123412341234:user/Ann",
    "arn:aws:iam::*:*",
    "arn:*:*:*:*:*",
    "a*:?ws:iam::1234*:*/Ann",
    "arn:aws:iam::123412341234:role/*",
    "*:*:*:*:*:*:*",
    "arn:aws:sns:us-east-1:123412341234:a:b/c",
];
/// What no operator but those on text can read, and some that nearly can be.
const ODD: [&str; 12] = [
    "",
    "a",
    "FALSE",
    "True",
    "5.",
    "1e3",
    "2026",
    "2026-02-30",
    "2026-01-01T00:00:60Z",
    "AB==",
    "fe80::1%0",
    "arn:aws:iam::1",
];

/// How an operator reads its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Text,
    Like,
    Ascii,
    Arn,
    Number,
    Date,
    Bool,
    Binary,
    Address,
    Null,
}

const OPERATORS: [(&str, Class); 27] = [
    ("StringEquals", Class::Text),
    ("StringNotEquals", Class::Text),
    ("StringEqualsIgnoreCase", Class::Ascii),
    ("StringNotEqualsIgnoreCase", Class::Ascii),
    ("StringLike", Class::Like),
    ("StringNotLike", Class::Like),
    ("NumericEquals", Class::Number),
    ("NumericNotEquals", Class::Number),
    ("NumericLessThan", Class::Number),
    ("NumericLessThanEquals", Class::Number),
    ("NumericGreaterThan", Class::Number),
    ("NumericGreaterThanEquals", Class::Number),
    ("DateEquals", Class::Date),
    ("DateNotEquals", Class::Date),
    ("DateLessThan", Class::Date),
    ("DateLessThanEquals", Class::Date),
    ("DateGreaterThan", Class::Date),
    ("DateGreaterThanEquals", Class::Date),
    ("Bool", Class::Bool),
    ("BinaryEquals", Class::Binary),
    ("IpAddress", Class::Address),
    ("NotIpAddress", Class::Address),
    ("ArnEquals", Class::Arn),
    ("ArnLike", Class::Arn),
    ("ArnNotEquals", Class::Arn),
    ("ArnNotLike", Class::Arn),
    ("Null", Class::Null),
];

/// What the document said, for requests to take up.
#[derive(Debug, Default)]
struct Said {
    variables: bool,
    entries: Vec<String>,
    resources: Vec<String>,
    /// Keys, and a value that each was compared with.
    tests: Vec<(String, Class, String)>,
}

impl Case {
    /// Reads bytes: as text where they begin with `{`, else as choices.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        if bytes.first() == Some(&b'{') {
            let mut halves = bytes.splitn(2, |byte| *byte == 0xFF);
            let document = String::from_utf8_lossy(halves.next().unwrap_or_default()).into_owned();
            return Self { document, requests: vec![Asked::from_bytes(halves.next().unwrap_or_default())] };
        }
        // A source of choices that has run dry gives the first of each: there is always a case.
        Self::build(&mut Unstructured::new(bytes)).unwrap_or(Self { document: String::new(), requests: Vec::new() })
    }

    /// The bytes that are read as this case, with its first request.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.document.clone().into_bytes();
        for asked in self.requests.iter().take(1) {
            bytes.push(0xFF);
            bytes.extend_from_slice(&asked.to_bytes());
        }
        bytes
    }

    fn build(u: &mut Unstructured<'_>) -> Result<Self> {
        let mut said = Said { variables: !u.ratio(1, 8)?, ..Said::default() };
        let mut statements = Vec::new();
        let most = if u.ratio(1, 10)? { 16 } else { 5 };
        for _ in 0..u.int_in_range(1..=most)? {
            statements.push(said.statement(u)?);
        }
        let mut document = Map::new();
        if said.variables {
            document.insert("Version".to_owned(), json!("2012-10-17"));
        } else if u.arbitrary()? {
            document.insert("Version".to_owned(), json!("2008-10-17"));
        }
        document.insert("Statement".to_owned(), one_or_list(u, statements)?);
        let mut requests = Vec::new();
        for _ in 0..u.int_in_range(1..=6)? {
            requests.push(said.request(u)?);
        }
        Ok(Self { document: Value::Object(document).to_string(), requests })
    }
}

impl Said {
    fn statement(&mut self, u: &mut Unstructured<'_>) -> Result<Value> {
        let mut statement = Map::new();
        let mut put = |name: &str, value: Value| statement.insert(name.to_owned(), value);
        let is_deny = u.ratio(2, 5)?;
        put("Effect", json!(if is_deny { "Deny" } else { "Allow" }));
        let is_negated = is_deny && u.ratio(1, 3)?;
        put(if is_negated { "NotPrincipal" } else { "Principal" }, self.principal(u, is_negated)?);
        let actions = list(u, 2, |u| Ok(json!(action(u)?)))?;
        put(if u.ratio(1, 6)? { "NotAction" } else { "Action" }, actions);
        let resources = list(u, 3, |u| {
            let resource = self.resource(u)?;
            self.resources.push(resource.clone());
            Ok(json!(resource))
        })?;
        put(if u.ratio(1, 5)? { "NotResource" } else { "Resource" }, resources);
        if u.ratio(1, 2)? {
            put("Condition", self.condition(u)?);
        }
        Ok(Value::Object(statement))
    }

    fn principal(&mut self, u: &mut Unstructured<'_>, is_negated: bool) -> Result<Value> {
        if !is_negated && u.ratio(1, 2)? {
            return Ok(json!("*"));
        }
        let mut principal = Map::new();
        let has_service = u.ratio(1, 5)?;
        if has_service {
            let service = pick(u, &SERVICES)?;
            principal.insert("Service".to_owned(), list(u, 2, |_| Ok(json!(service)))?);
        }
        if !has_service || u.arbitrary()? {
            let entries = list(u, 4, |u| {
                let entry = pick(u, &ENTRIES)?;
                // Nobody would be denied: refused (P-12).
                let entry = if is_negated && entry == "*" { "123412341234".to_owned() } else { entry };
                self.entries.push(entry.clone());
                Ok(json!(entry))
            })?;
            principal.insert("AWS".to_owned(), entries);
        }
        Ok(Value::Object(principal))
    }

    fn resource(&self, u: &mut Unstructured<'_>) -> Result<String> {
        if u.ratio(1, 6)? {
            return pick(u, &SHORT_RESOURCES);
        }
        let (partition, region, account) = (pick(u, &PARTITIONS)?, pick(u, &REGIONS)?, pick(u, &ACCOUNTS)?);
        let service = if u.ratio(1, 15)? { "s3" } else { "execute-api" };
        let rest = if u.ratio(1, 3)? { pattern(u, true, self.variables)? } else { self.route(u)? };
        Ok(format!("arn:{partition}:{service}:{region}:{account}:{rest}"))
    }

    /// `API/STAGE/METHOD/PATH`, as most policies have it.
    fn route(&self, u: &mut Unstructured<'_>) -> Result<String> {
        let (api, stage, method) = (pick(u, &APIS)?, pick(u, &STAGES)?, pick(u, &METHODS)?);
        let path = match u.int_in_range(0..=5)? {
            0 => pattern(u, true, self.variables)?,
            // More segments than a word of the automaton has bits.
            1 if u.ratio(1, 8)? => "a/".repeat(u.int_in_range(56..=70)?),
            _ => pick(u, &PATHS)?,
        };
        Ok(format!("{api}/{stage}/{method}/{path}"))
    }

    fn condition(&mut self, u: &mut Unstructured<'_>) -> Result<Value> {
        let mut condition = Map::new();
        for _ in 0..u.int_in_range(1..=3)? {
            let (name, class) = *u.choose(&OPERATORS)?;
            let mut name = name.to_owned();
            if class != Class::Null {
                if u.ratio(1, 3)? {
                    name = format!("{}{name}", u.choose(&["ForAllValues:", "ForAnyValue:"])?);
                }
                if u.ratio(1, 4)? {
                    name += "IfExists";
                }
            }
            let mut keys = Map::new();
            for _ in 0..u.int_in_range(1..=2)? {
                let key = pick(u, &KEYS)?;
                // D-12: no two that are equal when case is ignored.
                if keys.keys().any(|earlier: &String| earlier.eq_ignore_ascii_case(&key)) {
                    continue;
                }
                let values = list(u, 3, |u| {
                    let value = self.value(u, class)?;
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    self.tests.push((key.clone(), class, text));
                    Ok(value)
                })?;
                keys.insert(key, values);
            }
            condition.insert(name, Value::Object(keys));
        }
        Ok(Value::Object(condition))
    }

    /// A value that an operator can read.
    fn value(&self, u: &mut Unstructured<'_>, class: Class) -> Result<Value> {
        Ok(match class {
            Class::Text => json!(pattern(u, true, self.variables)?),
            Class::Like => json!(pattern(u, true, self.variables)?),
            Class::Ascii => {
                let text: String = pattern(u, true, self.variables)?;
                json!(text.chars().filter(char::is_ascii).collect::<String>())
            }
            Class::Arn => {
                if u.ratio(2, 3)? {
                    json!(pick(u, &ARNS)?)
                } else {
                    let mut parts = Vec::new();
                    for _ in 0..6 {
                        parts.push(pattern(u, true, self.variables)?);
                    }
                    json!(parts.join(":"))
                }
            }
            Class::Number if u.ratio(1, 6)? => json!(u.arbitrary::<i32>()?),
            Class::Number if u.ratio(1, 6)? => {
                let (whole, tenths) = (u.arbitrary::<i16>()?, u.int_in_range(0..=99)?);
                json!(format!("{whole}.{tenths:02}"))
            }
            Class::Number => json!(pick(u, &NUMBERS)?),
            Class::Date if u.ratio(1, 6)? => json!(seconds(u)?.to_string()),
            Class::Date => json!(pick(u, &DATES)?),
            Class::Bool | Class::Null => {
                let truth: bool = u.arbitrary()?;
                if u.arbitrary()? { json!(truth) } else { json!(truth.to_string()) }
            }
            Class::Binary => json!(pick(u, &BINARIES)?),
            Class::Address if u.ratio(1, 6)? => json!(network(u)?),
            Class::Address => json!(pick(u, &NETWORKS)?),
        })
    }

    fn request(&self, u: &mut Unstructured<'_>) -> Result<Asked> {
        let mut context: Vec<(String, Given)> = Vec::new();
        for _ in 0..u.int_in_range(0..=6)? {
            let (key, given) = self.given(u)?;
            if u.ratio(1, 60)? || !context.iter().any(|(earlier, _)| earlier.eq_ignore_ascii_case(&key)) {
                context.push((key, given));
            }
        }
        let caller = match u.int_in_range(0..=9)? {
            0 => Who::Anonymous,
            1 => Who::Service(pick(u, &SERVICES)?),
            2 => Who::Arn(pick(u, &OTHER_CALLERS)?),
            3 => {
                let entry = pick(u, &ENTRIES[6..])?;
                Who::Arn(bent(u, entry)?)
            }
            _ if self.entries.is_empty() => Who::Arn(pick(u, &ENTRIES)?),
            _ => Who::Arn(caller_of(&u.choose(&self.entries)?.clone(), u)?),
        };
        let resource = match self.resources.as_slice() {
            [] => String::new(),
            resources => {
                let pattern = match u.choose(resources)?.as_str() {
                    "*" => "arn:aws:execute-api:us-east-1:123412341234:*".to_owned(),
                    short if short.matches(':').count() < 5 => format!("{short}:*:*:*"),
                    whole => whole.to_owned(),
                };
                filled(u, &pattern, &context)?
            }
        };
        let resource = if u.ratio(1, 6)? { bent(u, resource)? } else { resource };
        let action = if u.ratio(2, 3)? { ACTIONS[0].to_owned() } else { pick(u, &ACTIONS)? };
        Ok(Asked { endpoint: None, caller, action, resource, context })
    }

    /// A context key and its value: mostly one that the document compares, with a value near one it lists.
    fn given(&self, u: &mut Unstructured<'_>) -> Result<(String, Given)> {
        let (key, class, listed) = match self.tests.as_slice() {
            tests if !tests.is_empty() && u.ratio(3, 4)? => u.choose(tests)?.clone(),
            _ => (pick(u, &[KEYS.as_slice(), &VARIABLES].concat())?, Class::Text, pick(u, &TOKENS)?),
        };
        let key = match u.int_in_range(0..=5)? {
            4 => key.to_ascii_uppercase(),
            5 => key.to_ascii_lowercase(),
            _ => key,
        };
        let text = |u: &mut Unstructured<'_>| -> Result<String> {
            if u.ratio(1, 8)? {
                return pick(u, &ODD);
            }
            match class {
                Class::Address if u.arbitrary()? => pick(u, &ADDRESSES),
                Class::Address if u.ratio(1, 3)? => Ok(address(u)?),
                Class::Address => Ok(listed.split('/').next().unwrap_or_default().to_owned()),
                Class::Number if u.arbitrary()? => pick(u, &NUMBERS),
                Class::Date if u.arbitrary()? => pick(u, &DATES),
                Class::Date if u.ratio(1, 3)? => Ok(seconds(u)?.to_string()),
                Class::Binary if u.arbitrary()? => pick(u, &BINARIES),
                Class::Bool if u.arbitrary()? => pick(u, &["true", "false", "TRUE"]),
                _ => {
                    let text = filled(u, &listed, &[])?;
                    if u.ratio(1, 3)? { bent(u, text) } else { Ok(text) }
                }
            }
        };
        let given = match u.int_in_range(0..=9)? {
            0 => {
                let mut texts = Vec::new();
                for _ in 0..u.int_in_range(0..=3)? {
                    texts.push(text(u)?);
                }
                Given::List(texts)
            }
            1 => Given::List(vec![text(u)?, text(u)?]),
            2 => Given::List(vec![text(u)?]),
            3 => Given::Address(text(u)?),
            4 if u.ratio(1, 3)? => Given::List(vec![String::new(); 2]),
            _ => Given::Text(text(u)?),
        };
        Ok((key, given))
    }
}

/// One of a pool; where the choices have run out, the first.
fn pick(u: &mut Unstructured<'_>, pool: &[&str]) -> Result<String> {
    u.choose(pool).map(|text| (*text).to_owned())
}

/// One element bare, or a list of some; now and then of many, which are compiled another way.
fn list(
    u: &mut Unstructured<'_>,
    most: usize,
    mut element: impl FnMut(&mut Unstructured<'_>) -> Result<Value>,
) -> Result<Value> {
    let most = if u.ratio(1, 10)? { 12 } else { most };
    let mut elements = Vec::new();
    for _ in 0..u.int_in_range(1..=most)? {
        elements.push(element(u)?);
    }
    one_or_list(u, elements)
}

fn one_or_list(u: &mut Unstructured<'_>, mut elements: Vec<Value>) -> Result<Value> {
    match elements.len() {
        1 if u.arbitrary()? => Ok(elements.remove(0)),
        _ => Ok(Value::Array(elements)),
    }
}

/// Text, with wildcards and escapes, and variables where they are read.
fn pattern(u: &mut Unstructured<'_>, is_wild: bool, has_variables: bool) -> Result<String> {
    let mut text = String::new();
    for _ in 0..u.int_in_range(0..=6)? {
        match u.int_in_range(0..=11)? {
            0 if has_variables => text += &variable(u)?,
            1 if has_variables => text += &pick(u, &ESCAPES)?,
            2 => text.push(u.arbitrary::<char>()?),
            3 if is_wild => text.push('*'),
            _ => text += &pick(u, &TOKENS)?,
        }
    }
    // What would open a variable by chance is no longer a `$` before a brace.
    Ok(if has_variables { text } else { text.replace("${", "{$") })
}

/// An action pattern; now and then of any text, with its one colon.
fn action(u: &mut Unstructured<'_>) -> Result<String> {
    if !u.ratio(1, 20)? {
        return pick(u, &ACTION_PATTERNS);
    }
    let mut side = || Ok(format!("{}*", pattern(u, true, false)?.replace([':', '{'], "?")));
    Ok(format!("{}:{}", side()?, side()?))
}

fn variable(u: &mut Unstructured<'_>) -> Result<String> {
    let key = pick(u, &VARIABLES)?;
    Ok(if u.ratio(1, 3)? {
        format!("${{{key}, '{}'}}", u.choose(&["Ann", "", "a/b:é"])?)
    } else {
        format!("${{{key}}}")
    })
}

/// A pattern with something in the place of each wildcard and variable.
fn filled(u: &mut Unstructured<'_>, pattern: &str, context: &[(String, Given)]) -> Result<String> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        if let Some(inner) = rest.strip_prefix("${")
            && let Some((inner, after)) = inner.split_once('}')
        {
            rest = after;
            match inner {
                "*" | "?" | "$" => text += inner,
                _ => text += &substitute(u, inner, context)?,
            }
            continue;
        }
        rest = &rest[character.len_utf8()..];
        // Before the fifth colon a colon would only make another cut.
        let is_early = text.starts_with("arn:") && text.matches(':').count() < 5;
        match character {
            '*' if is_early => text.push('1'),
            '?' if is_early => text.push('4'),
            '*' => text += &pick(u, &["", "a", "/", ":", "é", "*", "?", "ab", "/b:a"])?,
            '?' => text += &pick(u, &["a", "/", ":", "é", "𝄞", "*", "", "ab"])?,
            _ => text.push(character),
        }
    }
    Ok(text)
}

/// What a variable probably stands for.
fn substitute(u: &mut Unstructured<'_>, inner: &str, context: &[(String, Given)]) -> Result<String> {
    let (key, default) = inner.split_once(", '").unwrap_or((inner, ""));
    let given = context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
    Ok(match given {
        Some((_, Given::Text(text) | Given::Address(text))) => text.clone(),
        _ if !default.is_empty() && u.arbitrary()? => default.trim_end_matches('\'').to_owned(),
        _ => pick(u, &["Ann", "123412341234", "us-east-1", "", "*"])?,
    })
}

/// Somebody of whom an entry speaks.
fn caller_of(entry: &str, u: &mut Unstructured<'_>) -> Result<String> {
    if let Some((account, path)) = entry.split_once(":role/")
        && u.arbitrary()?
    {
        let name = path.rsplit('/').next().unwrap_or_default();
        return Ok(format!("{}:assumed-role/{name}/s", account.replace(":iam:", ":sts:")));
    }
    match entry {
        "*" => pick(u, &ENTRIES[6..]),
        account if !account.contains(':') => Ok(format!("arn:aws:iam::{account}:{}", u.choose(&["user/Ann", "root"])?)),
        arn => Ok(arn.to_owned()),
    }
}

/// A text with one thing changed.
fn bent(u: &mut Unstructured<'_>, text: String) -> Result<String> {
    let mut characters: Vec<char> = text.chars().collect();
    let at = u.int_in_range(0..=characters.len())?;
    match u.int_in_range(0..=3)? {
        0 if at < characters.len() => {
            characters.remove(at);
        }
        1 if at < characters.len() => {
            let character = characters[at];
            characters[at] = if character.is_ascii_lowercase() {
                character.to_ascii_uppercase()
            } else {
                character.to_ascii_lowercase()
            };
        }
        2 => {
            characters.splice(at..at, pick(u, &TOKENS)?.chars());
        }
        _ => characters.insert(at, u.arbitrary()?),
    }
    Ok(characters.into_iter().collect())
}

/// Seconds since 1970, near one that dates name.
fn seconds(u: &mut Unstructured<'_>) -> Result<i64> {
    Ok(1_767_225_600 + i64::from(u.arbitrary::<i16>()?))
}

fn address(u: &mut Unstructured<'_>) -> Result<String> {
    let bits: u32 = u.arbitrary()?;
    Ok(match u.int_in_range(0..=2)? {
        0 => std::net::Ipv4Addr::from(bits).to_string(),
        1 => std::net::Ipv6Addr::from((u128::from(bits) << 64) | (0x2001_0db8 << 96)).to_string(),
        _ => std::net::Ipv4Addr::from((bits % 256) | (10 << 24)).to_string(),
    })
}

fn network(u: &mut Unstructured<'_>) -> Result<String> {
    let address = address(u)?;
    let longest = if address.contains(':') { 128 } else { 32 };
    Ok(format!("{address}/{}", u.int_in_range(0..=longest)?))
}

#[cfg(test)]
mod tests {
    use portcullis::Reason;
    use portcullis::bundle::Bundle;
    use portcullis::policy::Policy;
    use portcullis::reference::Reference;

    use super::*;

    /// A builder whose documents are refused, or whose requests are all denied, would prove nothing.
    #[test]
    fn most_documents_are_read_and_each_answer_is_given() {
        let mut state = 7u64;
        let (mut read, mut reasons) = (0, [0; 3]);
        for _ in 0..2_000 {
            let bytes: Vec<u8> = (0..1_024)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 56) as u8
                })
                .collect();
            let case = Case::from_bytes(&bytes);
            let Ok(policy) = Policy::from_json(&case.document) else { continue };
            read += 1;
            let bundle = Bundle::endpoint(policy);
            for asked in &case.requests {
                let reason = asked.ask(|request| Reference::new(&bundle).decide(request).reason());
                reasons[match reason {
                    Reason::ExplicitAllow => 0,
                    Reason::ExplicitDeny => 1,
                    Reason::ImplicitDeny => 2,
                }] += 1;
            }
        }
        println!("{read} of 2000 documents are read; allow, deny, neither: {reasons:?}");
        assert!(read > 1_500, "{read} of 2000 documents are read");
        assert!(reasons.iter().all(|count| *count > 400), "allow, deny, neither: {reasons:?}");
    }
}
