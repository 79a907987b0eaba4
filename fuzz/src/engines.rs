//! Every way to get an answer for one bundle. All of them must give the same.

use portcullis::bundle::Bundle;
use portcullis::reference::Reference;
use portcullis::{Compiler, Gate, Request};

/// The engines, ready to answer.
pub struct Engines<'b> {
    bundle: &'b Bundle,
    gate: Gate<Vec<u8>>,
    stripped: Gate<Vec<u8>>,
    /// The blob with one byte before it: at no alignment.
    shifted: Vec<u8>,
}

impl<'b> Engines<'b> {
    /// Compiles and loads.
    ///
    /// # Panics
    /// Where a document that was read does not compile (no input is as long as a limit of the format), or where
    /// what was compiled does not load.
    pub fn new(bundle: &'b Bundle) -> Self {
        let compile = |strip| Compiler::new().strip(strip).compile(bundle).expect("it compiles").into_bytes();
        let bytes = compile(false);
        let shifted = [&[0], bytes.as_slice()].concat();
        let gate = Gate::load(bytes).expect("the blob loads");
        let stripped = Gate::load(compile(true)).expect("the stripped blob loads");
        Self { bundle, gate, stripped, shifted }
    }

    /// Asks all of them.
    ///
    /// # Panics
    /// Where two answers differ.
    pub fn agree(&self, request: &Request<'_>) {
        let reference = Reference::new(self.bundle);
        let right = reference.evaluate(request);
        let shifted = Gate::load(&self.shifted[1..]).expect("the blob loads again");
        for (name, said) in [
            ("gate, evaluate", self.gate.evaluate(request)),
            ("gate, explain", self.gate.explain(request).evaluation),
            ("stripped, evaluate", self.stripped.evaluate(request)),
            ("shifted, evaluate", shifted.evaluate(request)),
        ] {
            assert!(said == right, "{}", self.differs(name, &said, &right, request));
        }
        for (name, said) in [
            ("reference, decide", reference.decide(request)),
            ("gate, decide", self.gate.decide(request)),
            ("shifted, decide", shifted.decide(request)),
        ] {
            let mut listed = right.statements.iter().map(|(_, statement)| *statement);
            let named = match said.statement() {
                Some(statement) => listed.any(|one| one == statement),
                None => right.statements.is_empty(),
            };
            assert!(said.reason() == right.reason && named, "{}", self.differs(name, &said, &right, request));
        }
    }

    fn differs(
        &self,
        name: &str,
        said: &dyn std::fmt::Debug,
        right: &dyn std::fmt::Debug,
        request: &Request,
    ) -> String {
        let texts: Vec<&str> = self.bundle.policies().iter().map(|named| named.policy.source.text()).collect();
        format!("{name} says {said:?}, and the reference {right:?}, of {request:?} and {}", texts.join("\n"))
    }
}
