//! One decision, over every shape and share of sessions: the gate beside the index by hand, the naive evaluator and
//! the floor. Answers are checked before anything is timed.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that cannot go on should stop")]

#[path = "support/answers.rs"]
mod answers;
#[path = "../src/cli/bench/baselines/mod.rs"]
mod baselines;
#[path = "support/requests.rs"]
mod requests;
mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use answers::measure;
use baselines::agreement::{Prepared, compare, spread};
use baselines::floor::Floor;
use baselines::index::Index;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use portcullis::reference::Reference;
use portcullis::{Decision, Gate, Request};
use support::workload::Plan;

/// How long the naive evaluator may take to check the others' answers, in each group.
const CHECK: Duration = Duration::from_secs(1);
/// As many requests as it answers in this time are its measure.
const NAIVE: Duration = Duration::from_millis(20);

fn decide(criterion: &mut Criterion) {
    for sessions in [0.0, 0.7, 1.0] {
        for plan in support::plans(sessions) {
            group(criterion, &plan);
        }
    }
}

fn group(criterion: &mut Criterion, plan: &Plan) {
    let workload = plan.make();
    let bundle = support::bundle(&workload);
    let blob = support::blob(&bundle);
    let owned = requests::read(&workload.requests);
    let pairs: Vec<_> = owned.iter().map(requests::Owned::pairs).collect();
    let requests: Vec<_> = owned.iter().zip(&pairs).map(|(owned, pairs)| owned.request(pairs)).collect();

    let gate = Gate::load(blob.as_slice()).expect("the blob loads");
    let reference = Reference::new(&bundle);
    let index = Index::new(&bundle).expect("the index knows all that a workload has");
    let floor = Floor::new(&requests, |request| gate.decide(request));
    let (keys, map) = (floor.keys(), floor.map());
    let found = compare(&gate, &reference, Some(&index), &requests, CHECK);
    assert_eq!(found.disagreements, 0, "engines differ: their speed says nothing");
    let few = answered_within(NAIVE, &requests, |request| reference.decide(request));

    let handles: Vec<_> = requests.iter().map(|request| Prepared::new(&gate, request)).collect();
    let mut decisions = vec![Decision::default(); requests.len()];
    let mut group = criterion.benchmark_group(format!("decide {}, sessions {}", support::name(plan), plan.sessions));
    support::be_brief(&mut group);
    // A line for each engine.
    measure(&mut group, id("gate"), &requests, |request| gate.decide(request));
    measure(&mut group, id("prepared"), &handles, |Prepared { request, principal, api }| {
        gate.decide_prepared(principal, api, request)
    });
    group.bench_function(id("batch"), |bencher| {
        bencher.iter(|| gate.decide_batch(black_box(&requests), &mut decisions));
    });
    measure(&mut group, id("index"), &requests, |request| index.decide(request));
    measure(&mut group, id("naive"), &few, |request| reference.decide(request));
    measure(&mut group, id("floor"), &keys, |key| map.get(*key).copied());
    group.finish();
}

/// As many of the requests, spread over all, as are answered in the time; one at least. Compare the throughput.
fn answered_within<'q, A>(
    time: Duration,
    requests: &[Request<'q>],
    answer: impl Fn(&Request<'q>) -> A,
) -> Vec<Request<'q>> {
    let begin = Instant::now();
    let mut answered = Vec::new();
    for request in spread(requests) {
        black_box(answer(request));
        answered.push(*request);
        if begin.elapsed() > time {
            break;
        }
    }
    answered
}

fn id(engine: &str) -> BenchmarkId {
    BenchmarkId::from_parameter(engine)
}

criterion_group!(benches, decide);
criterion_main!(benches);
