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
pub const ENGINES: [(&str, fn(&Engines<'_>, &Request<'_>) -> Said); 8] = [
    ("reference", |engines, request| Said::Whole(engines.reference.evaluate(request))),
    ("reference, decide", |engines, request| Said::Brief(engines.reference.decide(request))),
    ("gate", |engines, request| Said::Brief(engines.gate.decide(request))),
    ("gate, evaluate", |engines, request| Said::Whole(engines.gate.evaluate(request))),
    ("gate, explain", |engines, request| Said::Whole(engines.gate.explain(request).evaluation)),
    ("reloaded", |engines, request| Said::Brief(engines.reloaded.decide(request))),
    ("reloaded, evaluate", |engines, request| Said::Whole(engines.reloaded.evaluate(request))),
    ("stripped", |engines, request| Said::Whole(engines.stripped.evaluate(request))),
];

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
