//! HTTP requests: each case of `corpus/paths.jsonl`, and properties of made-up ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use portcullis::Gate;
use portcullis::gateway::{CONTENT_TYPE, Directory, HttpFault, HttpRequest, read_request};
use proptest::prelude::*;
use serde::Deserialize;

use crate::hostile::compiled;
use crate::readings::{Known, have_one_reading};

/// One line. Texts stand for their bytes in UTF-8.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: Vec<String>,
    name: String,
    method: String,
    host: Option<String>,
    target: String,
    headers: Vec<(String, String)>,
    server_name: Option<String>,
    endpoint: Option<String>,
    resource: Option<String>,
    forward: Option<String>,
    context: Option<BTreeMap<String, String>>,
    status: Option<u16>,
    errortype: Option<String>,
    body: Option<String>,
}

impl Case {
    fn ask<T>(&self, ask: impl FnOnce(&HttpRequest<'_>) -> T) -> T {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        ask(&HttpRequest {
            method: self.method.as_bytes(),
            target: self.target.as_bytes(),
            host: self.host.as_deref().map(str::as_bytes),
            headers: &headers,
            server_name: self.server_name.as_deref().map(str::as_bytes),
            endpoint: self.endpoint.as_deref(),
        })
    }

    fn run(&self) -> Result<(), String> {
        self.ask(|request| match (read_request(request, &Known), &self.resource, self.status) {
            (Ok(invocation), Some(resource), None) => {
                let target = invocation.target();
                let context: BTreeMap<_, _> = invocation
                    .context()
                    .map(|(key, value)| (key.to_owned(), value.single().unwrap().to_owned()))
                    .collect();
                let is_unchanged = self.forward.as_ref() == Some(&self.target);
                if invocation.resource() != *resource {
                    Err(format!("resource {}", invocation.resource()))
                } else if Some(target.as_str()) != self.forward.as_deref() || target.is_unchanged() != is_unchanged {
                    Err(format!("{target:?}"))
                } else if self.context.as_ref().is_some_and(|expected| *expected != context) {
                    Err(format!("context {context:?}"))
                } else {
                    have_one_reading(request);
                    Ok(())
                }
            }
            (Err(fault), None, Some(status)) if fault.response().status() == status => {
                let (errortype, body) = (fault.response().errortype(), fault.response().body());
                let is_said = self.errortype.as_ref().is_none_or(|expected| expected == errortype)
                    && self.body.as_ref().is_none_or(|expected| *expected == body);
                if is_said { Ok(()) } else { Err(format!("{errortype}: {body}")) }
            }
            (Ok(invocation), ..) => Err(format!("accepted as {}", invocation.resource())),
            (Err(fault), ..) => Err(format!("refused: {fault}")),
        })
    }
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/paths.jsonl");
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
}

#[test]
fn every_spelling_of_the_corpus() {
    let cases = cases();
    assert!(cases.len() >= 150, "{}", cases.len());
    let failures: Vec<_> = (1..)
        .zip(&cases)
        .filter_map(|(line, case)| Some(format!("{line}: {:?} {}: {}", case.rule, case.name, case.run().err()?)))
        .collect();
    assert!(failures.is_empty(), "{} cases fail:\n{}", failures.len(), failures.join("\n"));
    for number in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14] {
        let rule = format!("H-{number:02}");
        assert!(cases.iter().any(|case| case.rule.contains(&rule)), "no case of {rule}");
    }
    assert_eq!(CONTENT_TYPE, "application/json");
}

#[test]
fn a_header_that_is_not_text_is_refused_where_it_is_read() {
    let ask = |name: &str, value: &[u8]| {
        let host = b"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com".as_slice();
        let headers = [(b"Host".as_slice(), host), (name.as_bytes(), value)];
        let request =
            HttpRequest { method: b"GET", target: b"/prod/pets", headers: &headers, ..HttpRequest::default() };
        read_request(&request, &Known).is_ok()
    };
    for name in ["User-Agent", "Referer", "X-Apigw-Api-Id"] {
        assert!(!ask(name, b"a\xFF"), "{name}");
    }
    assert!(ask("x-other", b"a\xFF"), "nobody reads it");
}

