//! One decision over the lengths of its texts, beside the floor: a longer resource or principal may cost the bytes
//! it has, and nowhere a step.
#![expect(clippy::expect_used, reason = "a bench that cannot go on should stop")]

#[path = "support/answers.rs"]
mod answers;
#[path = "../src/cli/bench/baselines/mod.rs"]
#[expect(dead_code, reason = "the floor alone; the index by hand stands in decide.rs")]
mod baselines;
#[path = "support/brief.rs"]
mod brief;

use answers::measure;
use baselines::floor::Floor;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::reference::Reference;
use portcullis::{Caller, Compiler, Gate, Reason, Request};
use serde_json::json;

/// APIs, each with its own caller: one letter each, as the shortest principal has place for no more.
const APIS: [char; 16] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'];
/// Lengths while the other text's are swept, in bytes: about those of the gateway workload.
const USUAL_PRINCIPAL: usize = 48;
const USUAL_RESOURCE: usize = 80;

fn lengths(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bytes of the resource");
    brief::be_brief(&mut group);
    for bytes in (40..=256).step_by(8) {
        pair(&mut group, bytes, USUAL_PRINCIPAL, bytes);
    }
    group.finish();
    let mut group = criterion.benchmark_group("bytes of the principal");
    brief::be_brief(&mut group);
    for bytes in (32..=128).step_by(8) {
        pair(&mut group, bytes, bytes, USUAL_RESOURCE);
    }
    group.finish();
}

/// The gate and the floor on requests of one length, half of them allowed, a quarter denied by a statement.
fn pair(group: &mut BenchmarkGroup<'_, WallTime>, parameter: usize, principal: usize, resource: usize) {
    let callers = APIS.map(|letter| padded(&format!("arn:aws:iam::123412341234:user/{letter}"), principal));
    // The shortest resource has neither region nor account: with both it would have 61 bytes.
    let home = if resource < 64 { ":" } else { "us-east-1:123412341234" };
    let apis = APIS.map(|letter| format!("arn:aws:execute-api:{home}:a1b2c3d4e{letter}"));
    let policy = policy(&callers, &apis);
    let paths = ["p/GET/a", "p/GET/b", "p/PUT/a", "p/GET/c"];
    let asked = callers
        .iter()
        .zip(&apis)
        .flat_map(|(caller, api)| paths.map(|path| (caller.as_str(), padded(&format!("{api}/{path}"), resource))));
    let asked: Vec<_> = asked.collect();
    let requests: Vec<_> =
        asked.iter().map(|(caller, resource)| Request::invoke(Caller::Arn(caller), resource)).collect();

    let bundle = Bundle::endpoint(Policy::from_json(&policy).expect("well formed"));
    let blob = Compiler::new().compile(&bundle).expect("it compiles").into_bytes();
    let gate = Gate::load(blob.as_slice()).expect("the blob loads");
    let reference = Reference::new(&bundle);
    for request in &requests {
        assert_eq!(gate.decide(request).reason(), reference.decide(request).reason(), "{request:?}");
    }
    let count = |reason| requests.iter().filter(|request| gate.decide(request).reason() == reason).count();
    assert_eq!(count(Reason::ExplicitAllow), 2 * APIS.len(), "what is measured is not one answer");
    assert_eq!(count(Reason::ExplicitDeny), APIS.len(), "what is measured is not one answer");

    let floor = Floor::new(&requests, |request| gate.decide(request));
    let (keys, map) = (floor.keys(), floor.map());
    measure(group, BenchmarkId::new("gate", parameter), &requests, |request| gate.decide(request));
    measure(group, BenchmarkId::new("floor", parameter), &keys, |key| map.get(*key).copied());
}

/// For each API an Allow for its caller, a Deny for everyone, and an Allow for the account.
fn policy(callers: &[String], apis: &[String]) -> String {
    let allow = |principal: &str, resource: String| json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "execute-api:Invoke", "Resource": resource});
    let statements = callers.iter().zip(apis).flat_map(|(caller, api)| {
        let deny = json!({
            "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": format!("{api}/p/*/b*"),
        });
        [
            allow(caller, format!("{api}/p/GET/*")),
            deny,
            allow("arn:aws:iam::123412341234:root", format!("{api}/*/POST/orders/*/items")),
        ]
    });
    json!({"Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>()}).to_string()
}

/// The text, made as long as wanted by segments of eight bytes.
fn padded(text: &str, bytes: usize) -> String {
    let segments = "orders7/".chars().cycle();
    let padded: String = text.chars().chain(segments).take(bytes).collect();
    assert!(padded.starts_with(text), "{bytes} bytes are too few for `{text}`");
    // Neither a resource nor a name is to end in a slash.
    padded.strip_suffix('/').map_or(padded.clone(), |head| format!("{head}x"))
}

criterion_group!(benches, lengths);
criterion_main!(benches);
