//! Blobs grow in line with their policies, and no policy's size is a product of two of its counts.
//!
//! Sizes are asserted, since they are exact. Times are printed; the benchmarks measure them.

use std::fs;
use std::time::{Duration, Instant};

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

/// The time that something takes when nothing disturbs it: the best of seven.
fn fastest(does: impl Fn()) -> Duration {
    let once = || {
        let start = Instant::now();
        does();
        start.elapsed()
    };
    (0..7).map(|_| once()).min().unwrap()
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
    let [few, many] = [few, many].map(|blob| {
        let gate = Gate::load(blob).unwrap();
        fastest(|| assert!(!gate.decide(&request).is_allowed()))
    });
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
    let once = fastest(|| assert!(gate.explain(&request).evaluation.reason == portcullis::Reason::ImplicitDeny));
    let decided = fastest(|| assert!(!gate.decide(&request).is_allowed()));
    assert!(decided < once * 50, "{decided:?}, and {once:?} to look at everything once");
}

/// A decision fits into a stack of 16 KiB, whatever it is asked: no recursion, and no large frame. What the thread itself
/// needs comes out of the same.
#[test]
#[cfg(target_os = "linux")]
fn a_decision_needs_no_more_than_16_kib_of_stack() {
    let tail = "ab".repeat(4_000);
    let globs: Vec<_> = (0..2_000).map(|at| format!("{}/*a*b{}*?Z", arn_of("a1b2c3d4e5"), at % 7)).collect();
    let grams: Vec<_> = (0..2_000).map(|at| format!("{}/*/GET/*orders{at}*", arn_of("*"))).collect();
    let long = format!("{}*${{x:y, 'z'}}*?{}", "a".repeat(500), "b".repeat(500));
    let asks = json!({"StringLike": {"x:y": [long, "*?*"]}, "NumericLessThan": {"x:n": "12.5"},
                      "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]},
                      "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}});
    let statements = [
        json!({"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": globs, "Condition": asks}),
        json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": grams, "Condition": asks}),
        json!({"Effect": "Allow", "Principal": "*", "Action": "*", "NotResource": globs}),
        statement(1, 1),
    ];
    let (_, blob) = compile(&statements);
    let gate: &'static Gate<Vec<u8>> = Box::leak(Box::new(Gate::load(blob).unwrap()));
    let resources = [
        format!("{}/{tail}Z", arn_of("a1b2c3d4e5")),
        format!("{}/prod/GET/{}orders7", arn_of("b1b2c3d4e5"), "a".repeat(300)),
        "arn:aws:execute-api:us-east-1:123412341234:api0000001/prod/GET/pets".to_owned(),
        "not an ARN".to_owned(),
    ];
    let decide = move || {
        let value = "ab".repeat(400);
        let context = [
            ("x:y", portcullis::Value::text(&value)),
            ("x:n", portcullis::Value::text("7")),
            ("aws:SourceIp", portcullis::Value::text("10.1.2.3")),
            ("aws:CurrentTime", portcullis::Value::text("2026-06-01T00:00:00Z")),
        ];
        let context = portcullis::Context::new(&context);
        for resource in &resources {
            for caller in [
                Caller::Anonymous,
                Caller::Arn("arn:aws:sts::123412341234:assumed-role/worker/one"),
                Caller::Arn("arn:aws-cn:iam::123412341234:user/team/one"),
            ] {
                std::hint::black_box(gate.decide(&Request::invoke(caller, resource).with_context(context)));
            }
        }
    };
    std::thread::Builder::new().stack_size(16 << 10).spawn(decide).unwrap().join().unwrap();
}

fn arn_of(api: &str) -> String {
    format!("arn:aws:execute-api:us-east-1:123412341234:{api}")
}

const API_COUNT: usize = 200;
const METHODS_AN_API: usize = 25;
const ROLES: usize = 500;

/// A bundle of many APIs, methods and roles, as a company has them: its files, one for each policy.
fn company() -> Vec<(String, Value)> {
    let mut files = Vec::new();
    let arn = |api: usize| format!("arn:aws:execute-api:us-east-1:{:012}:api{api:07}", 100 + api % 20);
    let apis = (0..API_COUNT).map(|api| {
        let methods: Vec<_> = (0..METHODS_AN_API)
            .map(|n| {
                let method = ["GET", "POST", "PUT", "DELETE", "ANY"][n % 5];
                let authorization = ["AWS_IAM", "AWS_IAM", "NONE", "CUSTOM"][n % 4];
                let path = format!("/orders/{{id}}/items-{}/{{proxy+}}", n / 5);
                json!({"stage": "prod", "method": method, "path": path, "authorization": authorization})
            })
            .collect();
        let callers: Vec<_> = (0..3).map(|n| format!("arn:aws:iam::{:012}:role/team/worker-{}", 100 + api % 20, (api * 7 + n) % ROLES)).collect();
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Callers", "Effect": "Allow", "Principal": {"AWS": callers}, "Action": "execute-api:Invoke", "Resource": "execute-api:/prod/*/orders/*"},
            {"Sid": "Health", "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*/GET/health"},
            {"Sid": "OneVpc", "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
             "Condition": {"StringNotEquals": {"aws:SourceVpc": format!("vpc-{api:08}")}}}]});
        let file = format!("apis/{api}.json");
        files.push((file.clone(), policy));
        (arn(api), json!({"policy": file, "methods": methods}))
    });
    let apis = Value::Object(apis.collect());
    let identities = (0..ROLES).map(|role| {
        let resource = |n: usize| format!("{}/prod/GET/orders/*/items-{n}/*", arn((role + n * 20) % API_COUNT));
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": [resource(1), resource(2), resource(3)]},
            {"Sid": "NoSecrets", "Effect": "Deny", "Action": "execute-api:*", "Resource": "arn:aws:execute-api:*:*:*/*/secrets/*"}]});
        let file = format!("roles/{role}.json");
        files.push((file.clone(), policy));
        (format!("arn:aws:iam::{:012}:role/team/worker-{role}", 100 + role % 20), json!({"policies": [file]}))
    });
    let identities = Value::Object(identities.collect());
    let endpoint = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}});
    files.push(("endpoint.json".to_owned(), endpoint));
    let bundle = json!({"format": 1, "profile": "current", "endpoints": {"vpce-1": {"policy": "endpoint.json"}},
        "apis": apis, "identities": identities});
    files.push(("bundle.json".to_owned(), bundle));
    files
}

