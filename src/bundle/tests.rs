//! Bundles on disk: what is read, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Attachments, Bundle, BundleError, Endpoint, Layers, NamedPolicy};
use crate::policy::{Place, PolicyErrors, Source};

const POLICY: &str = r#"{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn refusal(read: Result<Bundle, BundleError>) -> PolicyErrors {
    match read {
        Err(BundleError::Refused(errors)) => errors,
        other => panic!("expected a refusal: {other:?}"),
    }
}

/// Place and message of each mistake, without the folder.
fn mistakes(folder: &Path, errors: &PolicyErrors) -> Vec<String> {
    let beginning = format!("{}/", folder.display());
    let show = |error: &crate::policy::PolicyError| {
        let name = error.source_text().name();
        let name = name.strip_prefix(&beginning).unwrap_or(name);
        format!("{name}:{}:{}: {}", error.line(), error.column(), error.message())
    };
    errors.iter().map(show).collect()
}

/// What an endpoint is, wherever it stands.
fn endpoint(id: &str, policy: Option<u32>, context: &[(&str, &[&str])]) -> Endpoint {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let context = context.iter().map(|(key, values)| ((*key).to_owned(), owned(values))).collect();
    Endpoint { place: Place::default(), id: id.to_owned(), policy, context }
}

#[test]
fn a_folder_is_read_with_every_policy_once() {
    let bundle = r#"{"format": 1, "endpoints": {
        "vpce-2": {"policy": "shared.json"},
        "vpce-1": {"policy": POLICY, "context": {
            "aws:SourceVpc": "vpc-1", "custom:n": 1.50e3, "custom:b": true, "custom:l": ["a", ""], "custom:none": []}},
        "vpce-4": {"policy": "sub/other.json"},
        "vpce-3": {"policy": "./shared.json", "context": {}},
        "vpce-0": {}}}"#
        .replace("POLICY", POLICY);
    let folder = folder(&[("bundle.json", &bundle), ("shared.json", POLICY), ("sub/other.json", POLICY)]);
    let read = Bundle::open(folder.path()).unwrap();

    let names: Vec<_> = read.policies().iter().map(|policy| policy.name.as_str()).collect();
    assert_eq!(names, ["shared.json", "bundle.json#/endpoints/vpce-1/policy", "sub/other.json"]);
    let Attachments::Layers(Layers { source, endpoints, apis: None, identities, .. }) = read.attachments() else {
        panic!("endpoints alone")
    };
    assert!(identities.is_empty());
    let context: [(&str, &[&str]); 5] = [
        ("aws:SourceVpc", &["vpc-1"]),
        ("custom:n", &["1.50e3"]),
        ("custom:b", &["true"]),
        ("custom:l", &["a", ""]),
        ("custom:none", &[]),
    ];
    for endpoint in endpoints {
        assert_eq!(source.at(endpoint.place), format!("\"{}\"", endpoint.id));
    }
    let endpoints: Vec<_> =
        endpoints.iter().map(|endpoint| Endpoint { place: Place::default(), ..endpoint.clone() }).collect();
    assert_eq!(
        endpoints,
        [
            endpoint("vpce-0", None, &[]),
            endpoint("vpce-1", Some(1), &context),
            endpoint("vpce-2", Some(0), &[]),
            endpoint("vpce-3", Some(0), &[]),
            endpoint("vpce-4", Some(2), &[]),
        ]
    );
    let files: Vec<PathBuf> =
        ["bundle.json", "shared.json", "sub/other.json"].map(|name| folder.path().join(name)).into();
    assert_eq!(read.files(), files);
}

#[test]
fn a_file_is_one_document() {
    let folder = folder(&[("a.json", POLICY), ("bad.json", "{\n}")]);
    let path = folder.path().join("a.json");
    let read = Bundle::open(&path).unwrap();
    assert!(matches!(read.attachments(), Attachments::Document));
    assert!(matches!(read.policies(), [NamedPolicy { name, .. }] if name == "a.json"));
    assert_eq!(read.files(), [path]);

    let errors = refusal(Bundle::open(folder.path().join("bad.json")));
    assert_eq!(mistakes(folder.path(), &errors), ["bad.json:1:1: the document has no `Statement`"]);
}

