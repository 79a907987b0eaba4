//! What holds of every document and every request: the gate answers as the reference does, and both as the
//! language asks, whatever the documents look like.
//!
//! Documents and requests come from small pools, so that they meet; a request is made from a pattern of its
//! document and then bent a little, so that it lies beside an edge.

use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::{Evaluation, Reason};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseResult;
use serde_json::{Map, Value, json};

use crate::engines::Engines;
use crate::lines::{Other, Pairs, Principal, RequestLine, Texts};

/// Entries of principals; the callers are these, and their neighbours.
const ENTRIES: [&str; 14] = [
    "*",
    "123412341234",
    "999999999999",
    "arn:aws:iam::123412341234:root",
    "arn:aws-cn:iam::123412341234:root",
    "arn:aws:iam::123412341234:user/Ann",
    "arn:aws:iam::123412341234:user/team/Ann",
    "arn:aws-cn:iam::123412341234:user/Ann",
    "arn:aws:iam::123412341234:role/Ann",
    "arn:aws:iam::123412341234:role/x/y/Ann",
    "arn:aws:iam::999999999999:role/Ann",
    "arn:aws:sts::123412341234:assumed-role/Ann/a:é",
    "arn:aws:sts::123412341234:assumed-role/Ann/s",
    "arn:aws:sts::123412341234:federated-user/Ann",
];
const NEIGHBOURS: [&str; 7] = [
    "arn:aws:iam::123412341234:user/ann",
    "arn:aws:sts::123412341234:assumed-role/y/Ann",
    "arn:aws-cn:sts::123412341234:assumed-role/Ann/s",
    "arn:aws:sts::999999999999:assumed-role/Ann/s",
    "arn:aws:sts::123412341234:federated-user/Bob",
    "arn:aws:iam::999999999999:root",
    "arn:aws:iam::123412341234:group/Ann",
];
const SERVICES: [&str; 2] = ["apigateway.amazonaws.com", "events.amazonaws.com"];
const ACTION_PATTERNS: [&str; 9] = [
    "*",
    "execute-api:Invoke",
    "execute-api:*",
    "EXECUTE-API:in?OKE",
    "execute-api:InvalidateCache",
    "*:Invoke",
    "exec*:*e",
    "s3:*",
    "execute-api:Invoke?",
];
const ACTIONS: [&str; 10] = [
    "execute-api:Invoke",
    "execute-api:Invoke",
    "execute-api:Invoke",
    "execute-api:Invoke",
    "execute-api:Invoke",
    "Execute-API:invoke",
    "execute-api:InvalidateCache",
    "s3:GetObject",
    "execute-api:*",
    "Invoke",
];
const PARTITIONS: [&str; 4] = ["aws", "aws", "aws*", "a?s-cn"];
const REGIONS: [&str; 6] = ["us-east-1", "us-east-1", "us-*", "*", "us-east-?", ""];
const ACCOUNTS: [&str; 6] = ["123412341234", "123412341234", "*", "1234*", "????????????", ""];
const TOKENS: [&str; 16] =
    ["a", "a", "b", "ab", "/", "/", ":", "é", "𝄞", "api/", "/GET/", "*", "*", "?", "${*}", "${?}"];
const FILLS: [&str; 10] = ["", "a", "/", ":", "é", "𝄞", "*", "?", "ab", "/b:a"];
const KEYS: [&str; 9] = [
    "custom:K",
    "custom:k2",
    "aws:PrincipalArn",
    "AWS:principalaccount",
    "aws:username",
    "aws:PrincipalType",
    "aws:ResourceAccount",
    "aws:RequestedRegion",
    "aws:EpochTime",
];
const GIVEN_KEYS: [&str; 8] = [
    "custom:k",
    "CUSTOM:K2",
    "aws:principalarn",
    "aws:PrincipalAccount",
    "aws:Username",
    "aws:PrincipalType",
    "aws:CurrentTime",
    "aws:SourceVpce",
];
const TEXTS: [&str; 16] = [
    "",
    "a",
    "ab",
    "A",
    "é",
    "*",
    "a*",
    "*b",
    "a?",
    "?",
    "a${*}",
    "123412341234",
    "us-east-1",
    "User",
    "arn:aws:iam::123412341234:*/Ann",
    "17*",
];
const GIVEN_TEXTS: [&str; 15] = [
    "",
    "a",
    "ab",
    "aéb",
    "A",
    "é",
    "e\u{301}",
    "a*",
    "𝄞",
    "true",
    "FALSE",
    "10.0.0.7",
    "2026-01-01T00:00:00Z",
    "Ann",
    "123412341234",
];
const NETWORKS: [&str; 8] =
    ["10.0.0.0/8", "10.0.0.8/29", "10.0.0.7", "0.0.0.0/0", "::/0", "2001:db8::/33", "::ffff:10.0.0.0/104", "::1"];
