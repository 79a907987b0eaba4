//! Handles and batches: another way to the same answer, whatever they are given. That they agree on everything else is
//! in `engines`, where both answer all cases and all made-up pairs.

use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::{BatchError, Caller, Compiler, Context, Decision, Fault, Gate, Request, Value};

const API: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5";
const READER: Caller<'static> = Caller::Arn("arn:aws:iam::123412341234:role/reader");
const WRITER: Caller<'static> = Caller::Arn("arn:aws:sts::123412341234:assumed-role/writer/one");

fn gate(role: &str, resource: &str) -> Gate<Vec<u8>> {
    let policy = serde_json::json!({"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::123412341234:role/{role}")}, "Action": "*",
         "Resource": resource},
        {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "arn:aws:execute-api:*:*:*/secret",
         "Condition": {"StringEquals": {"aws:UserAgent": "bad"}}},
    ]});
    let policy = Policy::from_json(&policy.to_string()).unwrap();
    Gate::load(Compiler::new().compile(&Bundle::endpoint(policy)).unwrap().into_bytes()).unwrap()
}

/// A handle of another caller, another API or another gate, or of what is neither, is as good as none.
#[test]
fn a_handle_never_changes_an_answer() {
    let gates = [gate("reader", &format!("{API}/*")), gate("writer", "arn:aws:execute-api:*:*:a1b2c3d4e5/prod/*")];
    let callers = [READER, WRITER, Caller::Anonymous, Caller::Service("a.amazonaws.com"), Caller::Arn("nobody")];
    let longer = format!("{API}6");
    let with_slash = format!("{API}/prod");
    let apis = [API, &longer, &with_slash, &API[..API.len() - 1], "", "arn:aws:execute-api:::", "*"];
    let tails = ["prod/GET/pets", "prod/GET/secret", "", "/", "prod"];
    let resources: Vec<_> =
        apis.iter().flat_map(|api| tails.map(|tail| format!("{api}/{tail}"))).chain([API.to_owned()]).collect();
    let (mut allowed, mut denied) = (0, 0);
    for gate in &gates {
        let (calls, places) = (gates.iter().flat_map(|gate| callers.map(|caller| gate.principal(caller))), &gates);
        for principal in calls {
            for api in places.iter().flat_map(|gate| apis.map(|api| gate.api(api))) {
                for (caller, resource) in callers.iter().flat_map(|c| resources.iter().map(move |r| (*c, r))) {
                    let context = [("aws:UserAgent", Value::text("bad"))];
                    let request = Request::invoke(caller, resource).with_context(Context::new(&context));
                    let decision = gate.decide(&request);
                    assert_eq!(gate.decide_prepared(&principal, &api, &request), decision, "{request:?}");
                    *(if decision.is_allowed() { &mut allowed } else { &mut denied }) += 1;
                }
            }
        }
    }
    assert!(allowed > 1_000 && denied > 1_000, "{allowed} allowed, {denied} denied");
}

/// The same policy loaded twice is two gates.
#[test]
fn a_handle_of_an_equal_gate_is_decided_without() {
    let (one, other) = (gate("reader", &format!("{API}/*")), gate("reader", &format!("{API}/*")));
    let resource = format!("{API}/prod/GET/pets");
    let request = Request::invoke(READER, &resource);
    assert!(one.decide_prepared(&other.principal(READER), &other.api(API), &request).is_allowed());
}

#[test]
fn slots_are_the_keys_of_their_gate() {
    let gate = gate("reader", &format!("{API}/*"));
    assert_eq!(gate.context_keys().collect::<Vec<_>>(), ["aws:useragent"]);
    let resource = format!("{API}/prod/GET/secret");
    let request = Request::invoke(READER, &resource);
    let (good, bad) = ([Some(Value::text("good"))], [Some(Value::text("bad"))]);
    for (slots, allowed) in [(&good[..], true), (&bad, false), (&[None], true), (&[], false), (&[None, None], false)] {
        assert_eq!(gate.decide(&request.with_context(gate.context(slots))).is_allowed(), allowed, "{slots:?}");
    }
    let context = gate.context(&bad);
    assert_eq!(context.get("AWS:UserAgent").and_then(|value| value.single()), Some("bad"));
    assert!(context.get("aws:SourceVpc").is_none());
    assert_eq!(gate.context(&[]).fault(), Some(Fault::Slots));
    let long = "x".repeat(64 * 1024 + 1);
    assert_eq!(gate.context(&[Some(Value::text(&long))]).fault(), Some(Fault::LongValue));
    // Of another gate: by name.
    let other = self::gate("reader", &format!("{API}/prod/*"));
    assert!(!other.decide(&request.with_context(context)).is_allowed());
    assert!(other.decide(&request.with_context(gate.context(&good))).is_allowed());
}

#[test]
fn a_batch_has_a_place_for_each_request() {
    let gate = gate("reader", &format!("{API}/*"));
    let resource = format!("{API}/prod/GET/pets");
    let requests: Vec<_> = [READER, WRITER].repeat(20).into_iter().map(|who| Request::invoke(who, &resource)).collect();
    for len in 0..requests.len() {
        let mut decisions = vec![Decision::default(); len];
        gate.decide_batch(&requests[..len], &mut decisions).unwrap();
        assert!(decisions.iter().enumerate().all(|(at, decision)| decision.is_allowed() == (at % 2 == 0)));
        let before = decisions.clone();
        let error = gate.decide_batch(&requests[..=len], &mut decisions).unwrap_err();
        assert_eq!(error, BatchError { requests: len + 1, decisions: len });
        assert_eq!(decisions, before, "nothing was decided");
    }
    let text = BatchError { requests: 3, decisions: 2 }.to_string();
    assert_eq!(text, "expected a place for each of 3 decisions, got 2: give slices of one length");
}
