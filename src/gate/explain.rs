//! Whole answers, for people and for logs: every statement that decided, and every element that did or did not
//! match. Slow: may allocate, and reads every statement.

use core::ops::ControlFlow;

use super::Gate;
use super::case::Case;
use super::decide::{self, Search};
use super::decision::{Evaluation, Layer, Reason, StatementRef};
use super::identity::{self, Parts};
use super::layers::{self, Answer, Seen, Verdict, Voice};
use super::present::Composed;
use super::request::Request;
use super::routes::{self, CalledMethod};
use super::truth::Truth;
use crate::blob::cold::{self, ColdRecord};
use crate::blob::predicates::{Key, Predicate, PredicateId};
use crate::blob::principals::Principal;
use crate::blob::routes::Method;
use crate::blob::sets::Endpoint;
use crate::blob::statements::{Policy, Resource, Statement, flag};
use crate::blob::{apis, identities};

/// Why a request is allowed or denied: every statement, element by element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explanation {
    /// The answer, found by reading the statements one by one; [`Gate::evaluate`] finds the same by automaton.
    pub evaluation: Evaluation,
    /// Every statement of the policies that were asked, one policy after another as they were asked, each in document
    /// order. Empty where none was: the request could not be read (E-07), no API, route or endpoint was found for it
    /// (L-16), its `Authorization` header refused it (S-06), or the endpoint has the default policy (L-02).
    pub statements: Vec<StatementReport>,
}

/// One statement, held against one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementReport {
    /// Which statement.
    pub statement: StatementRef,
    /// The layer that its policy was asked for; of a document alone none.
    pub layer: Option<Layer>,
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
    /// APIs of a bundle.
    pub apis: usize,
    /// Methods of all its APIs.
    pub methods: usize,
    /// Principals that have identity policies or a boundary.
    pub identities: usize,
    /// Blocks of the automaton.
    pub blocks: usize,
}

impl<D: AsRef<[u8]>> Gate<D> {
    /// The entry of an API's methods that a resource is a call of (H-15, H-16); `None` where there is none, and where the
    /// blob has no APIs.
    pub fn called_method(&self, resource: &str) -> Option<CalledMethod> {
        routes::describe(&self.view(), &identity::Resource::read(resource)?)
    }

    /// Decides one request, and lists every statement that decided (E-04), by the same automaton as
    /// [`Gate::decide`]: it costs somewhat more, and allocates.
    pub fn evaluate(&self, request: &Request<'_>) -> Evaluation {
        self.answer(request, |_, case, set| {
            let mut found = Vec::new();
            decide::applicable(case, set, |statement, is_deny| {
                found.push((statement, is_deny));
                ControlFlow::Continue(())
            })?;
            found.sort_unstable();
            found.dedup();
            Some(found)
        })
    }

    /// Decides one request by holding every statement of every policy that is asked against it, element by element, and
    /// says what matched.
    ///
    /// Time grows with the number of statements. Names and Sids are in the cold section: see
    /// [`Gate::policy_name`] and [`Gate::sid`].
    pub fn explain(&self, request: &Request<'_>) -> Explanation {
        let mut statements: Vec<StatementReport> = Vec::new();
        let evaluation = self.answer(request, |layer, case, set| {
            let reports = reports(layer, case, set);
            let applicable = reports.iter().filter(|report| report.applies);
            let applicable = applicable.map(|report| (report.statement, report.is_deny)).collect();
            // One document may be an identity policy and the boundary.
            if !statements.iter().any(|report| report.statement.policy == set) {
                statements.extend(reports);
            }
            Some(applicable)
        });
        Explanation { evaluation, statements }
    }

