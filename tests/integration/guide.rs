//! docs/guide.md: its commands, run as they stand there, and its tables, row by row.
//!
//! A ```` ```json FILE ```` block shows that file of the repository. Each row of a table is quoted by cases of
//! `corpus/guide/rows.jsonl`, which the reference and the gate answer; what a row says is read from its cells, and held
//! against the answers of its cases.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::bundle::Bundle;
use portcullis::{Evaluation, Reason};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::documented::{blocks, command};
use crate::engines::Engines;
use crate::lines::RequestLine;
use crate::words::{Words, words};

const GUIDE: &str = include_str!("../../docs/guide.md");

/// One line of `rows.jsonl`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The row of the guide that it shows, as it stands there.
    row: String,
    /// A folder of `corpus/guide`.
    bundle: String,
    request: RequestLine,
    decision: String,
    reason: String,
    /// In the order in which they were asked.
    layers: Box<RawValue>,
    errortype: Option<String>,
}

/// What a case is answered with, in the words of the command line.
#[derive(Debug)]
struct Answer {
    decision: &'static str,
    reason: &'static str,
    layers: Vec<(&'static str, &'static str)>,
    refused: Option<Words>,
}

#[test]
fn the_commands_answer_as_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for (info, lines) in blocks(GUIDE) {
        if let Some(name) = info.strip_prefix("json ") {
            let (file, shown) = (read(&root.join(name)), lines.join("\n") + "\n");
            // Of a policy white space is not shown as it is.
            let is_same = file == shown || (!name.ends_with(".jsonl") && json(&file) == json(&shown));
            assert!(is_same, "{name} is not what is shown of it");
        } else if info == "console" {
            for lines in lines.chunk_by(|_, next| !next.starts_with("$ ")) {
                assert!(command(root, lines), "{lines:?} is a command of the program");
                count += 1;
            }
        }
    }
    assert_eq!(count, 15);
}

/// The rows of the guide's tables: the table's heading, and the row.
fn rows() -> Vec<(&'static str, &'static str)> {
    let mut rows = Vec::new();
    let mut heading = None;
    let mut lines = GUIDE.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with('|') {
            heading = None;
        } else if let Some(heading) = heading {
            rows.push((heading, line));
        } else {
            heading = Some(line);
            assert!(lines.next().is_some_and(|line| line.starts_with("|---|")), "{line}");
        }
    }
    rows
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn every_row_of_its_tables_holds() {
    let mut cases: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for (number, line) in (1..).zip(read(&folder().join("rows.jsonl")).lines()) {
        let case: Case = serde_json::from_str(line).unwrap_or_else(|error| panic!("rows.jsonl:{number}: {error}"));
        cases.entry(case.row.clone()).or_default().push(case);
    }
    let bundles = ["classic", "current"].map(|name| (name, Bundle::open(folder().join(name)).unwrap()));
    let engines: BTreeMap<_, _> = bundles.iter().map(|(name, bundle)| (*name, Engines::new(bundle))).collect();
    let rows = rows();
    assert_eq!(rows.len(), 31);
    for (heading, row) in rows {
        let cases = cases.remove(row).unwrap_or_else(|| panic!("no case quotes {row}"));
        for case in &cases {
            let engines = &engines[case.bundle.as_str()];
            let evaluation = case.request.ask(|request| engines.agree(request));
            let answer = Answer::new(&case.request, &evaluation.unwrap_or_else(|why| panic!("{row}: {why}")));
            answer.check(case);
            for (heading, cell) in cells(heading).into_iter().zip(cells(row)) {
                assert!(answer.fits(&case.request, heading, cell), "{cell}, under {heading}: {answer:?} to {case:?}");
            }
        }
        for wanted in cells(heading).into_iter().filter_map(state) {
            assert!(cases.iter().any(|case| stated(&case.request) == Some(wanted)), "{row} has no case of {wanted}");
        }
    }
    assert!(cases.is_empty(), "the guide has no such rows: {:?}", cases.keys());
}

impl Answer {
    fn new(request: &RequestLine, evaluation: &Evaluation) -> Self {
        Self {
            decision: if evaluation.reason == Reason::ExplicitAllow { "allow" } else { "deny" },
            reason: evaluation.reason.as_str(),
            layers: evaluation.layers.iter().map(|(layer, reason)| (layer.as_str(), reason.as_str())).collect(),
            refused: evaluation.refusal.map(|refusal| words(request, refusal)),
        }
    }

    /// Whether it is the one that is written down.
    fn check(&self, case: &Case) {
        assert_eq!((self.decision, self.reason), (case.decision.as_str(), case.reason.as_str()), "{case:?}");
        let layers: Vec<_> = self.layers.iter().map(|(layer, reason)| format!("\"{layer}\":\"{reason}\"")).collect();
        assert_eq!(format!("{{{}}}", layers.join(",")), case.layers.get(), "{case:?}");
        assert_eq!(self.errortype(), case.errortype.as_deref(), "{case:?}");
    }