const ADDRESSES: [&str; 14] = [
    "9.255.255.255",
    "10.0.0.0",
    "10.0.0.7",
    "10.0.0.8",
    "10.0.0.15",
    "10.0.0.16",
    "10.255.255.255",
    "11.0.0.0",
    "2001:db8:7fff::",
    "2001:db8:8000::",
    "::ffff:10.0.0.9",
    "::1",
    "10.0.0.07",
    "",
];

/// One statement, in parts that shrink by themselves.
#[derive(Debug, Clone)]
struct Sketch {
    deny: bool,
    everyone: bool,
    not_principal: bool,
    entries: Vec<&'static str>,
    service: Option<&'static str>,
    not_action: bool,
    actions: Vec<&'static str>,
    not_resource: bool,
    resources: Vec<String>,
    tests: Vec<Test>,
}

/// One operator on one key.
#[derive(Debug, Clone)]
struct Test {
    operator: &'static str,
    key: &'static str,
    values: Vec<&'static str>,
}

fn one_in(count: u32) -> impl Strategy<Value = bool> {
    prop::bool::weighted(1.0 / f64::from(count))
}

fn resource() -> impl Strategy<Value = String> {
    let rest = prop::collection::vec(select(&TOKENS[..]), 0..7).prop_map(|tokens| tokens.concat());
    let service = prop_oneof![9 => Just("execute-api"), 1 => Just("s3")];
    let whole = (select(&PARTITIONS[..]), service, select(&REGIONS[..]), select(&ACCOUNTS[..]), rest).prop_map(
        |(partition, service, region, account, rest)| format!("arn:{partition}:{service}:{region}:{account}:{rest}"),
    );
    let short = select(vec![
        "*",
        "arn:aws:execute-api:*",
        "arn:aws:execute-api:us-*",
        "arn:aws:execute-api:us-east-1:1234*",
        "arn:a*:s3:*",
    ]);
    prop_oneof![8 => whole, 1 => short.prop_map(str::to_owned)]
}

fn test() -> impl Strategy<Value = Test> {
    let of = |operator, keys: &'static [&'static str], values: &'static [&'static str]| {
        (select(keys), prop::collection::vec(select(values), 1..4)).prop_map(move |(key, values)| Test {
            operator,
            key,
            values,
        })
    };
    prop_oneof![
        of("StringEquals", &KEYS, &TEXTS),
        of("StringLike", &KEYS, &TEXTS),
        of("IpAddress", &["aws:VpcSourceIp", "custom:k"], &NETWORKS),
        of("Bool", &["aws:SecureTransport", "custom:k", "aws:PrincipalIsAWSService"], &["true", "false"]),
        of("Null", &KEYS, &["true", "false"]),
    ]
}

fn statement() -> impl Strategy<Value = Sketch> {
    let principal = (
        one_in(2),
        one_in(3),
        prop::collection::vec(select(&ENTRIES[..]), 1..4),
        prop::option::weighted(0.2, select(&SERVICES[..])),
    );
    let action = (one_in(6), prop::collection::vec(select(&ACTION_PATTERNS[..]), 1..3));
    let resource = (one_in(5), prop::collection::vec(resource(), 1..4));
    (
        one_in(3),
        principal,
        action,
        resource,
        prop_oneof![2 => Just(Vec::new()), 3 => prop::collection::vec(test(), 1..3)],
    )
        .prop_map(
            |(
                deny,
                (everyone, negated, mut entries, service),
                (not_action, actions),
                (not_resource, resources),
                tests,
            )| {
                let not_principal = negated && deny && !everyone;
                if not_principal {
                    // P-12
                    entries.retain(|entry| *entry != "*");
                    if entries.is_empty() {
                        entries.push("arn:aws:iam::123412341234:user/Ann");
                    }
                }
                Sketch {
                    deny,
                    everyone,
                    not_principal,
                    entries,
                    service,
                    not_action,
                    actions,
                    not_resource,
                    resources,
                    tests,
                }
            },
        )
}

fn statements() -> impl Strategy<Value = Vec<Sketch>> {
    prop::collection::vec(statement(), 1..7)
}

