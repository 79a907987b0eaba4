//! Every case of `corpus/`, through every engine. `corpus/README.md` says how a case is written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis::bundle::Bundle;
use portcullis::policy::{Policy, PolicyErrors, PolicyKind, Source};
use portcullis::{Fault, Reason, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::engines::Engines;
use crate::lines::{RequestLine, answer};

/// One line of `semantics/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: Vec<String>,
    name: String,
    policy: Option<Box<RawValue>>,
    policy_text: Option<String>,
    request: Option<Box<RawValue>>,
    decision: Option<String>,
    reason: Option<String>,
    statements: Option<Vec<u32>>,
    #[serde(default)]
    error: bool,
    #[serde(default)]
    refused: bool,
    at: Option<String>,
}

#[test]
fn semantics() {
    let passed =
        run_lines("semantics", |case: &Case| case.run().map_err(|why| format!("{:?} {}: {why}", case.rule, case.name)));
    assert!(passed > 0, "there are cases");
}

/// Runs every line of a folder's files as a case; panics with all that fail, each with its place. How many passed.
pub fn run_lines<C: DeserializeOwned>(folder: &str, run: impl Fn(&C) -> Result<(), String>) -> usize {
    let mut failures = Vec::new();
    let mut passed = 0;
    for path in files(folder, ".jsonl") {
        for (number, line) in (1..).zip(read(&path).lines()) {
            let case = serde_json::from_str(line).unwrap_or_else(|error| panic!("{path:?}:{number}: {error}"));
            match run(&case) {
                Ok(()) => passed += 1,
                Err(why) => failures.push(format!("{}:{number}: {why}", path.display())),
            }
        }
    }
    assert!(failures.is_empty(), "{} cases fail:\n{}", failures.len(), failures.join("\n"));
    passed
}

impl Case {
    fn run(&self) -> Result<(), String> {
        if self.rule.is_empty() {
            return Err("names no rule".to_owned());
        }
        let text = match (&self.policy, &self.policy_text) {
            (Some(policy), None) => policy.get(),
            (None, Some(text)) => text,
            _ => return Err("has not one of `policy` and `policy_text`".to_owned()),
        };
        let policy = Policy::parse(Source::new("policy.json", text), PolicyKind::Endpoint);
        match (policy, self.refused) {
            (Err(errors), true) => self.check_refusal(&errors),
            (Ok(_), true) => Err("compiles".to_owned()),
            (Err(errors), false) => Err(format!("is refused: {errors}")),
            (Ok(policy), false) => self.check_answer(&Bundle::endpoint(policy)),
        }
    }

    fn check_refusal(&self, errors: &PolicyErrors) -> Result<(), String> {
        let at = self.at.as_deref().ok_or("does not say what a diagnostic must mention")?;
        if errors.to_string().contains(at) {
            return Ok(());
        }
        Err(format!("no diagnostic mentions {at:?}: {errors}"))
    }

    fn check_answer(&self, bundle: &Bundle) -> Result<(), String> {
        let request = self.request.as_ref().ok_or("has no request")?.get();
        let engines = Engines::new(bundle);
        if self.error {
            // Either there is nothing to ask with, or the library says so and denies.
            let Ok(line) = read_document_request(request) else { return Ok(()) };
            let (evaluation, fault) = line.ask(|request| (engines.agree(request), request.check()));
            return match (evaluation?.reason, fault) {
                (Reason::ImplicitDeny, Err(Fault::Action | Fault::DuplicateKey)) => Ok(()),
                (reason, fault) => Err(format!("can be read: {reason:?}, {fault:?}")),
            };
        }
        let evaluation = read_document_request(request)?.ask(|request| engines.agree(request))?;
        let decision = if evaluation.reason == Reason::ExplicitAllow { "allow" } else { "deny" };
        if self.decision.as_deref() != Some(decision) || self.reason.as_deref() != Some(evaluation.reason.as_str()) {
            return Err(format!("expected {:?}, {:?}, got {evaluation:?}", self.decision, self.reason));
        }
        let statements: Vec<u32> = evaluation.statements.iter().map(|(_, statement)| statement.index).collect();
        if let Some(expected) = &self.statements
            && *expected != statements
        {
            return Err(format!("expected statements {expected:?}, got {statements:?}"));
        }
        Ok(())
    }
}