#[test]
fn a_text_is_one_document_without_files() {
    let read = Bundle::from_source(Source::new("-", POLICY)).unwrap();
    assert!(matches!(read.policies(), [NamedPolicy { name, .. }] if name == "-"));
    assert!(read.files().is_empty());
    let errors = Bundle::from_source(Source::new("-", "[]")).unwrap_err();
    assert!(errors.to_string().starts_with("-:1:1: the document is a list"), "{errors}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = folder(&[]);
    for path in [folder.path().join("missing.json"), folder.path().to_owned()] {
        let error = Bundle::open(&path).unwrap_err();
        assert!(matches!(error, BundleError::Read { .. }), "{error:?}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bundle.json"), b"{\"format\": \"\xff\"}").unwrap();
    let errors = refusal(Bundle::open(folder.path()));
    assert_eq!(mistakes(folder.path(), &errors), ["bundle.json:1:13: the file is not UTF-8"]);
}

/// One `endpoints` value and all that is wrong with it.
#[test]
fn endpoints_are_checked() {
    let long = format!(r#"{{"vpce-1": {{"context": {{"a:b": "{}"}}}}}}"#, "x".repeat((64 << 10) + 1));
    for (endpoints, expected) in [
        ("[]", "`endpoints` is a list"),
        (r#"{"vpc-1": {}}"#, "`vpc-1` is no endpoint"),
        (r#"{"vpce-": {}}"#, "`vpce-` is no endpoint"),
        (r#"{"vpce-a/b": {}}"#, "`vpce-a/b` is no endpoint"),
        (r#"{"vpce-1": {}, "vpce-1": {}}"#, "key `vpce-1` stands twice"),
        (r#"{"vpce-1": null}"#, "endpoint `vpce-1` is null"),
        (r#"{"vpce-1": {"polices": "a"}}"#, "unknown key `polices` in endpoint `vpce-1`"),
        (r#"{"vpce-1": {"note": "a"}}"#, "unknown key `note` in endpoint `vpce-1`"),
        (r#"{"vpce-1": {"policy": null}}"#, "`policy` is null"),
        (r#"{"vpce-1": {"policy": ["ok.json"]}}"#, "`policy` is a list"),
        (r#"{"vpce-1": {"policy": {}}}"#, "the document has no `Statement`"),
        (r#"{"vpce-1": {"policy": ""}}"#, "path the empty string leaves"),
        (r#"{"vpce-1": {"policy": "../ok.json"}}"#, "path `../ok.json` leaves"),
        (r#"{"vpce-1": {"policy": "sub/../ok.json"}}"#, "path `sub/../ok.json` leaves"),
        (r#"{"vpce-1": {"policy": "/etc/hosts"}}"#, "path `/etc/hosts` leaves"),
        (r#"{"vpce-1": {"policy": "none.json"}}"#, "cannot read `none.json`"),
        (r#"{"vpce-1": {"policy": "ok\u0000.json"}}"#, "cannot read"),
        (r#"{"vpce-1": {"policy": "sub"}}"#, "`sub` is not a file"),
        (r#"{"vpce-1": {"policy": "."}}"#, "`.` is not a file"),
        (r#"{"vpce-1": {"context": []}}"#, "`context` is a list"),
        (r#"{"vpce-1": {"context": {"SourceVpc": "x"}}}"#, "`SourceVpc` is no context key"),
        (r#"{"vpce-1": {"context": {"a:b": "x", "A:B": "x"}}}"#, "keys `a:b` and `A:B` are the same"),
        (r#"{"vpce-1": {"context": {"a:b": null}}}"#, "a value of `a:b` is null"),
        (r#"{"vpce-1": {"context": {"a:b": {}}}}"#, "a value of `a:b` is an object"),
        (r#"{"vpce-1": {"context": {"a:b": ["x", 1]}}}"#, "a value of `a:b` is a number"),
        (r#"{"vpce-1": {"context": {"a:b": [["x"]]}}}"#, "a value of `a:b` is a list"),
        (&long, "a value of `a:b` is too long"),
    ] {
        let bundle = format!(r#"{{"format": 1, "endpoints": {endpoints}}}"#);
        let folder = folder(&[("bundle.json", &bundle), ("ok.json", POLICY), ("sub/ok.json", POLICY)]);
        let errors = refusal(Bundle::open(folder.path()));
        assert!(
            matches!(errors.as_slice(), [only] if only.message().contains(expected)),
            "{endpoints:.200}: expected {expected}: {errors:.500}"
        );
    }
}

/// Keys that the request itself decides (K-05, K-07, K-09 to K-11), in any case.
#[test]
fn an_endpoint_sets_no_key_of_the_request() {
    for key in [
        "aws:PrincipalArn",
        "aws:principalaccount",
        "aws:PrincipalType",
        "aws:username",
        "AWS:UserId",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalServiceName",
        "aws:PrincipalOrgID",
        "aws:PrincipalTag/team",
        "aws:TokenIssueTime",
        "aws:MultiFactorAuthPresent",
        "aws:MultiFactorAuthAge",
        "aws:FederatedProvider",
        "aws:SourceIdentity",
        "aws:AssumedRoot",
        "aws:ChatbotSourceArn",
        "aws:Ec2InstanceSourcePrivateIPv4",
        "aws:Ec2InstanceSourceVpc",
        "aws:SigninSessionArn",
        "aws:ResourceAccount",
        "aws:RequestedRegion",
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:SourceVpce",
    ] {
        let bundle = format!(r#"{{"format": 1, "endpoints": {{"vpce-1": {{"context": {{"{key}": "x"}}}}}}}}"#);
        let folder = folder(&[("bundle.json", &bundle)]);
        let errors = refusal(Bundle::open(folder.path()));
        assert!(errors.to_string().contains("an endpoint cannot set"), "{key}: {errors}");
    }
}

#[test]
fn the_head_of_a_bundle_is_checked() {
    for (bundle, expected) in [
        ("[]", "the bundle is a list"),
        (r#"{"endpoints": {}}"#, "no `format`"),
        (r#"{"format": 1}"#, "no `endpoints`"),
        (r#"{"format": 2, "endpoints": {}}"#, "`format` is `2`"),
        (r#"{"format": 1.0, "endpoints": {}}"#, "`format` is `1.0`"),
        (r#"{"format": "1", "endpoints": {}}"#, "`format` is a string"),
        (r#"{"format": 1, "endpoints": {}, "profile": "currant"}"#, "`profile` is `currant`"),
        (r#"{"format": 1, "endpoints": {}, "profile": null}"#, "`profile` is null"),
        (r#"{"format": 1, "endpoints": {}, "apis": {}}"#, "the bundle has `apis` and no `profile`"),
        (r#"{"format": 1, "endpoints": {}, "apis": [], "profile": "current"}"#, "`apis` is a list"),
        (r#"{"format": 1, "endpoints": {}, "identities": []}"#, "`identities` is a list"),
        (r#"{"format": 1, "endpoints": {}, "note": 1}"#, "unknown key `note` in the bundle"),
        (r#"{"format": 1, "endpoints": {}} x"#, "trailing characters"),
    ] {
        let folder = folder(&[("bundle.json", bundle)]);
        let errors = refusal(Bundle::open(folder.path()));
        assert!(matches!(errors.as_slice(), [only] if only.message().contains(expected)), "{bundle}: {errors}");
    }
}

#[test]
fn the_mistakes_of_all_files_come_at_once_and_those_of_one_file_once() {
    let bundle = r#"{"format": 1, "apis": {},
 "endpoints": {
  "vpce-1": {"policy": "bad.json"},
  "vpce-2": {"policy": "bad.json"},
  "vpce-3": {"policy": {"Statement": []}},
  "vpce-4": {"policy": "sub/worse.json"}}}"#;
    let bad = POLICY.replace("Allow", "allow");
    let folder = folder(&[("bundle.json", bundle), ("bad.json", &bad), ("sub/worse.json", "{\"Statement\":\n ]")]);
    let errors = refusal(Bundle::open(folder.path()));
    assert_eq!(
        mistakes(folder.path(), &errors),
        [
            "bundle.json:1:15: the bundle has `apis` and no `profile`",
            "bundle.json:5:38: `Statement` is an empty list",
            "bad.json:2:27: `Effect` is `allow`",
            "sub/worse.json:2:2: not JSON: `]` begins no value",
        ]
    );
}

#[cfg(unix)]
#[test]
fn links_may_not_leave_the_folder() {
    use std::os::unix::fs::symlink;

    let outside = folder(&[("secret.json", POLICY), ("sub/secret.json", POLICY)]);
    for (target, path) in [("secret.json", "link"), ("sub", "link/secret.json")] {
        let bundle = format!(r#"{{"format": 1, "endpoints": {{"vpce-1": {{"policy": "{path}"}}}}}}"#);
        let inside = folder(&[("bundle.json", &bundle)]);
        symlink(outside.path().join(target), inside.path().join("link")).unwrap();
        let errors = refusal(Bundle::open(inside.path()));
        assert!(errors.to_string().contains("leaves the folder through a link"), "{errors}");
    }
    // A link inside it is a name like any other, and the same file.
    let bundle = r#"{"format": 1, "endpoints": {"vpce-1": {"policy": "a.json"}, "vpce-2": {"policy": "link"}}}"#;
    let inside = folder(&[("bundle.json", bundle), ("a.json", POLICY)]);
    symlink("a.json", inside.path().join("link")).unwrap();
    assert_eq!(Bundle::open(inside.path()).unwrap().policies().len(), 1);
}
