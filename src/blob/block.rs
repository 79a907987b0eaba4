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
//! S = initial & speak
//! for each token t:
//!     B = entry(t), else stay              the positions that t fits
//!     D = S & B                            the positions that have just consumed t
//!     S = ((D << 1) & !initial)            on to the pattern's next position
//!       | (D & stay)                       or, on a `*`, stay: it may eat slashes (R-04)
//! D & finals                               the patterns that match and speak of the caller
//! ```
//!
//! A *final* is a pattern's last position; it stands for the pattern. A caller's names each have an entry whose
//! mask is the positions of the patterns that list the name; ORed with those of the patterns open to everyone they are
//! `speak`. So a pattern that speaks of others is never begun, and a walk ends where none is left.
//!
//! # What a word cannot say
//!
//! The filter may say yes too often, never no. A final whose bit is in `check` is looked at once more, exactly,
//! after it has been reached: see [`Final::checks`].
//!
//! | segment | position |
//! |---|---|
//! | literal of at most 8 bytes | its word: exact |
//! | longer literal | a word of its end: check |
//! | `*` | stays, and fits every token: exact, as it eats one token or more |
//! | anything else with a wildcard | as `*`: check |
//!
//! A pattern of more than 64 segments ends in a `*` position at its 64th: check. Nothing is determinized, so
//! nothing grows faster than the patterns.
//!
//! # One look, no loop
//!
//! Tokens and principals of a block lie in one table, at one of two neighbouring places each. Both are loaded and
//! compared, and a select takes the mask of the one that fits: no branch depends on which token came, so the
//! processor guesses none of them wrong, and no load waits for another. The compiler tries seeds until every key has
//! its place.
//!
//! Invariant: blocks, in their order, own consecutive runs of entries and finals, and a block has as many finals
//! as its mask has bits. `compiler::block` makes it so, [`validate`] refuses a blob where it is not.

use core::hint::select_unpredictable;

use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::statements::{Statement, flag};
use super::tokens::{self, Ends};
use super::{Fail, LoadError, Record, SectionId, Span, View, words};

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
    /// Positions of patterns that every AWS principal and every anonymous caller is to be held against.
    pub any: U64,
    /// Positions of patterns that every service is to be held against.
    pub any_service: U64,
    /// Positions of patterns whose statements' actions hold `execute-api:Invoke`.
    pub invoke: U64,
    /// Its tokens and principals, a table in `entries`.
    pub entries: Span,
    /// What the keys of the table are multiplied by.
    pub seed: U64,
    /// Its first final in `finals`; the others follow.
    pub first_final: U32,
}

/// A slot of a block's table.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Entry {
    /// A token's word, or [`principal_key`]; all ones, which is neither, where there is none.
    pub key: U64,
    /// Positions that the token fits, those that stay among them; or those of the patterns that list the principal.
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
    /// What the resource pattern says behind the fifth colon, as a glob.
    pub const REST: u32 = 1 << 1;
    /// All resource patterns of the statement: of `NotResource` none may match.
    pub const NOT_RESOURCE: u32 = 1 << 2;
    /// The condition.
    pub const CONDITION: u32 = 1 << 3;
    /// What the resource pattern says before that, part by part.
    pub const HEAD: u32 = 1 << 4;
    /// All of them.
    pub const ALL: u32 = (1 << 5) - 1;
}

impl Record for Block {
    const SECTION: SectionId = SectionId::Blocks;
}
impl Record for Entry {
    const SECTION: SectionId = SectionId::Entries;
}
impl Record for Final {
    const SECTION: SectionId = SectionId::Finals;
}

impl Final {
    /// Checks that the statement is there, the resource is one of its own, and no check unknown. Gives the statement.
    pub fn validate<'a>(&self, view: &View<'a>, fail: Fail) -> Result<Option<&'a Statement>, LoadError> {
        let statements = view.records::<Statement>().len() as u64;
        fail.unless_below("statement", self.statement.get().into(), statements)?;
        fail.unless_at_most("checks", self.checks.get().into(), check::ALL.into())?;
        let statement = view.record::<Statement>(self.statement.get());
        let own = statement.is_some_and(|statement| {
            let behind = self.resource.get().checked_sub(statement.resources.start.get());
            behind.is_some_and(|behind| behind < statement.resources.len.get())
        });
        fail.unless_equal("resource of the statement", own.into(), 1)?;
        Ok(statement)
    }
}

