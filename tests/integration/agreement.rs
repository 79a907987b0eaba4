//! The gate, however it is asked, answers as the reference does: of many made-up documents and requests.
//!
//! 50,000 pairs unless `PORTCULLIS_PAIRS` says how many. The same pairs every time; `PORTCULLIS_SEED` names the first
//! seed of another sequence.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::env;

use portcullis::bundle::Bundle;
use portcullis::{Outcome, Reason, Value};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestCaseResult, TestError};
use serde_json::json;

use crate::engines::Engines;
use crate::generate::document::{Document, Effect, Operator};
use crate::generate::{Trial, bundle, case, crowded_trial, gate, runner, trial};
use crate::lines::RequestLine;

/// Of 10,000 pairs, how many each answer must have at the least.
const FLOOR: u64 = 1_000;
/// Documents that one seed makes.
const DOCUMENTS_A_SEED: u32 = 1_000;

/// What was asked and answered so far.
#[derive(Debug, Default)]
struct Count {
    documents: u64,
    pairs: u64,
    /// Pairs by the reason of their answer.
    reasons: BTreeMap<&'static str, u64>,
    /// Pairs whose request cannot be read; their implicit denies are not among the reasons.
    unreadable: u64,
    operators: BTreeSet<String>,
}

impl Count {
    /// Of 10,000 pairs, how many `count` of all are.
    fn share(&self, count: u64) -> u64 {
        count * 10_000 / self.pairs.max(1)
    }

    fn share_of(&self, reason: Reason) -> u64 {
        self.share(self.reasons.get(reason.as_str()).copied().unwrap_or_default())
    }

    fn print(&self) {
        let Self { documents, pairs, reasons, unreadable, operators } = self;
        println!("{pairs} pairs, {documents} documents, {} operators with their qualifiers", operators.len());
        for (name, count) in reasons.iter().chain([(&"unreadable request", unreadable)]) {
            println!("{name:>20}: {count:>9}, {:>5} of 10,000", self.share(*count));
        }
    }
}

pub fn number(variable: &str, default: u64) -> u64 {
    match env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}, expected a whole number")),
        Err(_) => default,
    }
}

#[test]
fn of_many_pairs() {
    let pairs = number("PORTCULLIS_PAIRS", 50_000);
    let first = number("PORTCULLIS_SEED", 0);
    let count = RefCell::new(Count::default());
    let trials = trial();
    let mut seed = first;
    while count.borrow().pairs < pairs {
        match runner(seed, DOCUMENTS_A_SEED).run(&trials, |trial| agree(&trial, &count)) {
            Ok(()) => {}
            // The reason tells what a person needs; the trial's own form, all choices, does not.
            Err(TestError::Fail(reason, _)) => panic!("seed {seed}: {reason}"),
            Err(TestError::Abort(reason)) => panic!("seed {seed}: {reason}"),
        }
        if seed.wrapping_sub(first) % 25 == 24 {
            println!("after seed {seed}: {} pairs", count.borrow().pairs);
        }
        seed += 1;
    }
    let count = count.into_inner();
    println!("seeds {first} to {}", seed - 1);
    count.print();
    for reason in [Reason::ExplicitAllow, Reason::ExplicitDeny, Reason::ImplicitDeny] {
        let share = count.share_of(reason);
        assert!(share >= FLOOR, "{} is the answer to {share} of 10,000 pairs, and {FLOOR} are wanted", reason.as_str());
    }
    let missing: Vec<String> =
        Operator::all().iter().map(Operator::to_string).filter(|name| !count.operators.contains(name)).collect();
    assert!(missing.is_empty(), "no document has {missing:?}");
}

