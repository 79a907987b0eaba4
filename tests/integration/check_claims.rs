//! What `check` claims of statements beside one another, tried: a statement that changes nothing is taken out, and no
//! request is decided otherwise.
//!
//! Policies are small and of few parts, so that statements often cover one another, and nearly as often do not quite.

use std::fs;

use portcullis::analysis::{self, Code, Finding};
use portcullis::bundle::Bundle;
use portcullis::policy::Source;
use portcullis::reference::Reference;
use portcullis::{Caller, Context, Reason, Request, Value};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value as Json, json};

const API: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5";

const PRINCIPALS: [&str; 10] = [
    r#""*""#,
    r#"{"AWS": "*"}"#,
    r#"{"AWS": "123412341234"}"#,
    r#"{"AWS": "arn:aws:iam::123412341234:root"}"#,
    r#"{"AWS": "arn:aws:iam::123412341234:user/MyUser"}"#,
    r#"{"AWS": "arn:aws:iam::123412341234:role/Reader"}"#,
    r#"{"AWS": "arn:aws:sts::123412341234:assumed-role/Reader/one"}"#,
    r#"{"AWS": ["arn:aws:iam::123412341234:user/MyUser", "444455556666"]}"#,
    r#"{"AWS": "arn:aws:iam::444455556666:user/Other"}"#,
    r#"{"Service": "apigateway.amazonaws.com"}"#,
];
const ACTIONS: [&str; 4] = ["*", "execute-api:Invoke", "execute-api:*", "execute-api:ManageConnections"];
const TAILS: [&str; 8] =
    ["/*", "/prod/*", "/prod/GET/*", "/prod/GET/pets", "/prod/GET/pets/*", "/*/GET/pets", "/prod/G?T/p*", "/test/*"];
const TESTS: [(&str, &str, &[&str]); 9] = [
    ("StringEquals", "aws:SourceVpc", &["vpc-1", "vpc-2"]),
    ("StringEquals", "aws:SourceVpc", &["vpc-1"]),
    ("StringNotEquals", "aws:SourceVpc", &["vpc-1", "vpc-2"]),
    ("StringNotEquals", "aws:SourceVpc", &["vpc-1"]),
    ("StringNotEqualsIfExists", "aws:sourcevpc", &["vpc-1"]),
    ("Null", "aws:SourceVpc", &["true"]),
    ("StringLike", "aws:SourceVpc", &["vpc-?"]),
    ("ForAllValues:StringEquals", "aws:TagKeys", &["a", "b"]),
    ("NumericLessThan", "custom:n", &["5"]),
];
const CALLERS: [Caller<'_>; 7] = [
    Caller::Anonymous,
    Caller::Arn("arn:aws:iam::123412341234:user/MyUser"),
    Caller::Arn("arn:aws:sts::123412341234:assumed-role/Reader/one"),
    Caller::Arn("arn:aws:sts::123412341234:assumed-role/Reader/two"),
    Caller::Arn("arn:aws:iam::123412341234:root"),
    Caller::Arn("arn:aws:iam::444455556666:user/Other"),
    Caller::Service("apigateway.amazonaws.com"),
];
const PATHS: [&str; 6] =
    ["/prod/GET/pets", "/prod/GET/pets/1", "/prod/POST/pets", "/test/GET/pets", "/prod/GET/", "/test/GET/"];

/// Paths of methods, what a policy may allow of them, and calls.
const TEMPLATES: [&str; 5] = ["/", "/pets", "/pets/{id}", "/pets/{rest+}", "/{name}"];
const ALLOWED: [&str; 8] = [
    "/prod/GET/",
    "/prod/GET/pets",
    "/prod/GET/pets/",
    "/prod/GET/pets/*",
    "/prod/GET/pets/?*/",
    "/prod/POST/*",
    "/test/*",
    "/*/pets/1/2",
];
const CALLED: [&str; 9] = [
    "/prod/GET/",
    "/prod/GET/pets",
    "/prod/GET/pets/",
    "/prod/GET/pets/1",
    "/prod/GET/pets/1/",
    "/prod/GET/pets/1/2",
    "/prod/POST/",
    "/prod/POST/pets",
    "/prod/POST/pets/1",
];

fn statement() -> impl Strategy<Value = Json> {
    let tests = subsequence(TESTS.to_vec(), 0..=2);
    let tails = subsequence(TAILS.to_vec(), 1..=2);
    (any::<bool>(), select(PRINCIPALS.to_vec()), select(ACTIONS.to_vec()), tails, tests).prop_map(
        |(allows, principal, action, tails, tests)| {
            let mut condition = serde_json::Map::new();
            for (operator, key, values) in tests {
                let of = condition.entry(operator).or_insert_with(|| json!({}));
                of[key] = json!(values);
            }
            let resources: Vec<_> = tails.iter().map(|tail| format!("{API}{tail}")).collect();
            let principal: Json = serde_json::from_str(principal).unwrap();
            let mut statement = json!({"Effect": if allows { "Allow" } else { "Deny" }, "Principal": principal, "Action": action, "Resource": resources});
            if !condition.is_empty() {
                statement["Condition"] = condition.into();
            }
            statement
        },
    )
}

