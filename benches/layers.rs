//! A whole decision beside one layer of it: an endpoint policy, as a document and as all of a bundle; with resource policies of the same statements, of
//! anonymous callers and of signers; and with identity policies too. Answers are checked before anything is timed.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that cannot go on should stop")]

#[path = "support/answers.rs"]
mod answers;
#[path = "support/requests.rs"]
mod requests;
#[expect(dead_code, reason = "one shape alone")]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use answers::measure;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::reference::Reference;
use portcullis::{Authorization, Caller, Context, Gate, Request};
use serde_json::{Value, json};
use support::workload::{Plan, Shape};

const ENDPOINT: &str = "vpce-1a2b3c4d";

fn layers(criterion: &mut Criterion) {
    for statements in [100, 1_000, 10_000] {
        group(criterion, statements);
    }
}

fn group(criterion: &mut Criterion, statements: usize) {
    let made = Plan { shape: Shape::Gateway, statements, requests: 1_000, sessions: 0.7, seed: 7 }.make();
    let policy: Value = serde_json::from_str(&made.policy).expect("the workload is well formed");
    let owned = requests::read(&made.requests);
    // The endpoint says so itself.
    let pairs: Vec<Vec<_>> = owned
        .iter()
        .map(|owned| owned.pairs().into_iter().filter(|(key, _)| *key != "aws:SourceVpce").collect())
        .collect();
    let signed: Vec<_> = owned
        .iter()
        .zip(&pairs)
        .map(|(owned, pairs)| owned.request(&[]).with_context(Context::new(pairs)).with_endpoint(ENDPOINT))
        .collect();
    let anonymous: Vec<_> = signed
        .iter()
        .map(|request| {
            let by_nobody = Request { caller: Caller::Anonymous, ..*request };
            by_nobody.with_authorization(Authorization::Absent)
        })
        .collect();
    let callers: BTreeSet<String> = signed.iter().filter_map(|request| identity_of(request.caller)).collect();

    let alone = json!({});
    let open = json!({"profile": "current", "apis": apis(&policy, &signed, "NONE")});
    let by_iam = json!({"profile": "current", "apis": apis(&policy, &signed, "AWS_IAM")});
    let identities: BTreeMap<_, _> =
        callers.iter().map(|arn| (arn, json!({"policies": [identity(&policy, arn)]}))).collect();
    let mut with_identities = by_iam.clone();
    with_identities["identities"] = json!(identities);

    let mut group = criterion.benchmark_group(format!("layers, {statements} statements in each"));
    support::be_brief(&mut group);
    for (name, more, requests) in [
        ("document, anonymous", &Value::Null, &anonymous),
        ("document, signed", &Value::Null, &signed),
        ("endpoint alone, anonymous", &alone, &anonymous),
        ("endpoint and resource, anonymous", &open, &anonymous),
        ("endpoint alone, signed", &alone, &signed),
        ("endpoint and resource, signed", &by_iam, &signed),
        ("endpoint, resource and identity, signed", &with_identities, &signed),
    ] {
        let bundle = bundle(&policy, more);
        let blob = support::blob(&bundle);
        let gate = Gate::load(blob.as_slice()).expect("the blob loads");
        let reference = Reference::new(&bundle);
        for request in requests.iter().step_by(if statements > 1_000 { 20 } else { 1 }) {
            let (decision, expected) = (gate.decide(request), reference.decide(request));
            assert_eq!(decision.reason(), expected.reason(), "{request:?}");
        }
        measure(&mut group, BenchmarkId::from_parameter(name), requests, |request| gate.decide(request));
    }
    group.finish();
}

/// The bundle of one endpoint with the policy, and what else there is; of nothing the policy by itself.
fn bundle(policy: &Value, more: &Value) -> Bundle {
    if more.is_null() {
        return Bundle::endpoint(Policy::from_json(&policy.to_string()).expect("the workload is well formed"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut bundle = json!({"format": 1, "endpoints": {ENDPOINT: {"policy": policy}}});
    for (key, value) in more.as_object().expect("an object") {
        bundle[key] = value.clone();
    }
    fs::write(folder.path().join("bundle.json"), bundle.to_string()).expect("a file");
    Bundle::open(folder.path()).expect("the bundle is well formed")
}

/// Every API asked for, with the statements about it as its resource policy and any method under one route.
fn apis(policy: &Value, requests: &[Request<'_>], authorization: &str) -> Value {
    let mut statements: BTreeMap<&str, Vec<&Value>> =
        requests.iter().filter_map(|request| Some((request.resource.split_once('/')?.0, Vec::new()))).collect();
    for statement in policy["Statement"].as_array().expect("statements") {
        let (api, _) = statement["Resource"].as_str().and_then(|text| text.split_once('/')).expect("one resource");
        if let Some(statements) = statements.get_mut(api) {
            statements.push(statement);
        }
    }
    let method = json!([{"stage": "*", "method": "ANY", "path": "/{proxy+}", "authorization": authorization}]);
    let api = |statements| json!({"policy": {"Version": "2012-10-17", "Statement": statements}, "methods": method});
    statements
        .into_iter()
        .map(|(arn, statements)| (arn.to_owned(), api(statements)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The user or the role that a caller is.
fn identity_of(caller: Caller<'_>) -> Option<String> {
    let Caller::Arn(arn) = caller else { return None };
    match arn.split_once(":assumed-role/") {
        Some((account, session)) => {
            let account = account.replace(":sts:", ":iam:");
            Some(format!("{account}:role/{}", session.split_once('/')?.0))
        }
        None => Some(arn.to_owned()),
    }
}

/// What the workload's statements of a caller say, as its own policy; of one without any, an Allow of nothing asked for.
fn identity(policy: &Value, arn: &str) -> Value {
    let own = policy["Statement"].as_array().expect("statements").iter().filter(|one| one["Principal"]["AWS"] == arn);
    let mut statements: Vec<Value> = own.cloned().collect();
    for statement in &mut statements {
        statement.as_object_mut().expect("an object").remove("Principal");
    }
    if statements.is_empty() {
        statements.push(json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*"}));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

criterion_group!(benches, layers);
criterion_main!(benches);
