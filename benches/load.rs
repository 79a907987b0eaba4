//! What each engine does before its first answer: the gate loads a blob, which checks all of it; the index by hand and
//! the naive evaluator read the policy; the floor's map is filled.
//!
//! The share of sessions is left out: it is a matter of requests, and the policy is the same.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that cannot go on should stop")]

#[path = "../src/cli/bench/baselines/mod.rs"]
#[expect(dead_code, reason = "answers are compared in decide.rs")]
mod baselines;
#[path = "support/requests.rs"]
mod requests;
mod support;

use std::hint::black_box;

use baselines::floor::Floor;
use baselines::index::Index;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use portcullis::Gate;
use portcullis::reference::Reference;

fn load(criterion: &mut Criterion) {
    for plan in support::plans(0.7) {
        let workload = plan.make();
        let blob = support::blob(&support::bundle(&workload));
        let gate = Gate::load(blob.as_slice()).expect("the blob loads");
        let owned = requests::read(&workload.requests);
        let pairs: Vec<_> = owned.iter().map(requests::Owned::pairs).collect();
        let requests: Vec<_> = owned.iter().zip(&pairs).map(|(owned, pairs)| owned.request(pairs)).collect();
        let floor = Floor::new(&requests, |request| gate.decide(request));

        let mut group = criterion.benchmark_group(format!("load {}", support::name(&plan)));
        support::be_brief(&mut group);
        group.throughput(Throughput::Bytes(blob.len() as u64));
        group.bench_function("gate", |bench| bench.iter(|| Gate::load(black_box(blob.as_slice())).is_ok()));
        group.throughput(Throughput::Bytes(workload.policy.len() as u64));
        group.bench_function("index", |bench| {
            bench.iter(|| Index::new(&support::bundle(black_box(&workload))).is_some());
        });
        group.bench_function("naive", |bench| {
            bench.iter(|| {
                black_box(Reference::new(&support::bundle(black_box(&workload))));
            });
        });
        group.throughput(Throughput::Elements(requests.len() as u64));
        group.bench_function("floor", |bench| bench.iter(|| black_box(&floor).map().len()));
        group.finish();
    }
}

criterion_group!(benches, load);
criterion_main!(benches);
