//! The requests of a workload, read from their lines.

use portcullis::{Caller, Context, Request, Value};

/// A request that owns its texts.
pub struct Owned {
    principal: String,
    resource: String,
    context: Vec<(String, String)>,
}

/// The requests of a workload.
pub fn read(lines: &str) -> Vec<Owned> {
    let one = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        let context = line["context"].as_object().expect("a context");
        Owned {
            principal: text(&line["principal"]),
            resource: text(&line["resource"]),
            context: context.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
        }
    };
    lines.lines().map(one).collect()
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
