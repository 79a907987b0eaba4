//! The gate, however it is asked, answers bundles as the reference does: decision, layers, statements and refusal, of many
//! made-up bundles and requests.
//!
//! 20,000 pairs unless `PORTCULLIS_PAIRS` says how many. The same pairs every time; `PORTCULLIS_SEED` names the first
//! seed of another sequence.

use std::cell::RefCell;
use std::collections::BTreeMap;

use portcullis::{Evaluation, Layer, Reason};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestError};

use crate::agreement::number;
use crate::engines::Engines;
use crate::generate::bundle::{Layered, layered, request};
use crate::generate::runner;
use crate::lines::RequestLine;

/// Bundles that one seed makes.
const BUNDLES_A_SEED: u32 = 250;

/// What was answered so far.
#[derive(Debug, Default)]
struct Count {
    bundles: u64,
    pairs: u64,
    /// Pairs by each thing that was said of them.
    said: BTreeMap<String, u64>,
}

impl Count {
    fn see(&mut self, said: &Evaluation) {
        self.pairs += 1;
        let asked: Vec<_> = said.layers.iter().map(|(layer, _)| layer.as_str()).collect();
        let mut words = vec![said.reason.as_str().to_owned(), format!("asked: {}", asked.join(", "))];
        words.extend(said.layers.iter().map(|(layer, reason)| format!("{}: {}", layer.as_str(), reason.as_str())));
        words.extend(said.refusal.map(|refusal| format!("{refusal:?}")));
        for word in words {
            *self.said.entry(word).or_default() += 1;
        }
    }

    fn of(&self, word: &str) -> u64 {
        self.said.get(word).copied().unwrap_or_default()
    }

    /// Of 10,000 pairs, how many `count` of all are.
    fn share(&self, count: u64) -> u64 {
        count * 10_000 / self.pairs.max(1)
    }

    fn print(&self) {
        println!("{} pairs, {} bundles", self.pairs, self.bundles);
        for (word, count) in &self.said {
            println!("{word:>56}: {count:>9}, {:>5} of 10,000", self.share(*count));
        }
    }
}

#[test]
fn of_many_bundles() {
    let pairs = number("PORTCULLIS_PAIRS", 20_000);
    let first = number("PORTCULLIS_SEED", 0);
    let count = RefCell::new(Count::default());
    let trials = (layered(), prop::collection::vec(request(), 24..=48));
    let mut seed = first;
    while count.borrow().pairs < pairs {
        match runner(seed, BUNDLES_A_SEED).run(&trials, |(layered, lines)| agree(&layered, &lines, &count)) {
            Ok(()) => {}
            // The reason tells what a person needs; the trial's own form, all choices, does not.
            Err(TestError::Fail(reason, _)) | Err(TestError::Abort(reason)) => panic!("seed {seed}: {reason}"),
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
        let share = count.share(count.of(reason.as_str()));
        assert!(share >= 700, "{} is the answer to {share} of 10,000 pairs", reason.as_str());
        for layer in [Layer::Endpoint, Layer::Resource, Layer::Identity, Layer::Authorizer] {
            let said = format!("{}: {}", layer.as_str(), reason.as_str());
            assert!(count.share(count.of(&said)) >= 50, "{said}: {} pairs", count.of(&said));
        }
    }
    for refusal in ["MissingToken", "IncompleteSignature", "InvalidSignature", "Unauthorized"] {
        assert!(count.share(count.of(refusal)) >= 50, "{refusal}: {} pairs", count.of(refusal));
    }
}

/// Asks all engines everything; an error is a case to be kept.
fn agree(layered: &Layered, lines: &[RequestLine], count: &RefCell<Count>) -> TestCaseResult {
    let bundle = layered.bundle();
    let engines = Engines::new(&bundle);
    let mut count = count.borrow_mut();
    count.bundles += 1;
    for line in lines {
        let said = line.ask(|request| engines.agree(request));
        let case = || {
            let request = serde_json::to_string(line).unwrap();
            format!("{{\"bundle\":{},\"request\":{request}}}\nshared.json: {}", layered.json(), layered.shared())
        };
        count.see(&said.map_err(|why| TestCaseError::fail(format!("{why}\n{}", case())))?);
    }
    Ok(())
}
