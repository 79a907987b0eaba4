//! The principal table: what a caller can be called, to the number that policies call it by.
//!
//! Three sections. `principals` holds every name that some policy lists, and the kind of the name. A name's
//! place there is its number. `principal-slots` is the hash table over them: open addressing, linear probing.
//! `principal-sets` holds the sets of numbers that statements list, each in rising order.
//!
//! Invariant: every slot names a principal or nothing, and at least one slot is empty or the table has none.
//! `compiler::principals` makes it so, [`validate`] refuses a blob where a slot is out of range, and [`find`]
//! stops after as many probes as there are slots.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::strings::TextRef;
use super::table::{self, Slot, tag};
use super::{Fail, LoadError, Record, SectionId, View, words};

/// A name that some policy lists.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Principal {
    /// [`Kind`], as a number.
    pub kind: U32,
    /// Partition, account id and path, `:` between: those that a kind has not are empty.
    pub text: TextRef,
    /// One more than the number of its account's id, where a policy lists that; else 0.
    pub account: U32,
    /// One more than the number of its account's root, likewise: who has found a caller needs not look for its account.
    pub root: U32,
}

/// A slot of the hash table.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct PrincipalSlot {
    /// The low half of the name's hash: most names that are not there are found out without reading a text.
    pub tag: U32,
    /// One more than the principal's number; 0 where the slot is empty.
    pub principal: U32,
}

/// A member of a principal set: a principal's number.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub(crate) struct PrincipalId(pub U32);

impl Record for Principal {
    const SECTION: SectionId = SectionId::Principals;
}
impl Record for PrincipalSlot {
    const SECTION: SectionId = SectionId::PrincipalSlots;
}
impl Slot for PrincipalSlot {
    fn is_empty(&self) -> bool {
        self.principal == U32::ZERO
    }
}
impl Record for PrincipalId {
    const SECTION: SectionId = SectionId::PrincipalSets;
}

/// What kind of name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub(crate) enum Kind {
    /// A user.
    User,
    /// A role, its path included: what a role is called, and, where it has no path, what its sessions are called
    /// too (P-08). Most roles have none, so most are stored once.
    Role,
    /// A role that has a path, as its sessions name it: without (P-08).
    SessionRole,
    /// A session of a role.
    Session,
    /// A federated user.
    FederatedUser,
    /// An account of any partition (P-06): the id alone.
    Account,
    /// An account in its partition: what a root ARN names (P-06).
    Root,
    /// A service (P-11): the path alone.
    Service,
}

impl Kind {
    const LAST: Self = Self::Service;

    /// Its bit in a mask of kinds.
    pub const fn bit(self) -> u32 {
        bit(self as u32)
    }
}

/// The bit of a kind that is known by its number.
const fn bit(kind: u32) -> u32 {
    1u32.wrapping_shl(kind)
}

/// One of the things a caller is called by policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name<'a> {
    pub kind: Kind,
    /// Empty where the kind has none, as the other parts.
    pub partition: &'a str,
    pub account: &'a str,
    /// What follows `user/`, `role/`, `assumed-role/` or `federated-user/`; a service's name.
    pub path: &'a str,
}

impl Name<'_> {
    /// The text as it is stored: its parts with colons between. The first two hold none.
    #[cfg(feature = "compiler")]
    pub fn text(self) -> String {
        [self.partition, self.account, self.path].join(":")
    }

    /// A hash of the path, the kind and the account. The partition is left to the comparison.
    #[inline]
    fn hash(self) -> u64 {
        hash(self.kind, self.account.as_bytes(), self.path.as_bytes())
    }

    /// Whether this is the name that a record of this kind and text stands for.
    #[inline]
    fn is(self, kind: u32, stored: &[u8]) -> bool {
        kind == self.kind as u32
            && [self.partition, ":", self.account, ":", self.path]
                .into_iter()
                .try_fold(stored, |stored, part| stored.strip_prefix(part.as_bytes()))
                .is_some_and(<[u8]>::is_empty)
    }
}

/// A hash of a name.
#[inline(always)]
fn hash(kind: Kind, account: &[u8], path: &[u8]) -> u64 {
    let digits = words::at(account, 0).unwrap_or_default();
    let last = account.last_chunk().map_or(0, |last| u64::from(u32::from_le_bytes(*last)));
    let account = (digits ^ last << 32 ^ kind as u64).wrapping_mul(words::SPREAD);
    (words::hash(path).rotate_left(32) ^ account).wrapping_mul(words::SPREAD)
}

/// The number of a name, and its record, where some policy lists it.
pub(crate) fn find<'a>(view: &View<'a>, name: Name<'_>) -> Option<(u32, &'a Principal)> {
    find_by_hash(view, name.hash(), |kind, stored| name.is(kind, stored))
}

