//! One request held against single statements: each element, exactly as it is written.
//!
//! The decision path comes here with what the automaton left open, `explain` with everything.

use core::cell::OnceCell;

use super::decide::Search;
use super::identity::{Identity, Parts};
use super::present::{Composed, Keys, Present, Remembered};
use super::truth::{Answers, Truth};
use crate::blob::glob::{self, Template};
use crate::blob::sets::Endpoint;
use crate::blob::statements::{ActionPattern, ActionSet, ArnHead, Resource, Statement, flag};
use crate::blob::strings::TextRef;
use crate::blob::{Span, View};

/// A request, and the gate that it is put to.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub search: &'a Search<'a>,
    keys: Keys<'a>,
    /// Whether the caller has a permissions boundary, so that no `NotPrincipal` spares it (L-14).
    has_boundary: bool,
    memory: OnceCell<Memory<'a>>,
}

/// What was found of a request already. Most are decided without: it is made when a condition is asked.
#[derive(Debug, Default)]
struct Memory<'a> {
    keys: Remembered<'a>,
    answers: Answers,
}

impl<'a> Case<'a> {
    /// `endpoint` is the one the request came through, where there is a bundle; `composed` is room for this case.
    pub fn new(
        search: &'a Search<'a>,
        parts: Parts<'a>,
        endpoint: Option<&'a Endpoint>,
        composed: &'a Composed,
    ) -> Self {
        let keys = Keys { view: search.view, parts, endpoint, composed };
        Self { search, keys, has_boundary: false, memory: OnceCell::new() }
    }

    /// The same of a caller that has a permissions boundary, or has none.
    pub fn with_boundary(self, has_boundary: bool) -> Self {
        Self { has_boundary, ..self }
    }

    /// The blob.
    pub fn view(&self) -> View<'a> {
        self.search.view
    }

    fn parts(&self) -> &Parts<'a> {
        &self.keys.parts
    }

    fn memory(&self) -> &Memory<'a> {
        self.memory.get_or_init(Memory::default)
    }

    /// What was found of predicates already.
    pub fn answers(&self) -> &Answers {
        &self.memory().answers
    }

    /// What the request has under the key of this number.
    pub fn key(&self, number: u32) -> Present<'a> {
        self.memory().keys.or(number, || self.keys.look_up(number))
    }

    /// `Principal` or `NotPrincipal` (P-04 to P-14, L-14).
    pub fn principal(&self, statement: &Statement) -> bool {
        if statement.has(flag::NOT_PRINCIPAL) {
            return self.has_boundary || !self.spared(statement);
        }
        // P-11
        let any_aws = statement.has(flag::ANY_AWS) && (!self.search.names.is_service || statement.has(flag::DENY));
        statement.has(flag::EVERYONE) || any_aws || self.search.names.all().any(|name| self.lists(statement, name))
    }

    /// Whether a `NotPrincipal` lists every identity the caller has (P-13).
    fn spared(&self, statement: &Statement) -> bool {
        let lists = |name| self.lists(statement, name);
        let names = &self.search.names;
        let exact = || names.exact().is_some_and(lists);
        let account = || names.account().any(lists);
        match self.parts().identity() {
            Some(Identity::Anonymous) => false,
            Some(Identity::Root(_)) => account(),
            Some(Identity::User { .. } | Identity::Role { .. } | Identity::FederatedUser { .. }) => {
                exact() && account()
            }
            Some(Identity::Session { .. }) => exact() && names.role().any(lists) && account(),
            Some(Identity::Service(_)) => exact(),
            // Of nobody known nothing applies but what denies.
            None => !statement.has(flag::DENY),
        }
    }

    fn lists(&self, statement: &Statement, name: u32) -> bool {
        statement.lists(&self.view(), name)
    }

    /// `Action` or `NotAction`.
    pub fn action(&self, statement: &Statement) -> bool {
        let patterns = self.view().record::<ActionSet>(statement.actions.get()).map_or(Span::EMPTY, |set| set.patterns);
        let Some((service, name)) = self.parts().request.action.split_once(':') else { return false };
        let listed = self.view().span::<ActionPattern>(patterns).iter().any(|pattern| {
            glob::matches_ignoring_case(self.view().bytes(pattern.service), service)
                && glob::matches_ignoring_case(self.view().bytes(pattern.name), name)
        });
        listed != statement.has(flag::NOT_ACTION)
    }

    /// One resource pattern. With variables that have several values it is undefined, if its other
    /// parts match (V-10).
    pub fn resource_pattern(&self, resource: &Resource) -> Truth {
        match self.resource_head(resource) {
            Truth::True => self.resource_rest(resource),
            other => other,
        }
    }

    /// What a resource pattern says before its fifth colon.
    pub fn resource_head(&self, resource: &Resource) -> Truth {
        let Some(head) = resource.head.get().checked_sub(1) else { return Truth::True };
        let Some(head) = self.view().record::<ArnHead>(head) else { return Truth::Undefined };
        let matches = |glob: TextRef, text| glob::matches(self.view().bytes(glob), text);
        let Some(asked) = self.parts().resource() else { return Truth::Undefined };
        let all = matches(head.partition, asked.partition)
            && matches(head.service, asked.service)
            && matches(head.region, asked.region)
            && matches(head.account, asked.account);
        all.into()
    }

    /// What a resource pattern says behind it.
    pub fn resource_rest(&self, resource: &Resource) -> Truth {
        if resource.head.get() == 0 {
            return Truth::True;
        }
        let Some(asked) = self.parts().resource() else { return Truth::Undefined };
        let (glob, asked) = (self.view().bytes(resource.rest), asked.rest);
        match Template::of(glob) {
            None => glob::matches(glob, asked).into(),
            Some(template) => self.template_matches(template, |template, value| template.matches(asked, value)),
        }
    }

    /// `Resource` or `NotResource`.
    pub fn resource(&self, statement: &Statement) -> Truth {
        let patterns = self.view().span::<Resource>(statement.resources);
        let listed = Truth::any(patterns.iter().map(|pattern| self.resource_pattern(pattern)));
        if statement.has(flag::NOT_RESOURCE) { listed.not() } else { listed }
    }
}
