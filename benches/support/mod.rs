//! What the benches measure: a policy of each shape and size.

mod brief;
#[path = "../../src/cli/workload.rs"]
pub mod workload;

pub use brief::be_brief;
use clap::ValueEnum;
use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::{Compiler, Gate};
use workload::{Plan, Shape, Workload};

/// Statements of the measured policies. A shape that puts all of them on one API has its naive baseline in
/// milliseconds, and one size.
pub fn sizes(shape: Shape) -> &'static [usize] {
    match shape {
        Shape::Gateway => &[10, 100, 1_000, 10_000],
        Shape::Crosscut | Shape::WildRegion | Shape::WildApi | Shape::Conditions => &[1_000, 10_000],
        Shape::OneApi => &[5_000],
        Shape::Hostile | Shape::HostileLong => &[2_000],
    }
}

/// Every shape in each of its sizes, `sessions` the share of role callers that come as a session.
pub fn plans(sessions: f64) -> impl Iterator<Item = Plan> {
    let plan = move |shape| {
        // Paths of 8 KB take the baselines long.
        let requests = if shape == Shape::HostileLong { 100 } else { 1_000 };
        sizes(shape).iter().map(move |statements| Plan { shape, statements: *statements, requests, sessions, seed: 7 })
    };
    Shape::value_variants().iter().copied().flat_map(plan)
}

/// The workload's name in a report: `gateway 1000`.
pub fn name(plan: &Plan) -> String {
    let shape = plan.shape.to_possible_value().expect("no shape is hidden");
    format!("{} {}", shape.get_name(), plan.statements)
}

/// The policy as a bundle.
pub fn bundle(workload: &Workload) -> Bundle {
    Bundle::endpoint(Policy::from_json(&workload.policy).expect("the workload is well formed"))
}

/// The policy as a blob, which loads.
pub fn blob(bundle: &Bundle) -> Vec<u8> {
    let blob = Compiler::new().compile(bundle).expect("the workload compiles").into_bytes();
    assert!(Gate::load(blob.as_slice()).is_ok(), "what is measured is a blob that loads");
    blob
}
