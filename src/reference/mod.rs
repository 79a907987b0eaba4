//! The definition of right: decides by reading the statements one by one, in the words of the rules.
//!
//! [`Reference`] is the oracle that compiled gates are compared with, and the naive baseline they are measured
//! against. It is written to be read beside the rules: one function for each, named by its id.
//!
//! Invariant: of the gate it uses the question and the answer alone (the request and its parts, the derived
//! keys, the decision). It has its own matching of globs, principals, actions, resources and conditions, since
//! a shared matcher would hide a shared mistake.

mod action;
mod condition;
mod glob;
mod key;
mod principal;
mod read;
mod resource;
mod truth;
mod variable;

use crate::bundle::{Attachments, Bundle, Endpoint};
use crate::gate::{Decision, Evaluation, Layer, Question, Reason, Request, StatementRef};
use crate::policy::{Effect, Policy, Statement};

/// Decides by the rules, statement after statement. Borrows the bundle and prepares nothing.
///
/// Each answer takes time linear in the policy, and for each of its globs up to the product of the length the glob
/// has with its variables replaced and the text's. [`Reference::decide`] allocates only to replace variables, and to read a request's
/// date or base64.
#[derive(Debug, Clone, Copy)]
pub struct Reference<'b> {
    bundle: &'b Bundle,
}

/// Which policy a request is asked of.
enum Route<'b> {
    /// A document alone.
    Document(NumberedPolicy<'b>),
    /// An endpoint, and its policy; `None` is the default policy (L-02).
    Endpoint(&'b Endpoint, Option<NumberedPolicy<'b>>),
}

/// A policy, and its number in the bundle.
#[derive(Clone, Copy)]
struct NumberedPolicy<'b> {
    number: u32,
    policy: &'b Policy,
}

/// What is asked: a request that could be read, and the endpoint it came through, where there is one.
struct Asked<'a> {
    question: Question<'a>,
    endpoint: Option<&'a Endpoint>,
}

impl<'b> Reference<'b> {
    /// An evaluator of these policies.
    pub fn new(bundle: &'b Bundle) -> Self {
        Self { bundle }
    }

    /// Decides a request (E-02). A request that cannot be read is an implicit deny (E-07, E-09), and so is one
    /// that came through no endpoint of the bundle (L-16).
    ///
    /// The decision names the first of the statements that [`Reference::evaluate`] lists.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let Ok(question) = Question::read(request) else { return Decision::implicit_deny() };
        match self.route(request) {
            None => Decision::implicit_deny(),
            Some(Route::Document(numbered)) => numbered.decide(&Asked { question, endpoint: None }),
            // L-02
            Some(Route::Endpoint(_, None)) => Decision::explicit_allow(None),
            Some(Route::Endpoint(endpoint, Some(numbered))) => {
                numbered.decide(&Asked { question, endpoint: Some(endpoint) })
            }
        }
    }

    /// Evaluates a request: the decision, what each layer said, and every statement that decided (E-04).
    ///
    /// Slower than [`Reference::decide`]: it reads on where the decision is settled, and allocates.
    pub fn evaluate(&self, request: &Request<'_>) -> Evaluation {
        let Ok(question) = Question::read(request) else { return Evaluation::default() };
        match self.route(request) {
            None => Evaluation::default(),
            Some(Route::Document(numbered)) => {
                let (reason, statements) = numbered.evaluate(&Asked { question, endpoint: None });
                let statements = statements.into_iter().map(|statement| (None, statement)).collect();
                Evaluation { reason, layers: Vec::new(), statements }
            }
            Some(Route::Endpoint(endpoint, policy)) => {
                let (reason, statements) = match policy {
                    Some(numbered) => numbered.evaluate(&Asked { question, endpoint: Some(endpoint) }),
                    // L-02
                    None => (Reason::ExplicitAllow, Vec::new()),
                };
                let statements = statements.into_iter().map(|statement| (Some(Layer::Endpoint), statement)).collect();
                Evaluation { reason, layers: vec![(Layer::Endpoint, reason)], statements }
            }
        }
    }

    /// Which policy is asked; `None` where there is no layer to ask (L-16).
    fn route(&self, request: &Request<'_>) -> Option<Route<'b>> {
        match self.bundle.attachments() {
            Attachments::Document => Some(Route::Document(self.policy(0)?)),
            Attachments::Endpoints(endpoints) => {
                let id = endpoint_id(request)?;
                let endpoint = endpoints.iter().find(|endpoint| endpoint.id == id)?;
                let policy = match endpoint.policy {
                    Some(number) => Some(self.policy(number)?),
                    None => None,
                };
                Some(Route::Endpoint(endpoint, policy))
            }
        }
    }

    fn policy(&self, number: u32) -> Option<NumberedPolicy<'b>> {
        let named = self.bundle.policies().get(usize::try_from(number).ok()?)?;
        Some(NumberedPolicy { number, policy: &named.policy })
    }
}

