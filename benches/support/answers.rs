//! One engine's line in a group: it answers every item, one after another.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Throughput};

/// Measures `answer` over the items; the report has its answers per second.
pub fn measure<T, A>(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, items: &[T], answer: impl Fn(&T) -> A) {
    group.throughput(Throughput::Elements(items.len() as u64));
    group.bench_function(id, |bench| {
        bench.iter(|| {
            for item in items {
                black_box(answer(black_box(item)));
            }
        });
    });
}
