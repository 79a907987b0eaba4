//! Bundles with every layer, and requests near their edges. Words come from small pools, so that layers overlap.

use std::fs;

use portcullis::bundle::Bundle;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::one_in;
use crate::lines::{Other, Pairs, Principal, RequestLine, Said, State, Texts};

/// The API that policies and most requests name; one of another account; one that has the first one's id; one that is
/// in no bundle.
const APIS: [&str; 4] = [
    "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5",
    "arn:aws:execute-api:us-east-1:444455556666:f6g7h8i9j0",
    "arn:aws:execute-api:eu-west-1:123412341234:a1b2c3d4e5",
    "arn:aws:execute-api:us-east-1:444455556666:a1b2c3d4e5",
];
const ENDPOINTS: [&str; 2] = ["vpce-1", "vpce-2"];
/// The file of a policy that several places name.
const SHARED: &str = "shared.json";

/// Who has entries, is named in policies, and calls.
const ENTRIES: [&str; 11] = [
    "*",
    "123412341234",
    "444455556666",
    "arn:aws:iam::123412341234:root",
    "arn:aws:iam::123412341234:user/Ann",
    "arn:aws:iam::123412341234:role/x/dev",
    "arn:aws:sts::123412341234:assumed-role/dev/s",
    "arn:aws:sts::123412341234:federated-user/Ann",
    "arn:aws:iam::444455556666:user/Bob",
    "arn:aws-cn:iam::123412341234:user/Ann",
    "arn:aws:iam::444455556666:role/dev",
];
const IDENTITIES: [&str; 6] = [ENTRIES[3], ENTRIES[4], ENTRIES[5], ENTRIES[7], ENTRIES[8], ENTRIES[10]];
const CALLERS: [&str; 9] = [
    ENTRIES[3],
    ENTRIES[4],
    ENTRIES[4],
    ENTRIES[6],
    ENTRIES[6],
    ENTRIES[7],
    ENTRIES[8],
    "arn:aws:sts::123412341234:assumed-role/dev/t",
    "arn:aws:sts::444455556666:assumed-role/dev/s",
];
/// Who signs nothing, is of no known form, or of another partition.
const ODD_CALLERS: [&str; 3] = [ENTRIES[5], ENTRIES[9], "arn:aws:iam::123412341234:group/Ann"];
/// What is written for `API` is an API, or in its resource policy the shorthand (R-09).
const RESOURCES: [&str; 11] = [
    "*",
    "*",
    "*",
    "API/*",
    "API/*",
    "API/*",
    "API/prod/*",
    "API/*/GET/pets",
    "API/prod/GET/pets/*",
    "API/*/${aws:username, 'pets'}",
    "API/",
];
const ACTIONS: [&str; 8] = [
    "execute-api:*",
    "execute-api:Invoke",
    "execute-api:Invoke",
    "execute-api:Invoke",
    "execute-api:Inv?ke",
    "*",
    "*",
    "s3:*",
];
/// Operator, key and value, as JSON; keys of the caller, of the endpoint and of neither.
const CONDITIONS: [&str; 11] = [
    r#"{"StringEquals":{"aws:PrincipalAccount":"123412341234"}}"#,
    r#"{"StringNotEquals":{"aws:PrincipalTag/team":"red"}}"#,
    r#"{"StringEquals":{"aws:PrincipalTag/team":["red","${aws:username}"]}}"#,
    r#"{"Null":{"aws:username":"true"}}"#,
    r#"{"StringLike":{"aws:userid":"a*"}}"#,
    r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}"#,
    r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#,
    r#"{"StringEquals":{"custom:k":"a"}}"#,
    r#"{"ForAllValues:StringEquals":{"custom:k":["a","b"]}}"#,
    r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}"#,
    r#"{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}"#,
];
const PATHS: [&str; 11] = [
    "/",
    "/pets",
    "/pets/{id}",
    "/pets/1",
    "/{kind}",
    "/{kind}/1",
    "/{kind}/1/{rest+}",
    "/pets/{id}/photos",
    "/pets/{rest+}",
    "/{rest+}",
    "/{kind}/{rest+}",
];
const RESTS: [&str; 10] = [
    "/prod/GET/pets",
    "/prod/GET/pets",
    "/prod/GET/pets/1",
    "/prod/GET/pets/1/",
    "/prod/GET/pets/2/photos",
    "/prod/GET/Ann/1",
    "/prod/GET/",
    "/test/POST/pets",
    "/test/GET/pets/1/2/3",
    "/prod/POST/toys/1/2",
];
/// What has no route (H-16), or one that is easily missed.
const ODD_RESTS: [&str; 8] =
    ["/prod/GET//", "/prod/GET/a//b", "/prod/GET", "//GET/pets", "/prod//pets", "", "/prod/get/pets", "/dev/PUT/pets"];

