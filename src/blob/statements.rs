//! Policies, statements and what they are made of: principals, actions and resources, exactly as written.
//!
//! The automaton ([`super::block`]) finds the few statements that may apply; what it could not express is
//! looked up here. `explain` reads nothing else.
//!
//! Invariant: every range lies inside its section, every number names a record. `compiler::statements` makes it
//! so, [`validate`] refuses a blob where it is not.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::predicates::PredicateId;
use super::principals::PrincipalId;
use super::strings::TextRef;
use super::{Fail, LoadError, Record, SectionId, Span, View};

/// A policy document: its statements stand together.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Policy {
    pub statements: Span,
}

/// A statement.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Statement {
    /// Bits of [`flag`].
    pub flags: U32,
    /// The listed principals, in `principal-sets`.
    pub principals: Span,
    /// The listed actions, a number in `action-sets`.
    pub actions: U32,
    /// The listed resources, in `resources`.
    pub resources: Span,
    /// The predicates that must all hold, in `conditions`.
    pub conditions: Span,
}

/// Bits of [`Statement::flags`].
pub(crate) mod flag {
    /// The effect is Deny.
    pub const DENY: u32 = 1 << 0;
    /// `NotPrincipal`.
    pub const NOT_PRINCIPAL: u32 = 1 << 1;
    /// `"Principal": "*"`: everyone, services included.
    pub const EVERYONE: u32 = 1 << 2;
    /// `{"AWS": "*"}`: everyone; services in a Deny only (P-11).
    pub const ANY_AWS: u32 = 1 << 3;
    /// `NotAction`.
    pub const NOT_ACTION: u32 = 1 << 4;
    /// `NotResource`.
    pub const NOT_RESOURCE: u32 = 1 << 5;
    /// All of them.
    pub const ALL: u32 = (1 << 6) - 1;
}

/// A list of action patterns that statements share.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ActionSet {
    /// In `action-patterns`.
    pub patterns: Span,
}

/// An action pattern: two globs in ASCII lower case. `*` alone is `*` on both sides of the colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ActionPattern {
    pub service: TextRef,
    pub name: TextRef,
}

/// The parts of an ARN pattern between `arn`, which is understood, and the rest. The service is literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ArnHead {
    pub partition: TextRef,
    pub service: TextRef,
    pub region: TextRef,
    pub account: TextRef,
}

/// A resource pattern.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Resource {
    /// One more than the number of its head in `heads`; 0 for `*` alone.
    pub head: U32,
    /// The glob after the fifth colon.
    pub rest: TextRef,
}

impl Record for Policy {
    const SECTION: SectionId = SectionId::Policies;
}
impl Record for Statement {
    const SECTION: SectionId = SectionId::Statements;
}
impl Record for ActionSet {
    const SECTION: SectionId = SectionId::ActionSets;
}
impl Record for ActionPattern {
    const SECTION: SectionId = SectionId::ActionPatterns;
}
impl Record for ArnHead {
    const SECTION: SectionId = SectionId::Heads;
}
impl Record for Resource {
    const SECTION: SectionId = SectionId::Resources;
}

impl Statement {
    /// Whether all of these bits of [`flag`] are set.
    pub const fn has(&self, bits: u32) -> bool {
        self.flags.get() & bits == bits
    }

    /// Whether its element lists a principal, by its number.
    pub fn lists(&self, view: &View<'_>, principal: u32) -> bool {
        let members = view.span::<PrincipalId>(self.principals);
        members.binary_search_by_key(&principal, |member| member.0.get()).is_ok()
    }
}

/// Checks ranges and numbers; policies in order, so that a statement's policy can be found by bisection.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let mut next = 0;
    for (at, policy) in view.records::<Policy>().iter().enumerate() {
        let fail = Fail::at::<Policy>(view, at);
        fail.unless_equal("first statement", policy.statements.start.get().into(), next)?;
        policy.statements.validate::<Statement>(view, fail)?;
        next = next.saturating_add(policy.statements.len.get().into());
    }
    let count = view.records::<Statement>().len() as u64;
    Fail::at::<Policy>(view, view.records::<Policy>().len()).unless_equal("statements of all policies", next, count)?;

    for (at, statement) in view.records::<Statement>().iter().enumerate() {
        let fail = Fail::at::<Statement>(view, at);
        fail.unless_at_most("flags", statement.flags.get().into(), flag::ALL.into())?;
        statement.principals.validate::<PrincipalId>(view, fail)?;
        fail.unless_below("action set", statement.actions.get().into(), view.records::<ActionSet>().len() as u64)?;
        statement.resources.validate::<Resource>(view, fail)?;
        statement.conditions.validate::<PredicateId>(view, fail)?;
    }
    for (at, set) in view.records::<ActionSet>().iter().enumerate() {
        set.patterns.validate::<ActionPattern>(view, Fail::at::<ActionSet>(view, at))?;
    }
    for (at, pattern) in view.records::<ActionPattern>().iter().enumerate() {
        let fail = Fail::at::<ActionPattern>(view, at);
        pattern.service.validate(view, fail)?;
        pattern.name.validate(view, fail)?;
    }
    for (at, head) in view.records::<ArnHead>().iter().enumerate() {
        let fail = Fail::at::<ArnHead>(view, at);
        for part in [head.partition, head.service, head.region, head.account] {
            part.validate(view, fail)?;
        }
    }
    let heads = view.records::<ArnHead>().len() as u64;
    for (at, resource) in view.records::<Resource>().iter().enumerate() {
        let fail = Fail::at::<Resource>(view, at);
        fail.unless_at_most("head", resource.head.get().into(), heads)?;
        resource.rest.validate(view, fail)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::flag;

    #[test]
    fn the_limit_of_flags_is_all_of_them() {
        let all = flag::DENY | flag::NOT_PRINCIPAL | flag::EVERYONE | flag::ANY_AWS | flag::NOT_ACTION;
        assert_eq!(flag::ALL, all | flag::NOT_RESOURCE);
    }
}
