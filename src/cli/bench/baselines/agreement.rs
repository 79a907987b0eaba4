//! Whether the engines agree: a wrong engine's speed says nothing.

use std::time::{Duration, Instant};

use portcullis::reference::Reference;
use portcullis::{Decision, Gate, PreparedApi, PreparedPrincipal, Request};

use super::index::Index;

/// What a comparison found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Agreement {
    /// Requests on which engines differ in decision or reason, or on which a statement is none of those that the
    /// naive evaluator finds.
    pub disagreements: usize,
    /// Requests that the naive evaluator was not asked, as it would have taken too long.
    pub unchecked: usize,
}

/// A request, and what is looked up for it beforehand.
#[derive(Debug, Clone, Copy)]
pub struct Prepared<'r> {
    pub request: &'r Request<'r>,
    pub principal: PreparedPrincipal<'r>,
    pub api: PreparedApi<'r>,
}

impl<'r> Prepared<'r> {
    /// Looks up its caller, and the API that its resource is of.
    pub fn new(gate: &'r Gate<&[u8]>, request: &'r Request<'r>) -> Self {
        let api = request.resource.split('/').next().unwrap_or_default();
        Self { request, principal: gate.principal(request.caller), api: gate.api(api) }
    }
}

/// Compares every answer. The naive evaluator is asked as many requests as it answers in `budget`, spread over all.
pub fn compare(
    gate: &Gate<&[u8]>,
    reference: &Reference<'_>,
    index: Option<&Index<'_>>,
    requests: &[Request<'_>],
    budget: Duration,
) -> Agreement {
    let begin = Instant::now();
    let mut found = Agreement::default();
    let mut batch = vec![Decision::default(); requests.len()];
    let is_whole = gate.decide_batch(requests, &mut batch).is_ok();
    let differs = |(request, batch): (&Request<'_>, &Decision)| *batch != gate.decide(request);
    found.disagreements = requests.iter().zip(&batch).filter(|pair| !is_whole || differs(*pair)).count();
    for request in spread(requests) {
        let decided = gate.decide(request);
        let by_hand = index.map(|index| index.decide(request));
        let Prepared { principal, api, .. } = Prepared::new(gate, request);
        let mut agree = by_hand.is_none_or(|by_hand| by_hand.reason() == decided.reason())
            && gate.decide_prepared(&principal, &api, request) == decided;
        if begin.elapsed() < budget {
            let right = reference.evaluate(request);
            let names_one = |decision: Decision| match decision.statement() {
                Some(statement) => right.statements.iter().any(|(_, found)| *found == statement),
                None => right.statements.is_empty(),
            };
            agree &= decided.reason() == right.reason
                && reference.decide(request).reason() == right.reason
                && names_one(decided)
                && by_hand.is_none_or(names_one);
        } else {
            found.unchecked += 1;
        }
        found.disagreements += usize::from(!agree);
    }
    found
}

/// Every request once, in an order that a part of is spread over the whole: every 16th, then every 16th from the
/// next on, and so on.
pub fn spread<'r, 'q>(requests: &'r [Request<'q>]) -> impl Iterator<Item = &'r Request<'q>> {
    (0..16).flat_map(|start| requests.iter().skip(start).step_by(16))
}