/// [`find`] of a name in partition `aws`, as nearly all are, by its bytes: what is found is well formed, so the caller
/// need not be looked through before.
#[inline(always)]
pub(crate) fn find_in_aws<'a>(
    view: &View<'a>,
    kind: Kind,
    account: &[u8; 12],
    path: &[u8],
) -> Option<(u32, &'a Principal)> {
    find_by_hash(view, hash(kind, account, path), |stored_kind, stored| {
        // Partition and account are compared in place: four bytes, twelve and one.
        stored_kind == kind as u32
            && stored.split_first_chunk::<17>().is_some_and(|([p, q, r, s, digits @ .., colon], rest)| {
                [*p, *q, *r, *s] == *b"aws:" && digits == account && *colon == b':' && words::equal(rest, path)
            })
    })
}

#[inline(always)]
fn find_by_hash<'a>(view: &View<'a>, hash: u64, is: impl Fn(u32, &[u8]) -> bool) -> Option<(u32, &'a Principal)> {
    let of = |slot: &PrincipalSlot| {
        let number = slot.principal.get().wrapping_sub(1);
        Some((number, view.record::<Principal>(number)?))
    };
    let is = |(_, principal): (u32, &Principal)| is(principal.kind.get(), view.bytes(principal.text));
    let is = |slot: &PrincipalSlot| slot.tag.get() == tag(hash) && of(slot).is_some_and(is);
    let slot = table::find_in_section(view, hash, is)?;
    of(slot)
}

/// The kinds of all names, as a mask.
pub(crate) fn kinds(view: &View<'_>) -> u32 {
    view.records::<Principal>().iter().fold(0, |kinds, principal| kinds | bit(principal.kind.get()))
}

/// Checks that texts and numbers are in range.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    for (at, principal) in view.records::<Principal>().iter().enumerate() {
        let fail = Fail::at::<Principal>(view, at);
        fail.unless_at_most("kind", principal.kind.get().into(), (Kind::LAST as u32).into())?;
        principal.text.validate(view, fail)?;
        for (what, link, kind) in [("account", principal.account, Kind::Account), ("root", principal.root, Kind::Root)]
        {
            fail.unless_at_most(what, link.get().into(), view.records::<Principal>().len() as u64)?;
            let linked = link.get().checked_sub(1).and_then(|number| view.record::<Principal>(number));
            let fits = linked.is_none_or(|linked| linked.kind.get() == kind as u32);
            fail.unless_equal("kind of the account", fits.into(), 1)?;
        }
    }
    let count = view.records::<Principal>().len() as u64;
    for (at, slot) in view.records::<PrincipalSlot>().iter().enumerate() {
        Fail::at::<PrincipalSlot>(view, at).unless_at_most("principal", u64::from(slot.principal.get()), count)?;
    }
    for (at, member) in view.records::<PrincipalId>().iter().enumerate() {
        Fail::at::<PrincipalId>(view, at).unless_below("principal", u64::from(member.0.get()), count)?;
    }
    Ok(())
}

/// Builds the hash table over principals, given in the order of their numbers.
#[cfg(feature = "compiler")]
pub(crate) fn slots(names: &[Name<'_>]) -> Vec<PrincipalSlot> {
    let filled = (1u32..).zip(names).map(|(number, name)| {
        let hash = name.hash();
        (hash, PrincipalSlot { tag: tag(hash).into(), principal: number.into() })
    });
    table::build(filled.collect())
}

#[cfg(test)]
mod tests {
    use super::{Kind, Name};

    #[test]
    fn a_record_stands_for_a_name_of_its_kind_and_text_alone() {
        let role = Name { kind: Kind::Role, partition: "aws", account: "123412341234", path: "team/a" };
        let text = b"aws:123412341234:team/a";
        assert_eq!(role.text().as_bytes(), text);
        assert!(role.is(Kind::Role as u32, text));
        assert!(!role.is(Kind::SessionRole as u32, text), "another kind, the same text");
        let cut = |at: usize| !role.is(Kind::Role as u32, &text[at..]) && !role.is(Kind::Role as u32, &text[..at]);
        assert!((1..text.len()).all(cut), "a part of it");
        for other in [
            Name { partition: "aws-cn", ..role },
            Name { account: "123412341235", ..role },
            Name { account: "", ..role },
            Name { path: "team/b", ..role },
            Name { path: "a", ..role },
            Name { path: ":team/a", ..role },
        ] {
            assert!(!other.is(Kind::Role as u32, text), "equal in two of three parts: {other:?}");
            assert!(other.is(Kind::Role as u32, other.text().as_bytes()));
        }
    }
}