#[test]
fn a_bundle_is_no_larger_than_its_text_by_a_fifth() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = 0;
    for (name, json) in company() {
        let (path, text) = (folder.path().join(name), json.to_string());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &text).unwrap();
        bytes += text.len();
    }
    let start = Instant::now();
    let bundle = Bundle::open(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let read = start.elapsed();
    let start = Instant::now();
    let blob = Compiler::new().compile(&bundle).unwrap().into_bytes();
    let compiled = start.elapsed();
    let start = Instant::now();
    let gate = Gate::load(&blob).unwrap();
    let loaded = start.elapsed();
    let counts = gate.counts();
    let (methods, identities) = (API_COUNT * METHODS_AN_API, ROLES);
    assert_eq!((counts.apis, counts.methods, counts.identities), (API_COUNT, methods, identities));
    println!(
        "{bytes} bytes of text, read in {read:?}, compiled in {compiled:?}; a blob of {} bytes, loaded in {loaded:?}",
        blob.len()
    );
    assert!(blob.len() * 10 <= bytes * 12, "{} bytes of blob for {bytes} bytes of text", blob.len());

    let ask = |account: usize, role: usize, path: &str| {
        let caller = format!("arn:aws:sts::{account:012}:assumed-role/worker-{role}/one");
        let resource = format!("arn:aws:execute-api:us-east-1:000000000114:api0000014/prod/{path}");
        let context = [("aws:SourceVpc", portcullis::Value::text("vpc-00000014"))];
        let request = Request { endpoint: Some("vpce-1"), ..Request::invoke(Caller::Arn(&caller), &resource) };
        gate.decide(&request.with_context(portcullis::Context::new(&context))).is_allowed()
    };
    let path = "GET/orders/7/items-1/x";
    assert!(ask(114, 98, path), "by the resource policy");
    assert!(ask(114, 194, path) && !ask(114, 194, "POST/orders/7/items-1/x"), "by its identity policy");
    assert!(!ask(114, 900, path) && !ask(115, 98, path), "nobody knows it");
}