/// A bundle in which the statements are an endpoint's policy, or an API's.
fn bundle(statements: &[Json], of_api: bool, has_boundary: bool) -> Json {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    if !of_api {
        return json!({"format": 1, "endpoints": {"vpce-1a2b3c4d": {"policy": policy}}});
    }
    let allow = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": format!("{API}/prod/GET/*")}});
    let mut identities = json!({"arn:aws:iam::123412341234:user/MyUser": {"policies": [allow.clone()]}});
    if has_boundary {
        identities["arn:aws:iam::123412341234:role/Reader"] = json!({"policies": [], "boundary": allow});
        identities["arn:aws:iam::123412341234:user/MyUser"]["boundary"] = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": format!("{API}/prod/POST/*")}});
    }
    let methods = json!([
        {"stage": "prod", "method": "ANY", "path": "/{proxy+}", "authorization": "AWS_IAM"},
        {"stage": "test", "method": "ANY", "path": "/{proxy+}", "authorization": "COGNITO_USER_POOLS"},
        {"stage": "*", "method": "GET", "path": "/", "authorization": "NONE"},
    ]);
    json!({"format": 1, "profile": "current", "endpoints": {"vpce-1a2b3c4d": {}}, "apis": {API: {"policy": policy, "methods": methods}}, "identities": identities})
}

fn open(bundle: &Json) -> Bundle {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bundle.json"), bundle.to_string()).unwrap();
    Bundle::open(folder.path()).unwrap_or_else(|error| panic!("{error}"))
}

/// Whether each of many requests is allowed.
fn answers(bundle: &Bundle) -> Vec<bool> {
    let reference = Reference::new(bundle);
    let tags = [Value::list(&["a"]), Value::list(&["a", "c"])];
    let contexts: Vec<Vec<(&str, Value<'_>)>> = vec![
        vec![],
        vec![("aws:SourceVpc", Value::text("vpc-1")), ("aws:TagKeys", tags[0])],
        vec![("aws:SourceVpc", Value::text("vpc-2")), ("custom:n", Value::text("3"))],
        vec![("aws:SourceVpc", Value::text("vpc-33")), ("aws:TagKeys", tags[1]), ("custom:n", Value::text("x"))],
        vec![("aws:SourceVpc", Value::list(&["vpc-1", "vpc-2"])), ("custom:n", Value::text("7"))],
    ];
    let mut answers = Vec::new();
    for caller in CALLERS {
        for path in PATHS {
            let resource = format!("{API}{path}");
            for context in &contexts {
                for action in ["execute-api:Invoke", "execute-api:ManageConnections"] {
                    let request = Request { action, ..Request::invoke(caller, &resource) };
                    let request = request
                        .with_endpoint("vpce-1a2b3c4d")
                        .with_authorizer(portcullis::Authorizer::Allow)
                        .with_context(Context::new(context));
                    answers.push(reference.decide(&request).reason() == Reason::ExplicitAllow);
                }
            }
        }
    }
    answers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_said_to_change_nothing_changes_nothing(
        statements in proptest::collection::vec(statement(), 1..5),
        (of_api, has_boundary) in any::<(bool, bool)>(),
    ) {
        let whole = open(&bundle(&statements, of_api, has_boundary));
        let before = answers(&whole);
        for finding in analysis::check(&whole, &mut |_, _| {}) {
            let claims = [Code::PC414, Code::PC501, Code::PC502, Code::PC503];
            if !claims.contains(&finding.code()) || statements.len() < 2 {
                continue;
            }
            let policy = &whole.policies().iter().find(|named| named.policy.statements.len() == statements.len());
            let place = finding.at().place();
            let policy = policy.unwrap();
            let at = policy.policy.statements.iter().position(|one| one.place.start <= place.start && place.start < one.place.end);
            let Some(at) = at else { continue };
            let mut fewer = statements.clone();
            fewer.remove(at);
            let after = answers(&open(&bundle(&fewer, of_api, has_boundary)));
            prop_assert_eq!(&before, &after, "{} of statement {}: {}", finding, at, json!(statements));
        }
    }
}

/// L-13, L-14: what delegates to an account, or is limited by a boundary, may count less than what it covers. A document
/// alone may be an API's policy, beside identities that are not known.
#[test]
fn an_account_covers_no_caller_where_it_may_delegate() {
    for (wide, narrow, covers) in [
        (PRINCIPALS[2], PRINCIPALS[4], false),
        (PRINCIPALS[5], PRINCIPALS[6], false),
        (PRINCIPALS[0], PRINCIPALS[5], true),
        (PRINCIPALS[2], PRINCIPALS[3], true),
    ] {
        let allow = |principal: &str| {
            let principal: Json = serde_json::from_str(principal).unwrap();
            json!({"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": format!("{API}/*")})
        };
        let policy = json!({"Version": "2012-10-17", "Statement": [allow(wide), allow(narrow)]}).to_string();
        let bundle = Bundle::from_source(Source::new("policy.json", policy)).unwrap();
        let found = analysis::check(&bundle, &mut |_, _| {});
        assert_eq!(found.iter().any(|one| one.code() == Code::PC501), covers, "{wide} and {narrow}: {found:#?}");
    }
}

/// What is true of one API's copy of a policy is not said where it is false of another's.
#[test]
fn a_policy_of_several_apis_is_wrong_for_all_of_them_or_not_at_all() {
    let other = API.replace("a1b2c3d4e5", "b1b2c3d4e5");
    let statement =
        |effect: &str, resource: &str| json!({"Effect": effect, "Principal": "*", "Action": "*", "Resource": resource});
    let found = |statements: [Json; 2], authorizations: [&str; 2]| {
        let folder = tempfile::tempdir().unwrap();
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        fs::write(folder.path().join("shared.json"), policy.to_string()).unwrap();
        let api = |authorization: &str| {
            let methods = json!([{"stage": "*", "method": "ANY", "path": "/{proxy+}", "authorization": authorization}]);
            json!({"policy": "shared.json", "methods": methods})
        };
        let [one, two] = authorizations;
        let bundle = json!({"format": 1, "profile": "current", "endpoints": {"vpce-1a2b3c4d": {}}, "apis": {API: api(one), &other: api(two)}});
        fs::write(folder.path().join("bundle.json"), bundle.to_string()).unwrap();
        let bundle = Bundle::open(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        let found = analysis::check(&bundle, &mut |_, _| {});
        found.iter().map(Finding::code).filter(|code| code.as_str().starts_with("PC5")).collect::<Vec<_>>()
    };
    let apart = || [statement("Allow", &format!("{API}/prod/*")), statement("Deny", &format!("{API}/test/*"))];
    assert_eq!(found(apart(), ["NONE", "NONE"]), [Code::PC503]);
    assert_eq!(found(apart(), ["NONE", "AWS_IAM"]), []);
    assert_eq!(found(apart(), ["AWS_IAM", "NONE"]), []);
    let short = || [statement("Allow", "execute-api:/prod/*"), statement("Deny", &format!("{other}/prod/GET/*"))];
    assert_eq!(found(short(), ["NONE", "NONE"]), []);
    let covered = || [statement("Allow", "execute-api:/prod/*"), statement("Allow", &format!("{other}/prod/GET/*"))];
    assert_eq!(found(covered(), ["NONE", "NONE"]), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// PC602: no call of a method that is said to be dead is allowed.
    #[test]
    fn a_dead_method_is_called_by_nobody(
        (template, method) in (select(TEMPLATES.to_vec()), select(vec!["GET", "ANY"])),
        authorization in select(vec!["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"]),
        (tail, endpoint_tail) in (select(ALLOWED.to_vec()), select(ALLOWED.to_vec())),
        profile in select(vec!["classic", "current"]),
    ) {
        let allow = |tail: &str| json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": format!("{API}{tail}")}});
        let methods = json!([{"stage": "prod", "method": method, "path": template, "authorization": authorization}]);
        let bundle = open(&json!({"format": 1, "profile": profile, "endpoints": {"vpce-1a2b3c4d": {"policy": allow(endpoint_tail)}},
            "apis": {API: {"policy": allow(tail), "methods": methods}}}));
        let is_dead = analysis::check(&bundle, &mut |_, _| {}).iter().any(|one| one.code() == Code::PC602);
        let reference = Reference::new(&bundle);
        let is_allowed = |path: &str, caller| {
            let resource = format!("{API}{path}");
            let request = Request::invoke(caller, &resource).with_endpoint("vpce-1a2b3c4d").with_authorizer(portcullis::Authorizer::Allow);
            reference.decide(&request).reason() == Reason::ExplicitAllow
        };
        let called = CALLED.iter().find(|path| [CALLERS[0], CALLERS[1]].into_iter().any(|caller| is_allowed(path, caller)));
        prop_assert!(!is_dead || called.is_none(), "{called:?}");
        // Nothing else keeps them out here, so a method that is not dead is called.
        let is_open = matches!(authorization, "NONE" | "AWS_IAM") && tail == endpoint_tail;
        prop_assert!(is_dead || called.is_some() || !is_open, "{template} is dead");
    }
}

/// The generator makes what is to be found: else the property would hold of nothing.
#[test]
fn claims_are_made() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::new();
    for round in 0..200 {
        let statements = proptest::collection::vec(statement(), 2..5).new_tree(&mut runner).unwrap().current();
        for finding in analysis::check(&open(&bundle(&statements, round % 2 == 0, false)), &mut |_, _| {}) {
            *seen.entry(finding.code()).or_insert(0) += 1;
        }
    }
    for code in [Code::PC414, Code::PC501, Code::PC502, Code::PC503] {
        let count = seen.get(&code).copied().unwrap_or(0);
        assert!(count >= 5, "{code}: {count} of {seen:?}");
    }
}