impl Block {
    /// The finals of the patterns that match a tail, as far as the automaton can tell: what stands behind the end `before`
    /// in the resource, with these ends of its tokens. Only of patterns whose positions are in `speak`.
    #[inline(always)]
    pub fn walk(&self, speak: u64, table: Table<'_>, resource: &str, mut before: u32, ends: Ends<'_>) -> u64 {
        let (initial, stay) = (self.initial.get(), self.stay.get());
        let (mut ready, mut consumed) = (initial & speak, 0);
        for end in ends {
            let word = tokens::word(resource.as_bytes(), before, end);
            before = end;
            consumed = ready & table.mask(word, stay);
            ready = ((consumed << 1) & !initial) | (consumed & stay);
            if consumed == 0 {
                return 0;
            }
        }
        consumed & self.finals.get()
    }

    /// The finals whose statements apply with nothing left to look at, for the action that blocks know by heart.
    #[inline]
    pub fn sure(&self, is_invoke: bool) -> u64 {
        if is_invoke { !self.check.get() } else { 0 }
    }

    /// The block's table of tokens and principals.
    #[inline]
    pub fn table<'a>(&self, view: &View<'a>) -> Table<'a> {
        Table {
            entries: view.span::<Entry>(self.entries).as_bytes(),
            seed: self.seed.get(),
            homes: self.entries.len.get().saturating_sub(1),
        }
    }

    /// All positions of the patterns whose finals are among these bits.
    fn patterns(&self, bits: u64) -> u64 {
        let (mut finals, mut below, mut patterns) = (self.finals.get(), 0, 0);
        while finals != 0 {
            // The bits up to the lowest final; those that are new are its pattern's.
            let up_to = finals ^ finals.wrapping_sub(1);
            if bits & finals & finals.wrapping_neg() != 0 {
                patterns |= up_to & !below;
            }
            below = up_to;
            finals &= finals.wrapping_sub(1);
        }
        patterns
    }

    /// What the final at this bit stands for; `None` where no final is.
    #[inline]
    pub fn at<'a>(&self, view: &View<'a>, bit: u32) -> Option<&'a Final> {
        let below = 1u64.checked_shl(bit)?.wrapping_sub(1);
        view.record(self.first_final.get().checked_add((self.finals.get() & below).count_ones())?)
    }
}

/// A block's tokens and principals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'a> {
    entries: &'a [u8],
    seed: u64,
    /// Places that a key may have: one less than there are slots.
    homes: u32,
}

impl Table<'_> {
    /// The positions of the patterns that list a principal, by its key; or those that a token fits, by its word. What is
    /// `otherwise` for a key that is not here.
    #[inline(always)]
    pub fn mask(&self, key: u64, otherwise: u64) -> u64 {
        const TWO: usize = 2 * size_of::<Entry>();
        let at = (home(key, self.seed, self.homes) as usize).wrapping_mul(size_of::<Entry>());
        let two: Option<&[u8; TWO]> = self.entries.get(at..at.wrapping_add(TWO)).and_then(|two| two.try_into().ok());
        two.map_or(otherwise, |two| {
            let [one, mask, other, its_mask] = words::of(two);
            let other = select_unpredictable(other == key, its_mask, otherwise);
            select_unpredictable(one == key, mask, other)
        })
    }
}

/// The key of an empty slot: neither a token's nor a principal's.
#[cfg(feature = "compiler")]
const EMPTY: u64 = u64::MAX;

/// The key of a principal, given one more than its number: no token's, as UTF-8 has no byte `FF`. That of 0 is nobody's.
#[inline]
pub(crate) const fn principal_key(link: u32) -> u64 {
    0xFF << 56 | link as u64
}

/// The first of the two slots that a key may stand in.
#[inline(always)]
const fn home(key: u64, seed: u64, homes: u32) -> u32 {
    words::scaled(key.wrapping_mul(seed), homes)
}

/// Checks that blocks own what they name, and that finals name what is there.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let (mut next_entry, mut next_final) = (0u64, 0u64);
    for (at, block) in view.records::<Block>().iter().enumerate() {
        let fail = Fail::at::<Block>(view, at);
        fail.unless_equal("first entry", block.entries.start.get().into(), next_entry)?;
        block.entries.validate::<Entry>(view, fail)?;
        next_entry = next_entry.saturating_add(block.entries.len.get().into());
        fail.unless_equal("first final", block.first_final.get().into(), next_final)?;
        next_final = next_final.saturating_add(block.finals.get().count_ones().into());
        for (what, mask) in [("deny", block.deny), ("check", block.check)] {
            fail.unless_equal(what, mask.get() & !block.finals.get(), 0)?;
        }
        for (what, mask) in [("any", block.any), ("any service", block.any_service), ("invoke", block.invoke)] {
            fail.unless_equal(what, mask.get(), block.patterns(mask.get()))?;
        }
    }
    let end = Fail::at::<Block>(view, view.records::<Block>().len());
    end.unless_equal("entries of all blocks", next_entry, view.records::<Entry>().len() as u64)?;
    end.unless_equal("finals of all blocks", next_final, view.records::<Final>().len() as u64)?;

    for (at, terminal) in view.records::<Final>().iter().enumerate() {
        terminal.validate(view, Fail::at::<Final>(view, at))?;
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
        }
    }
    Ok(())
}

