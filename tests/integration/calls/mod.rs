//! HTTP requests through the whole way: what `eval` reads of a line, who has signed, and what is answered.
//!
//! `corpus/http/` has the calls and their answers. `made` breaks them in every way.

mod made;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::bundle::Bundle;
use portcullis::gateway::{
    Authorization, Call, Credential, Credentials, CredentialsFile, Directory, HttpCall, HttpFault, HttpRequest,
    Invalid, NoCredentials, Payload, Signer, read_call,
};
use portcullis::{Authorizer, Compiler, Gate, Reason, Refusal, Value};
use serde::Deserialize;
use snapbox::cmd::{Command, cargo_bin};

use crate::engines::Engines;
use crate::hostile::compiled;

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

fn keys() -> CredentialsFile {
    CredentialsFile::open(corpus("http/credentials.json")).unwrap()
}

/// Calls and answers of the corpus.
fn lines() -> Vec<(String, String)> {
    let [requests, expected] =
        ["http/requests.jsonl", "http/expected.jsonl"].map(|name| fs::read_to_string(corpus(name)).unwrap());
    assert_eq!(requests.lines().count(), expected.lines().count());
    requests.lines().zip(expected.lines()).map(|(line, answer)| (line.to_owned(), answer.to_owned())).collect()
}

/// A line, read without the program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    http: Http,
    #[serde(default)]
    context: BTreeMap<String, serde_json::Value>,
    authorizer: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Http {
    method: String,
    host: Option<String>,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    body_sha256: Option<String>,
    endpoint: Option<String>,
    source_ip: Option<String>,
    time: String,
}

/// A call, as bytes.
#[derive(Clone)]
struct Seen {
    method: Vec<u8>,
    host: Option<Vec<u8>>,
    target: Vec<u8>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
    hash: Option<[u8; 32]>,
    endpoint: Option<String>,
    source_ip: Option<String>,
    time: SystemTime,
    context: Vec<(String, Vec<String>)>,
    authorizer: Option<Authorizer>,
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.method.escape_ascii(), self.target.escape_ascii())?;
        let host = self.host.as_ref().map(|host| (b"(host)".to_vec(), host.clone()));
        for (name, value) in host.iter().chain(&self.headers) {
            writeln!(f, "{}: {}", name.escape_ascii(), value.escape_ascii())?;
        }
        writeln!(f, "{}\n{:?} {:?} {:?}", self.body.escape_ascii(), self.endpoint, self.time, self.context)
    }
}

impl Seen {
    fn read(line: &str) -> Self {
        let Line { http, context, authorizer } =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let body = match &http.body_base64 {
            Some(text) => STANDARD.decode(text).unwrap(),
            None => http.body.unwrap_or_default().into_bytes(),
        };
        let hash = http.body_sha256.map(|text| {
            let bytes: Vec<_> = (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect();
            bytes.try_into().unwrap()
        });
        let texts = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => vec![text],
            list => serde_json::from_value(list).unwrap(),
        };
        Self {
            method: http.method.into_bytes(),
            host: http.host.map(String::into_bytes),
            target: http.target.into_bytes(),
            headers: http.headers.into_iter().map(|(name, value)| (name.into_bytes(), value.into_bytes())).collect(),
            body,
            hash,
            endpoint: http.endpoint,
            source_ip: http.source_ip,
            time: http.time.parse::<jiff::Timestamp>().unwrap().try_into().unwrap(),
            context: context.into_iter().map(|(name, value)| (name, texts(value))).collect(),
            authorizer: authorizer.map(|word| match word.as_str() {
                "allow" => Authorizer::Allow,
                "deny" => Authorizer::Deny,
                "silent" => Authorizer::Silent,
                word => panic!("{word}"),
            }),
        }
    }

