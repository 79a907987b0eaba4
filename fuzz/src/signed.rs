//! Signed requests: whatever verifies is, in all that is signed, one of those that the holder of the key signed.

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use portcullis::gateway::{
    Authorization, Credential, Credentials, Header, NoCredentials, Payload, Reading, Signed, Signer, Verifier,
    read_authorization,
};
use serde_json::Value;

use crate::seeds;

/// The time at which the requests of the corpus were signed: 2026-01-01T12:00:00Z.
const SIGNED_AT: Duration = Duration::from_secs(1_767_268_800);

/// A request as it stands in an input: a line with method and target, a line for each header, an empty line, and the
/// body.
#[derive(Debug)]
pub struct Request<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
}

impl<'a> Request<'a> {
    /// Any text is a request.
    pub fn read(text: &'a str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.split('\n');
        let (method, target) = lines.next().unwrap_or("").split_once(' ').unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = lines.map(|line| line.split_once(':').unwrap_or((line, ""))).collect();
        Self { method, path, query, headers, body: body.as_bytes() }
    }

    fn headers(&self) -> Vec<Header<'a>> {
        self.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect()
    }

    fn authorization(&self, credentials: &impl Credentials) -> Authorization {
        let payload = Payload::Bytes(self.body);
        let Self { method, path, query, .. } = *self;
        let headers = self.headers();
        let request = Signed { method, path, query, headers: &headers, payload };
        Verifier::new("us-east-1", SystemTime::UNIX_EPOCH + SIGNED_AT).authorization(&request, credentials)
    }

    /// What is signed of it, in one order; `with` are the signed headers.
    fn content(&self, with: &BTreeSet<String>) -> String {
        let mut query: Vec<_> = self
            .query
            .split('&')
            .filter(|parameter| !parameter.is_empty())
            .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .filter(|(name, _)| name != b"X-Amz-Signature")
            .collect();
        query.sort();
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), words(value)))
            .filter(|(name, _)| with.contains(name))
            .collect();
        headers.sort();
        format!("{:?}", (self.method, self.path, query, headers, self.body))
    }

    /// The headers it says are signed.
    fn signed_headers(&self) -> BTreeSet<String> {
        let header = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let text = String::from_utf8_lossy(&match header.filter(|(_, value)| !value.trim().is_empty()) {
            Some((_, value)) => value.as_bytes().to_vec(),
            None => decoded(self.query),
        })
        .into_owned();
        let (_, rest) = text.split_once("SignedHeaders=").unwrap_or_default();
        let names = rest.split([',', '&']).next().unwrap_or_default();
        names.trim().split(';').map(str::to_owned).collect()
    }
}

/// A value without the spaces that make no difference.
fn words(value: &str) -> String {
    let value = value.trim_matches([' ', '\t']);
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The bytes that a part of a query stands for.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.get(at) {
        let escape = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}

/// The keys that the requests of the corpus are signed with.
struct Keys(Vec<(String, Credential)>);

impl Credentials for Keys {
    fn find(&self, access_key_id: &str) -> Option<Credential> {
        self.0.iter().find(|(id, _)| id == access_key_id).map(|(_, credential)| credential.clone())
    }
}

static LINES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let text = fs::read_to_string(seeds::folder().join("sigv4/botocore.jsonl")).expect("the corpus is there");
    text.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect()
});

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Keys(
        LINES
            .iter()
            .map(|line| {
                let credential = Credential {
                    secret: text(&line["secret"]).expect("a secret"),
                    session_token: text(&line["session_token"]),
                    signer: Arc::new(Signer::default()),
                };
                (text(&line["access_key_id"]).expect("an id"), credential)
            })
            .collect(),
    )
});

static SIGNED: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    inputs()
        .iter()
        .map(|input| {
            let request = Request::read(input);
            assert!(matches!(request.authorization(&*KEYS), Authorization::Valid(_)), "{input}");
            request.content(&request.signed_headers())
        })
        .collect()
});

/// The requests of the corpus whose bodies are text, as inputs.
///
/// # Panics
/// Where the corpus cannot be read.
pub fn inputs() -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    LINES
        .iter()
        .filter_map(|line| {
            let mut input = format!("{} {}", text(&line["method"])?, text(&line["target"])?);
            for header in line["headers"].as_array()? {
                input += &format!("\n{}:{}", text(&header[0])?, text(&header[1])?);
            }
            Some(input + "\n\n" + &text(&line["body"])?)
        })
        .collect()
}

/// Checks one input.
///
/// # Panics
/// Where something verifies that nobody signed, or the reading and the verifier disagree.
pub fn check(text: &str) {
    let request = Request::read(text);
    let headers = request.headers();
    let reading = read_authorization(&headers, request.query);
    let said = request.authorization(&*KEYS);
    let agree = match (&reading, &said) {
        (Reading::Absent, Authorization::Absent) => true,
        (Reading::Bearer(one), Authorization::Bearer(other)) => one == other,
        (Reading::Incomplete(one), Authorization::Incomplete(other)) => one == other,
        (Reading::Invalid(one), Authorization::Invalid(other)) => one == other,
        (Reading::Signed(_), Authorization::Valid(_) | Authorization::Invalid(_)) => true,
        _ => false,
    };
    assert!(agree, "{reading:?} and {said:?}: {request:?}");
    if matches!(said, Authorization::Valid(_)) {
        let content = request.content(&request.signed_headers());
        assert!(SIGNED.contains(&content), "verifies, and nobody signed it: {request:?}");
    }
    assert!(!matches!(request.authorization(&NoCredentials), Authorization::Valid(_)), "without keys: {request:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_verifies_and_is_found_again() {
        assert!(inputs().len() > 80);
        for input in inputs() {
            check(&input);
        }
        assert!(SIGNED.len() > 80);
    }
}