/// A statement; its principals are left out in a policy of identities.
#[derive(Debug, Clone)]
pub struct Statement {
    pub deny: bool,
    not_principal: bool,
    principals: Vec<&'static str>,
    action: &'static str,
    not_resource: bool,
    resource: &'static str,
    condition: Option<&'static str>,
}

/// What an account says of one of its principals; empty policies are none.
#[derive(Debug, Clone)]
pub struct Identity {
    pub policies: Vec<Vec<Statement>>,
    pub boundary: Vec<Statement>,
    /// Whether the shared document is one of its policies, and its boundary.
    shares: [bool; 2],
}

/// A bundle in parts, which the properties change.
#[derive(Debug, Clone)]
pub struct Layered {
    profile: &'static str,
    /// The policies of the two endpoints; an empty one is the default policy.
    pub endpoints: [Vec<Statement>; 2],
    /// The resource policy of all APIs; an empty one is none.
    pub resource: Vec<Statement>,
    /// Whether it names its API by the shorthand.
    shorthand: bool,
    /// How many APIs there are; without any, the endpoint is asked alone.
    apis: usize,
    methods: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    pub identities: Vec<Identity>,
    /// A document of identities that several of them name.
    pub shared: Vec<Statement>,
}

pub fn statement() -> impl Strategy<Value = Statement> {
    (
        one_in(6),
        one_in(10),
        prop_oneof![1 => Just(vec!["*"]), 3 => prop::collection::vec(select(&ENTRIES[..]), 1..5)],
        select(&ACTIONS[..]),
        one_in(12),
        select(&RESOURCES[..]),
        prop::option::weighted(0.3, select(&CONDITIONS[..])),
    )
        .prop_map(|(deny, not_principal, principals, action, not_resource, resource, condition)| Statement {
            deny,
            not_principal,
            principals,
            action,
            not_resource,
            resource,
            condition,
        })
}

/// A policy, empty perhaps.
fn policy() -> impl Strategy<Value = Vec<Statement>> {
    prop_oneof![1 => Just(Vec::new()), 6 => prop::collection::vec(statement(), 1..4)]
}

/// A policy of an endpoint, which mostly lets others decide.
fn endpoint_policy() -> impl Strategy<Value = Vec<Statement>> {
    (policy(), one_in(5)).prop_map(|(mut policy, is_strict)| {
        if !is_strict && !policy.is_empty() {
            policy.push(Statement { resource: "*", ..Statement::of_nothing() });
        }
        policy
    })
}