    /// Asks the document, or the layers, given what finds the applicable statements of a set.
    fn answer(
        &self,
        request: &Request<'_>,
        find: impl FnMut(Option<Layer>, &Case<'_>, u32) -> Applicable,
    ) -> Evaluation {
        let view = self.view();
        let mut voice = Whole { find };
        if self.is_bundle() {
            return evaluation(layers::answer(view, request, &mut voice));
        }
        let Some(search) = Search::of(view, request).filter(|_| request.check().is_ok()) else {
            return Evaluation::default();
        };
        let composed = Composed::default();
        let case = Case::new(&search, Parts::of(request), None, &composed);
        let Verdict { reason, statements } = voice.weigh(None, &case, 0);
        let statements = statements.into_iter().map(|statement| (None, statement)).collect();
        Evaluation { reason, statements, ..Evaluation::default() }
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
            apis: apis::count(&view),
            methods: view.records::<Method>().len(),
            identities: identities::count(&view),
            blocks: view.records::<crate::blob::block::Block>().len(),
        }
    }
}

/// The applicable statements of a policy, in document order, and whether each is a Deny; `None`, which denies, where
/// something of it is not there.
type Applicable = Option<Vec<(StatementRef, bool)>>;

/// The voice that names all statements, as `find` finds them.
struct Whole<F> {
    find: F,
}

impl<F: FnMut(Option<Layer>, &Case<'_>, u32) -> Applicable> Whole<F> {
    /// What one policy says, and all by which it does (E-02, E-04).
    fn weigh(&mut self, layer: Option<Layer>, case: &Case<'_>, set: u32) -> Verdict<Vec<StatementRef>> {
        let Some(statements) = (self.find)(layer, case, set) else { return Verdict::default() };
        let denied = statements.iter().any(|(_, is_deny)| *is_deny);
        let reason = match (denied, statements.is_empty()) {
            (true, _) => Reason::ExplicitDeny,
            (false, false) => Reason::ExplicitAllow,
            (false, true) => Reason::ImplicitDeny,
        };
        let deciding = statements.into_iter().filter(|(_, is_deny)| *is_deny == denied);
        Verdict { reason, statements: deciding.map(|(statement, _)| statement).collect() }
    }
}

impl<F: FnMut(Option<Layer>, &Case<'_>, u32) -> Applicable> Voice for Whole<F> {
    type Statements = Vec<StatementRef>;

    fn ask(&mut self, layer: Layer, seen: &Seen<'_>, set: u32) -> Verdict<Self::Statements> {
        self.weigh(Some(layer), &seen.case(&Composed::default()), set)
    }

    fn join(statements: &mut Self::Statements, more: Self::Statements) {
        // One document may be an identity policy and the boundary.
        let is_known = |more: &StatementRef| statements.iter().any(|known| known.policy == more.policy);
        if !more.first().is_some_and(is_known) {
            statements.extend(more);
        }
    }

    fn some_allow(
        &mut self,
        seen: &Seen<'_>,
        _: u32,
        statements: &Self::Statements,
        counts: impl Fn(&Statement) -> bool,
    ) -> bool {
        let view = &seen.search.view;
        statements.iter().any(|statement| layers::record(view, *statement).is_some_and(&counts))
    }
}

/// A whole answer: the statements of every layer that says what all of it says; of an implicit deny none.
fn evaluation(answer: Answer<Vec<StatementRef>>) -> Evaluation {
    let Answer { reason, refusal, layers } = answer;
    let said = layers.iter().flatten().map(|(layer, verdict)| (*layer, verdict.reason)).collect();
    let deciding = layers.into_iter().flatten().filter(|(_, verdict)| verdict.reason == reason);
    let statements = deciding
        .flat_map(|(layer, verdict)| verdict.statements.into_iter().map(move |statement| (Some(layer), statement)))
        .collect();
    Evaluation { reason, layers: said, statements, refusal }
}

/// Holds every statement of a set against a request.
fn reports(layer: Option<Layer>, case: &Case<'_>, set: u32) -> Vec<StatementReport> {
    // A set's number is its policy's.
    let Some(policy) = case.view().record::<Policy>(set) else { return Vec::new() };
    let numbered = (0..).zip(case.view().span::<Statement>(policy.statements));
    numbered.map(|(index, statement)| report(layer, case, StatementRef { policy: set, index }, statement)).collect()
}

fn report(layer: Option<Layer>, case: &Case<'_>, reference: StatementRef, statement: &Statement) -> StatementReport {
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
        layer,
        is_deny,
        applies: truth.applies(is_deny),
        principal: principal.into(),
        action: action.into(),
        resource: resource.into(),
        condition,
    }
}
