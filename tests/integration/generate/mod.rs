//! Documents and requests, made up: the one set of generators of all properties.
//!
//! `document` makes documents over the whole grammar, `globs` documents whose globs are hostile, `edges` holds the
//! values that are more than text, `bundle` makes bundles with layers, and `request` asks near the edges of a document, whichever made it.

pub mod bundle;
pub mod document;
mod edges;
mod globs;
mod request;

use std::io::{self, Write};

use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::{Compiler, Gate};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::lines::RequestLine;
use document::{Document, Effect, Principal};
use request::Question;

/// A document, and requests near its edges.
#[derive(Debug, Clone)]
pub struct Trial {
    pub document: Document,
    questions: Vec<Question>,
}

impl Trial {
    /// The requests, made for the document.
    pub fn lines(&self) -> Vec<RequestLine> {
        self.questions.iter().map(|question| question.line(&self.document)).collect()
    }
}

/// Trials of every kind.
pub fn trial() -> impl Strategy<Value = Trial> {
    let document = prop_oneof![8 => document::document(), 1 => globs::document()];
    (document, prop::collection::vec(request::question(), 1..=24))
        .prop_map(|(document, questions)| Trial { document, questions })
}

/// Trials without hostile globs, for an evaluator that takes exponential time for them.
pub fn ordinary_trial() -> impl Strategy<Value = Trial> {
    (document::document(), prop::collection::vec(request::question(), 1..=24))
        .prop_map(|(document, questions)| Trial { document, questions })
}

const ONE_API: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5";
const ANY_API: &str = "arn:aws:execute-api:*:*:*";

/// Trials whose documents hold so many statements on the same APIs that most are listed under grams.
pub fn crowded_trial() -> impl Strategy<Value = Trial> {
    let statements = prop::collection::vec(document::statement(true), 100..200);
    let document = statements.prop_map(|mut statements| {
        for (at, statement) in statements.iter_mut().enumerate() {
            // A Sid may stand once, and most denies would decide everything.
            statement.sid = None;
            if at % 8 != 0 && !matches!(statement.principal, Principal::Listed { negated: true, .. }) {
                statement.effect = Effect::Allow;
            }
            for pattern in statement.resource.patterns.iter_mut().filter(|_| !at.is_multiple_of(5)) {
                if let Some((_, tail)) = pattern.split_once('/') {
                    *pattern = format!("{}/{tail}", if at % 3 == 0 { ANY_API } else { ONE_API });
                }
            }
        }
        Document::of(statements)
    });
    (document, prop::collection::vec(request::question(), 1..=24))
        .prop_map(|(document, questions)| Trial { document, questions })
}

/// A runner whose every choice follows from `seed`.
pub fn runner(seed: u64, cases: u32) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Writes `count` pairs as JSON Lines, `{"policy": …, "request": …}`, as in `corpus/semantics`. The same seed
/// gives the same lines.
pub fn write_cases(seed: u64, count: usize, writer: &mut impl Write) -> io::Result<()> {
    let (mut runner, trials) = (runner(seed, 1), trial());
    let mut left = count;
    while left > 0 {
        let trial = trials.new_tree(&mut runner).map_err(|reason| io::Error::other(reason.to_string()))?.current();
        let policy = trial.document.json();
        for line in trial.lines().into_iter().take(left) {
            writeln!(writer, "{}", case(&policy, &line))?;
            left -= 1;
        }
    }
    Ok(())
}

/// A pair as a line of `corpus/semantics`, but for what the case shows and its answer.
pub fn case(policy: &serde_json::Value, line: &RequestLine) -> String {
    // Not by way of a `Value`: a request may hold a key twice.
    let request = serde_json::to_string(line).expect("a request is JSON");
    format!("{{\"policy\":{policy},\"request\":{request}}}")
}

/// A document alone, as a bundle.
pub fn bundle(text: &str) -> Bundle {
    Bundle::endpoint(Policy::from_json(text).unwrap_or_else(|errors| panic!("{errors}\n{text}")))
}

/// A document, compiled and loaded.
pub fn gate(document: &Document) -> Gate<Vec<u8>> {
    gate_of(&document.json().to_string())
}

/// The text of a document, compiled and loaded.
pub fn gate_of(text: &str) -> Gate<Vec<u8>> {
    let blob = Compiler::new().compile(&bundle(text)).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Gate::load(blob.into_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// True once in `count` times.
fn one_in(count: u32) -> impl Strategy<Value = bool> {
    prop::bool::weighted(1.0 / f64::from(count))
}

#[test]
fn cases_are_written_as_they_are_read() {
    let mut text = Vec::new();
    write_cases(7, 500, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.lines().count(), 500);
    for line in text.lines() {
        let case: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        assert_eq!(case.keys().collect::<Vec<_>>(), ["policy", "request"], "{line}");
        Policy::from_json(&json!(case["policy"]).to_string()).unwrap_or_else(|errors| panic!("{errors}\n{line}"));
    }
}
