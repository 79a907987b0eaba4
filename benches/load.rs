//! Loading a blob, which checks all of it.
#![expect(clippy::expect_used, reason = "a bench that cannot go on should stop")]

mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use portcullis::{Compiler, Gate};

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    for statements in support::SIZES {
        let bundle = support::bundle(&support::workload(statements));
        let blob = Compiler::new().compile(&bundle).expect("the workload compiles").into_bytes();
        assert!(Gate::load(blob.as_slice()).is_ok(), "what is measured is a blob that loads");
        group.sample_size(20).throughput(Throughput::Bytes(blob.len() as u64));
        group.bench_function(statements.to_string(), |bench| {
            bench.iter(|| Gate::load(black_box(blob.as_slice())).is_ok());
        });
    }
    group.finish();
}

criterion_group!(benches, load);
criterion_main!(benches);
