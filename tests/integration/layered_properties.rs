//! What holds of every bundle and request, whatever the policies say.

use portcullis::reference::Reference;
use portcullis::{Evaluation, Layer, Reason};
use proptest::prelude::*;

use crate::generate::bundle::{Layered, Statement, layered, request, statement};
use crate::lines::RequestLine;

fn answers(layered: &Layered, lines: &[RequestLine]) -> Vec<Evaluation> {
    let bundle = layered.bundle();
    let reference = Reference::new(&bundle);
    lines.iter().map(|line| line.ask(|request| reference.evaluate(request))).collect()
}

fn is_allowed(evaluation: &Evaluation) -> bool {
    evaluation.reason == Reason::ExplicitAllow
}

/// Every policy of a bundle, one after another.
fn policies(layered: &mut Layered) -> Vec<&mut Vec<Statement>> {
    let mut all: Vec<&mut Vec<Statement>> = layered.endpoints.iter_mut().collect();
    all.push(&mut layered.resource);
    for identity in &mut layered.identities {
        all.extend(identity.policies.iter_mut());
        all.push(&mut identity.boundary);
    }
    all.push(&mut layered.shared);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// L-15: layers, statements and refusal say what the whole answer says.
    #[test]
    fn layers_are_consistent(layered in layered(), lines in prop::collection::vec(request(), 1..12)) {
        for said in answers(&layered, &lines) {
            prop_assert_eq!(is_allowed(&said), said.refusal.is_none(), "{:?}", said);
            let of = |wanted| said.layers.iter().find(|(layer, _)| *layer == wanted).map(|(_, reason)| *reason);
            let endpoint = of(Layer::Endpoint);
            // L-04: the endpoint first, and nothing behind one that does not allow.
            prop_assert!(said.layers.first().is_none_or(|(layer, _)| *layer == Layer::Endpoint), "{:?}", said);
            prop_assert!(said.layers.len() <= 1 || endpoint == Some(Reason::ExplicitAllow), "{:?}", said);
            let denies = said.layers.iter().any(|(_, reason)| *reason == Reason::ExplicitDeny);
            prop_assert_eq!(denies, said.reason == Reason::ExplicitDeny, "{:?}", said);
            if is_allowed(&said) && layered.has_apis() {
                let grants = [Layer::Resource, Layer::Identity, Layer::Authorizer].map(of);
                prop_assert!(grants.contains(&Some(Reason::ExplicitAllow)), "{:?}", said);
            }
            for (layer, _) in &said.statements {
                prop_assert_eq!(layer.and_then(of), Some(said.reason), "{:?}", said);
            }
            prop_assert!(said.reason != Reason::ImplicitDeny || said.statements.is_empty(), "{:?}", said);
        }
    }

    /// A Deny more, anywhere that has a policy, never lets a request pass.
    #[test]
    fn one_more_deny(
        layered in layered(),
        lines in prop::collection::vec(request(), 1..12),
        mut more in statement(),
        at in any::<prop::sample::Index>(),
    ) {
        let mut other = layered.clone();
        {
            let mut all = policies(&mut other);
            all.retain(|policy| !policy.is_empty());
            prop_assume!(!all.is_empty());
            more.deny = true;
            let at = at.index(all.len());
            all[at].push(more);
        }
        for (before, after) in answers(&layered, &lines).iter().zip(answers(&other, &lines)) {
            prop_assert!(is_allowed(before) || !is_allowed(&after), "{:?} becomes {:?}", before, after);
        }
    }

    /// An endpoint policy without one of its statements grants no more, if that was an Allow.
    #[test]
    fn one_endpoint_allow_less(
        layered in layered(),
        lines in prop::collection::vec(request(), 1..12),
        at in any::<prop::sample::Index>(),
    ) {
        let mut other = layered.clone();
        for policy in &mut other.endpoints {
            let allows: Vec<_> = (0..policy.len()).filter(|at| !policy[*at].deny).collect();
            if let Some(found) = (!allows.is_empty()).then(|| allows[at.index(allows.len())]) {
                // Not left empty: that would be the default policy (L-02).
                policy[found] = Statement::of_nothing();
            }
        }
        for (before, after) in answers(&layered, &lines).iter().zip(answers(&other, &lines)) {
            prop_assert!(is_allowed(before) || !is_allowed(&after), "{:?} becomes {:?}", before, after);
        }
    }
}
