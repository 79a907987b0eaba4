//! Blocks: the automaton over `stage/METHOD/path`, and who its statements speak of.
//!
//! # How a block decides
//!
//! A *tail* is what follows the API in a resource, cut at slashes into *tokens*. Each resource pattern of the
//! block is cut likewise, and each of its segments is a *position*, numbered from bit 0, a pattern's positions
//! side by side. All patterns are walked together in one machine word, one step for each token (Shift-And over
//! tokens instead of bytes):
//!
//! ```text
//! S = initial
//! for each token t:
//!     B = entry(t) | stay                  the positions that t fits
//!     D = S & B                            the positions that have just consumed t
//!     S = ((D << 1) & !initial)            on to the pattern's next position
//!       | (D & stay)                       or, on a `*`, stay: it may eat slashes (R-04)
//! D & speak                                the patterns that match and speak of the caller
//! ```
//!
//! A *final* is a pattern's last position; it stands for the pattern. A caller's names each have an entry whose
//! mask is the set of finals that list the name; ORed with the finals open to everyone they are `speak`.
//!
//! # What a word cannot say
//!
//! The filter may say yes too often, never no. A final whose bit is in `check` is looked at once more, exactly,
//! after it has been reached: see [`Final::checks`].
//!
//! | segment | position |
//! |---|---|
//! | literal of at most 8 bytes | its word: exact |
//! | longer literal | a hash of it: check |
//! | `*` | stays, and fits every token: exact, as it eats one token or more |
//! | anything else with a wildcard | as `*`: check |
//!
//! A pattern of more than 64 segments ends in a `*` position at its 64th: check. Nothing is determinized, so
//! nothing grows faster than the patterns.
//!
//! Invariant: blocks, in their order, own consecutive runs of entries and finals, and a block has as many finals
//! as its mask has bits. `compiler::block` makes it so, [`validate`] refuses a blob where it is not.

use xxhash_rust::xxh3::xxh3_64;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::statements::{Resource, Statement, flag};
use super::table::{self, Slot};
use super::{Fail, LoadError, Record, SectionId, Span, View};

/// Up to 64 positions, and the masks over them.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Block {
    /// First positions of patterns.
    pub initial: U64,
    /// Positions that stay and fit every token.
    pub stay: U64,
    /// Last positions of patterns.
    pub finals: U64,
    /// Finals of Deny statements.
    pub deny: U64,
    /// Finals that are to be looked at once more.
    pub check: U64,
    /// Finals that every AWS principal and every anonymous caller is to be held against.
    pub any: U64,
    /// Finals that every service is to be held against.
    pub any_service: U64,
    /// Finals of statements whose actions hold `execute-api:Invoke`.
    pub invoke: U64,
    /// Its tokens, a hash table in `entries`.
    pub tokens: Span,
    /// Its principals, a hash table in `entries` behind the tokens.
    pub principals: Span,
    /// Its first final in `finals`; the others follow.
    pub first_final: U32,
}

/// A slot of a block's hash tables.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Entry {
    /// A token's word, or one more than a principal's number; 0 where the slot is empty.
    pub key: U64,
    /// Positions that the token fits, or finals that list the principal.
    pub mask: U64,
}

/// What a final position stands for.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Final {
    /// The statement's number.
    pub statement: U32,
    /// The number of the resource pattern.
    pub resource: U32,
    /// Bits of [`check`]: what the automaton left open.
    pub checks: U32,
}

/// Bits of [`Final::checks`].
pub(crate) mod check {
    /// The principals, against the statement's set.
    pub const PRINCIPAL: u32 = 1 << 0;
    /// The resource pattern, as a glob.
    pub const RESOURCE: u32 = 1 << 1;
    /// All resource patterns of the statement: of `NotResource` none may match.
    pub const NOT_RESOURCE: u32 = 1 << 2;
    /// The condition.
    pub const CONDITION: u32 = 1 << 3;
    /// All of them.
    pub const ALL: u32 = (1 << 4) - 1;
}

impl Record for Block {
    const SECTION: SectionId = SectionId::Blocks;
}
impl Record for Entry {
    const SECTION: SectionId = SectionId::Entries;
}
impl Slot for Entry {
    fn is_empty(&self) -> bool {
        self.key == U64::ZERO
    }
}
impl Record for Final {
    const SECTION: SectionId = SectionId::Finals;
}

impl Block {
    /// The finals of all patterns that match a tail, as far as the automaton can tell.
    #[inline]
    pub fn walk(&self, view: &View<'_>, tail: &str) -> u64 {
        let (initial, stay) = (self.initial.get(), self.stay.get());
        let tokens = view.span(self.tokens);
        let (mut ready, mut consumed) = (initial, 0);
        for token in tail.as_bytes().split(|byte| *byte == b'/') {
            consumed = ready & (mask(tokens, word(token)) | stay);
            ready = ((consumed << 1) & !initial) | (consumed & stay);
            if consumed == 0 {
                return 0;
            }
        }
        consumed & self.finals.get()
    }

    /// The finals that list a principal.
    #[inline]
    pub fn listing(&self, view: &View<'_>, principal: u32) -> u64 {
        mask(view.span(self.principals), u64::from(principal).saturating_add(1))
    }

    /// What the final at this bit stands for; `None` where no final is.
    pub fn at<'a>(&self, view: &View<'a>, bit: u32) -> Option<&'a Final> {
        let below = 1u64.checked_shl(bit)?.wrapping_sub(1);
        view.record(self.first_final.get().checked_add((self.finals.get() & below).count_ones())?)
    }
}

