//! The corpus as the fuzz targets take it: everything to ask, and inputs to begin with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::bundle::Bundle;
use portcullis::policy::{Policy, Version};
use serde_json::{Value, json};

use crate::request::{Asked, Given, Who};

/// A longer document of the corpus shows a limit, and would only slow a run.
const MAX_DOCUMENT_BYTES: usize = 2_048;

/// One case of `corpus/semantics`.
pub struct Case {
    /// The rules it names, and whether it is refused.
    pub shows: String,
    pub document: String,
    pub request: Option<Asked>,
}

/// The corpus, from the folder beside this one.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus")
}

/// Every short case of `corpus/semantics`, in order.
///
/// # Panics
/// Where the corpus cannot be read.
pub fn cases() -> Vec<Case> {
    let entries = fs::read_dir(folder().join("semantics")).expect("the corpus is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        for line in fs::read_to_string(path).expect("a file of lines").lines() {
            let case: Value = serde_json::from_str(line).expect("a case is JSON");
            let document = match &case["policy_text"] {
                Value::String(text) => text.clone(),
                _ => case["policy"].to_string(),
            };
            if document.len() <= MAX_DOCUMENT_BYTES {
                let request = case["request"].is_object().then(|| asked(&case["request"]));
                let shows = format!("{}{}", case["rule"], if case["refused"] == true { " refused" } else { "" });
                cases.push(Case { shows, document, request });
            }
        }
    }
    cases
}

/// Every case of `corpus/paths.jsonl`, as the target `http` takes it.
///
/// # Panics
/// Where the corpus cannot be read.
pub fn http() -> Vec<Vec<u8>> {
    let text = fs::read_to_string(folder().join("paths.jsonl")).expect("a file of lines");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a case is JSON"));
    let fields = |case: Value| {
        let mut fields =
            vec![case["method"].clone(), case["target"].clone(), case["host"].clone(), case["server_name"].clone()];
        let headers = case["headers"].as_array().into_iter().flatten();
        fields.extend(headers.flat_map(|header| [header[0].clone(), header[1].clone()]));
        let fields: Vec<_> = fields.iter().map(|field| field.as_str().unwrap_or_default().as_bytes()).collect();
        fields.join([0xFF].as_slice())
    };
    lines.map(fields).collect()
}

/// A request line as the targets take it.
pub fn asked(line: &Value) -> Asked {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let context = line["context"].as_object().into_iter().flatten().map(|(name, value)| {
        let given = match value {
            Value::Array(texts) => Given::List(texts.iter().map(text).collect()),
            one => Given::Text(text(one)),
        };
        (name.clone(), given)
    });
    Asked {
        endpoint: line["endpoint"].as_str().map(str::to_owned),
        caller: match &line["principal"] {
            Value::String(arn) => Who::Arn(arn.clone()),
            Value::Object(object) => Who::Service(object.get("Service").map(text).unwrap_or_default()),
            _ => Who::Anonymous,
        },
        action: line["action"].as_str().unwrap_or("execute-api:Invoke").to_owned(),
        resource: line["resource"].as_str().unwrap_or_default().to_owned(),
        context: context.collect(),
    }
}

/// What the target `request` asks: the worked examples, and every statement of `corpus/semantics`, in one document
/// for each effect and language version. So each request meets all of them.
///
/// # Panics
/// Where the corpus cannot be read.
pub fn bundles() -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = (1..=3).map(|n| open(&format!("endpoint-examples/example-{n}.json"))).collect();
    bundles.push(open("bundles/endpoints"));
    let mut merged: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    for case in cases() {
        let Ok(policy) = Policy::from_json(&case.document) else { continue };
        let version = if policy.version == Version::V2012 { "2012-10-17" } else { "2008-10-17" };
        let document: Value = serde_json::from_str(&case.document).expect("a policy is JSON");
        let statements = match &document["Statement"] {
            Value::Array(statements) => statements.clone(),
            one => vec![one.clone()],
        };
        for statement in statements {
            let effect = statement["Effect"].to_string();
            let others = merged.entry((version.to_owned(), effect)).or_default();
            if !others.contains(&statement) {
                others.push(statement);
            }
        }
    }
    for ((version, _), statements) in merged {
        let document = json!({"Version": version, "Statement": statements}).to_string();
        let policy = Policy::from_json(&document).unwrap_or_else(|errors| panic!("{errors}"));
        bundles.push(Bundle::endpoint(policy));
    }
    bundles
}

/// A file or folder of the corpus.
///
/// # Panics
/// Where it cannot be read.
pub fn open(path: &str) -> Bundle {
    Bundle::open(folder().join(path)).unwrap_or_else(|error| panic!("{error}"))
}
