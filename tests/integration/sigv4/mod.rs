//! Signatures: what AWS's signers sign verifies, and nothing else does.

mod mutations;
mod signed;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::gateway::{
    Authorization, Credential, Credentials, Header, Invalid, MissingParts, NoCredentials, Payload, Signed, Signer,
    Verifier,
};
use serde_json::Value;

/// A signed request, and what verifies it.
#[derive(Debug, Clone)]
struct Case {
    name: String,
    access_key_id: String,
    secret: String,
    session_token: Option<String>,
    region: String,
    service: String,
    now: SystemTime,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    answer: String,
}

impl Credentials for Case {
    fn find(&self, access_key_id: &str) -> Option<Credential> {
        (access_key_id == self.access_key_id).then(|| Credential {
            secret: self.secret.clone(),
            session_token: self.session_token.clone(),
            signer: Arc::new(Signer { principal: self.access_key_id.clone(), ..Signer::default() }),
        })
    }
}

impl Case {
    fn read(line: &Value) -> Self {
        let text = |field: &str| line[field].as_str().unwrap_or_else(|| panic!("{field}: {line}")).to_owned();
        let target = text("target");
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        Self {
            name: text("name"),
            access_key_id: text("access_key_id"),
            secret: text("secret"),
            session_token: line["session_token"].as_str().map(str::to_owned),
            region: text("region"),
            service: text("service"),
            now: text("time").parse::<jiff::Timestamp>().map(at).unwrap(),
            method: text("method"),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: serde_json::from_value(line["headers"].clone()).unwrap(),
            body: match line["body_base64"].as_str() {
                Some(encoded) => STANDARD.decode(encoded).unwrap(),
                None => text("body").into_bytes(),
            },
            answer: text("answer"),
        }
    }

    fn headers(&self) -> Vec<Header<'_>> {
        self.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect()
    }

    /// What the verifier says, with this case's keys.
    fn authorization(&self) -> Authorization {
        self.authorization_with(self, Payload::Bytes(&self.body))
    }

    fn authorization_with(&self, credentials: &impl Credentials, payload: Payload<'_>) -> Authorization {
        let headers = self.headers();
        let request = Signed { method: &self.method, path: &self.path, query: &self.query, headers: &headers, payload };
        Verifier::new(&self.region, self.now).service(&self.service).authorization(&request, credentials)
    }

    /// Where a header stands.
    fn position(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|(other, _)| other.eq_ignore_ascii_case(name))
    }
}

fn at(time: jiff::Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(time.as_second().try_into().unwrap())
}

/// An answer in a word, and the missing parts of one that is incomplete.
fn word(authorization: &Authorization) -> String {
    match authorization {
        Authorization::Absent => "absent".to_owned(),
        Authorization::Valid(_) => "valid".to_owned(),
        Authorization::Incomplete(missing) => {
            let MissingParts { credential, signature, signed_headers, date } = *missing;
            let parts = [
                (credential, " Credential"),
                (signature, " Signature"),
                (signed_headers, " SignedHeaders"),
                (date, " Date"),
            ];
            parts.iter().filter(|(missing, _)| *missing).fold("incomplete".to_owned(), |text, (_, part)| text + part)
        }
        Authorization::Bearer(_) => "bearer".to_owned(),
        Authorization::Invalid(Invalid::Expired { .. }) => "Expired".to_owned(),
        Authorization::Invalid(Invalid::NotYetCurrent { .. }) => "NotYetCurrent".to_owned(),
        Authorization::Invalid(invalid) => format!("{invalid:?}"),
    }
}

/// The requests of a file of `corpus/sigv4/`.
fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/sigv4").join(file);
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| Case::read(&serde_json::from_str(line).unwrap())).collect()
}

/// AWS's own suite: each case verifies, save those that rules refuse, which the file names.
#[test]
fn the_published_suite_verifies() {
    all_answer("suite.jsonl", 70);
}

/// Every state of the header, and every reason for one (S-01, S-02).
#[test]
fn each_state_of_the_header() {
    all_answer("states.jsonl", 41);
}

/// Each case of a file, of which there are so many at least, is answered as it says.
#[track_caller]
fn all_answer(file: &str, least: usize) {
    let cases = cases(file);
    assert!(cases.len() >= least, "{}", cases.len());
    let wrong: Vec<_> = cases
        .iter()
        .map(|case| (case, word(&case.authorization())))
        .filter(|(case, said)| *said != case.answer)
        .map(|(case, said)| format!("{}: {said}, expected {}", case.name, case.answer))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_botocore_signs_verifies() {
    let cases = cases("botocore.jsonl");
    assert!(cases.len() > 80, "{}", cases.len());
    for case in &cases {
        assert_eq!(word(&case.authorization()), case.answer, "{}", case.name);
        let Authorization::Valid(signer) = case.authorization() else { panic!("{}", case.name) };
        assert_eq!(signer.principal, case.access_key_id, "who signed is whose key it is");
        // Of the hash of the body alone, and never without the keys.
        let hash = <sha2::Sha256 as sha2::Digest>::digest(&case.body).into();
        assert_eq!(word(&case.authorization_with(case, Payload::Sha256(hash))), "valid", "{}", case.name);
        assert_eq!(word(&case.authorization_with(case, Payload::Sha256([0; 32]))), "Mismatch", "{}", case.name);
        assert_eq!(word(&case.authorization_with(&NoCredentials, Payload::Sha256(hash))), "UnknownKey");
    }
}

/// The clock's window: five minutes either side, to the second, and for a query until it has lived.
#[test]
fn a_signature_is_of_its_time() {
    let cases = cases("botocore.jsonl");
    let header = cases.iter().find(|case| case.query.is_empty()).unwrap();
    let query = cases.iter().find(|case| case.query.contains("X-Amz-Expires=3600")).unwrap();
    let second = Duration::from_secs(1);
    for (case, lives) in [(header, Duration::from_secs(300)), (query, Duration::from_secs(3600))] {
        let at = |now| word(&Case { now, ..case.clone() }.authorization());
        let skew = Duration::from_secs(300);
        assert_eq!(at(case.now + lives), "valid");
        assert_eq!(at(case.now + lives + second), "Expired");
        assert_eq!(at(case.now - skew), "valid");
        assert_eq!(at(case.now - skew - second), "NotYetCurrent");
        assert_eq!(at(SystemTime::UNIX_EPOCH), "NotYetCurrent");
        let Authorization::Invalid(Invalid::Expired { signed_at, limit, now }) =
            (Case { now: case.now + lives + second, ..case.clone() }).authorization()
        else {
            panic!("expired")
        };
        assert_eq!(signed_at.to_string(), "20260101T120000Z");
        assert_eq!(limit.to_string(), "20260101T120001Z");
        assert_eq!(now.epoch_seconds() - limit.epoch_seconds(), i64::try_from(lives.as_secs()).unwrap());
    }
}
