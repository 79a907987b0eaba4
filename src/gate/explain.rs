//! Whole answers, for people and for logs: every statement that decided, and every element that did or did not
//! match. Slow: may allocate, and reads every statement.

use super::Gate;
use super::case::Case;
use super::decide;
use super::decide::Search;
use super::decision::{Evaluation, Layer, Reason, Refusal, StatementRef};
use super::identity::{Identity, Question};
use super::layers::{self, Asked};
use super::present::Composed;
use super::request::Request;
use super::truth::Truth;
use crate::blob::cold::{self, ColdRecord};
use crate::blob::predicates::{Key, Predicate, PredicateId};
use crate::blob::principals::Principal;
use crate::blob::sets::Endpoint;
use crate::blob::statements::{Policy, Resource, Statement, flag};

/// Why a request is allowed or denied: every statement, element by element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explanation {
    /// The answer, found by reading the statements one by one; [`Gate::evaluate`] finds the same by automaton.
    pub evaluation: Evaluation,
    /// Every statement of the policy that was asked, in document order. Empty where none was: the request could
    /// not be read (E-07), no endpoint was found for it (L-16), or the endpoint has the default policy (L-02).
    pub statements: Vec<StatementReport>,
}

/// One statement, held against one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementReport {
    /// Which statement.
    pub statement: StatementRef,
    /// Whether its effect is Deny.
    pub is_deny: bool,
    /// Whether it applies (E-01): every element matched, or, in a Deny, may have (E-05).
    pub applies: bool,
    /// `Principal` or `NotPrincipal`.
    pub principal: Outcome,
    /// `Action` or `NotAction`.
    pub action: Outcome,
    /// `Resource` or `NotResource`.
    pub resource: Outcome,
    /// The tests of `Condition`, one for each operator and key.
    pub condition: Vec<TestReport>,
}

/// One test of a condition, held against one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    /// AWS's name of the operator, with qualifier and suffix.
    pub operator: String,
    /// The context key, in ASCII lower case.
    pub key: String,
    /// What came out.
    pub outcome: Outcome,
}

/// What an element makes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It matches.
    Matched,
    /// It does not match.
    NotMatched,
    /// It cannot be told (E-05): not enough for an Allow, enough for a Deny.
    Undefined,
}

impl From<Truth> for Outcome {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Matched,
            Truth::False => Self::NotMatched,
            Truth::Undefined => Self::Undefined,
        }
    }
}

/// How much a blob holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Policy documents.
    pub policies: usize,
    /// Statements.
    pub statements: usize,
    /// Resource patterns.
    pub resources: usize,
    /// Distinct names of principals; a role counts twice, once for its sessions.
    pub principals: usize,
    /// Distinct tests of conditions.
    pub predicates: usize,
    /// Endpoints of a bundle.
    pub endpoints: usize,
    /// Blocks of the automaton.
    pub blocks: usize,
}

impl<D: AsRef<[u8]>> Gate<D> {
    /// Decides one request, and lists every statement that decided (E-04), by the same automaton as
    /// [`Gate::decide`]: it costs somewhat more, and allocates.
    pub fn evaluate(&self, request: &Request<'_>) -> Evaluation {
        self.answer(request, |case, set| {
            let mut found = Vec::new();
            decide::applicable(case, set, |statement, is_deny| found.push((statement, is_deny)))?;
            found.sort_unstable();
            found.dedup();
            Some(found)
        })
    }

    /// Decides one request by holding every statement against it, element by element, and says what matched.
    ///
    /// Time grows with the number of statements. Names and Sids are in the cold section: see
    /// [`Gate::policy_name`] and [`Gate::sid`].
    pub fn explain(&self, request: &Request<'_>) -> Explanation {
        let mut statements = Vec::new();
        let evaluation = self.answer(request, |case, set| {
            statements = reports(case, set);
            let applicable = statements.iter().filter(|report| report.applies);
            Some(applicable.map(|report| (report.statement, report.is_deny)).collect())
        });
        Explanation { evaluation, statements }
    }