impl Sketch {
    fn json(&self) -> Value {
        let mut statement = Map::new();
        let mut put = |name: &str, value: Value| statement.insert(name.to_owned(), value);
        put("Effect", json!(if self.deny { "Deny" } else { "Allow" }));
        let principal = match self.service {
            _ if self.everyone => json!("*"),
            Some(service) => json!({"AWS": self.entries, "Service": service}),
            None => json!({"AWS": self.entries}),
        };
        put(if self.not_principal { "NotPrincipal" } else { "Principal" }, principal);
        put(if self.not_action { "NotAction" } else { "Action" }, json!(self.actions));
        put(if self.not_resource { "NotResource" } else { "Resource" }, json!(self.resources));
        let mut condition: Map<String, Value> = Map::new();
        for test in &self.tests {
            let keys = condition.entry(test.operator).or_insert_with(|| json!({})).as_object_mut().unwrap();
            // D-12: the first of two keys that differ in case alone stays.
            if !keys.keys().any(|key| key.eq_ignore_ascii_case(test.key)) {
                keys.insert(test.key.to_owned(), json!(test.values));
            }
        }
        if !condition.is_empty() {
            put("Condition", Value::Object(condition));
        }
        Value::Object(statement)
    }

    /// The statements that say together what this one does: one for each element of one of its lists.
    fn split(&self, list: usize) -> Vec<Self> {
        let whole = || self.clone();
        match list {
            0 if !self.everyone && !self.not_principal && self.service.is_none() => {
                self.entries.iter().map(|entry| Self { entries: vec![entry], ..whole() }).collect()
            }
            1 if !self.not_action => {
                self.actions.iter().map(|action| Self { actions: vec![action], ..whole() }).collect()
            }
            2 if !self.not_resource => {
                self.resources.iter().map(|one| Self { resources: vec![one.clone()], ..whole() }).collect()
            }
            // The values of a lone test: with several, the choice is for each of them.
            3 if self.tests.len() == 1 => {
                let test = &self.tests[0];
                let alone = |value| Test { values: vec![value], ..test.clone() };
                test.values.iter().map(|value| Self { tests: vec![alone(*value)], ..whole() }).collect()
            }
            _ => vec![whole()],
        }
    }
}

