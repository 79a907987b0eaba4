//! Bytes from anywhere, loaded and asked. The tests of hostile blobs and the fuzz target `blob` share this.

use portcullis::gateway::Directory;
use portcullis::{Authorizer, Caller, Context, Gate, Request, StatementRef, Value};
use xxhash_rust::xxh3::xxh3_64;

/// Texts that between them are readable for every operator, and some that are for none.
const TEXTS: [&str; 12] = [
    "10.1.2.3",
    "axxb",
    "true",
    "",
    "1767225600",
    "2026-01-01T00:00:00.5+01:00",
    "-17.50",
    "arn:aws:iam::123412341234:role/Worker",
    "aGVsbG8=",
    "vpce-1a2b3c4d",
    "::ffff:10.0.0.1",
    "é𝄞*?",
];

/// Loads bytes, and asks what loads everything there is to ask. Returns whether it loaded.
pub fn survives(bytes: &[u8]) -> bool {
    let Ok(gate) = Gate::load(bytes) else { return false };
    let lists = [vec![], vec!["", ""], vec!["a", "b", "true"], vec!["axxb"]];
    // The keys that the blob names, so that its conditions have something to compare; what they hold is another
    // matter for every blob.
    let mut choice = xxh3_64(bytes);
    let mut below = |limit: usize| {
        choice = choice.rotate_left(7).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        usize::try_from(choice >> 33).map_or(0, |number| number % limit)
    };
    let mut value = || match below(5) {
        0 => Value::list(&lists[below(lists.len())]),
        1 => Value::address(TEXTS[below(TEXTS.len())]),
        _ => Value::text(TEXTS[below(TEXTS.len())]),
    };
    let mut context: Vec<(&str, Value<'_>)> = Vec::new();
    for key in gate.context_keys().take(32) {
        // A key that comes twice would make a request that cannot be read.
        if !context.iter().any(|(earlier, _)| key.eq_ignore_ascii_case(earlier)) {
            context.push((key, value()));
        }
    }
    // What `corpus/language.json` compares, so that damage to its blob is met where it is.
    let language = [
        ("aws:VpcSourceIp", Value::address("10.1.2.3")),
        ("aws:UserAgent", Value::text("axxb")),
        ("aws:SecureTransport", Value::boolean(true)),
        ("aws:SourceVpc", Value::list(&["", ""])),
        ("aws:TagKeys", Value::list(&["a", "b"])),
        ("aws:SourceVpce", Value::text("vpce-1a2b3c4d")),
        ("aws:PrincipalOrgID", Value::text("o-11")),
        ("aws:PrincipalOrgPaths", Value::list(&["o-z/r-1/", "o-d/x/ou-1/y"])),
        ("aws:PrincipalTag/team", Value::text("rED")),
        ("example:size", Value::text("2.5")),
        ("example:digest", Value::text("aGVsbG8=")),
        ("example:sources", Value::list(&["arn:aws:s3:::a", "arn:aws:s3:::f/x"])),
        ("aws:EpochTime", Value::text("1800000000")),
        ("aws:TokenIssueTime", Value::text("2026-01-31T12:00:00+01:00")),
    ];
    let contexts = [Context::new(&context), Context::new(&language)];
    let callers = [
        Caller::Anonymous,
        Caller::Arn("arn:aws:sts::123412341234:assumed-role/Worker/one"),
        Caller::Arn("arn:aws:iam::123412341234:user/MyUser"),
        Caller::Service("apigateway.amazonaws.com"),
    ];
    let resources = [
        "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets",
        "arn:aws:execute-api:us-east-1:123412341234:zzzzzzzzzz/prod/GET/a-long-segment",
        "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5",
        // Of `corpus/bundles/apis`: behind authorizers, and past a literal segment and a variable that lead nowhere.
        "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/POST/pets/7",
        "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets/7/photos/1",
        "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/test/GET/pets/7/other",
    ];
    for caller in callers {
        for resource in resources {
            for (endpoint, context) in [None, Some("vpce-1a2b3c4d")].into_iter().zip(contexts) {
                let request =
                    Request { endpoint, authorizer: Some(Authorizer::Allow), ..Request::invoke(caller, resource) };
                let request = request.with_context(context);
                let api = gate.api(resource.split('/').next().unwrap_or_default());
                let mut decisions = [gate.decide_prepared(&gate.principal(caller), &api, &request); 2];
                gate.decide_batch(&[request; 2], &mut decisions).unwrap();
                assert_eq!(decisions, [gate.decide(&request); 2]);
            }
        }
    }
    for (caller, context) in callers.into_iter().zip(contexts) {
        let request = Request { endpoint: Some("vpce-1a2b3c4d"), ..Request::invoke(caller, resources[0]) };
        let request = request.with_context(context);
        std::hint::black_box((gate.evaluate(&request), gate.explain(&request)));
    }
    std::hint::black_box((gate.counts(), gate.context_keys().count(), gate.sections().count()));
    let api = gate.find_api("us-east-1", "a1b2c3d4e5");
    let has_stage = api.is_some_and(|api| gate.has_stage(&api, "prod"));
    std::hint::black_box((has_stage, gate.mapping("pets.example.com", "/")));
    for policy in 0..3 {
        let statement = StatementRef { policy, index: policy };
        std::hint::black_box((gate.policy_name(policy), gate.sid(statement), gate.line(statement)));
    }
    true
}

/// Puts the right checksum at the end.
pub fn repair(bytes: &mut [u8]) {
    if let Some(at) = bytes.len().checked_sub(8) {
        let checksum = xxh3_64(&bytes[..at]);
        bytes[at..].copy_from_slice(&checksum.to_le_bytes());
    }
}