    fn ask<T>(
        &self,
        directory: &dyn Directory,
        keys: &impl Credentials,
        ask: impl FnOnce(Result<Call<'_>, HttpFault>) -> T,
    ) -> T {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
        let texts: Vec<Vec<_>> =
            self.context.iter().map(|(_, texts)| texts.iter().map(String::as_str).collect()).collect();
        let names = self.context.iter().map(|(name, _)| name.as_str());
        let context: Vec<_> = names.zip(&texts).map(|(name, texts)| (name, Value::list(texts))).collect();
        let call = HttpCall {
            request: HttpRequest {
                method: &self.method,
                target: &self.target,
                host: self.host.as_deref(),
                headers: &headers,
                server_name: None,
                endpoint: self.endpoint.as_deref(),
            },
            payload: self.hash.map_or(Payload::Bytes(&self.body), Payload::Sha256),
            source_ip: self.source_ip.as_deref().map(|text| text.parse().unwrap()),
            time: self.time,
            authorizer: self.authorizer,
            context: &context,
        };
        ask(read_call(&call, directory, keys))
    }
}

/// What the program answers, and its exit code.
fn eval(input: &Path, requests: &str, options: &[&str]) -> (Vec<String>, Option<i32>) {
    let done =
        Command::new(cargo_bin!("portcullis")).arg("eval").arg(input).args(options).stdin(requests).output().unwrap();
    assert!(done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
    (String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect(), done.status.code())
}

fn eval_with_keys(input: &Path, requests: &str) -> (Vec<String>, Option<i32>) {
    let keys = corpus("http/credentials.json");
    eval(input, requests, &["--credentials", keys.to_str().unwrap()])
}

/// The worked bundle, its blob, and its blob without names answer byte for byte as the corpus says.
#[test]
fn of_the_corpus() {
    let lines = lines();
    assert!(lines.len() >= 130, "{}", lines.len());
    let requests: String = lines.iter().map(|(line, _)| format!("{line}\n")).collect();
    let folder = tempfile::tempdir().unwrap();
    let (bundle, blob) = (corpus("bundles/apis"), folder.path().join("apis.gate"));
    fs::write(&blob, compiled("bundles/apis")).unwrap();
    for input in [&bundle, &blob] {
        let (answers, code) = eval_with_keys(input, &requests);
        assert_eq!((answers.len(), code), (lines.len(), Some(0)));
        for (number, ((line, expected), answer)) in (1..).zip(lines.iter().zip(&answers)) {
            assert_eq!(answer, expected, "{}: line {number}: {line}", input.display());
        }
    }
    let stripped = Compiler::new().strip(true).compile(&Bundle::open(&bundle).unwrap()).unwrap();
    fs::write(&blob, stripped.as_bytes()).unwrap();
    for ((line, expected), answer) in lines.iter().zip(eval_with_keys(&blob, &requests).0) {
        let [expected, answer] =
            [expected, &answer].map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
        for field in ["decision", "reason", "layers", "response", "resource", "principal", "route"] {
            assert_eq!(answer[field], expected[field], "{line}");
        }
    }
}

/// The request that the gate is asked is answered by every engine alike.
#[test]
fn every_engine_answers_the_corpus_alike() {
    let bundle = Bundle::open(corpus("bundles/apis")).unwrap();
    let (engines, keys) = (Engines::new(&bundle), keys());
    let mut asked = 0;
    for (line, expected) in lines() {
        let said = Seen::read(&line).ask(&engines.gate, &keys, |call| {
            Some(call.ok()?.ask(|request| engines.agree(request)).unwrap_or_else(|why| panic!("{line}: {why}")))
        });
        let Some(said) = said else { continue };
        asked += 1;
        let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
        assert_eq!(expected["reason"], said.reason.as_str(), "{line}");
    }
    assert!(asked >= 80, "{asked}");
}

#[test]
fn without_keys_no_signature_verifies() {
    let gate = Gate::load(compiled("bundles/apis")).unwrap();
    let mut refused = 0;
    for (line, expected) in lines() {
        let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
        if !expected["principal"].is_string() {
            continue;
        }
        let none = CredentialsFile::default();
        let allowed = Seen::read(&line).ask(&gate, &none, |call| {
            call.is_ok_and(|call| call.signer().is_some() || call.ask(|request| gate.decide(request)).is_allowed())
        });
        assert!(!allowed, "{line}");
        refused += 1;
    }
    assert!(refused >= 20, "{refused}");
    // A library that has no store at all has this one.
    let call = HttpCall {
        request: HttpRequest {
            method: b"GET",
            target: b"/prod/",
            host: Some(b"pets.example.com"),
            ..HttpRequest::default()
        },
        payload: Payload::Bytes(b""),
        source_ip: None,
        time: SystemTime::now(),
        authorizer: None,
        context: &[],
    };
    assert!(read_call(&call, &gate, &NoCredentials).unwrap().signer().is_none());
    let signed = lines().into_iter().find(|(_, answer)| answer.contains("\"identity\":\"explicit_allow\"")).unwrap().0;
    let (answers, code) = eval(&corpus("bundles/apis"), &signed, &[]);
    assert!(answers[0].contains("The security token included in the request is invalid."), "{}", answers[0]);
    assert_eq!(code, Some(0));
}

/// A store that knows more of each signer: this key.
struct Knowing(&'static str);

impl Credentials for Knowing {
    fn find(&self, access_key_id: &str) -> Option<Credential> {
        let mut known = keys().find(access_key_id)?;
        let context = vec![(self.0.to_owned(), vec!["x".to_owned()])];
        known.signer = Arc::new(Signer { context, ..Signer::clone(&known.signer) });
        Some(known)
    }
}

/// K-07: a key that describes no principal would be seen by layers that see nobody, so that nobody has such a signer's key.
#[test]
fn what_is_known_of_a_signer_describes_a_principal() {
    let gate = Gate::load(compiled("bundles/apis")).unwrap();
    let signed = lines().into_iter().find(|(_, answer)| answer.contains("\"identity\":\"explicit_allow\"")).unwrap().0;
    let call = Seen::read(&signed);
    for key in ["aws:PrincipalOrgID", "AWS:Ec2InstanceSourceVpc", "aws:username"] {
        assert!(call.ask(&gate, &Knowing(key), |call| call.unwrap().signer().is_some()), "{key}");
    }
    for key in ["aws:SourceIp", "aws:SourceVpce", "saml:dept", ""] {
        call.ask(&gate, &Knowing(key), |call| {
            let call = call.unwrap();
            assert_eq!(*call.authorization(), Authorization::Invalid(Invalid::SignerContext), "{key}");
            call.ask(|request| {
                assert!(request.context.get(key).is_none_or(|value| value.single() != Some("x")), "{key}");
                assert_eq!(gate.decide(request).refusal(), Some(Refusal::InvalidToken), "{key}");
            });
        });
    }
}

/// A line without `time` is of now: what the corpus signed has expired since.
#[test]
fn the_clock_is_now_where_a_line_has_none() {
    let signed = lines().into_iter().find(|(_, answer)| answer.contains("\"identity\":\"explicit_allow\"")).unwrap().0;
    let line = signed.replace(",\"time\":\"2026-01-01T12:00:00Z\"", "");
    assert_ne!(line, signed);
    let (answers, _) = eval_with_keys(&corpus("bundles/apis"), &line);
    assert!(
        answers[0].contains("\"message\":\"Signature expired: 20260101T120000Z is now earlier than "),
        "{}",
        answers[0]
    );
}

/// In profile `classic` nobody looks at the header of a method without authorization behind a default endpoint (S-03).
#[test]
fn the_profile_says_whether_the_header_is_read() {
    let bundle = fs::read_to_string(corpus("bundles/apis/bundle.json")).unwrap().replace("\"current\"", "\"classic\"");
    let folder = copied(&bundle);
    let broken = |endpoint: &str| {
        format!(
            r#"{{"http":{{"method":"GET","host":"pets.example.com","target":"/","endpoint":"{endpoint}","headers":[["Authorization","AWS4-HMAC-SHA256 Credential=x"]]}}}}"#
        )
    };
    let requests = [broken("vpce-0000ffff"), broken("vpce-1a2b3c4d")].join("\n");
    let (answers, _) = eval_with_keys(folder.path(), &requests);
    assert!(answers[0].starts_with("{\"decision\":\"allow\""), "{}", answers[0]);
    assert!(answers[1].contains("IncompleteSignatureException"), "{}", answers[1]);
}

/// The worked bundle with another `bundle.json`.
fn copied(bundle: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bundle.json"), bundle).unwrap();
    fs::create_dir(folder.path().join("policies")).unwrap();
    for entry in fs::read_dir(corpus("bundles/apis/policies")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join("policies").join(entry.file_name())).unwrap();
    }
    folder
}

/// K-04, K-10, K-11, H-14, S-05: which keys there are, and whose value holds.
#[test]
fn context_keys_come_from_the_call() {
    let gate = Gate::load(compiled("bundles/apis")).unwrap();
    let signed = lines().into_iter().find(|(_, answer)| answer.contains("\"identity\":\"explicit_allow\"")).unwrap().0;
    let context = |change: fn(&mut Seen)| {
        let mut seen = Seen::read(&signed);
        change(&mut seen);
        let keys = [
            "aws:UserAgent",
            "aws:Referer",
            "aws:VpcSourceIp",
            "aws:SourceIp",
            "aws:CurrentTime",
            "aws:EpochTime",
            "aws:SecureTransport",
            "aws:SourceVpc",
            "aws:PrincipalTag/team",
            "aws:PrincipalOrgID",
            "a:b",
        ];
        seen.ask(&gate, &self::keys(), |call| {
            call.unwrap().ask(|request| {
                assert_eq!(request.context.fault(), None);
                let text = |key| Some((key, request.context.get(key)?.texts().collect::<Vec<_>>().join("|")));
                keys.into_iter().filter_map(text).collect::<BTreeMap<_, _>>()
            })
        })
    };
    let plain: &[_] = &[
        ("aws:CurrentTime", "2026-01-01T12:00:00Z"),
        ("aws:PrincipalOrgID", "o-abc"),
        ("aws:PrincipalTag/team", "red"),
        ("aws:VpcSourceIp", "10.0.0.7"),
    ];
    let with = |more: &[(&'static str, &str)]| {
        let mut all: BTreeMap<_, _> = plain.iter().chain(more).map(|(key, text)| (*key, (*text).to_owned())).collect();
        all.retain(|_, text| text != "-");
        all
    };
    assert_eq!(context(|_| {}), with(&[]));
    let headers = |seen: &mut Seen| {
        for (name, value) in
            [("USER-agent", "a/1 "), ("Referer", "b"), ("X-Forwarded-For", "9.9.9.9"), ("aws:SourceIp", "9.9.9.9")]
        {
            // A colon is no character of a header's name.
            let name = name.replace(':', "-");
            seen.headers.push((name.into_bytes(), value.as_bytes().to_vec()));
        }
    };
    assert_eq!(context(headers), with(&[("aws:UserAgent", "a/1 "), ("aws:Referer", "b")]));
    let given = |seen: &mut Seen| {
        seen.headers.push((b"User-Agent".to_vec(), b"header".to_vec()));
        seen.headers.push((b"Referer".to_vec(), b"header".to_vec()));
        for (key, texts) in [
            ("AWS:useragent", vec!["given"]),
            ("aws:referer", vec![]),
            ("aws:vpcSourceIp", vec!["10.9.9.9"]),
            ("aws:SourceIp", vec!["10.8.8.8"]),
            ("aws:currenttime", vec!["2027-01-01T00:00:00Z"]),
            ("aws:principaltag/TEAM", vec!["blue"]),
            ("aws:principalorgid", vec!["o-other"]),
            ("a:b", vec!["x", "y"]),
        ] {
            seen.context.push((key.to_owned(), texts.into_iter().map(str::to_owned).collect()));
        }
    };
    let expected = [
        ("aws:UserAgent", "given"),
        ("aws:Referer", ""),
        ("aws:VpcSourceIp", "10.9.9.9"),
        ("aws:SourceIp", "10.8.8.8"),
        ("aws:CurrentTime", "2027-01-01T00:00:00Z"),
        ("a:b", "x|y"),
    ];
    assert_eq!(context(given), with(&expected));
    // One clock, whichever of its two keys is given.
    let epoch = |seen: &mut Seen| seen.context.push(("aws:EpochTime".to_owned(), vec!["5".to_owned()]));
    assert_eq!(context(epoch), with(&[("aws:EpochTime", "5"), ("aws:CurrentTime", "-")]));
    let unsigned = |seen: &mut Seen| {
        seen.headers.retain(|(name, _)| name != b"Authorization");
        seen.source_ip = None;
    };
    let nothing = [("aws:PrincipalOrgID", "-"), ("aws:PrincipalTag/team", "-"), ("aws:VpcSourceIp", "-")];
    assert_eq!(context(unsigned), with(&nothing));
}

/// The same keys decide.
#[test]
fn conditions_on_what_comes_from_the_call_decide() {
    let mut bundle: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(corpus("bundles/apis/bundle.json")).unwrap()).unwrap();
    bundle["endpoints"]["vpce-0000ffff"] = serde_json::json!({"policy": {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123412341234:user/MyUser"}, "Action": "*", "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:UserAgent": "good/1", "aws:Referer": "https://a.example/", "aws:PrincipalTag/team": "red",
                             "aws:PrincipalOrgID": "o-abc", "aws:SourceVpce": "vpce-0000ffff"},
            "IpAddress": {"aws:VpcSourceIp": "10.0.0.0/24"},
            "Null": {"aws:SourceIp": "true"},
            "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T11:59:59Z"},
            "NumericLessThan": {"aws:EpochTime": "1767268801"}}}}});
    let folder = copied(&bundle.to_string());
    let plain = lines()
        .into_iter()
        .find(|(line, answer)| line.contains("vpce-0000ffff") && answer.contains("\"identity\":\"explicit_allow\""))
        .unwrap()
        .0;
    let headers = plain
        .replace("\"headers\":[", "\"headers\":[[\"User-Agent\",\"good/1\"],[\"referer\",\"https://a.example/\"],");
    let context = |text: &str| format!("{},\"context\":{{{text}}}}}", headers.strip_suffix('}').unwrap());
    let cases = [
        (headers.clone(), true),
        (headers.replace("10.0.0.7", "::ffff:10.0.0.8"), true),
        (context(r#""aws:SecureTransport":true"#), true),
        (context(r#""aws:EpochTime":1767268800"#), true),
        (plain.clone(), false),
        (headers.replace("good/1", "evil/1"), false),
        (headers.replace("https://a.example/", "https://b.example/"), false),
        (headers.replace("10.0.0.7", "10.0.1.7"), false),
        (headers.replace("12:00:00Z", "11:59:59Z"), false),
        (headers.replace("12:00:00Z", "12:00:01Z"), false),
        (context(r#""aws:UserAgent":"evil/1""#), false),
        (context(r#""aws:Referer":[]"#), false),
        (context(r#""aws:VpcSourceIp":"10.0.1.7""#), false),
        (context(r#""aws:SourceIp":"10.0.0.7""#), false),
        (context(r#""aws:EpochTime":5"#), false),
        (context(r#""aws:CurrentTime":"2027-01-01T00:00:00Z""#), false),
    ];
    let requests: String = cases.iter().map(|(line, _)| format!("{line}\n")).collect();
    let (answers, code) = eval_with_keys(folder.path(), &requests);
    assert_eq!((answers.len(), code), (cases.len(), Some(0)), "{answers:?}");
    for ((line, allowed), answer) in cases.iter().zip(&answers) {
        assert_eq!(answer.starts_with("{\"decision\":\"allow\""), *allowed, "{line}\n{answer}");
    }
}

/// What is wrong with a line, each in the place of an answer.
#[test]
fn a_line_that_cannot_be_read_says_what_was_expected() {
    let http =
        r#""http":{"method":"GET","host":"pets.example.com","target":"/","headers":[],"endpoint":"vpce-0000ffff"}"#;
    let good = format!("{{{http}}}");
    let inside = |field: &str| good.replace("\"headers\":[]", field);
    let beside = |field: &str| format!("{{{http},{field}}}");
    let known = "expected one of `method`, `host`, `target`, `headers`, `body`, `body_base64`, `body_sha256`, `endpoint`, `source_ip`, `time`";
    let cases = [
        (inside("\"header\":[]"), format!("`http`: unknown field `header`, {known} at column 71")),
        (inside("\"method\":\"GET\""), "`http`: duplicate field `method` at column 71".to_owned()),
        (good.replace("\"target\":\"/\",", ""), "`http`: missing field `target` at column 90".to_owned()),
        (inside("\"headers\":{}"), "`http`: invalid type: map, expected a list of headers, each as [\"name\",\"value\"] at column 73".to_owned()),
        (
            inside("\"headers\":[[\"a\"]]"),
            "`http`: invalid length 1, expected a header as [\"name\",\"value\"] at column 79".to_owned(),
        ),
        (inside("\"host\":null"), "`http`: duplicate field `host` at column 69".to_owned()),
        (inside("\"time\":null"), "`http`: invalid type: null, expected a string at column 74".to_owned()),
        (inside("\"body\":7"), "`http`: invalid type: integer `7`, expected a string at column 71".to_owned()),
        (
            inside("\"body\":\"\",\"body_base64\":\"\""),
            "`http` holds its body twice: give one of `body`, `body_base64` and `body_sha256`".to_owned(),
        ),
        (
            inside("\"body_base64\":\"a\""),
            "`body_base64` is \"a\": expected base64 with its padding, as \"aGVsbG8=\"".to_owned(),
        ),
        (
            inside("\"body_sha256\":\"+f\""),
            "`body_sha256` is \"+f\": expected the SHA-256 of the body, 64 hexadecimal digits".to_owned(),
        ),
        (
            inside("\"source_ip\":\"10.0.0\""),
            "`source_ip` is \"10.0.0\": expected an IP address, as \"10.0.0.7\" or \"2001:db8::7\"".to_owned(),
        ),
        (
            inside("\"time\":\"2026-01-01\""),
            "`time` is \"2026-01-01\": expected a time with its zone, as \"2026-01-01T00:00:00Z\"".to_owned(),
        ),
        (
            beside("\"resource\":\"arn:aws:execute-api:a:b:c\""),
            "the field `resource` cannot stand beside `http`: it is found from the HTTP request, leave it out".to_owned(),
        ),
        (
            beside("\"principal\":null"),
            "the field `principal` cannot stand beside `http`: it is found from the HTTP request, leave it out".to_owned(),
        ),
        (
            beside("\"endpoint\":\"vpce-0000ffff\""),
            "the field `endpoint` cannot stand beside `http`: write it inside `http`".to_owned(),
        ),
        (
            beside("\"authorizer\":\"maybe\""),
            "`authorizer` is \"maybe\": expected one of \"allow\", \"deny\", \"silent\"".to_owned(),
        ),
        (
            beside("\"context\":{\"a:b\":\"x\",\"A:B\":\"y\"}"),
            "the context holds the key `a:b` twice: keys are compared without regard to case".to_owned(),
        ),
        (
            "{\"http\":[\"GET\",\"pets.example.com\",\"/\"]}".to_owned(),
            "`http` is [\"GET\",\"pets.example.com\",\"/\"]: expected an object, as {\"method\":\"GET\",\"host\":\"…\",\"target\":\"/…\"}".to_owned(),
        ),
    ];
    let mut requests = good.clone() + "\n\n";
    for (line, _) in &cases {
        requests += &format!("{line}\n{good}\n");
    }
    let (answers, code) = eval(&corpus("bundles/apis"), &requests, &[]);
    assert_eq!((answers.len(), code), (2 * cases.len() + 1, Some(1)));
    for (at, (line, message)) in cases.iter().enumerate() {
        let error = serde_json::json!({"error": {"line": 2 * at + 3, "message": message}}).to_string();
        assert_eq!(answers[2 * at + 1], error, "{line}");
        assert_eq!(answers[2 * at + 2], answers[0]);
    }
    assert!(answers[0].starts_with("{\"decision\":\"allow\""), "{}", answers[0]);
    for year in ["0000-12-31T23:59:59Z", "2026-01-01 00:00:00Z", "-000001-01-01T00:00:00Z", "2026-01-01T00:00:00"] {
        let (answers, _) = eval(&corpus("bundles/apis"), &inside(&format!("\"time\":\"{year}\"")), &[]);
        assert!(answers[0].contains("expected a time with its zone"), "{}", answers[0]);
    }
    for time in ["1969-12-31T23:59:59Z", "2026-01-01T00:00:00.5+01:00", "0001-01-01T00:00:00Z"] {
        let (answers, _) = eval(&corpus("bundles/apis"), &inside(&format!("\"time\":\"{time}\"")), &[]);
        assert_eq!(answers[0], eval(&corpus("bundles/apis"), &good, &[]).0[0]);
    }
}

/// Lines of this kind need a bundle with APIs, and keys a file that can be read.
#[test]
fn the_command_line_says_what_is_missing() {
    let program = |args: &[&str]| Command::new(cargo_bin!("portcullis")).args(args).stdin("").assert();
    let [bundle, endpoints, keys] = ["bundles/apis", "bundles/endpoints", "http/credentials.json"]
        .map(|name| corpus(name).to_str().unwrap().to_owned());
    let (answers, _) = eval(Path::new(&endpoints), "{\"http\":{}}", &["--credentials", &keys]);
    assert!(answers[0].contains("the field `http` needs a bundle with `apis`: leave it out"), "{}", answers[0]);
    program(&["eval", &bundle, "--credentials", "nowhere.json"]).code(1).stdout_eq("");
    program(&["eval", &bundle, "--credentials", "-"]).code(2).stdout_eq("");
    program(&["explain", "-", "--request", "{}", "--credentials", "-"]).code(2).stdout_eq("");
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("keys.json");
    fs::write(
        &wrong,
        r#"{"AKIDEXAMPLE": {"secret": "do not show", "principle": "arn:aws:iam::123412341234:user/MyUser"}}"#,
    )
    .unwrap();
    let done = program(&["eval", &bundle, "--credentials", wrong.to_str().unwrap()]).code(1).stdout_eq("");
    let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    assert!(said.contains("keys.json:1:") && said.contains("principle") && !said.contains("do not show"), "{said}");
    // Keys on standard input, the requests in a file.
    let signed = folder.path().join("signed.jsonl");
    let line = lines().into_iter().find(|(_, answer)| answer.contains("\"identity\":\"explicit_allow\"")).unwrap();
    fs::write(&signed, &line.0).unwrap();
    let args = ["eval", &bundle, "--credentials", "-", "--requests", signed.to_str().unwrap()];
    let done = Command::new(cargo_bin!("portcullis")).args(args).stdin(fs::read(&keys).unwrap()).assert().success();
    assert_eq!(done.get_output().stdout, format!("{}\n", line.1).into_bytes());
    let args = ["bench", &bundle, "--requests", signed.to_str().unwrap(), "--rounds", "1"];
    let said = String::from_utf8(program(&args).code(1).get_output().stderr.clone()).unwrap();
    assert!(said.contains("line 1 of the requests: a line with `http` is for `eval` and `explain`"), "{said}");
}

#[test]
fn explain_says_what_was_found_from_the_call() {
    let [bundle, keys] =
        ["bundles/apis", "http/credentials.json"].map(|name| corpus(name).to_str().unwrap().to_owned());
    let explained = |line: &str| {
        let args = ["explain", &bundle, "--request", line, "--credentials", &keys];
        let done = Command::new(cargo_bin!("portcullis")).args(args).assert().success().stderr_eq("");
        String::from_utf8(done.get_output().stdout.clone()).unwrap()
    };
    let said = |answer: &str| {
        let found = lines().into_iter().find(|(_, expected)| expected.contains(answer));
        explained(&found.unwrap_or_else(|| panic!("{answer}")).0)
    };
    let head = "resource: arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets
route:    prod GET /pets, authorization AWS_IAM
caller:   arn:aws:iam::123412341234:user/MyUser
decision: allow
";
    assert!(said("\"identity\":\"explicit_allow\"").starts_with(head));
    assert!(said("Signature expired").contains("caller:   not known, the signature has expired: "));
    assert!(
        said("'Credential' parameter.").contains("caller:   anonymous, the `Authorization` header has another scheme")
    );
    assert!(said("Missing Authentication Token").contains("caller:   anonymous, there is no `Authorization` header"));
    let said = said("BadRequestException");
    assert!(
        said.starts_with(
            "decision: deny\nreason:   implicit_deny\nresponse: 400 BadRequestException\n\nThe HTTP request is refused"
        ),
        "{said}"
    );
}

#[test]
fn a_gate_says_which_method_is_called() {
    let gate = Gate::load(compiled("bundles/apis")).unwrap();
    let called = |rest: &str| {
        let arn = format!("arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/{rest}");
        let method = gate.called_method(&arn)?;
        Some([method.stage, method.method.to_owned(), method.path, method.authorization.to_owned()].join(" "))
    };
    for (rest, expected) in [
        ("prod/GET/", "* GET / NONE"),
        ("prod/GET/pets", "prod GET /pets AWS_IAM"),
        ("prod/GET/pets/7", "prod GET /pets/{} AWS_IAM"),
        ("prod/PUT/pets/7", "prod ANY /pets/{} CUSTOM"),
        ("prod/GET/pets/7/photos/8/9", "prod GET /pets/{}/photos/{+} COGNITO_USER_POOLS"),
        ("prod/GET/pets/7/toys", "* ANY /{+} AWS_IAM"),
        ("other/PURGE/x", "* ANY /{+} AWS_IAM"),
    ] {
        assert_eq!(called(rest).as_deref(), Some(expected), "{rest}");
    }
    assert_eq!(called("prod/POST/pets"), None);
    assert!(gate.called_method("x").is_none());
    let document = Gate::load(compiled("language.json")).unwrap();
    assert!(document.called_method("arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/").is_none());
    assert_eq!(Reason::default(), Reason::ImplicitDeny);
}
