//! What the benches measure: a workload of each size, compiled, and its requests.

#[path = "../../src/cli/workload.rs"]
pub mod workload;

use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::{Caller, Context, Request, Value};
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

/// A request that owns its texts.
pub struct Owned {
    principal: String,
    resource: String,
    context: Vec<(String, String)>,
}

/// The requests of a workload.
pub fn requests(workload: &Workload) -> Vec<Owned> {
    let read = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        let context = line["context"].as_object().expect("a context");
        Owned {
            principal: text(&line["principal"]),
            resource: text(&line["resource"]),
            context: context.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
        }
    };
    workload.requests.lines().map(read).collect()
}

impl Owned {
    /// The names and values of the context.
    pub fn pairs(&self) -> Vec<(&str, Value<'_>)> {
        self.context.iter().map(|(key, value)| (key.as_str(), Value::address(value))).collect()
    }

    /// The request.
    pub fn request<'a>(&'a self, pairs: &'a [(&'a str, Value<'a>)]) -> Request<'a> {
        Request::invoke(Caller::Arn(&self.principal), &self.resource).with_context(Context::new(pairs))
    }
}
