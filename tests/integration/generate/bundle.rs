//! Bundles with every layer, and requests near their edges. Words come from small pools, so that layers overlap.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::lines::{Other, Principal, RequestLine, Said, State};

const API: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5";
const ENDPOINTS: [&str; 2] = ["vpce-1", "vpce-2"];

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
const IDENTITIES: [&str; 5] = [ENTRIES[3], ENTRIES[4], ENTRIES[5], ENTRIES[7], ENTRIES[8]];
const CALLERS: [&str; 9] = [
    ENTRIES[3],
    ENTRIES[4],
    ENTRIES[5],
    ENTRIES[6],
    ENTRIES[7],
    ENTRIES[8],
    ENTRIES[9],
    "arn:aws:sts::123412341234:assumed-role/dev/t",
    "arn:aws:iam::123412341234:group/Ann",
];
const RESOURCES: [&str; 6] = ["*", "API/*", "API/prod/*", "API/*/GET/pets", "API/prod/GET/pets/*", "API/"];
const PATHS: [&str; 8] =
    ["/", "/pets", "/pets/{id}", "/{kind}", "/{kind}/1", "/pets/{rest+}", "/{rest+}", "/{kind}/{rest+}"];
const RESTS: [&str; 12] = [
    "/prod/GET/pets",
    "/prod/GET/pets/1",
    "/prod/GET/pets/1/",
    "/prod/GET/",
    "/test/POST/pets",
    "/prod/POST/toys/1/2",
    "/prod/GET//",
    "/prod/GET/a//b",
    "/prod/GET",
    "//GET/pets",
    "",
    "/prod/get/pets",
];

/// A statement; its principals are left out in a policy of identities.
#[derive(Debug, Clone)]
pub struct Statement {
    pub deny: bool,
    not_principal: bool,
    principals: Vec<&'static str>,
    resource: &'static str,
    tagged: bool,
}

/// A bundle in parts, which the properties change.
#[derive(Debug, Clone)]
pub struct Layered {
    pub profile: &'static str,
    /// The policies of the two endpoints; an empty one is the default policy.
    pub endpoints: [Vec<Statement>; 2],
    /// The resource policy; an empty one is none.
    pub resource: Vec<Statement>,
    pub methods: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    /// For each identity its policies, and its boundary; empty ones are none.
    pub identities: Vec<(Vec<Vec<Statement>>, Vec<Statement>)>,
}

pub fn statement() -> impl Strategy<Value = Statement> {
    (
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
        prop::collection::vec(select(&ENTRIES[..]), 1..4),
        select(&RESOURCES[..]),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(deny, not_principal, principals, resource, tagged)| Statement {
            deny,
            not_principal,
            principals,
            resource,
            tagged,
        })
}

fn policy() -> impl Strategy<Value = Vec<Statement>> {
    prop::collection::vec(statement(), 0..4)
}

pub fn layered() -> impl Strategy<Value = Layered> {
    let method = (
        select(&["prod", "*"][..]),
        select(&["GET", "POST", "ANY", "ANY"][..]),
        select(&PATHS[..]),
        select(&["NONE", "AWS_IAM", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"][..]),
    );
    let identity = (prop::collection::vec(policy(), 0..3), policy());
    (
        select(&["classic", "current"][..]),
        [policy(), policy()],
        policy(),
        prop::collection::vec(method, 1..6),
        prop::collection::vec(identity, 0..=IDENTITIES.len()),
    )
        .prop_map(|(profile, endpoints, resource, methods, identities)| Layered {
            profile,
            endpoints,
            resource,
            methods,
            identities,
        })
}

/// A request to one of these bundles.
pub fn request() -> impl Strategy<Value = RequestLine> {
    let caller = prop_oneof![
        6 => select(&CALLERS[..]).prop_map(|arn| Some(Principal::Arn(arn.to_owned()))),
        2 => Just(None),
        1 => Just(Some(Principal::Other(Other { service: "apigateway.amazonaws.com".to_owned() }))),
    ];
    let states = [State::Absent, State::Valid, State::Valid, State::Incomplete, State::Invalid, State::Bearer];
    (
        select(&["vpce-1", "vpce-1", "vpce-2", "vpce-3"][..]),
        caller,
        select(&RESTS[..]),
        prop::option::of(select(states.to_vec())),
        prop::option::weighted(0.8, select(vec![Said::Allow, Said::Allow, Said::Deny, Said::Silent])),
        prop::bool::weighted(0.05),
    )
        .prop_map(|(endpoint, principal, rest, authorization, authorizer, elsewhere)| {
            let api = if elsewhere { API.replace("a1b2", "z9z9") } else { API.to_owned() };
            let endpoint = Some(endpoint.to_owned());
            let line = RequestLine::invoke(&format!("{api}{rest}"));
            RequestLine { endpoint, principal, authorization, authorizer, ..line }
        })
}

impl Statement {
    /// An Allow that no request meets.
    pub fn of_nothing() -> Self {
        Self { deny: false, not_principal: false, principals: vec!["*"], resource: "API/", tagged: false }
    }

    fn json(&self, with_principal: bool) -> Value {
        let mut statement = Map::new();
        statement.insert("Effect".to_owned(), json!(if self.deny { "Deny" } else { "Allow" }));
        if with_principal {
            // P-12: neither in an Allow, nor of everybody.
            let negated = self.not_principal && self.deny && !self.principals.contains(&"*");
            let name = if negated { "NotPrincipal" } else { "Principal" };
            statement.insert(name.to_owned(), json!({ "AWS": self.principals }));
        }
        statement.insert("Action".to_owned(), json!("execute-api:*"));
        statement.insert("Resource".to_owned(), json!(self.resource.replace("API", API)));
        if self.tagged {
            statement
                .insert("Condition".to_owned(), json!({ "StringEquals": { "aws:PrincipalAccount": "123412341234" } }));
        }
        Value::Object(statement)
    }
}

/// A policy in place.
fn document(statements: &[Statement], with_principal: bool) -> Value {
    let statements: Vec<_> = statements.iter().map(|statement| statement.json(with_principal)).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

impl Layered {
    /// The text of `bundle.json`.
    pub fn json(&self) -> Value {
        let mut endpoints = Map::new();
        for (id, policy) in ENDPOINTS.iter().zip(&self.endpoints) {
            let entry = if policy.is_empty() { json!({}) } else { json!({ "policy": document(policy, true) }) };
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
        let mut api = json!({ "methods": methods });
        if !self.resource.is_empty() {
            api["policy"] = document(&self.resource, true);
        }
        let mut identities = Map::new();
        for (arn, (policies, boundary)) in IDENTITIES.iter().zip(&self.identities) {
            let policies = policies.iter().filter(|policy| !policy.is_empty());
            let mut entry = json!({ "policies": policies.map(|policy| document(policy, false)).collect::<Vec<_>>() });
            if !boundary.is_empty() {
                entry["boundary"] = document(boundary, false);
            }
            identities.insert((*arn).to_owned(), entry);
        }
        json!({ "format": 1, "profile": self.profile, "endpoints": endpoints, "apis": { API: api }, "identities": identities })
    }
}
