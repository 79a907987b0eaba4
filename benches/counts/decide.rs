//! Instructions that 1,000 decisions take under callgrind, on the gateway workload at a fixed seed, held against
//! `recorded.txt`. README.md in the folder above says why the tolerance is what it is.

#[path = "../support/requests.rs"]
mod requests;
#[path = "../../src/cli/workload.rs"]
mod workload;

use std::hint::black_box;

use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig};
use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::reference::Reference;
use portcullis::{Compiler, Gate, Request};
use workload::{Plan, Shape};

/// What a count may exceed the recorded one by.
const TOLERANCE_PERCENT: u64 = 3;
const RECORDED: &str = include_str!("recorded.txt");

/// A gate and requests whose answers have been checked; all of it lives as long as the process, which is one bench.
/// Nothing of it is freed, which would be counted.
type Prepared = (Gate<&'static [u8]>, &'static [Request<'static>]);

fn prepare(statements: usize) -> Prepared {
    let made = Plan { shape: Shape::Gateway, statements, requests: 1_000, sessions: 0.7, seed: 7 }.make();
    let bundle = Bundle::endpoint(Policy::from_json(&made.policy).expect("the workload is well formed"));
    let blob = Compiler::new().compile(&bundle).expect("the workload compiles").into_bytes();
    let gate = Gate::load(&*blob.leak()).expect("the blob loads");
    let owned: &'static [requests::Owned] = requests::read(&made.requests).leak();
    let requests: Vec<_> = owned.iter().map(|owned| owned.request(owned.pairs().leak())).collect();
    let reference = Reference::new(&bundle);
    // Under callgrind all is slow: a twentieth is checked here, and everything in benches/decide.rs.
    for request in requests.iter().step_by(20) {
        assert_eq!(gate.decide(request).reason(), reference.decide(request).reason(), "{request:?}");
    }
    (gate, requests.leak())
}

/// No more than was recorded, and the tolerance.
fn limit(statements: usize) -> LibraryBenchmarkConfig {
    let mut config = LibraryBenchmarkConfig::default();
    let recorded =
        RECORDED.lines().filter_map(|line| line.split_once(' ')).find(|(size, _)| *size == statements.to_string());
    let recorded: u64 = recorded.and_then(|(_, count)| count.parse().ok()).expect("a recorded count");
    // While recording there is none yet.
    if recorded > 0 {
        let most = recorded + recorded * TOLERANCE_PERCENT / 100;
        config.tool(Callgrind::default().hard_limits([(EventKind::Ir, most)]));
    }
    config
}

#[library_benchmark]
#[bench::gateway_10(args = (10), setup = prepare, config = limit(10))]
#[bench::gateway_1000(args = (1_000), setup = prepare, config = limit(1_000))]
#[bench::gateway_10000(args = (10_000), setup = prepare, config = limit(10_000))]
fn decide((gate, requests): Prepared) {
    for request in requests {
        black_box(gate.decide(black_box(request)));
    }
}

library_benchmark_group!(name = benches; benchmarks = decide);
main!(library_benchmark_groups = benches);
