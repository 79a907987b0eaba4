//! The principal table: what a caller can be called, to the number that policies call it by.
//!
//! Four sections. `principals` holds every name that some policy lists, and the kind of the name. A name's
//! place there is its number. `principal-pilots` and `principal-slots` are the hash table over them ([`super::keyed`]); a
//! name of up to 32 bytes in partition `aws`, as nearly all are, stands in its slot, letter for letter, so that a caller is
//! found in one cache line. `principal-sets` holds the sets of numbers that statements list, each in rising order.
//!
//! Invariant: every slot names a principal or nothing, and has the key and the account of the one it names.
//! `compiler::principals` makes it so, [`validate`] refuses a blob where it is not.

use core::ops::Range;

use xxhash_rust::xxh3::xxh3_64;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::keyed::{self, Keyed, Words};
use super::strings::TextRef;
use super::{Fail, LoadError, Record, SectionId, View, words};

/// A name that some policy lists.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Principal {
    /// [`Kind`], as a number.
    pub kind: U32,
    /// Partition, account id and path, `:` between, those that a kind has not empty; of a name that stands in its slot
    /// nothing.
    pub text: TextRef,
}

/// A slot of the hash table.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct PrincipalSlot {
    /// The name.
    pub key: keyed::Key,
    /// One more than the principal's number; 0 where the slot is empty.
    pub principal: U32,
    /// One more than the number of its account's id, where a policy lists that; else 0.
    pub account: U32,
    /// One more than the number of its account's root, likewise: who has found a caller needs not look for its account.
    pub root: U32,
    /// Zero.
    pub reserved: U32,
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
impl PrincipalSlot {
    /// The principal's number.
    #[inline(always)]
    pub fn number(&self) -> u32 {
        self.principal.get().wrapping_sub(1)
    }

    /// The principal's number, that of its account's id and that of its account's root, each with one added, or 0.
    #[inline(always)]
    pub fn links(&self) -> [u32; 3] {
        [self.principal, self.account, self.root].map(U32::get)
    }
}

impl Keyed for PrincipalSlot {
    const PILOTS: SectionId = SectionId::PrincipalPilots;
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
    /// The text as it is stored: its parts with colons between, of which the first two hold none; nothing where all of it
    /// stands in its slot.
    #[cfg(feature = "compiler")]
    pub fn stored_text(self) -> String {
        if is_long(&self.key()) { self.text() } else { String::new() }
    }

    /// Its parts with colons between.
    #[cfg(feature = "compiler")]
    fn text(self) -> String {
        [self.partition, self.account, self.path].join(":")
    }

    /// Its key.
    fn key(self) -> Words {
        let Self { kind, partition, account, path } = self;
        let account = if account.is_empty() { Some(&[0; 12]) } else { account.as_bytes().try_into().ok() };
        match account {
            Some(account) if matches!(partition, "" | "aws") && path.len() <= SHORT => {
                let mut window = [0; SHORT];
                let (_, end) = window.split_at_mut(SHORT.saturating_sub(path.len()));
                end.copy_from_slice(path.as_bytes());
                short_key(kind, account, words::of(&window), path.len())
            }
            _ => {
                let [a, b, c] = [self.partition, self.account, self.path].map(|part| xxh3_64(part.as_bytes()));
                [a, b, c, 0, 0, last_word(kind, IS_LONG, 0)]
            }
        }
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

/// The longest path that a slot has room for.
pub(crate) const SHORT: usize = 32;

/// The key of a name in partition `aws`, or of a kind that is in none, by its account, zeros where it has none, and its
/// path's last 32 bytes with zeros before it.
#[inline(always)]
fn short_key(kind: Kind, account: &[u8; 12], [a, b, c, d]: [u64; 4], path_bytes: usize) -> Words {
    let digits = words::at(account, 0).unwrap_or_default();
    let rest = account.last_chunk().map_or(0, |rest| u32::from_le_bytes(*rest));
    [a, b, c, d, digits, last_word(kind, path_bytes as u64, rest)]
}

/// What a key's last word says beside the end of the account: the kind and the length, or that the name stands elsewhere.
/// Never zero.
#[inline(always)]
const fn last_word(kind: Kind, len: u64, account: u32) -> u64 {
    1 << 63 | (kind as u64) << 48 | len << 32 | account as u64
}

/// In place of a length.
const IS_LONG: u64 = 0xFF;

/// Whether a name stands elsewhere than in its slot.
fn is_long(key: &Words) -> bool {
    let [.., last] = key;
    last >> 32 & 0xFF == IS_LONG
}

/// The slot of a name, where some policy lists it.
pub(crate) fn find<'a>(view: &View<'a>, name: Name<'_>) -> Option<&'a PrincipalSlot> {
    let key = name.key();
    let slot = find_key(view, &key)?;
    let stored = || view.record::<Principal>(slot.number());
    (!is_long(&key) || stored().is_some_and(|stored| name.is(stored.kind.get(), view.bytes(stored.text))))
        .then_some(slot)
}

/// [`find`] of a name in partition `aws`, as nearly all are: its path is what stands between these places of a text.
/// `None` as well where that is more than [`SHORT`] bytes, or fewer stand before its end. What is found is well formed, so
/// nothing need be looked through before.
#[inline(always)]
pub(crate) fn find_in_aws<'a>(
    view: &View<'a>,
    kind: Kind,
    account: &[u8; 12],
    text: &[u8],
    path: Range<usize>,
) -> Option<&'a PrincipalSlot> {
    let len = path.end.wrapping_sub(path.start);
    let window: &[u8; SHORT] = text.get(..path.end)?.last_chunk()?;
    // Zeros, then as many ones as the path has bytes.
    let kept: &[u8; SHORT] = KEPT.as_flattened().get(len..)?.first_chunk()?;
    let ([a, b, c, d], [p, q, r, s]) = (words::of(window), words::of::<SHORT, 4>(kept));
    find_key(view, &short_key(kind, account, [a & p, b & q, c & r, d & s], len))
}

