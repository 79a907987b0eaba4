//! The principal table: what a caller can be called, to the number that policies call it by.
//!
//! Three sections. `principals` holds every name that some policy lists, and the kind of the name. A name's
//! place there is its number. `principal-slots` is the hash table over them: open addressing, linear probing.
//! `principal-sets` holds the sets of numbers that statements list, each in rising order.
//!
//! Invariant: every slot names a principal or nothing, and at least one slot is empty or the table has none.
//! `compiler::principals` makes it so, [`validate`] refuses a blob where a slot is out of range, and [`find`]
//! stops after as many probes as there are slots.

use xxhash_rust::xxh3::xxh3_64_with_seed;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::strings::TextRef;
use super::table::{self, Slot, tag};
use super::{Fail, LoadError, Record, SectionId, View};

/// A name that some policy lists.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Principal {
    /// [`Name::kind`].
    pub kind: U32,
    /// [`Name`]'s text.
    pub text: TextRef,
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

/// One of the things a caller is called by policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name<'a> {
    /// The ARN of a user, a session or a federated user.
    Exact(&'a str),
    /// A role, its path included: what a role is called, and, where it has no path, what its sessions are called
    /// too (P-08). Most roles have none, so most are stored once.
    Role { partition: &'a str, account: &'a str, path: &'a str },
    /// An account id, of any partition (P-06).
    Account(&'a str),
    /// An account in its partition: what a root ARN names (P-06).
    Root { partition: &'a str, account: &'a str },
    /// A service (P-11).
    Service(&'a str),
    /// A role that has a path, as its sessions name it: without (P-08).
    SessionRole { partition: &'a str, account: &'a str, name: &'a str },
}

impl<'a> Name<'a> {
    /// The largest kind.
    const MAX_KIND: u32 = 5;

    pub const fn kind(self) -> u32 {
        match self {
            Self::Exact(_) => 0,
            Self::Role { .. } => 1,
            Self::Account(_) => 2,
            Self::Root { .. } => 3,
            Self::Service(_) => 4,
            Self::SessionRole { .. } => Self::MAX_KIND,
        }
    }

    /// The parts that vary, in the order they are hashed; those a name does not have are `None`.
    const fn parts(self) -> [Option<&'a str>; 3] {
        match self {
            Self::Exact(text) | Self::Account(text) | Self::Service(text) => [Some(text), None, None],
            Self::Root { partition, account } => [Some(partition), Some(account), None],
            Self::Role { partition, account, path: last } | Self::SessionRole { partition, account, name: last } => {
                [Some(partition), Some(account), Some(last)]
            }
        }
    }

    /// The text as it is stored, in pieces: one text; `P:A` of a root; `arn:P:iam::A:role/...` of a role.
    pub fn pieces(self) -> [&'a str; 6] {
        match self {
            Self::Exact(text) | Self::Account(text) | Self::Service(text) => [text, "", "", "", "", ""],
            Self::Root { partition, account } => [partition, ":", account, "", "", ""],
            Self::Role { partition, account, path: last } | Self::SessionRole { partition, account, name: last } => {
                ["arn:", partition, ":iam::", account, ":role/", last]
            }
        }
    }

    /// XXH3-64 of each part, seeded with the hash of the one before it; the first with the kind.
    fn hash(self) -> u64 {
        let seed = u64::from(self.kind());
        self.parts().into_iter().flatten().fold(seed, |seed, part| xxh3_64_with_seed(part.as_bytes(), seed))
    }

    /// Whether this is the name that a record of this kind and text stands for.
    fn is(self, kind: u32, stored: &[u8]) -> bool {
        kind == self.kind()
            && self
                .pieces()
                .into_iter()
                .try_fold(stored, |stored, piece| stored.strip_prefix(piece.as_bytes()))
                .is_some_and(<[u8]>::is_empty)
    }
}

/// The number of a name, where some policy lists it.
#[inline]
pub(crate) fn find(view: &View<'_>, name: Name<'_>) -> Option<u32> {
    let hash = name.hash();
    table::probe(view.records::<PrincipalSlot>(), hash)
        .filter(|slot| slot.tag.get() == tag(hash))
        .filter_map(|slot| slot.principal.get().checked_sub(1))
        .find(|number| {
            let principal = view.record::<Principal>(*number);
            principal.is_some_and(|principal| name.is(principal.kind.get(), view.bytes(principal.text)))
        })
}

/// Checks that texts and numbers are in range.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    for (at, principal) in view.records::<Principal>().iter().enumerate() {
        let fail = Fail::at::<Principal>(view, at);
        fail.unless_at_most("kind", principal.kind.get().into(), Name::MAX_KIND.into())?;
        principal.text.validate_text(view, fail)?;
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
    use super::Name;

    #[test]
    fn a_record_stands_for_a_name_of_its_kind_and_text_alone() {
        let (account, service) = (Name::Account("123412341234"), Name::Service("123412341234"));
        assert!(account.is(account.kind(), b"123412341234"));
        assert!(!account.is(service.kind(), b"123412341234"), "another kind, the same text");
        assert!(!account.is(account.kind(), b"123412341235"), "the same kind, another text");
        assert!(!account.is(account.kind(), b"12341234123"), "a shorter text");
        assert!(!account.is(account.kind(), b"1234123412340"), "a longer text");

        let role = Name::Role { partition: "aws", account: "123412341234", path: "a" };
        let session = Name::SessionRole { partition: "aws", account: "123412341234", name: "a" };
        let text = b"arn:aws:iam::123412341234:role/a";
        assert!(role.is(role.kind(), text) && session.is(session.kind(), text));
        assert!(
            !role.is(session.kind(), text) && !session.is(role.kind(), text),
            "a role is not what its sessions say"
        );
        for other in [
            "arn:aws-cn:iam::123412341234:role/a",
            "arn:aws:iam::123412341235:role/a",
            "arn:aws:iam::123412341234:role/b",
        ] {
            assert!(!role.is(role.kind(), other.as_bytes()), "equal in two of three parts: {other}");
        }
    }
}