/// How to make a request from a document.
#[derive(Debug, Clone)]
struct Question {
    caller: Option<Result<&'static str, &'static str>>,
    action: &'static str,
    pattern: Index,
    fills: Vec<&'static str>,
    bend: Bend,
    context: Vec<(&'static str, Given)>,
}

/// What is done to a text that matches its pattern.
#[derive(Debug, Clone)]
enum Bend {
    Nothing,
    Remove(Index),
    Insert(Index, &'static str),
    OtherCase(Index),
    Append(&'static str),
}

#[derive(Debug, Clone)]
enum Given {
    One(&'static str),
    List(Vec<&'static str>),
}

fn question() -> impl Strategy<Value = Question> {
    let arns = [&ENTRIES[3..], &NEIGHBOURS[..]].concat();
    let caller = prop_oneof![
        1 => Just(None),
        6 => select(arns).prop_map(|arn| Some(Ok(arn))),
        1 => select(&SERVICES[..]).prop_map(|service| Some(Err(service))),
    ];
    let bend = prop_oneof![
        4 => Just(Bend::Nothing),
        1 => any::<Index>().prop_map(Bend::Remove),
        1 => (any::<Index>(), select(&FILLS[..])).prop_map(|(at, text)| Bend::Insert(at, text)),
        1 => any::<Index>().prop_map(Bend::OtherCase),
        1 => select(&FILLS[..]).prop_map(Bend::Append),
    ];
    let given = |texts: &'static [&'static str]| {
        prop_oneof![
            6 => select(texts).prop_map(Given::One),
            2 => prop::collection::vec(select(texts), 0..3).prop_map(Given::List),
        ]
    };
    let pair = prop_oneof![
        4 => (select(&GIVEN_KEYS[..]), given(&GIVEN_TEXTS)),
        2 => (select(vec!["aws:VpcSourceIp", "custom:k"]), given(&ADDRESSES)),
        1 => (Just("aws:SecureTransport"), given(&["true", "False", "no"])),
    ];
    let fills = prop::collection::vec(select(&FILLS[..]), 1..5);
    // A key that comes twice makes a request that cannot be read: some, not most.
    let context = (one_in(15), prop::collection::vec(pair, 0..5)).prop_map(|(twice, pairs)| {
        let mut context: Vec<(&str, Given)> = Vec::new();
        for (key, given) in pairs {
            if twice || !context.iter().any(|(earlier, _)| key.eq_ignore_ascii_case(earlier)) {
                context.push((key, given));
            }
        }
        context
    });
    (caller, select(&ACTIONS[..]), any::<Index>(), fills, bend, context).prop_map(
        |(caller, action, pattern, fills, bend, context)| Question { caller, action, pattern, fills, bend, context },
    )
}

impl Question {
    fn line(&self, statements: &[Sketch]) -> RequestLine {
        let patterns: Vec<&String> = statements.iter().flat_map(|statement| &statement.resources).collect();
        let resource = self.bent(&self.filled(self.pattern.get(&patterns).as_str()));
        let principal = self.caller.map(|caller| match caller {
            Ok(arn) => Principal::Arn(arn.to_owned()),
            Err(service) => Principal::Other(Other { service: service.to_owned() }),
        });
        let context = self.context.iter().map(|(key, given)| {
            let texts = match given {
                Given::One(text) => Texts::One((*text).to_owned()),
                Given::List(texts) => Texts::List(texts.iter().map(|text| (*text).to_owned()).collect()),
            };
            ((*key).to_owned(), texts)
        });
        RequestLine {
            endpoint: None,
            principal,
            action: self.action.to_owned(),
            resource,
            context: Pairs(context.collect()),
        }
    }

    /// The pattern with something in the place of each wildcard.
    fn filled(&self, pattern: &str) -> String {
        let pattern = match pattern {
            "*" => "arn:aws:execute-api:us-east-1:123412341234:*",
            short if short.matches(':').count() < 5 => &format!("{short}:*:*:*"),
            whole => whole,
        };
        let pattern = pattern.replace("${*}", "\u{1}").replace("${?}", "\u{2}");
        let mut fills = self.fills.iter().cycle();
        let mut text = String::new();
        for (at, character) in pattern.char_indices() {
            // Before the fifth colon a colon would only make another cut.
            let early = pattern[..at].matches(':').count() < 5;
            match character {
                '*' | '?' if early => text.push(if character == '*' { '1' } else { '4' }),
                '*' | '?' => text.push_str(fills.next().unwrap()),
                '\u{1}' => text.push('*'),
                '\u{2}' => text.push('?'),
                _ => text.push(character),
            }
        }
        text
    }

    fn bent(&self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        match &self.bend {
            Bend::Nothing => {}
            Bend::Remove(at) => {
                characters.remove(at.index(text.chars().count()));
            }
            Bend::Insert(at, more) => {
                let at = at.index(text.chars().count());
                characters.splice(at..at, more.chars());
            }
            Bend::OtherCase(at) => {
                let character = &mut characters[at.index(text.chars().count())];
                *character = if character.is_ascii_lowercase() {
                    character.to_ascii_uppercase()
                } else {
                    character.to_ascii_lowercase()
                };
            }
            Bend::Append(more) => characters.extend(more.chars()),
        }
        characters.into_iter().collect()
    }
}

fn document(statements: &[Sketch]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements.iter().map(Sketch::json).collect::<Vec<_>>()})
}

fn bundle(text: &str) -> Bundle {
    Bundle::endpoint(Policy::from_json(text).unwrap_or_else(|errors| panic!("{errors}\n{text}")))
}

/// What all engines say of these requests.
fn answers(text: &str, lines: &[RequestLine]) -> Result<Vec<Evaluation>, TestCaseError> {
    let bundle = bundle(text);
    let engines = Engines::new(&bundle);
    let agree = |line: &RequestLine| line.ask(|request| engines.agree(request)).map_err(TestCaseError::fail);
    lines.iter().map(agree).collect()
}

fn reasons(statements: &[Sketch], lines: &[RequestLine]) -> Result<Vec<Reason>, TestCaseError> {
    let evaluations = answers(&document(statements).to_string(), lines)?;
    Ok(evaluations.into_iter().map(|evaluation| evaluation.reason).collect())
}

fn lines(statements: &[Sketch], questions: &[Question]) -> Vec<RequestLine> {
    questions.iter().map(|question| question.line(statements)).collect()
}

fn questions() -> impl Strategy<Value = Vec<Question>> {
    prop::collection::vec(question(), 1..8)
}

/// Every string written with escapes alone.
fn escaped(value: &Value) -> String {
    let text = |text: &str| {
        let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        format!("\"{units}\"")
    };
    match value {
        Value::String(string) => text(string),
        Value::Array(array) => format!("[\t{}\r\n]", array.iter().map(escaped).collect::<Vec<_>>().join(" ,\n")),
        Value::Object(map) => {
            let pairs = map.iter().rev().map(|(key, value)| format!("{} : {}", text(key), escaped(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// The gate, however it is asked, is the reference.
    #[test]
    fn the_engines_agree(statements in statements(), questions in questions()) {
        answers(&document(&statements).to_string(), &lines(&statements, &questions))?;
    }

    /// So it is behind an endpoint, which gives keys and is one.
    #[test]
    fn the_engines_agree_on_a_bundle(
        statements in statements(),
        questions in questions(),
        endpoint in prop::option::of(select(vec!["vpce-1", "vpce-2", "vpce-3", "vpce-4"])),
        context in prop::collection::vec(select(&GIVEN_TEXTS[..]), 1..3),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let policy = document(&statements);
        let endpoints = json!({
            "vpce-1": {"policy": policy, "context": {"custom:k": context, "aws:VpcSourceIp": "10.0.0.8"}},
            "vpce-2": {"policy": {"Statement": Sketch { deny: false, not_principal: false, ..statements[0].clone() }.json()}},
            "vpce-3": {},
        });
        let text = json!({"format": 1, "endpoints": endpoints}).to_string();
        std::fs::write(folder.path().join("bundle.json"), text).unwrap();
        let bundle = Bundle::open(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        let engines = Engines::new(&bundle);
        for line in lines(&statements, &questions) {
            let line = RequestLine { endpoint: endpoint.map(str::to_owned), ..line };
            line.ask(|request| engines.agree(request)).map_err(TestCaseError::fail)?;
        }
    }

    /// E-03, with E-04: the statements move, the answer stays.
    #[test]
    fn the_order_of_statements_decides_nothing(statements in statements(), questions in questions(), by in any::<Index>()) {
        let lines = lines(&statements, &questions);
        let mut turned = statements.clone();
        turned.rotate_left(by.index(statements.len()));
        turned.reverse();
        prop_assert_eq!(reasons(&statements, &lines)?, reasons(&turned, &lines)?);
    }

    /// One more Allow takes no allow away and lifts no explicit deny.
    #[test]
    fn one_more_allow(statements in statements(), questions in questions(), more in statement()) {
        let lines = lines(&statements, &questions);
        let more = Sketch { deny: false, not_principal: false, ..more };
        let with = [statements.clone(), vec![more]].concat();
        for (before, after) in reasons(&statements, &lines)?.into_iter().zip(reasons(&with, &lines)?) {
            prop_assert!(before == after || (before == Reason::ImplicitDeny && after == Reason::ExplicitAllow));
        }
    }

    /// One more Deny allows nothing that was not.
    #[test]
    fn one_more_deny(statements in statements(), questions in questions(), more in statement()) {
        let lines = lines(&statements, &questions);
        let with = [statements.clone(), vec![Sketch { deny: true, ..more }]].concat();
        for (before, after) in reasons(&statements, &lines)?.into_iter().zip(reasons(&with, &lines)?) {
            prop_assert!(before == after || after == Reason::ExplicitDeny);
        }
    }

    /// P-04, A-04, R-12, C-02: the elements of a list are alternatives, and so are statements.
    #[test]
    fn a_list_is_as_many_statements(statements in statements(), questions in questions(), list in 0usize..4) {
        let lines = lines(&statements, &questions);
        let split: Vec<Sketch> = statements.iter().flat_map(|statement| statement.split(list)).collect();
        prop_assert_eq!(reasons(&statements, &lines)?, reasons(&split, &lines)?);
    }

    /// White space, the order of keys and escapes are no part of a document's meaning.
    #[test]
    fn form_decides_nothing(statements in statements(), questions in questions()) {
        let lines = lines(&statements, &questions);
        let document = document(&statements);
        let plain = answers(&document.to_string(), &lines)?;
        prop_assert_eq!(&plain, &answers(&serde_json::to_string_pretty(&document).unwrap(), &lines)?);
        prop_assert_eq!(&plain, &answers(&escaped(&document), &lines)?);
    }
}

/// The pools meet: of many requests each answer is given, and some cannot be read. A generator that never
/// reaches an edge would prove nothing.
#[test]
fn the_generator_reaches_every_answer() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut counts = [0usize; 4];
    let mut count = || -> TestCaseResult {
        for _ in 0..300 {
            let statements = statements().new_tree(&mut runner).unwrap().current();
            let questions = questions().new_tree(&mut runner).unwrap().current();
            let lines = lines(&statements, &questions);
            for (line, reason) in lines.iter().zip(reasons(&statements, &lines)?) {
                let readable = line.ask(|request| request.check().is_ok());
                counts[if readable { reason as usize } else { 3 }] += 1;
            }
        }
        Ok(())
    };
    count().unwrap();
    assert!(counts.iter().all(|count| *count > 60), "allow, deny, neither, unreadable: {counts:?}");
}
