//! The workload in the parts that every peer's translation is made of.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::workload::Workload;

/// Whether the request of this number is allowed.
pub type Peer = Box<dyn Fn(usize) -> bool>;

/// Statements and requests.
pub struct Work {
    /// The document as it was made.
    pub policy: Value,
    pub statements: Vec<Statement>,
    pub requests: Vec<Asked>,
}

/// A statement of the gateway shape: one principal, one resource, one condition at most.
pub struct Statement {
    pub is_deny: bool,
    /// `*`, the ARN of a user or role, or the number of an account.
    pub who: String,
    /// The ARN up to the slash behind the API, which has no wildcard.
    pub api: String,
    /// The glob behind that slash.
    pub tail: String,
    pub condition: Option<Condition>,
}

/// A condition: any of the values will do.
pub struct Condition {
    pub key: String,
    pub is_network: bool,
    pub values: Vec<String>,
}

/// A request.
pub struct Asked {
    pub principal: String,
    /// The user, or the role that a session is of.
    pub identity: String,
    pub account: String,
    pub resource: String,
    pub api: String,
    pub tail: String,
    pub context: BTreeMap<String, String>,
}

impl Work {
    /// Reads the texts.
    pub fn read(made: &Workload) -> Self {
        let policy: Value = serde_json::from_str(&made.policy).expect("the policy is JSON");
        let statements = policy["Statement"].as_array().expect("statements").iter().map(statement).collect();
        let requests = made.requests.lines().map(asked).collect();
        Self { policy, statements, requests }
    }
}

/// The account of a root ARN, as `who` has it.
pub fn root_account(arn: &str) -> Option<&str> {
    arn.strip_suffix(":root")?.split(':').nth(4)
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn split(resource: &str) -> (String, String) {
    let (api, tail) = resource.split_once('/').expect("a slash behind the API");
    assert!(!api.contains(['*', '?']), "an API without wildcards");
    (api.to_owned(), tail.to_owned())
}

fn statement(value: &Value) -> Statement {
    let who = value["Principal"]["AWS"].as_str().unwrap_or("*");
    let (api, tail) = split(&text(&value["Resource"]));
    let condition = value.get("Condition").map(|block| {
        let (operator, tests) = block.as_object().and_then(|block| block.iter().next()).expect("an operator");
        let (key, values) = tests.as_object().and_then(|tests| tests.iter().next()).expect("a key");
        let values = values.as_array().map_or_else(|| vec![text(values)], |list| list.iter().map(text).collect());
        Condition { key: key.clone(), is_network: operator == "IpAddress", values }
    });
    Statement {
        is_deny: value["Effect"] == "Deny",
        who: root_account(who).unwrap_or(who).to_owned(),
        api,
        tail,
        condition,
    }
}

fn asked(line: &str) -> Asked {
    let value: Value = serde_json::from_str(line).expect("a line is JSON");
    let (principal, resource) = (text(&value["principal"]), text(&value["resource"]));
    let account = principal.split(':').nth(4).expect("an account").to_owned();
    let identity = match principal.split_once(":assumed-role/") {
        Some((_, session)) => {
            let role = session.split('/').next().expect("a role");
            format!("arn:aws:iam::{account}:role/{role}")
        }
        None => principal.clone(),
    };
    let (api, tail) = split(&resource);
    let context = value["context"].as_object().expect("a context");
    let context = context.iter().map(|(key, value)| (key.clone(), text(value))).collect();
    Asked { principal, identity, account, resource, api, tail, context }
}