    /// Whether it is what a cell of the row says.
    fn fits(&self, request: &RequestLine, heading: &str, cell: &str) -> bool {
        let first = self.says("identity").or(self.says("authorizer"));
        let is_of_a_lambda = request.authorizer.is_some();
        match heading {
            "authorizationType" => cell == method(request),
            "authorizationType, endpoint policy" => {
                let of = if is_default(request) { "the default policy" } else { "a policy of its own" };
                cell.contains(method(request)) && (cell.ends_with("either") || cell.ends_with(of))
            }
            "state" => stated(request) == state(cell),
            "endpoint policy sees" => self.endpoint_saw(request, cell),
            // Of paths that end so the resource policy lets one user in, and nobody else.
            "resource policy sees" if request.resource.ends_with("/mine") => {
                let sees_user = cell == "the signer";
                self.says("resource") == Some(if sees_user { "explicit_allow" } else { "implicit_deny" })
            }
            "identity policies" if cell == "asked" => self.place("identity").is_some(),
            "identity policies" if cell == "not asked" => self.place("identity").is_none(),
            // Of a resource policy that denies an authorizer hears nothing.
            "identity policies" if first.is_none() => is_of_a_lambda && self.says("resource") == Some("explicit_deny"),
            "identity policies" => first == Some(reason(cell)),
            "resource policy" => self.says("resource") == Some(reason(cell)),
            "outcome" => is_of_a_lambda || self.reason == reason(cell),
            "outcome with a Lambda authorizer's answer in the first column" => {
                !is_of_a_lambda || self.reason == reason(cell)
            }
            "authorizer" => match cell {
                "not asked" => self.place("authorizer").is_none(),
                "asked, unless the resource policy denies" => {
                    let is_heard = is_of_a_lambda && self.says("resource") != Some("explicit_deny");
                    self.place("authorizer") == is_heard.then_some(2) && self.place("resource") == Some(1)
                }
                "asked before the resource policy" => self.place("authorizer") == Some(1),
                other => panic!("nothing is known of {other}"),
            },
            _ if heading.starts_with("then ") => {
                let is_refused = self.says("endpoint") == Some("implicit_deny");
                !heading.contains(method(request)) || is_refused || self.goes_on(cell)
            }
            // Where the header refuses, no policy is asked.
            _ if state(heading).is_some() && state(heading) == stated(request) => match cell {
                "anonymous" | "signer" => self.endpoint_saw(request, cell),
                _ => self.goes_on(cell) && self.layers.is_empty(),
            },
            _ => true,
        }
    }

    /// Whether the header is good enough, or what is said of it.
    fn goes_on(&self, cell: &str) -> bool {
        match cell {
            "goes on" => self.decision == "allow",
            "missing token" => self.errortype() == Some("MissingAuthenticationTokenException"),
            "incomplete signature" => self.errortype() == Some("IncompleteSignatureException"),
            "invalid signature" => self.errortype() == Some("InvalidSignatureException"),
            other => panic!("nothing is known of {other}"),
        }
    }

    /// Of the two endpoints one lets everybody in; the other one signer, and so it tells whom it saw.
    fn endpoint_saw(&self, request: &RequestLine, cell: &str) -> bool {
        let message = self.refused.as_ref().map_or("", |words| words.message.as_str());
        match (cell, self.says("endpoint")) {
            ("not asked", said) => said.is_none(),
            ("anonymous", Some("implicit_deny")) => message.starts_with("User: anonymous is not authorized"),
            ("anonymous", Some("explicit_allow")) => is_default(request),
            ("signer" | "the signer" | "whom the header names", said) => said == Some("explicit_allow"),
            _ => false,
        }
    }

    fn says(&self, layer: &str) -> Option<&'static str> {
        self.layers.iter().find_map(|(name, reason)| (*name == layer).then_some(*reason))
    }

    /// As which one a layer was asked, from 0.
    fn place(&self, layer: &str) -> Option<usize> {
        self.layers.iter().position(|(name, _)| *name == layer)
    }

    fn errortype(&self) -> Option<&'static str> {
        self.refused.as_ref().map(|words| words.errortype)
    }
}

/// What the method of a request asks for; its path says so.
fn method(request: &RequestLine) -> &'static str {
    match request.resource.split('/').nth(3) {
        Some("open") => "`NONE`",
        Some("signed") => "`AWS_IAM`",
        Some("lambda") => "`CUSTOM`",
        Some("cognito") => "`COGNITO_USER_POOLS`",
        _ => panic!("{} is a path of no method", request.resource),
    }
}

fn is_default(request: &RequestLine) -> bool {
    request.endpoint.as_deref() == Some("vpce-0000ffff")
}

/// The state of the header that a cell names.
fn state(cell: &str) -> Option<&'static str> {
    STATES.into_iter().find(|state| cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`')) == Some(state))
}

fn stated(request: &RequestLine) -> Option<&'static str> {
    request.authorization.map(|state| STATES[state as usize])
}

/// As [`State`](crate::lines::State) has them.
const STATES: [&str; 5] = ["absent", "valid", "incomplete", "invalid", "bearer"];

/// What a cell of the tables of two policies means.
fn reason(cell: &str) -> &str {
    match cell {
        "Allow" => "explicit_allow",
        "Neither" | "Implicit deny" => "implicit_deny",
        "Deny" | "Explicit deny" => "explicit_deny",
        other => panic!("no policy says {other}"),
    }
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/guide")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}