/// Where keys have many patterns, those under grams are found as those in blocks are.
#[test]
fn of_crowded_documents() {
    let (count, listed) = (RefCell::new(Count::default()), RefCell::new(0));
    let documents = u32::try_from(number("PORTCULLIS_PAIRS", 50_000) / 500).unwrap();
    let see = |trial: Trial| {
        let candidates = gate(&trial.document).sections().any(|(name, bytes)| name == "candidates" && bytes > 0);
        *listed.borrow_mut() += u32::from(candidates);
        agree(&trial, &count)
    };
    match runner(0, documents).run(&crowded_trial(), see) {
        Ok(()) => count.into_inner().print(),
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
    let listed = listed.into_inner();
    assert!(listed * 2 > documents, "of {documents} documents {listed} have patterns under grams");
}

/// Asks all engines everything; an error is a case to be kept.
fn agree(trial: &Trial, count: &RefCell<Count>) -> TestCaseResult {
    let policy = trial.document.json();
    let bundle = bundle(&policy.to_string());
    let engines = Engines::new(&bundle);
    let mut count = count.borrow_mut();
    count.documents += 1;
    let tests = trial.document.statements.iter().flat_map(|statement| &statement.tests);
    count.operators.extend(tests.map(|test| test.operator.to_string()));
    for line in trial.lines() {
        // A host may read addresses before it asks: every other request does.
        let single = if count.pairs.is_multiple_of(2) { Value::text } else { Value::address };
        let (said, readable) = line.ask_with(single, |request| (engines.agree(request), request.check().is_ok()));
        let said = said.map_err(|why| TestCaseError::fail(format!("{why}\n{}", case(&policy, &line))))?;
        count.pairs += 1;
        if readable {
            *count.reasons.entry(said.reason.as_str()).or_default() += 1;
        } else {
            count.unreadable += 1;
        }
    }
    Ok(())
}

/// A generator that never reaches an edge would prove nothing: each operator, however qualified, is seen to hold,
/// not to hold, and to be undefined.
#[test]
fn every_operator_has_every_outcome() {
    let outcomes = [Outcome::Matched, Outcome::NotMatched, Outcome::Undefined];
    let names = Operator::all().into_iter().map(|operator| (operator.to_string(), [0; 3]));
    let seen = RefCell::new(names.collect::<BTreeMap<String, [u32; 3]>>());
    let see = |trial: Trial| {
        let gate = gate(&trial.document);
        for line in trial.lines() {
            let reports = line.ask(|request| gate.explain(request).statements);
            for test in reports.iter().flat_map(|report| &report.condition) {
                let at = outcomes.iter().position(|outcome| *outcome == test.outcome).unwrap();
                seen.borrow_mut().get_mut(&test.operator).unwrap()[at] += 1;
            }
        }
        Ok(())
    };
    runner(0, 10_000).run(&trial(), see).unwrap();
    let seen = seen.into_inner();
    let rare = seen.iter().filter(|(_, counts)| counts.iter().any(|count| *count < 3));
    let rare: Vec<String> = rare.map(|(name, counts)| format!("{name}: {counts:?}")).collect();
    assert!(rare.is_empty(), "fewer than 3 times matched, not matched, undefined:\n{}", rare.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// So it is behind an endpoint, which gives keys and is one.
    #[test]
    fn of_a_bundle(
        trial in trial(),
        endpoint in prop::option::of(select(vec!["vpce-1", "vpce-2", "vpce-3", "vpce-4"])),
        given in select(vec!["a", "", "10.0.0.7", "true", "1"]),
    ) {
        let mut allow = trial.document.statements[0].clone();
        allow.effect = Effect::Allow;
        allow.mend();
        let context = |texts: serde_json::Value| json!({"custom:k": texts, "custom:v": given, "aws:VpcSourceIp": "10.0.0.8"});
        let endpoints = json!({
            "vpce-1": {"policy": trial.document.json(), "context": context(json!([given, "a"]))},
            "vpce-2": {"policy": Document { statements: vec![allow], ..trial.document.clone() }.json(), "context": context(json!(given))},
            "vpce-3": {},
        });
        let folder = tempfile::tempdir().unwrap();
        let text = json!({"format": 1, "endpoints": endpoints}).to_string();
        std::fs::write(folder.path().join("bundle.json"), &text).unwrap();
        let bundle = Bundle::open(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        let engines = Engines::new(&bundle);
        for line in trial.lines() {
            let line = RequestLine { endpoint: endpoint.map(str::to_owned), ..line };
            let said = line.ask(|request| engines.agree(request));
            said.map_err(|why| TestCaseError::fail(format!("{why}\n{text}")))?;
        }
    }
}
