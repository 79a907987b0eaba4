//! Every case of `corpus/layers/`: a bundle, a request, and the whole answer. `corpus/README.md` says how a case is
//! written.

use std::fs;

use portcullis::bundle::Bundle;
use portcullis::{Evaluation, Reason, Request};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::corpus::run_lines;
use crate::engines::Engines;
use crate::lines::RequestLine;
use crate::words::words;

/// One line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: Vec<String>,
    name: String,
    /// A `bundle.json`, its policies in place.
    bundle: Box<RawValue>,
    request: RequestLine,
    decision: String,
    reason: String,
    /// In the order in which they were asked.
    layers: Box<RawValue>,
    status: Option<u16>,
    errortype: Option<String>,
    message: Option<String>,
    body: Option<String>,
    statements: Option<Vec<(String, u32)>>,
}

/// An evaluator of whole answers.
type Evaluator = fn(&Engines<'_>, &Request<'_>) -> Evaluation;

/// The evaluators. A new one is one line. Short answers are compared with them, see [`Engines::agree`].
const EVALUATORS: [(&str, Evaluator); 5] = [
    ("reference", |engines, request| engines.reference.evaluate(request)),
    ("gate", |engines, request| engines.gate.evaluate(request)),
    ("gate, explain", |engines, request| engines.gate.explain(request).evaluation),
    ("reloaded", |engines, request| engines.reloaded.evaluate(request)),
    ("stripped", |engines, request| engines.stripped.evaluate(request)),
];

#[test]
fn layers() {
    let passed =
        run_lines("layers", |case: &Case| case.run().map_err(|why| format!("{:?} {}: {why}", case.rule, case.name)));
    assert!(passed > 400, "there are cases: {passed}");
}

/// Reads the text of a `bundle.json` that names no files.
fn bundle(text: &str) -> Bundle {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bundle.json"), text).unwrap();
    Bundle::open(folder.path()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

impl Case {
    fn run(&self) -> Result<(), String> {
        let bundle = bundle(self.bundle.get());
        let engines = Engines::new(&bundle);
        for (name, evaluate) in EVALUATORS {
            let said = self.request.ask(|request| evaluate(&engines, request));
            self.check(&said).map_err(|why| format!("{name}: {why}, of {said:?}"))?;
        }
        self.request.ask(|request| {
            engines.agree(request)?;
            let (brief, whole) = (engines.reference.decide(request), engines.reference.evaluate(request));
            let first = whole.statements.first().map(|(_, statement)| *statement);
            let same = (brief.reason(), brief.refusal(), brief.statement()) == (whole.reason, whole.refusal, first);
            if same { Ok(()) } else { Err(format!("decides {brief:?}, and evaluates {whole:?}")) }
        })
    }

    fn check(&self, said: &Evaluation) -> Result<(), String> {
        let decision = if said.reason == Reason::ExplicitAllow { "allow" } else { "deny" };
        if (self.decision.as_str(), self.reason.as_str()) != (decision, said.reason.as_str()) {
            return Err(format!("expected {}, {}", self.decision, self.reason));
        }
        let layers: Vec<String> = said
            .layers
            .iter()
            .map(|(layer, reason)| format!("\"{}\":\"{}\"", layer.as_str(), reason.as_str()))
            .collect();
        if self.layers.get() != format!("{{{}}}", layers.join(",")) {
            return Err(format!("expected layers {}", self.layers));
        }
        if let Some(expected) = &self.statements {
            let statements: Vec<_> = said
                .statements
                .iter()
                .map(|(layer, statement)| (layer.map_or("", |layer| layer.as_str()).to_owned(), statement.index))
                .collect();
            if *expected != statements {
                return Err(format!("expected statements {expected:?}"));
            }
        }
        let words = said.refusal.map(|refusal| words(&self.request, refusal));
        let found = words.as_ref().map(|words| (words.status, words.errortype, words.message.as_str()));
        let expected = match (&self.status, &self.errortype, &self.message) {
            (Some(status), Some(errortype), Some(message)) => Some((*status, errortype.as_str(), message.as_str())),
            (None, None, None) => None,
            _ => return Err("has not all of a response".to_owned()),
        };
        if expected != found {
            return Err(format!("expected {expected:?}, got {found:?}"));
        }
        match (&self.body, words) {
            (Some(expected), Some(words)) if *expected != words.body => Err(format!("the body is {}", words.body)),
            _ => Ok(()),
        }
    }
}
