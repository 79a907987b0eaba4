//! Blobs grow in line with their policies, and no policy's size is a product of two of its counts.
//!
//! Sizes are asserted, since they are exact. Times are left to the benchmarks.

use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::{Caller, Compiler, Gate, Request};
use serde_json::{Value, json};

fn compile(statements: &[Value]) -> (usize, Vec<u8>) {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let bundle = Bundle::endpoint(Policy::from_json(&text).unwrap());
    (text.len(), Compiler::new().compile(&bundle).unwrap().into_bytes())
}

fn statement(api: usize, index: usize) -> Value {
    json!({"Sid": format!("S{index}"), "Effect": if index.is_multiple_of(10) { "Deny" } else { "Allow" },
        "Principal": {"AWS": format!("arn:aws:iam::{:012}:role/orders-{}", 100 + index % 7, index / 3)},
        "Action": "execute-api:Invoke",
        "Resource": format!("arn:aws:execute-api:us-east-1:{:012}:api{api:07}/prod/GET/orders/v?/items-{index}/*", api % 50)})
}

#[test]
fn size_is_linear_in_the_statements() {
    let spread = |count| compile(&(0..count).map(|index| statement(index / 10, index)).collect::<Vec<_>>());
    let crowded = |count| compile(&(0..count).map(|index| statement(0, index)).collect::<Vec<_>>());
    let mut per_byte = Vec::new();
    for (json, blob) in [spread(1_000), spread(10_000), crowded(1_000), crowded(5_000)] {
        assert!(blob.len() * 10 <= json * 12, "{} bytes of blob for {json} bytes of policy", blob.len());
        per_byte.push(blob.len() as f64 / json as f64);
    }
    for pair in per_byte.chunks(2) {
        assert!((pair[1] / pair[0] - 1.0).abs() < 0.1, "{per_byte:?}");
    }
}

#[test]
fn a_thousand_principals_on_a_thousand_resources_are_two_thousand_entries() {
    let principals: Vec<_> = (0..1_000).map(|n| format!("arn:aws:iam::123412341234:role/team/worker-{n}")).collect();
    let resources: Vec<_> =
        (0..1_000).map(|n| format!("arn:aws:execute-api:us-east-1:123412341234:api{n:07}/prod/GET/*")).collect();
    let wide = json!({"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "execute-api:Invoke", "Resource": resources});
    let (json, blob) = compile(&[wide]);
    // A role is two names, its own and its sessions'; a product would be forty times this.
    assert!(blob.len() <= json * 4, "{} bytes of blob for {json} bytes of policy", blob.len());

    let gate = Gate::load(&blob).unwrap();
    let decide = |caller, api: &str| {
        let resource = format!("arn:aws:execute-api:us-east-1:123412341234:{api}/prod/GET/x");
        gate.decide(&Request::invoke(Caller::Arn(caller), &resource)).is_allowed()
    };
    assert!(decide("arn:aws:iam::123412341234:role/team/worker-999", "api0000999"));
    assert!(decide("arn:aws:sts::123412341234:assumed-role/worker-0/one", "api0000000"));
    assert!(!decide("arn:aws:sts::123412341234:assumed-role/worker-1000/one", "api0000000"));
    assert!(!decide("arn:aws:iam::123412341234:role/team/worker-999", "api0001000"));
}

/// The condition of a statement is asked a few times, not once for each of its resources that match.
///
/// Counted in steps of a clock only where the difference is the number of resources: 400 of them.
#[test]
fn a_condition_is_not_asked_again_for_every_resource() {
    let policy = |count: usize| {
        let resources: Vec<_> = (0..count)
            .map(|n| format!("arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*{}", "*/*".repeat(n % 3)))
            .collect();
        let glob = format!("*{}b", "a".repeat(500));
        json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": resources,
            "Condition": {"StringLike": {"x:y": glob}}})
    };
    let (_, few) = compile(&[policy(1)]);
    let (_, many) = compile(&[policy(400)]);
    let value = "a".repeat(20_000);
    let context = [("x:y", portcullis::Value::text(&value))];
    let resource = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/a/b/c/d/e";
    let request = Request::invoke(Caller::Anonymous, resource).with_context(portcullis::Context::new(&context));
    let time = |blob: &[u8]| {
        let gate = Gate::load(blob).unwrap();
        let start = std::time::Instant::now();
        assert!(!gate.decide(&request).is_allowed());
        start.elapsed()
    };
    let (few, many) = (time(&few), time(&many));
    assert!(many < few * 100, "{many:?} for 400 resources, {few:?} for one");
}

/// Nor for each of its resources that are listed under grams, with those of another statement between them.
///
/// Measured against `explain`, which looks at every element of every statement once.
#[test]
fn a_statement_is_not_looked_at_again_for_every_gram() {
    let tail: String = (0..1_003u64)
        .map(|at| char::from(b"abcdefghijklmnopqrstuvwxyz"[usize::try_from(at * at * at % 1_009 % 26).unwrap()]))
        .collect();
    let resources: Vec<_> = (0..tail.len() - 3)
        .map(|at| format!("arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*{}*", &tail[at..at + 4]))
        .collect();
    let statement = |name: &str| {
        let actions: Vec<_> = (0..1_000).map(|at| format!("execute-api:*{name}{at}")).collect();
        json!({"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resources})
    };
    let (_, blob) = compile(&[statement("one"), statement("other")]);
    let gate = Gate::load(&blob).unwrap();
    let resource = format!("arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/{tail}");
    let request = Request { action: "execute-api:Describe", ..Request::invoke(Caller::Anonymous, &resource) };
    let time = |answer: &dyn Fn() -> bool| {
        let start = std::time::Instant::now();
        assert!(!answer());
        start.elapsed()
    };
    let once = time(&|| gate.explain(&request).evaluation.reason == portcullis::Reason::ExplicitAllow);
    let decided = time(&|| gate.decide(&request).is_allowed());
    assert!(decided < once * 50, "{decided:?}, and {once:?} to look at everything once");
}