    /// Asks the layers, given what finds the applicable statements of a set.
    fn answer(
        &self,
        request: &Request<'_>,
        applicable: impl FnOnce(&Case<'_>, u32) -> Option<Vec<(StatementRef, bool)>>,
    ) -> Evaluation {
        // L-16: no layer, so that nobody was seen.
        let unseen = self.is_bundle().then_some(Refusal::NotAuthorized { anonymous: true, explicit: false });
        let refused = || Evaluation { refusal: unseen, ..Evaluation::default() };
        let view = self.view();
        let read = Search::of(view, request).zip(Question::read(request).ok());
        let Some((search, question)) = read else { return refused() };
        let (layer, statements) = match layers::asked(&view, self.layout.features, request) {
            Asked::Nothing => return refused(),
            Asked::FullAccess => {
                let reason = Reason::ExplicitAllow;
                let layers = vec![(Layer::Endpoint, reason)];
                return Evaluation { reason, layers, ..Evaluation::default() };
            }
            Asked::Set(set, endpoint) => {
                let found = applicable(&Case::new(&search, question, endpoint, &Composed::default()), set);
                let Some(statements) = found else { return refused() };
                (endpoint.map(|_| Layer::Endpoint), statements)
            }
        };
        let denied = statements.iter().any(|(_, is_deny)| *is_deny);
        let reason = match (denied, statements.is_empty()) {
            (true, _) => Reason::ExplicitDeny,
            (false, false) => Reason::ExplicitAllow,
            (false, true) => Reason::ImplicitDeny,
        };
        let deciding = statements.into_iter().filter(|(_, is_deny)| *is_deny == denied);
        let refusal = layer.filter(|_| reason != Reason::ExplicitAllow).map(|_| Refusal::NotAuthorized {
            anonymous: matches!(question.identity, Identity::Anonymous),
            explicit: denied,
        });
        Evaluation {
            reason,
            layers: layer.map(|layer| (layer, reason)).into_iter().collect(),
            statements: deciding.map(|(statement, _)| (layer, statement)).collect(),
            refusal,
        }
    }

    /// The name of a policy, as answers give it; `None` in a stripped blob, and for a number that is not there.
    pub fn policy_name(&self, policy: u32) -> Option<&str> {
        let view = self.view();
        view.record::<Policy>(policy)?;
        cold::record(&view, policy as usize)?.name
    }

    /// The `Sid` of a statement; `None` where it has none, and in a stripped blob.
    pub fn sid(&self, statement: StatementRef) -> Option<&str> {
        self.cold(statement)?.name
    }

    /// The line its statement begins on, counted from 1; `None` in a stripped blob.
    pub fn line(&self, statement: StatementRef) -> Option<u32> {
        self.cold(statement).map(|record| record.line)
    }

    fn cold(&self, statement: StatementRef) -> Option<ColdRecord<'_>> {
        let view = self.view();
        let span = view.record::<Policy>(statement.policy)?.statements;
        if statement.index >= span.len.get() {
            return None;
        }
        let number = span.start.get().checked_add(statement.index)?;
        cold::record(&view, view.records::<Policy>().len().checked_add(number as usize)?)
    }

    /// The sections of the blob in file order: names, and lengths in bytes.
    pub fn sections(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.view().section_sizes()
    }

    /// How much the blob holds.
    pub fn counts(&self) -> Counts {
        let view = self.view();
        Counts {
            policies: view.records::<Policy>().len(),
            statements: view.records::<Statement>().len(),
            resources: view.records::<Resource>().len(),
            principals: view.records::<Principal>().len(),
            predicates: view.records::<Predicate>().len(),
            endpoints: view.records::<Endpoint>().len(),
            blocks: view.records::<crate::blob::block::Block>().len(),
        }
    }
}

/// Holds every statement of a set against a request.
fn reports(case: &Case<'_>, set: u32) -> Vec<StatementReport> {
    // A set's number is its policy's.
    let Some(policy) = case.view().record::<Policy>(set) else { return Vec::new() };
    let numbered = (0..).zip(case.view().span::<Statement>(policy.statements));
    numbered.map(|(index, statement)| report(case, StatementRef { policy: set, index }, statement)).collect()
}

fn report(case: &Case<'_>, reference: StatementRef, statement: &Statement) -> StatementReport {
    let principal = Truth::from(case.principal(statement));
    let action = Truth::from(case.action(statement));
    let resource = case.resource(statement);
    let mut truth = principal.and(action).and(resource);
    let mut condition = Vec::new();
    for member in case.view().span::<PredicateId>(statement.conditions) {
        let outcome = case.predicate(member.0.get());
        truth = truth.and(outcome);
        let predicate = case.view().record::<Predicate>(member.0.get());
        let key = predicate.and_then(|predicate| case.view().record::<Key>(predicate.key.get()));
        condition.push(TestReport {
            operator: predicate.and_then(Predicate::operator).map(|operator| operator.to_string()).unwrap_or_default(),
            key: key.map_or("", |key| case.view().text(key.name)).to_owned(),
            outcome: outcome.into(),
        });
    }
    let is_deny = statement.has(flag::DENY);
    StatementReport {
        statement: reference,
        is_deny,
        applies: truth.applies(is_deny),
        principal: principal.into(),
        action: action.into(),
        resource: resource.into(),
        condition,
    }
}
