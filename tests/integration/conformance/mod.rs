//! A second opinion: the corpus and generated cases, before an evaluator of IAM policies that nobody of this project
//! wrote (`tests/conformance/`). It runs as a separate process and needs node, so these tests run when asked for:
//!
//! ```sh
//! npm ci --prefix tests/conformance
//! cargo test --release --test integration conformance -- --ignored --nocapture
//! ```
//!
//! Compared are, of every pair, the answer with its reason and the statements behind it, and beneath them what each
//! element of each statement makes of the request. Where the two differ, a row of [`differences::TABLE`] must know
//! the element that differs; `corpus/differences.md` says of each row who is right, and why. Anything else fails.

mod condition;
mod differences;
mod evaluator;
mod principal;
mod resource;
mod values;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use portcullis::{Gate, Outcome, Reason, StatementReport};
use proptest::strategy::{Strategy, ValueTree};
use serde_json::Value;

use crate::corpus;
use crate::generate::{self, gate_of, ordinary_trial};
use crate::lines::RequestLine;
use differences::{Element, Part, TABLE};
use evaluator::{Answer, TheirStatement, Theirs};

/// How many generated pairs are put, if `PORTCULLIS_PAIRS` does not say.
const PAIRS: usize = 10_000;
/// What the generated pairs follow from, if `PORTCULLIS_SEED` does not say: others than those of the agreement tests.
const SEED: usize = 0x5ec0_0d0b;
/// How many pairs that nothing explains are printed.
const PRINTED: usize = 10;

/// A document and a request, and what we say.
struct Pair {
    /// Where it is from, for people.
    from: String,
    policy: String,
    request: RequestLine,
    ours: Ours,
}

/// What we say of a pair.
struct Ours {
    reason: Reason,
    deciding: Vec<u32>,
    statements: Vec<StatementReport>,
}

/// What came of all pairs.
#[derive(Default)]
struct Tally {
    pairs: usize,
    /// Pairs with the same reason from the same statements.
    equal: usize,
    /// Elements that both sides judged alike.
    parts_equal: usize,
    by_reason: BTreeMap<&'static str, usize>,
    /// By row of the table: pairs whose answers differ for it, and elements that do.
    explained: BTreeMap<&'static str, (usize, usize)>,
    /// Unexplained, and how many there were.
    failures: Vec<String>,
    failed: usize,
}

impl Pair {
    fn new(from: String, policy: String, request: RequestLine, gate: &Gate<Vec<u8>>) -> Self {
        let ours = request.ask(|asked| {
            let evaluation = gate.evaluate(asked);
            let explanation = gate.explain(asked);
            assert_eq!(gate.decide(asked).reason(), evaluation.reason, "decide and evaluate: {request:?}: {policy}");
            assert_eq!(explanation.evaluation, evaluation, "explain and evaluate: {request:?}: {policy}");
            let deciding = evaluation.statements.iter().map(|(_, statement)| statement.index).collect();
            Ours { reason: evaluation.reason, deciding, statements: explanation.statements }
        });
        Self { from, policy, request, ours }
    }
}

/// Puts pairs before the other evaluator while they are made, and compares.
fn compare(make: impl FnOnce(&mut dyn FnMut(Pair)) + Send) -> Tally {
    let (mut asking, answers) = evaluator::start();
    // Bounded, as a pair is held until it is answered.
    let (sender, receiver) = mpsc::sync_channel::<Pair>(1_000);
    thread::scope(|scope| {
        scope.spawn(move || {
            make(&mut |pair| {
                asking.put(&pair.policy, &pair.request);
                sender.send(pair).unwrap();
            });
        });
        // In here, so that a panic ends the other evaluator, and with it the thread that writes to it.
        let mut answers = answers;
        let mut tally = Tally::default();
        for pair in receiver {
            let answer = answers.next().unwrap_or_else(|| panic!("no answer: {}\n{}", pair.policy, pair.from));
            tally.add(&pair, answer);
        }
        tally
    })
}

impl Tally {
    fn add(&mut self, pair: &Pair, theirs: Theirs) {
        self.pairs += 1;
        *self.by_reason.entry(pair.ours.reason.as_str()).or_default() += 1;
        let policy: Value = serde_json::from_str(&pair.policy).unwrap();
        let problem = match theirs {
            Theirs::Answer(answer) => self.weigh(pair, &policy, &answer),
            Theirs::Error { error } => Some(format!("they fail: {error}")),
        };
        let Some(problem) = problem else { return };
        self.failed += 1;
        if self.failures.len() < PRINTED {
            self.failures.push(format!("{}: {problem}\n{}", pair.from, generate::case(&policy, &pair.request)));
        }
    }