/// [`find`] of the name of an account in partition `aws`, or in any, by its id.
#[inline(always)]
pub(crate) fn find_account<'a>(view: &View<'a>, kind: Kind, id: &[u8; 12]) -> Option<&'a PrincipalSlot> {
    find_key(view, &short_key(kind, id, [0; 4], 0))
}

/// Zeros, and ones behind them.
const KEPT: [[u8; SHORT]; 2] = [[0; SHORT], [0xFF; SHORT]];

#[inline(always)]
fn find_key<'a>(view: &View<'a>, key: &Words) -> Option<&'a PrincipalSlot> {
    let slot: &PrincipalSlot = keyed::slot(view, keyed::hash(key))?;
    slot.key.is(key).then_some(slot)
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
    }
    let count = view.records::<Principal>().len() as u64;
    keyed::validate::<PrincipalSlot>(view)?;
    for (at, slot) in view.records::<PrincipalSlot>().iter().enumerate() {
        let fail = Fail::at::<PrincipalSlot>(view, at);
        fail.unless_at_most("principal", u64::from(slot.principal.get()), count)?;
        fail.unless_equal("reserved", slot.reserved.get().into(), 0)?;
        let named = slot.principal.get().checked_sub(1).and_then(|number| view.record::<Principal>(number));
        let [.., last] = slot.key.0;
        fail.unless_equal("key of an empty slot", (named.is_none() && last != U64::ZERO).into(), 0)?;
        for (what, link, kind) in [("account", slot.account, Kind::Account), ("root", slot.root, Kind::Root)] {
            fail.unless_at_most(what, link.get().into(), count)?;
            let linked = link.get().checked_sub(1).and_then(|number| view.record::<Principal>(number));
            let fits = linked.is_none_or(|linked| linked.kind.get() == kind as u32);
            fail.unless_equal("kind of the account", fits.into(), 1)?;
        }
    }
    for (at, member) in view.records::<PrincipalId>().iter().enumerate() {
        Fail::at::<PrincipalId>(view, at).unless_below("principal", u64::from(member.0.get()), count)?;
    }
    Ok(())
}

/// Builds the hash table over principals, given in the order of their numbers; `links` gives a slot's account and root.
#[cfg(feature = "compiler")]
pub(crate) fn slots<'a>(
    names: &[Name<'a>],
    links: impl Fn(Name<'a>) -> [U32; 2],
) -> Option<keyed::Table<PrincipalSlot>> {
    let filled = (1u32..).zip(names).map(|(number, name)| {
        let words = name.key();
        let ([account, root], key) = (links(*name), keyed::Key(words.map(Into::into)));
        (keyed::hash(&words), PrincipalSlot { key, principal: number.into(), account, root, reserved: 0.into() })
    });
    keyed::build(filled.collect())
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
