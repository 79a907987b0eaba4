//! Every way to get an answer. All of them must give the same.

use std::io::{Read, Seek, Write};

use portcullis::bundle::Bundle;

use portcullis::reference::Reference;
use portcullis::{Compiler, Decision, Evaluation, Gate, Request};

/// What an engine says: all of an answer, or the short form of it.
pub enum Said {
    Whole(Evaluation),
    Brief(Decision),
}

/// The engines. A new one is one line.
#[expect(clippy::type_complexity, reason = "the table is clearer than a name for its rows")]
pub const ENGINES: [(&str, fn(&Engines<'_>, &Request<'_>) -> Said); 11] = [
    ("reference", |engines, request| Said::Whole(engines.reference.evaluate(request))),
    ("reference, decide", |engines, request| Said::Brief(engines.reference.decide(request))),
    ("gate", |engines, request| Said::Brief(engines.gate.decide(request))),
    ("gate, prepared", |engines, request| Said::Brief(prepared(&engines.gate, request))),
    ("gate, slots", |engines, request| Said::Brief(slots(&engines.gate, request))),
    ("gate, batch", |engines, request| Said::Brief(batch(&engines.gate, request))),
    ("gate, evaluate", |engines, request| Said::Whole(engines.gate.evaluate(request))),
    ("gate, explain", |engines, request| Said::Whole(engines.gate.explain(request).evaluation)),
    ("reloaded", |engines, request| Said::Brief(engines.reloaded.decide(request))),
    ("reloaded, evaluate", |engines, request| Said::Whole(engines.reloaded.evaluate(request))),
    ("stripped", |engines, request| Said::Whole(engines.stripped.evaluate(request))),
];

/// With handles of its caller and API.
fn prepared(gate: &Gate<Vec<u8>>, request: &Request<'_>) -> Decision {
    let api = request.resource.find('/').and_then(|slash| request.resource.get(..slash));
    gate.decide_prepared(&gate.principal(request.caller), &gate.api(api.unwrap_or_default()), request)
}

/// With its context in the order of the gate's keys; but for one that says something besides, of which others come.
fn slots(gate: &Gate<Vec<u8>>, request: &Request<'_>) -> Decision {
    let keys: Vec<_> = gate.context_keys().collect();
    let besides = ["aws:CurrentTime", "aws:EpochTime", "aws:SourceVpce"];
    let says_more = |name: &&str| request.context.get(name).is_some() && !keys.contains(&&*name.to_ascii_lowercase());
    if request.context.fault().is_some() || besides.iter().any(says_more) {
        return gate.decide(request);
    }
    let values: Vec<_> = keys.iter().map(|key| request.context.get(key)).collect();
    gate.decide(&request.with_context(gate.context(&values)))
}

/// Among others, of which one cannot be read: at the end of one batch and at the start of the next.
fn batch(gate: &Gate<Vec<u8>>, request: &Request<'_>) -> Decision {
    let unreadable = Request { resource: "", ..*request };
    let mut requests = [unreadable; 10];
    requests[7] = *request;
    requests[8] = *request;
    let mut decisions = [Decision::default(); 10];
    let decided = gate.decide_batch(&requests, &mut decisions);
    assert!(
        decided.is_ok() && decisions[7] == decisions[8] && !decisions[6].is_allowed() && !decisions[9].is_allowed()
    );
    decisions[7]
}

/// The engines, ready to answer for one bundle.
pub struct Engines<'b> {
    pub reference: Reference<'b>,
    pub gate: Gate<Vec<u8>>,
    pub stripped: Gate<Vec<u8>>,
    pub reloaded: Gate<Shifted>,
}

/// A blob as it came back from a file, with one byte before it: at no alignment.
pub struct Shifted(Vec<u8>);

impl AsRef<[u8]> for Shifted {
    fn as_ref(&self) -> &[u8] {
        &self.0[1..]
    }
}

impl<'b> Engines<'b> {
    /// Compiles, loads, writes to a file and reads back.
    #[expect(clippy::expect_used, reason = "a test helper")]
    pub fn new(bundle: &'b Bundle) -> Self {
        let compile = |strip| Compiler::new().strip(strip).compile(bundle).expect("the bundle compiles").into_bytes();
        let bytes = compile(false);
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&bytes).and_then(|()| file.rewind()).expect("the blob is written");
        let mut shifted = vec![0];
        file.read_to_end(&mut shifted).expect("the blob is read back");
        Self {
            reference: Reference::new(bundle),
            gate: Gate::load(bytes).expect("the blob loads"),
            stripped: Gate::load(compile(true)).expect("the stripped blob loads"),
            reloaded: Gate::load(Shifted(shifted)).expect("the blob loads again"),
        }
    }

    /// The answer that all engines give.
    ///
    /// # Errors
    /// Says which engine differs from the reference, and how.
    pub fn agree(&self, request: &Request<'_>) -> Result<Evaluation, String> {
        let right = self.reference.evaluate(request);
        for (name, engine) in ENGINES {
            match engine(self, request) {
                Said::Whole(evaluation) if evaluation == right => {}
                Said::Whole(evaluation) => {
                    return Err(format!("{name} says {evaluation:?}, and the reference {right:?}, of {request:?}"));
                }
                Said::Brief(decision) => {
                    let mut listed = right.statements.iter().map(|(_, statement)| *statement);
                    let named = match decision.statement() {
                        Some(statement) => listed.any(|one| one == statement),
                        None => right.statements.is_empty(),
                    };
                    if decision.reason() != right.reason || !named || decision.refusal() != right.refusal {
                        return Err(format!("{name} says {decision:?}, and the reference {right:?}, of {request:?}"));
                    }
                }
            }
        }
        Ok(right)
    }
}