    /// Compares two answers, down to the elements; a problem where a difference is not in the table.
    fn weigh(&mut self, pair: &Pair, policy: &Value, theirs: &Answer) -> Option<String> {
        let equal = pair.ours.reason.as_str() == theirs.reason && pair.ours.deciding == theirs.deciding;
        if pair.ours.statements.is_empty() {
            // The request was not evaluated at all.
            if !differences::is_unreadable_request(&pair.request) {
                return Some("we do not evaluate this request".to_owned());
            }
            self.settle(equal, &[differences::UNREADABLE_REQUEST]);
            return None;
        }
        let statements = match policy.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(statement) => vec![statement],
            None => Vec::new(),
        };
        if statements.len() != theirs.statements.len() || statements.len() != pair.ours.statements.len() {
            return Some("the two see different numbers of statements".to_owned());
        }
        let mut reasons = Vec::new();
        for ((statement, ours), their) in statements.into_iter().zip(&pair.ours.statements).zip(&theirs.statements) {
            let mut differing = Vec::new();
            for (element, ours_says, they_say) in elements(statement, ours, their) {
                let part = Part {
                    policy,
                    statement,
                    element,
                    request: &pair.request,
                    context: &theirs.context,
                    ours: ours_says,
                };
                let holds = match ours_says {
                    Outcome::Matched => true,
                    Outcome::NotMatched => false,
                    // E-05
                    Outcome::Undefined => ours.is_deny,
                };
                if holds == they_say {
                    self.parts_equal += 1;
                    continue;
                }
                let Some(row) = TABLE.iter().find(|row| (row.knows)(&part)) else {
                    let index = ours.statement.index;
                    return Some(format!(
                        "statement {index}, {:?}: we say {ours_says:?}, they say {they_say}",
                        part.element
                    ));
                };
                self.explained.entry(row.id).or_default().1 += 1;
                differing.push(row.id);
            }
            if ours.applies != their.applies {
                if differing.is_empty() {
                    return Some(format!(
                        "statement {}: its elements are judged alike, and yet only one says that it applies",
                        ours.statement.index
                    ));
                }
                reasons.extend(differing);
            }
        }
        if !equal && reasons.is_empty() {
            return Some(format!(
                "statements are judged alike, and yet we say {:?} by {:?}, they say {} by {:?}",
                pair.ours.reason, pair.ours.deciding, theirs.reason, theirs.deciding
            ));
        }
        self.settle(equal, &reasons);
        None
    }

    fn settle(&mut self, equal: bool, reasons: &[&'static str]) {
        if equal {
            self.equal += 1;
            return;
        }
        let mut reasons = reasons.to_vec();
        reasons.sort_unstable();
        reasons.dedup();
        for id in reasons {
            self.explained.entry(id).or_default().0 += 1;
        }
    }

    fn report(&self, what: &str) {
        println!("{what}: {} pairs, {} equal ({:.1}%)", self.pairs, self.equal, percent(self.equal, self.pairs));
        println!("  we say {:?}", self.by_reason);
        println!("  {} elements judged alike; otherwise (pairs with another answer, elements):", self.parts_equal);
        for (id, (pairs, parts)) in &self.explained {
            println!("  {id:32} {pairs:>8} {parts:>8}");
        }
        let failures = self.failures.join("\n");
        assert!(self.failed == 0, "{what}: {} pairs differ, and no row knows why; the first:\n{failures}", self.failed);
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// The elements of a statement, with what both sides make of each.
fn elements<'p>(
    statement: &'p Value,
    ours: &StatementReport,
    theirs: &'p TheirStatement,
) -> Vec<(Element<'p>, Outcome, bool)> {
    let mut elements = vec![
        (Element::Principal, ours.principal, theirs.principal),
        (Element::Action, ours.action, theirs.action),
        (Element::Resource, ours.resource, theirs.resource),
    ];
    assert_eq!(ours.condition.len(), theirs.condition.len(), "tests of one condition: {statement}");
    for test in &theirs.condition {
        let ours = ours
            .condition
            .iter()
            .find(|ours| ours.operator == test.operator && ours.key.eq_ignore_ascii_case(&test.key));
        let ours = ours.unwrap_or_else(|| panic!("a report for {test:?}: {statement}"));
        let values = &statement["Condition"][&test.operator][&test.key];
        elements.push((Element::Test { operator: &test.operator, key: &test.key, values }, ours.outcome, test.matches));
    }
    elements
}

#[test]
#[ignore = "needs node: npm ci --prefix tests/conformance"]
fn corpus_before_another_evaluator() {
    let tally = compare(|put| {
        for (from, policy, request) in corpus::pairs() {
            let gate = gate_of(&policy);
            put(Pair::new(from, policy, request, &gate));
        }
    });
    tally.report("corpus");
    assert!(tally.pairs > 400, "the corpus was read");
}

#[test]
#[ignore = "needs node: npm ci --prefix tests/conformance"]
fn generated_pairs_before_another_evaluator() {
    let number = |variable: &str, default: usize| match env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}, expected a whole number")),
        Err(_) => default,
    };
    let pairs = number("PORTCULLIS_PAIRS", PAIRS);
    let seed = number("PORTCULLIS_SEED", SEED) as u64;
    let tally = compare(|put| {
        let (mut runner, trials) = (generate::runner(seed, 1), ordinary_trial());
        let mut made = 0;
        for documents in 0.. {
            if made == pairs {
                break;
            }
            let mut trial = trials.new_tree(&mut runner).unwrap().current();
            // Of ten documents, one goes as it comes.
            let mended = documents % 10 != 0;
            if mended {
                resource::mend(&mut trial.document);
            }
            let policy = trial.document.json().to_string();
            let gate = gate_of(&policy);
            let requests = trial.lines().into_iter().filter(|request| {
                !mended || !differences::is_unreadable_request(request) && !request.resource.contains('*')
            });
            for request in requests.take(pairs - made) {
                made += 1;
                put(Pair::new(format!("pair {made}"), policy.clone(), request, &gate));
            }
        }
    });
    tally.report("generated");
    let equal = percent(tally.equal, tally.pairs);
    assert!(equal >= 80.0, "only {equal:.1}% of the pairs are truly compared");
}

#[test]
fn every_difference_is_written_down() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/differences.md");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    // A row of the first table is known by its id in backquotes.
    let mut written: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut known: Vec<&str> = TABLE.iter().map(|row| row.id).chain([differences::UNREADABLE_REQUEST]).collect();
    written.sort_unstable();
    known.sort_unstable();
    assert_eq!(written, known, "the rows of corpus/differences.md and of the table in the code");
}