/// The mask of a key in a hash table; 0 where the table has no such key.
#[inline]
fn mask(entries: &[Entry], key: u64) -> u64 {
    table::probe(entries, spread(key)).find(|entry| entry.key.get() == key).map_or(0, |entry| entry.mask.get())
}

/// Spreads a key's bits over the high half, which is what a table begins its search by.
#[inline]
const fn spread(key: u64) -> u64 {
    let key = key ^ (key >> 32);
    key.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The word of a token.
///
/// Of at most eight bytes: the eight bytes that end where the token ends, its own leading slash kept, zeros in
/// front. Two such tokens have one word only if they are equal, as no token holds a slash. Of more: a hash whose
/// last byte is `/`, which no short token's is, save the empty one's, and whose lowest bit is set, which that
/// one's is not.
#[inline]
pub(crate) fn word(token: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    if let Some(room) = 8usize.checked_sub(token.len()) {
        if let Some(end) = bytes.get_mut(room..) {
            end.copy_from_slice(token);
        }
        if let Some(slash) = room.checked_sub(1).and_then(|at| bytes.get_mut(at)) {
            *slash = b'/';
        }
        u64::from_le_bytes(bytes)
    } else {
        xxh3_64(token) & 0x00FF_FFFF_FFFF_FFFF | (b'/' as u64) << 56 | 1
    }
}

/// Whether a token's word tells it from every other token, and from an empty slot.
#[cfg(feature = "compiler")]
pub(crate) fn is_exact(token: &[u8]) -> bool {
    token.len() <= 8 && word(token) != 0
}

/// Checks that blocks own what they name, and that finals name what is there.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let (mut next_entry, mut next_final) = (0u64, 0u64);
    for (at, block) in view.records::<Block>().iter().enumerate() {
        let fail = Fail::at::<Block>(view, at);
        for (what, table) in [("first token", block.tokens), ("first principal", block.principals)] {
            fail.unless_equal(what, table.start.get().into(), next_entry)?;
            table.validate::<Entry>(view, fail)?;
            next_entry = next_entry.saturating_add(table.len.get().into());
        }
        fail.unless_equal("first final", block.first_final.get().into(), next_final)?;
        next_final = next_final.saturating_add(block.finals.get().count_ones().into());
        for (what, mask) in [
            ("deny", block.deny),
            ("check", block.check),
            ("any", block.any),
            ("any service", block.any_service),
            ("invoke", block.invoke),
        ] {
            fail.unless_equal(what, mask.get() & !block.finals.get(), 0)?;
        }
    }
    let end = Fail::at::<Block>(view, view.records::<Block>().len());
    end.unless_equal("entries of all blocks", next_entry, view.records::<Entry>().len() as u64)?;
    end.unless_equal("finals of all blocks", next_final, view.records::<Final>().len() as u64)?;

    let statements = view.records::<Statement>().len() as u64;
    let resources = view.records::<Resource>().len() as u64;
    for (at, terminal) in view.records::<Final>().iter().enumerate() {
        let fail = Fail::at::<Final>(view, at);
        fail.unless_below("statement", terminal.statement.get().into(), statements)?;
        fail.unless_below("resource", terminal.resource.get().into(), resources)?;
        fail.unless_at_most("checks", terminal.checks.get().into(), check::ALL.into())?;
    }
    // Finals before this: what a block says of one is compared with the statement it stands for.
    for (at, block) in view.records::<Block>().iter().enumerate() {
        let fail = Fail::at::<Block>(view, at);
        let mut left = block.finals.get();
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            let terminal = block.at(view, bit);
            let statement = terminal.and_then(|terminal| view.record::<Statement>(terminal.statement.get()));
            let (Some(terminal), Some(statement)) = (terminal, statement) else { continue };
            let says = |mask: U64| mask.get() >> bit & 1;
            fail.unless_equal("deny", says(block.deny), statement.has(flag::DENY).into())?;
            fail.unless_equal("check", says(block.check), (terminal.checks != U32::ZERO).into())?;
            let behind = terminal.resource.get().checked_sub(statement.resources.start.get());
            let own = behind.is_some_and(|behind| behind < statement.resources.len.get());
            fail.unless_equal("resource of the statement", own.into(), 1)?;
        }
    }
    Ok(())
}

/// Builds a hash table over keys, of which none is 0 and none comes twice.
#[cfg(feature = "compiler")]
pub(crate) fn table(keys: impl Iterator<Item = (u64, u64)>) -> Vec<Entry> {
    table::build(keys.map(|(key, mask)| (spread(key), Entry { key: key.into(), mask: mask.into() })).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_tells_short_tokens_apart() {
        let tokens: [&[u8]; 12] = [
            b"",
            b"\0",
            b"\0\0",
            b"G",
            b"GET",
            b"\0GET",
            b"POST",
            b"pets",
            b"1234567",
            b"12345678",
            b"\x001234567",
            b"2345678",
        ];
        for one in tokens {
            for other in tokens {
                assert_eq!(word(one) == word(other), one == other, "{one:?} and {other:?}");
            }
            assert_ne!(word(one), word(b"a token of more than eight bytes"));
        }
        assert!(!is_exact(&[0; 8]), "its word is that of an empty slot");
    }

    #[test]
    fn the_limit_of_checks_is_all_of_them() {
        assert_eq!(check::ALL, check::PRINCIPAL | check::RESOURCE | check::NOT_RESOURCE | check::CONDITION);
    }
}
