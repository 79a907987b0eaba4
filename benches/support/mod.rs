//! What the benches measure: a policy of each size.

#[path = "../../src/cli/workload.rs"]
pub mod workload;

use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use workload::{Plan, Shape, Workload};

/// Statements of the measured policies.
pub const SIZES: [usize; 3] = [10, 1_000, 10_000];

/// A gateway workload.
pub fn workload(statements: usize) -> Workload {
    Plan { shape: Shape::Gateway, statements, requests: 1_000, sessions: 0.7, seed: 7 }.make()
}

/// The policy as a bundle.
pub fn bundle(workload: &Workload) -> Bundle {
    Bundle::endpoint(Policy::from_json(&workload.policy).expect("the workload is well formed"))
}
