//! One decision: the compiled gate beside the naive evaluator and the floor, answers checked before timing.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench that cannot go on should stop")]

#[path = "support/requests.rs"]
mod requests;
mod support;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portcullis::reference::Reference;
use portcullis::{Caller, Compiler, Gate, Request};

fn decide(criterion: &mut Criterion) {
    for statements in support::SIZES {
        let workload = support::workload(statements);
        let bundle = support::bundle(&workload);
        let blob = Compiler::new().compile(&bundle).expect("the workload compiles").into_bytes();
        let gate = Gate::load(blob.as_slice()).expect("the blob loads");
        let reference = Reference::new(&bundle);
        let owned = requests::read(&workload.requests);
        let pairs: Vec<_> = owned.iter().map(requests::Owned::pairs).collect();
        let requests: Vec<_> = owned.iter().zip(&pairs).map(|(owned, pairs)| owned.request(pairs)).collect();
        for request in &requests {
            assert_eq!(gate.decide(request).reason(), reference.decide(request).reason(), "{request:?}");
        }
        let mut group = criterion.benchmark_group(format!("decide {statements}"));
        group.sample_size(20).throughput(Throughput::Elements(requests.len() as u64));
        group.bench_function("gate", |bench| bench.iter(|| all(&requests, |request| gate.decide(request))));
        // A hundredth of the requests: the naive evaluator is that slow. Compare the throughput.
        let few: Vec<_> = requests.iter().copied().step_by(100).collect();
        group.throughput(Throughput::Elements(few.len() as u64));
        group.bench_function("naive", |bench| bench.iter(|| all(&few, |request| reference.decide(request))));
        // One look-up of the whole key, in a map whose keys are slices of the text that is looked up.
        let lengths: Vec<_> = requests.iter().map(|request| key(request).len()).collect();
        let text: String = requests.iter().map(key).collect();
        let mut rest = text.as_bytes();
        let keys: Vec<_> = lengths.iter().filter_map(|length| rest.split_off(..*length)).collect();
        assert_eq!(keys.len(), requests.len(), "a key for each request");
        let mut map = hashbrown::HashMap::with_hasher(foldhash::fast::FixedState::default());
        for (key, request) in keys.iter().zip(&requests) {
            map.insert(*key, gate.decide(request));
        }
        group.throughput(Throughput::Elements(keys.len() as u64));
        group.bench_function(BenchmarkId::from_parameter("floor"), |bench| {
            bench.iter(|| {
                for key in &keys {
                    black_box(map.get(black_box(*key)));
                }
            });
        });
        group.finish();
    }
}

fn all<T>(requests: &[Request<'_>], decide: impl Fn(&Request<'_>) -> T) {
    for request in requests {
        black_box(decide(black_box(request)));
    }
}

fn key(request: &Request<'_>) -> String {
    let caller = match request.caller {
        Caller::Anonymous => "",
        Caller::Arn(name) | Caller::Service(name) => name,
    };
    [caller, request.action, request.resource].concat()
}

criterion_group!(benches, decide);
criterion_main!(benches);