/// L-16: the endpoint that the request names, else the one that `aws:SourceVpce` does; they may not disagree,
/// and several values always do.
fn endpoint_id<'a>(request: &Request<'a>) -> Option<&'a str> {
    // K-03: a key with an empty list is not there.
    let key = request.context.get("aws:SourceVpce").filter(|value| value.texts().next().is_some());
    match (request.endpoint, key) {
        (Some(id), None) => Some(id),
        (None, Some(value)) => value.single(),
        (Some(id), Some(value)) => value.single().filter(|given| *given == id),
        (None, None) => None,
    }
}

impl NumberedPolicy<'_> {
    /// E-02: one applicable Deny, else one applicable Allow, else nothing.
    fn decide(&self, asked: &Asked<'_>) -> Decision {
        let mut allowed = None;
        for (index, statement) in (0..).zip(&self.policy.statements) {
            // A second Allow changes nothing.
            if (statement.effect == Effect::Allow && allowed.is_some()) || !applies(statement, asked) {
                continue;
            }
            let statement_ref = StatementRef { policy: self.number, index };
            match statement.effect {
                Effect::Deny => return Decision::explicit_deny(statement_ref),
                Effect::Allow => allowed = Some(statement_ref),
            }
        }
        match allowed {
            Some(statement_ref) => Decision::explicit_allow(Some(statement_ref)),
            None => Decision::implicit_deny(),
        }
    }

    /// E-02, E-04: the same, with every statement that decided.
    fn evaluate(&self, asked: &Asked<'_>) -> (Reason, Vec<StatementRef>) {
        let applicable = |effect| {
            let numbered = (0..).zip(&self.policy.statements);
            let of_effect = numbered.filter(|(_, statement)| statement.effect == effect && applies(statement, asked));
            of_effect.map(|(index, _)| StatementRef { policy: self.number, index }).collect::<Vec<_>>()
        };
        let denies = applicable(Effect::Deny);
        if !denies.is_empty() {
            return (Reason::ExplicitDeny, denies);
        }
        let allows = applicable(Effect::Allow);
        if !allows.is_empty() {
            return (Reason::ExplicitAllow, allows);
        }
        (Reason::ImplicitDeny, Vec::new())
    }
}

/// E-01, E-05: principal, action, resource and condition all match; what is undefined counts by the effect.
fn applies(statement: &Statement, asked: &Asked<'_>) -> bool {
    let effect = statement.effect;
    let Question { identity, resource, request } = &asked.question;
    let Some((service, name)) = request.action.split_once(':') else { return false };
    principal::applies(statement.principal.as_ref(), effect, identity)
        && action::applies(&statement.action, service, name).counts_in(effect)
        && resource::applies(&statement.resource, resource, asked).counts_in(effect)
        && condition::holds(&statement.condition, asked).counts_in(effect)
}