/// Builds a block's table over keys, of which none comes twice: its seed and slots. `None` where no seed that is tried
/// gives every key a place, which chance does not do.
#[cfg(feature = "compiler")]
pub(crate) fn table(keys: &[(u64, u64)]) -> Option<(u64, Vec<Entry>)> {
    if keys.is_empty() {
        return Some((0, Vec::new()));
    }
    let empty = Entry { key: EMPTY.into(), mask: 0.into() };
    let mut counts = Vec::new();
    // Four fifths full at first, which small tables mostly can be, then two thirds; then half as full each time.
    let more = |empty: usize| keys.len().saturating_add(empty).saturating_add(1);
    let doubled = (0..DOUBLINGS).map(|times| more(keys.len() / 2).saturating_mul(1 << times));
    for homes in [more(keys.len() / 4)].into_iter().chain(doubled) {
        let slots = homes.saturating_add(1);
        let places = u32::try_from(homes).ok()?;
        for seed in (1..=SEEDS).map(|seed| words::SPREAD.wrapping_mul(seed.wrapping_mul(2) | 1)) {
            counts.clear();
            counts.resize(homes, 0u32);
            for (key, _) in keys {
                if let Some(count) = counts.get_mut(home(*key, seed, places) as usize) {
                    *count = count.saturating_add(1);
                }
            }
            // A slot takes what the one before left over, then one of its own; one at most may be left over.
            let mut left = 0;
            let fits = counts.iter().all(|count| {
                left = (*count).saturating_add(left).saturating_sub(1);
                left <= 1
            });
            if !fits {
                continue;
            }
            let mut sorted: Vec<_> =
                keys.iter().map(|(key, mask)| (home(*key, seed, places) as usize, *key, *mask)).collect();
            sorted.sort_unstable();
            let mut table = vec![empty; slots];
            let mut free = 0;
            for (home, key, mask) in sorted {
                let at = free.max(home);
                if let Some(slot) = table.get_mut(at) {
                    *slot = Entry { key: key.into(), mask: mask.into() };
                }
                free = at.saturating_add(1);
            }
            return Some((seed, table));
        }
    }
    None
}

/// Seeds that are tried for each size of a table, and sizes.
#[cfg(feature = "compiler")]
const SEEDS: u64 = 96;
#[cfg(feature = "compiler")]
const DOUBLINGS: usize = 6;

#[cfg(test)]
mod tests {
    use super::super::tokens::word_of;
    use super::*;

    #[test]
    fn no_key_is_another_kind_of_key() {
        for token in ["", "\0", "GET", "12345678", "a token of more than eight bytes", "\u{10FFFF}", "日本語日本語"]
        {
            for number in [0, 1, u32::MAX] {
                assert_ne!(word_of(token), principal_key(number));
            }
            assert_ne!(word_of(token), EMPTY);
        }
        assert_ne!(principal_key(u32::MAX), EMPTY);
    }

    #[test]
    fn every_key_is_found_and_no_other() {
        for count in [0, 1, 2, 3, 7, 20, 64, 128] {
            let keys: Vec<_> = (0..count)
                .map(|number| (word_of(&format!("t{number}")), number))
                .chain((0..count).map(|number| (principal_key(number.try_into().unwrap()), number << 32 | 1)))
                .collect();
            let (seed, entries) = table(&keys).unwrap();
            assert!(entries.len() <= keys.len() * 4 + 2, "{} slots for {} keys", entries.len(), keys.len());
            let homes = u32::try_from(entries.len()).unwrap().saturating_sub(1);
            let table = Table { entries: entries.as_bytes(), seed, homes };
            for (key, mask) in &keys {
                assert_eq!(table.mask(*key, 1 << 63), *mask);
            }
            for other in (count..count + 1000).map(|number| word_of(&format!("t{number}"))) {
                assert_eq!(table.mask(other, 1 << 63), 1 << 63);
            }
        }
    }

    #[test]
    fn the_limit_of_checks_is_all_of_them() {
        assert_eq!(check::ALL, check::PRINCIPAL | check::REST | check::NOT_RESOURCE | check::CONDITION | check::HEAD);
    }
}
