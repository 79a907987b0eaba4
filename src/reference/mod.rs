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
mod identities;
mod key;
mod layers;
mod principal;
mod profile;
mod read;
mod resource;
mod routes;
mod truth;
mod variable;

use crate::bundle::{Attachments, Bundle, Endpoint};
use crate::gate::{Decision, Evaluation, Question, Reason, Request, StatementRef};
use crate::policy::{Effect, Policy, Statement};

/// Decides by the rules, statement after statement. Borrows the bundle and prepares nothing.
///
/// Each answer takes time linear in the bundle, and for each of its globs up to the product of the length the glob
/// has with its variables replaced and the text's. Of a document alone [`Reference::decide`] allocates only to replace
/// variables, and to read a request's date or base64.
#[derive(Debug, Clone, Copy)]
pub struct Reference<'b> {
    bundle: &'b Bundle,
}

/// A policy, and its number in the bundle.
#[derive(Clone, Copy)]
struct NumberedPolicy<'b> {
    number: u32,
    policy: &'b Policy,
}

/// What is asked: a request that could be read, and what a bundle knows of it.
struct Asked<'a> {
    /// The request as this policy sees it (L-03).
    question: Question<'a>,
    /// The endpoint it came through, where there is a bundle.
    endpoint: Option<&'a Endpoint>,
    /// The caller has a permissions boundary, so that no `NotPrincipal` spares it (L-14).
    has_boundary: bool,
}

impl<'b> Reference<'b> {
    /// An evaluator of these policies.
    pub fn new(bundle: &'b Bundle) -> Self {
        Self { bundle }
    }

    /// Decides a request (E-02; in a bundle L-01 to L-16). A request that cannot be read is an implicit deny (E-07,
    /// E-09).
    ///
    /// The decision names the first of the statements that [`Reference::evaluate`] lists.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        if let Attachments::Layers(_) = self.bundle.attachments() {
            let Evaluation { reason, statements, refusal, .. } = self.evaluate(request);
            let statement = statements.first().map(|(_, statement)| *statement);
            return match (reason, refusal) {
                (Reason::ExplicitAllow, None) => Decision::explicit_allow(statement),
                (_, Some(refusal)) => Decision::refused(refusal, reason == Reason::ExplicitDeny, statement),
                (_, None) => Decision::implicit_deny(),
            };
        }
        let (Ok(question), Some(numbered)) = (Question::read(request), self.policy(0)) else {
            return Decision::implicit_deny();
        };
        numbered.decide(&Asked { question, endpoint: None, has_boundary: false })
    }

    /// Evaluates a request: the decision, what each layer said, and every statement that decided (E-04).
    ///
    /// Slower than [`Reference::decide`] of a document alone: it reads on where the decision is settled, and allocates.
    pub fn evaluate(&self, request: &Request<'_>) -> Evaluation {
        if let Attachments::Layers(attached) = self.bundle.attachments() {
            return layers::evaluate(self, attached, request);
        }
        let (Ok(question), Some(numbered)) = (Question::read(request), self.policy(0)) else {
            return Evaluation::default();
        };
        let Verdict { reason, statements } =
            numbered.evaluate(&Asked { question, endpoint: None, has_boundary: false });
        let statements = statements.into_iter().map(|statement| (None, statement)).collect();
        Evaluation { reason, statements, ..Evaluation::default() }
    }

    fn policy(&self, number: u32) -> Option<NumberedPolicy<'b>> {
        let named = self.bundle.policies().get(usize::try_from(number).ok()?)?;
        Some(NumberedPolicy { number, policy: &named.policy })
    }
}

/// The entry of an API's methods that a resource is a call of (H-15).
pub(crate) fn called_method<'b>(apis: &'b crate::bundle::Apis, resource: &str) -> Option<&'b crate::bundle::Method> {
    Some(routes::find(apis, &crate::gate::Resource::read(resource)?)?.method)
}

/// Whether a template without variables matches a text, for the tests of others: this matcher shares nothing with theirs.
#[cfg(test)]
pub(crate) fn glob_matches(template: &crate::policy::Template, text: &str) -> bool {
    glob::matches(template, text, glob::Case::Sensitive) == truth::Truth::True
}

/// What one policy, or one layer, says by itself (E-02), and the statements that it says so by (E-04).
struct Verdict {
    reason: Reason,
    statements: Vec<StatementRef>,
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
    fn evaluate(&self, asked: &Asked<'_>) -> Verdict {
        let applicable = |effect| {
            let numbered = (0..).zip(&self.policy.statements);
            let of_effect = numbered.filter(|(_, statement)| statement.effect == effect && applies(statement, asked));
            of_effect.map(|(index, _)| StatementRef { policy: self.number, index }).collect::<Vec<_>>()
        };
        let denies = applicable(Effect::Deny);
        if !denies.is_empty() {
            return Verdict { reason: Reason::ExplicitDeny, statements: denies };
        }
        let allows = applicable(Effect::Allow);
        if !allows.is_empty() {
            return Verdict { reason: Reason::ExplicitAllow, statements: allows };
        }
        Verdict { reason: Reason::ImplicitDeny, statements: Vec::new() }
    }
}

/// E-01, E-05: principal, action, resource and condition all match; what is undefined counts by the effect.
fn applies(statement: &Statement, asked: &Asked<'_>) -> bool {
    let effect = statement.effect;
    let Question { resource, request, .. } = &asked.question;
    let Some((service, name)) = request.action.split_once(':') else { return false };
    principal::applies(statement.principal.as_ref(), effect, asked)
        && action::applies(&statement.action, service, name).counts_in(effect)
        && resource::applies(&statement.resource, resource, asked).counts_in(effect)
        && condition::holds(&statement.condition, asked).counts_in(effect)
}
