//! From the text of a policy to a blob, and to what `check` finds, beside what reading the text as JSON alone costs.
//!
//! The share of sessions is left out: it is a matter of requests, and the policy is the same.
#![expect(clippy::expect_used, reason = "a bench that cannot go on should stop")]

mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use portcullis::Compiler;
use portcullis::analysis;

fn compile(criterion: &mut Criterion) {
    for plan in support::plans(0.7) {
        let workload = plan.make();
        let text = workload.policy.as_str();
        let run = || {
            let bundle = support::bundle(black_box(&workload));
            Compiler::new().compile(&bundle).expect("the workload compiles").into_bytes()
        };
        assert_eq!(run(), support::blob(&support::bundle(&workload)), "what is measured makes a blob that loads");
        let mut group = criterion.benchmark_group(format!("compile {}", support::name(&plan)));
        support::be_brief(&mut group);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("policy to blob", |bench| bench.iter(run));
        group.bench_function("policy to findings", |bench| {
            bench.iter(|| analysis::check(&support::bundle(black_box(&workload)), &mut |_, _| {}).len());
        });
        group.bench_function("JSON alone", |bench| {
            bench.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(text.as_bytes())).is_ok());
        });
        group.finish();
    }
}

criterion_group!(benches, compile);
criterion_main!(benches);