pub fn layered() -> impl Strategy<Value = Layered> {
    let authorization = || select(&["NONE", "AWS_IAM", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"][..]);
    let method = (
        select(&["prod", "*", "test"][..]),
        select(&["GET", "POST", "ANY", "ANY", "ANY", "ANY"][..]),
        select(&PATHS[..]),
        authorization(),
    );
    // Most paths of most stages have a method.
    let methods = (prop::collection::vec(method, 1..8), prop::option::weighted(0.9, authorization())).prop_map(
        |(mut methods, others)| {
            if let Some(others) = others {
                methods.extend(["/", "/{rest+}"].map(|path| ("*", "ANY", path, others)));
            }
            methods
        },
    );
    let boundary = (policy(), any::<bool>()).prop_map(|(policy, has_one)| if has_one { policy } else { Vec::new() });
    let identity = (prop::collection::vec(policy(), 0..3), boundary, [one_in(3), one_in(6)])
        .prop_map(|(policies, boundary, shares)| Identity { policies, boundary, shares });
    (
        select(&["classic", "current"][..]),
        [endpoint_policy(), endpoint_policy()],
        policy(),
        any::<bool>(),
        prop_oneof![1 => Just(0), 1 => Just(1), 10 => 2..=3_usize],
        methods,
        prop::collection::vec(identity, 3..=IDENTITIES.len()),
        policy(),
    )
        .prop_map(|(profile, endpoints, resource, shorthand, apis, methods, identities, shared)| Layered {
            profile,
            endpoints,
            resource,
            shorthand,
            apis,
            methods,
            identities,
            shared,
        })
}

/// What a request has under a key, if anything.
fn pair(name: &'static str, texts: &'static [&'static str]) -> impl Strategy<Value = Option<(String, Texts)>> {
    let texts = prop_oneof![
        4 => select(texts).prop_map(|text| Texts::One(text.to_owned())),
        1 => prop::sample::subsequence(texts, 0..=texts.len())
            .prop_map(|texts| Texts::List(texts.into_iter().map(str::to_owned).collect())),
    ];
    prop::option::weighted(0.25, texts.prop_map(move |texts| (name.to_owned(), texts)))
}

fn context() -> impl Strategy<Value = Pairs> {
    let pairs = (
        pair("aws:PrincipalTag/team", &["red", "blue", "Ann"]),
        pair("aws:PrincipalAccount", &["123412341234", "444455556666"]),
        pair("AWS:UserName", &["Ann", "pets", ""]),
        pair("custom:k", &["a", "b", "c"]),
        pair("aws:SourceVpce", &["vpce-1", "vpce-2"]).prop_flat_map(|pair| {
            let is_rare = one_in(5);
            is_rare.prop_map(move |is_rare| pair.clone().filter(|_| is_rare))
        }),
    );
    pairs.prop_map(|(one, two, three, four, five)| Pairs([one, two, three, four, five].into_iter().flatten().collect()))
}

/// A request to one of these bundles.
pub fn request() -> impl Strategy<Value = RequestLine> {
    let caller = prop_oneof![
        20 => select(&CALLERS[..]).prop_map(|arn| Some(Principal::Arn(arn.to_owned()))),
        2 => select(&ODD_CALLERS[..]).prop_map(|arn| Some(Principal::Arn(arn.to_owned()))),
        6 => Just(None),
        1 => Just(Some(Principal::Other(Other { service: "apigateway.amazonaws.com".to_owned() }))),
    ];
    let states =
        [State::Absent, State::Valid, State::Valid, State::Valid, State::Incomplete, State::Invalid, State::Bearer];
    let endpoint = prop_oneof![
        30 => select(&ENDPOINTS[..]).prop_map(Some), 1 => Just(None), 1 => Just(Some("vpce-3"))];
    let api = prop_oneof![20 => Just(0), 5 => Just(1), 2 => Just(2), 1 => Just(3)];
    let rest = prop_oneof![12 => select(&RESTS[..]), 1 => select(&ODD_RESTS[..])];
    (
        (endpoint, caller, api, rest),
        prop::option::weighted(0.3, select(states.to_vec())),
        prop::option::weighted(0.8, select(vec![Said::Allow, Said::Allow, Said::Deny, Said::Silent])),
        context(),
        (0..1000_u32, 0..1000_u32),
    )
        .prop_map(|((endpoint, principal, api, rest), authorization, authorizer, context, (odd, action))| {
            let line = RequestLine::invoke(&format!("{}{rest}", APIS[api]));
            let endpoint = endpoint.map(str::to_owned);
            let mut line = RequestLine { endpoint, principal, authorization, authorizer, context, ..line };
            match action {
                0..20 => line.action = "execute-api:InvalidateCache".to_owned(),
                20..30 => line.action = "EXECUTE-API:invoke".to_owned(),
                30..40 => line.action = "s3:GetObject".to_owned(),
                40..45 => line.action = "Invoke".to_owned(),
                _ => {}
            }
            // What nobody reads (E-07, E-09, K-02).
            match odd {
                0..3 => line.resource.push_str(&"x".repeat(1 << 14)),
                3..6 => line.principal = Some(Principal::Arn(format!("{}{}", ENTRIES[4], "x".repeat(1 << 11)))),
                6..9 => line.context.0.push(("custom:long".to_owned(), Texts::One("x".repeat((1 << 16) + 1)))),
                9..12 => line.context.0.extend(["A:b", "a:B"].map(|name| (name.to_owned(), Texts::One(String::new())))),
                12..15 => line.resource = "execute-api".to_owned(),
                15..18 => line.resource = line.resource.replace("execute-api", "s3"),
                _ => {}
            }
            line
        })
}

impl Statement {
    /// An Allow that no request meets (R-10).
    pub fn of_nothing() -> Self {
        Self {
            deny: false,
            not_principal: false,
            principals: vec!["*"],
            action: "*",
            not_resource: false,
            resource: "API/",
            condition: None,
        }
    }

    /// `api` is written for `API`.
    fn json(&self, with_principal: bool, api: &str) -> Value {
        let mut statement = Map::new();
        let mut put = |name: &str, value: Value| statement.insert(name.to_owned(), value);
        put("Effect", json!(if self.deny { "Deny" } else { "Allow" }));
        if with_principal {
            // P-12: neither in an Allow, nor of everybody.
            let negated = self.not_principal && self.deny && !self.principals.contains(&"*");
            put(if negated { "NotPrincipal" } else { "Principal" }, json!({ "AWS": self.principals }));
        }
        put("Action", json!(self.action));
        let name = if self.not_resource { "NotResource" } else { "Resource" };
        put(name, json!(self.resource.replace("API", api)));
        if let Some(condition) = self.condition {
            put("Condition", serde_json::from_str(condition).unwrap());
        }
        Value::Object(statement)
    }
}

/// A policy in place.
fn document(statements: &[Statement], with_principal: bool, api: &str) -> Value {
    let statements: Vec<_> = statements.iter().map(|statement| statement.json(with_principal, api)).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

impl Layered {
    pub fn has_apis(&self) -> bool {
        self.apis > 0
    }

    /// The bundle, read from a folder.
    pub fn bundle(&self) -> Bundle {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("bundle.json"), self.json().to_string()).unwrap();
        fs::write(folder.path().join(SHARED), self.shared().to_string()).unwrap();
        Bundle::open(folder.path()).unwrap_or_else(|error| panic!("{error}\n{}", self.json()))
    }

    /// The document that several identities name.
    pub fn shared(&self) -> Value {
        document(&self.shared, false, APIS[0])
    }

    /// The text of `bundle.json`.
    pub fn json(&self) -> Value {
        let contexts = [json!({ "custom:k": "a", "aws:SourceVpc": "vpc-1" }), json!({ "custom:k": ["a", "b"] })];
        let mut endpoints = Map::new();
        for ((id, policy), context) in ENDPOINTS.iter().zip(&self.endpoints).zip(contexts) {
            let mut entry = json!({ "context": context });
            if !policy.is_empty() {
                entry["policy"] = document(policy, true, APIS[0]);
            }
            endpoints.insert((*id).to_owned(), entry);
        }
        let mut methods: Vec<Value> = Vec::new();
        let mut seen = Vec::new();
        for (stage, method, path, authorization) in &self.methods {
            // H-17: no two routes are equal.
            if !seen.contains(&(stage, method, path)) {
                seen.push((stage, method, path));
                methods.push(json!({ "stage": stage, "method": method, "path": path, "authorization": authorization }));
            }
        }
        let mut apis = Map::new();
        for arn in APIS.iter().take(self.apis) {
            let mut api = json!({ "methods": methods });
            if !self.resource.is_empty() {
                api["policy"] = document(&self.resource, true, if self.shorthand { "execute-api:" } else { arn });
            }
            apis.insert((*arn).to_owned(), api);
        }
        let mut identities = Map::new();
        for (arn, Identity { policies, boundary, shares }) in IDENTITIES.iter().zip(&self.identities) {
            let policies = policies.iter().filter(|policy| !policy.is_empty());
            let mut policies: Vec<_> = policies.map(|policy| document(policy, false, APIS[0])).collect();
            let can_share = !self.shared.is_empty();
            if can_share && shares[0] {
                policies.push(json!(SHARED));
            }
            let mut entry = json!({ "policies": policies });
            if can_share && shares[1] {
                entry["boundary"] = json!(SHARED);
            } else if !boundary.is_empty() {
                entry["boundary"] = document(boundary, false, APIS[0]);
            }
            identities.insert((*arn).to_owned(), entry);
        }
        let mut bundle = json!({ "format": 1, "endpoints": endpoints, "identities": identities });
        if self.has_apis() {
            bundle["profile"] = json!(self.profile);
            bundle["apis"] = Value::Object(apis);
        }
        bundle
    }
}
