//! One request held against single statements: each element, exactly as it is written.
//!
//! The decision path comes here with what the automaton left open, `explain` with everything.

use super::identity::{Account, Identity, Question};
use super::present::{Composed, Keys};
use super::truth::{Answers, Truth};
use crate::blob::glob::{self, Template};
use crate::blob::principals::{self, Name, PrincipalId};
use crate::blob::sets::Endpoint;
use crate::blob::statements::{ActionPattern, ActionSet, ArnHead, Resource, Statement, flag};
use crate::blob::strings::TextRef;
use crate::blob::{Span, View};

/// A request, and the gate that it is put to.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub view: View<'a>,
    pub question: Question<'a>,
    pub names: Names,
    /// What it has under the keys that policies name.
    pub keys: Keys<'a>,
    /// What was found of predicates.
    pub answers: Answers,
    /// Whether the action is `execute-api:Invoke`, which blocks know by heart.
    pub is_invoke: bool,
}

/// What policies call the caller: numbers of principals, where some policy lists them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Names {
    /// The caller's own ARN; a service's name.
    pub exact: Option<u32>,
    /// A session's role (P-08): one without a path, and one that has a path.
    pub role: [Option<u32>; 2],
    /// The account id, and the account's root ARN (P-06).
    pub account: [Option<u32>; 2],
}

impl Names {
    /// Looks the caller up in the principal table.
    fn find(view: &View<'_>, identity: &Identity<'_>) -> Self {
        let find = |name| principals::find(view, name);
        let (exact, role) = match *identity {
            Identity::Anonymous | Identity::Root(_) => (None, [None; 2]),
            Identity::Service(name) => (find(Name::Service(name)), [None; 2]),
            Identity::User { arn, .. } | Identity::FederatedUser { arn, .. } => (find(Name::Exact(arn)), [None; 2]),
            Identity::Role { arn, account: Account { partition, id } } => {
                let path = arn.split_once(":role/").map(|(_, path)| path);
                (path.and_then(|path| find(Name::Role { partition, account: id, path })), [None; 2])
            }
            Identity::Session { arn, account: Account { partition, id: account }, role } => {
                let without_path = find(Name::Role { partition, account, path: role });
                let with_path = find(Name::SessionRole { partition, account, name: role });
                (find(Name::Exact(arn)), [without_path, with_path])
            }
        };
        let account = identity.account().map_or([None; 2], |Account { partition, id }| {
            [find(Name::Account(id)), find(Name::Root { partition, account: id })]
        });
        Self { exact, role, account }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = u32> + use<> {
        let ([role, pathed], [account, root]) = (self.role, self.account);
        [self.exact, role, pathed, account, root].into_iter().flatten()
    }
}

impl<'a> Case<'a> {
    /// `endpoint` is the one the request came through, where there is a bundle; `composed` is room for this case.
    pub fn new(view: View<'a>, question: Question<'a>, endpoint: Option<&'a Endpoint>, composed: &'a Composed) -> Self {
        let names = Names::find(&view, &question.identity);
        let is_invoke = question.request.action.eq_ignore_ascii_case("execute-api:Invoke");
        let keys = Keys::new(view, question, endpoint, composed);
        Self { view, question, names, keys, answers: Answers::default(), is_invoke }
    }

    /// `Principal` or `NotPrincipal` (P-04 to P-14).
    pub fn principal(&self, statement: &Statement) -> bool {
        if statement.has(flag::NOT_PRINCIPAL) {
            return !self.spared(statement);
        }
        let any_aws = match self.question.identity {
            Identity::Service(_) => statement.has(flag::ANY_AWS | flag::DENY),
            _ => statement.has(flag::ANY_AWS),
        };
        statement.has(flag::EVERYONE) || any_aws || self.names.all().any(|name| self.lists(statement, Some(name)))
    }

    /// Whether a `NotPrincipal` lists every identity the caller has (P-13).
    fn spared(&self, statement: &Statement) -> bool {
        let lists = |name| self.lists(statement, name);
        let account = || self.names.account.into_iter().any(lists);
        match self.question.identity {
            Identity::Anonymous => false,
            Identity::Root(_) => account(),
            Identity::User { .. } | Identity::Role { .. } | Identity::FederatedUser { .. } => {
                lists(self.names.exact) && account()
            }
            Identity::Session { .. } => lists(self.names.exact) && self.names.role.into_iter().any(lists) && account(),
            Identity::Service(_) => lists(self.names.exact),
        }
    }

    fn lists(&self, statement: &Statement, name: Option<u32>) -> bool {
        let members = self.view.span::<PrincipalId>(statement.principals);
        name.is_some_and(|name| members.binary_search_by_key(&name, |member| member.0.get()).is_ok())
    }

    /// `Action` or `NotAction`.
    pub fn action(&self, statement: &Statement) -> bool {
        let patterns = self.view.record::<ActionSet>(statement.actions.get()).map_or(Span::EMPTY, |set| set.patterns);
        let Some((service, name)) = self.question.request.action.split_once(':') else { return false };
        let listed = self.view.span::<ActionPattern>(patterns).iter().any(|pattern| {
            glob::matches_ignoring_case(self.view.bytes(pattern.service), service)
                && glob::matches_ignoring_case(self.view.bytes(pattern.name), name)
        });
        listed != statement.has(flag::NOT_ACTION)
    }

    /// One resource pattern. With variables that have several values it is undefined, if its other
    /// parts match (V-10).
    pub fn resource_pattern(&self, resource: &Resource) -> Truth {
        let Some(head) = resource.head.get().checked_sub(1) else { return Truth::True };
        let Some(head) = self.view.record::<ArnHead>(head) else { return Truth::Undefined };
        let matches = |glob: TextRef, text| glob::matches(self.view.bytes(glob), text);
        let asked = &self.question.resource;
        let head_matches = matches(head.partition, asked.partition)
            && matches(head.service, asked.service)
            && matches(head.region, asked.region)
            && matches(head.account, asked.account);
        if !head_matches {
            return Truth::False;
        }
        match Template::of(self.view.bytes(resource.rest)) {
            None => matches(resource.rest, asked.rest).into(),
            Some(template) => self.template_matches(template, |template, value| template.matches(asked.rest, value)),
        }
    }

    /// `Resource` or `NotResource`.
    pub fn resource(&self, statement: &Statement) -> Truth {
        let patterns = self.view.span::<Resource>(statement.resources);
        let listed = Truth::any(patterns.iter().map(|pattern| self.resource_pattern(pattern)));
        if statement.has(flag::NOT_RESOURCE) { listed.not() } else { listed }
    }
}
