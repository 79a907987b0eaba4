//! The identities of a bundle: who has which identity policies, and which permissions boundary.
//!
//! An identity has the number of its name in the principal table, so that a caller who has been found there is looked up
//! no more. Names of identities have the lowest numbers; a role with a path has two, and so two equal records.
//!
//! Invariant: every identity is the name of a user, a role, a federated user or a root user, and everything that it
//! numbers is there. `compiler` makes it so, [`validate`] refuses a blob where it is not.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::principals::{Kind, Principal};
use super::sets::Set;
use super::{Fail, LoadError, Record, SectionId, Span, View};

/// What an account says of one of its principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct IdentityRecord {
    /// Its identity policies, in `identity-policies`.
    pub policies: Span,
    /// One more than the number of its boundary's set; 0 for none.
    pub boundary: U32,
}

/// An identity policy: the number of its set.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct IdentityPolicy(pub U32);

impl Record for IdentityRecord {
    const SECTION: SectionId = SectionId::Identities;
}
impl Record for IdentityPolicy {
    const SECTION: SectionId = SectionId::IdentityPolicies;
}

impl IdentityRecord {
    /// The number of its boundary's set.
    pub fn boundary(&self) -> Option<u32> {
        self.boundary.get().checked_sub(1)
    }
}

/// The identity of this name, if it is one.
#[inline]
pub(crate) fn find<'a>(view: &View<'a>, principal: u32) -> Option<&'a IdentityRecord> {
    view.records::<IdentityRecord>().get(principal as usize)
}

/// How many identities there are: of a role with a path one, although it has two names.
#[cfg(feature = "explain")]
pub(crate) fn count(view: &View<'_>) -> usize {
    let names = view.records::<Principal>().iter().take(view.records::<IdentityRecord>().len());
    names.filter(|name| name.kind.get() != Kind::SessionRole as u32).count()
}

/// Checks numbers and ranges, and whose the identities are.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let sets = view.records::<Set>().len() as u64;
    let identities = view.records::<IdentityRecord>();
    let names = view.records::<Principal>();
    Fail::at::<IdentityRecord>(view, 0).unless_at_most("identities", identities.len() as u64, names.len() as u64)?;
    for (at, (identity, name)) in identities.iter().zip(names).enumerate() {
        let fail = Fail::at::<IdentityRecord>(view, at);
        let kinds = [Kind::User, Kind::Role, Kind::SessionRole, Kind::FederatedUser, Kind::Root];
        let is_one = kinds.into_iter().any(|kind| name.kind.get() == kind as u32);
        fail.unless_equal("kind of the identity", is_one.into(), 1)?;
        identity.policies.validate::<IdentityPolicy>(view, fail)?;
        fail.unless_at_most("boundary", identity.boundary.get().into(), sets)?;
    }
    for (at, policy) in view.records::<IdentityPolicy>().iter().enumerate() {
        Fail::at::<IdentityPolicy>(view, at).unless_below("set", policy.0.get().into(), sets)?;
    }
    Ok(())
}