/// Every document of the corpus that is evaluated alone and compiles, with each of its requests that can be read, and
/// where they stand.
pub fn pairs() -> Vec<(String, String, RequestLine)> {
    let mut pairs = Vec::new();
    for path in files("semantics", ".jsonl") {
        for (number, line) in (1..).zip(read(&path).lines()) {
            let case: Case = serde_json::from_str(line).unwrap_or_else(|error| panic!("{path:?}:{number}: {error}"));
            let text = case.policy.map(|policy| policy.get().to_owned()).or(case.policy_text);
            let (Some(text), Some(request), Some(_)) = (text, case.request, case.decision) else { continue };
            let request = read_document_request(request.get()).unwrap_or_else(|why| panic!("{path:?}:{number}: {why}"));
            pairs.push((format!("{}:{number}", path.display()), text, request));
        }
    }
    for path in files("endpoint-examples", ".requests.jsonl") {
        let policy = read(Path::new(&path.to_str().unwrap().replace(".requests.jsonl", ".json")));
        for (number, line) in (1..).zip(read(&path).lines()) {
            let request = read_document_request(line).unwrap_or_else(|why| panic!("{path:?}:{number}: {why}"));
            pairs.push((format!("{}:{number}", path.display()), policy.clone(), request));
        }
    }
    pairs
}

/// A request for a document alone: the fields of bundles are unknown there (E-07).
fn read_document_request(json: &str) -> Result<RequestLine, String> {
    let line: RequestLine = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let is_of_a_bundle = line.endpoint.is_some() || line.authorization.is_some() || line.authorizer.is_some();
    if is_of_a_bundle { Err("unknown field of a bundle".to_owned()) } else { Ok(line) }
}

#[test]
fn endpoint_examples() {
    assert_eq!(worked("endpoint-examples"), 3);
}

#[test]
fn aws() {
    assert_eq!(worked("aws"), 27);
}

#[test]
fn bundles() {
    assert_eq!(worked("bundles"), 3);
}

/// Runs the worked examples of a folder: for each `NAME.requests.jsonl` the input `NAME.json` or the folder
/// `NAME`, and the answers `NAME.expected.jsonl`, byte for byte.
fn worked(folder: &str) -> usize {
    let requests = files(folder, ".requests.jsonl");
    for path in &requests {
        let stem = path.to_str().unwrap().strip_suffix(".requests.jsonl").unwrap();
        let folder = PathBuf::from(stem);
        let input = if folder.is_dir() { folder } else { PathBuf::from(format!("{stem}.json")) };
        let bundle = Bundle::open(&input).unwrap_or_else(|error| panic!("{error}"));
        let engines = Engines::new(&bundle);
        let expected = read(Path::new(&format!("{stem}.expected.jsonl")));
        let text = read(path);
        assert_eq!(eval(&input, path), expected, "{stem}: what the binary prints");
        assert_eq!(text.lines().count(), expected.lines().count(), "{stem}: a line of answer for each request");
        for ((number, request), expected) in (1..).zip(text.lines()).zip(expected.lines()) {
            let line: RequestLine =
                serde_json::from_str(request).unwrap_or_else(|error| panic!("{path:?}:{number}: {error}"));
            let evaluation = line.ask(|request: &Request<'_>| engines.agree(request));
            let evaluation = evaluation.unwrap_or_else(|why| panic!("{path:?}:{number}: {why}"));
            assert_eq!(answer(&bundle, &line, &evaluation), expected, "{path:?}:{number}: {request}");
        }
    }
    requests.len()
}

/// What `portcullis eval` prints of these requests.
fn eval(input: &Path, requests: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let output = command.arg("eval").arg(input).arg("--requests").arg(requests).output().unwrap();
    assert!(output.status.success(), "{input:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The files of a folder of the corpus with this ending, by name.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_str().unwrap().ends_with(ending));
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}