/// A gate knows the APIs, stages and domains of its bundle, and no others.
#[test]
fn a_gate_is_the_directory_of_its_bundle() {
    let gate = Gate::load(compiled("bundles/apis")).unwrap();
    let ask = |host: &str, target: &str| {
        let request = HttpRequest {
            method: b"GET",
            target: target.as_bytes(),
            host: Some(host.as_bytes()),
            ..HttpRequest::default()
        };
        read_request(&request, &gate).map(|invocation| invocation.resource())
    };
    let pets = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5";
    for (host, target, resource) in [
        ("a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "/prod/pets", format!("{pets}/prod/GET/pets")),
        ("a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "/any/pets", format!("{pets}/any/GET/pets")),
        ("Pets.example.com:443", "/pets", format!("{pets}/prod/GET/pets")),
        ("test.pets.example.com", "/", format!("{pets}/test/GET/")),
        (
            "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
            "/prod/",
            "arn:aws:execute-api:eu-west-1:123412341234:a1b2c3d4e5/prod/GET/".to_owned(),
        ),
        (
            "f6g7h8i9j0.execute-api.us-east-1.amazonaws.com",
            "/prod/x",
            "arn:aws:execute-api:us-east-1:444455556666:f6g7h8i9j0/prod/GET/x".to_owned(),
        ),
    ] {
        assert_eq!(ask(host, target), Ok(resource), "{host}{target}");
    }
    for (host, target, fault) in [
        ("f6g7h8i9j0.execute-api.eu-west-1.amazonaws.com", "/prod/x", HttpFault::UnknownApi),
        ("other.example.com", "/pets", HttpFault::UnknownApi),
        ("a1b2c3d4e5.execute-api.us-east-1.amazonaws.com.cn", "/prod/pets", HttpFault::UnknownApi),
        // Of this API no method is of every stage.
        ("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", "/test/", HttpFault::UnknownStage),
    ] {
        assert_eq!(ask(host, target), Err(fault), "{host}{target}");
    }
    for other in ["bundles/endpoints", "language.json"] {
        let gate = Gate::load(compiled(other)).unwrap();
        assert!(gate.find_api("us-east-1", "a1b2c3d4e5").is_none() && gate.mapping("pets.example.com", "/").is_none());
    }
}

/// Spellings that come near what proxies differ in.
fn target() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "/", "/", "/", ".", "..", "%2e", "%2E", "%2f", "%5C", "\\", "%", "%25", "%61", "%C3%A9", "%c3", "%20", "%3a", "a",
            "pets", ":", "@", ";", "*", "%2A", "?", "%3F", "#", "//", "{x}", "|", "^", "\t", "\n", " ", "+", "=", "%7e", "%00",
            "~", "\u{e9}", "%E2%81%84", "%u002f", "https://", "%EF%BC%8F", "'", "[", "%0a", "&", "a.b", "...",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..3),
    ];
    let start = prop::sample::select(vec![
        "/prod/",
        "/prod",
        "/test/",
        "/",
        "",
        "/%70rod/",
        "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/",
    ]);
    (start, prop::collection::vec(piece, 0..8))
        .prop_map(|(start, pieces)| [start.as_bytes().to_vec(), pieces.concat()].concat())
}

#[test]
fn what_is_accepted_has_one_reading() {
    let accepted = std::cell::Cell::new(0);
    let config = ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(target in target())| {
        let host = Some(b"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com".as_slice());
        let request = HttpRequest { method: b"GET", target: &target, host, ..HttpRequest::default() };
        accepted.set(accepted.get() + u32::from(have_one_reading(&request)));
    });
    assert!(accepted.get() > 1_000, "{} of 20,000 accepted", accepted.get());
}

#[test]
fn any_bytes_are_accepted_or_refused() {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    let host = prop_oneof![
        bytes(),
        "([A-Za-z0-9-]{1,10}\\.)?(execute-api|vpce-1a-2b|a1b2c3d4e5)\\.us-east-1\\.(vpce\\.)?amazonaws\\.com(\\.cn)?(:443)?\\.?"
            .prop_map(String::into_bytes),
    ];
    let name = prop_oneof![bytes(), "(host|x-apigw-api-id|user-agent|referer)".prop_map(String::into_bytes)];
    let headers = prop::collection::vec((name, bytes()), 0..4);
    let config = ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(method in bytes(), target in bytes(), host in host, headers in headers, server in bytes())| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
        for server_name in [None, Some(server.as_slice())] {
            for method in [method.as_slice(), b"GET"] {
                let request =
                    HttpRequest { method, target: &target, host: Some(&host), headers: &headers, server_name, endpoint: None };
                have_one_reading(&request);
            }
        }
    });
}
