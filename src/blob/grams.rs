//! Grams: how a key with many patterns is answered without walking them all.
//!
//! A *gram* is four bytes in a row. What a pattern spells out between wildcards stands in every tail that it
//! matches, so each of its grams does too. Each pattern is listed under one of them, the one that the fewest
//! patterns of the key have; a tail is looked through for listed grams, and the patterns under those that it has
//! are *candidates*, compared exactly. `*/GET/*orders512*` is not looked at before a tail holds `s512`, say.
//!
//! A key's few patterns are better off in a block. Of many patterns, those that spell out no four bytes in a row are
//! candidates of every tail, in a table without a filter, if they would have to be compared in any case: walked in blocks,
//! they cost a step for each token besides. That is what makes a long path against thousands of hostile globs bearable.
//!
//! # Bound
//!
//! A tail of n bytes costs n looks into the filter, and each list of candidates is gone through once for a tail,
//! however often its gram stands there. [`Seen`] has a bit for each slot, so a table has at most [`MAX_SLOTS`]; a key
//! has as many tables as its grams need.
//!
//! Invariant: runs lie inside their sections, and slots number at most [`MAX_SLOTS`]. `compiler::grams` makes it so,
//! [`validate`] refuses a blob where it is not.

use core::ops::ControlFlow::{self, Continue};

use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::block::Final;
use super::statements::{Statement, flag};
use super::table::{self, Slot};
use super::{Fail, LoadError, Record, SectionId, Span, View, words};

/// A table of grams.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct GramTable {
    /// A bit for the hash of each gram, in `gram-filters`.
    pub filter: Span,
    /// The hash table, in `gram-slots`.
    pub slots: Span,
}

/// Bits of a filter.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct FilterWord(pub U64);

/// A slot: a gram, and the patterns that are listed under it.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct GramSlot {
    /// Four bytes, the first the lowest.
    pub gram: U32,
    /// A run in `candidates`; an empty slot has none.
    pub candidates: Span,
}

/// A pattern, and whom its statement speaks of.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Candidate {
    /// Its pattern is compared always: [`check::REST`](super::block::check::REST) is set.
    pub terminal: Final,
    /// Bits of [`speaks`].
    pub speaks: U32,
    /// One more than the number of a principal that it speaks of besides; 0 for none.
    pub principal: U32,
}

/// Bits of [`Candidate::speaks`].
pub(crate) mod speaks {
    /// Of every AWS principal, and of anonymous callers.
    pub const ANY: u32 = 1 << 0;
    /// Of every service.
    pub const ANY_SERVICE: u32 = 1 << 1;
    /// Of `execute-api:Invoke`.
    pub const INVOKE: u32 = 1 << 2;
    /// Its statement is a Deny.
    pub const DENY: u32 = 1 << 3;
    /// All of them.
    pub const ALL: u32 = (1 << 4) - 1;
}

impl Record for GramTable {
    const SECTION: SectionId = SectionId::GramTables;
}
impl Record for FilterWord {
    const SECTION: SectionId = SectionId::GramFilters;
}
impl Record for GramSlot {
    const SECTION: SectionId = SectionId::GramSlots;
}
impl Slot for GramSlot {
    fn is_empty(&self) -> bool {
        self.candidates.len == U32::ZERO
    }
}
impl Record for Candidate {
    const SECTION: SectionId = SectionId::Candidates;
}

/// The most slots of a table.
pub(crate) const MAX_SLOTS: usize = 4096;

/// The slots of one table that a tail has led to.
#[derive(Debug)]
struct Seen([u64; MAX_SLOTS / 64]);

impl Seen {
    /// Whether a slot is new.
    fn insert(&mut self, slot: usize) -> bool {
        let Some(word) = self.0.get_mut(slot / 64) else { return false };
        let bit = 1u64 << (slot % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

/// Every gram of a text.
#[inline]
pub(crate) fn grams(text: &[u8]) -> impl Iterator<Item = u32> {
    text.windows(4).filter_map(|window| window.first_chunk().map(|four| u32::from_le_bytes(*four)))
}

/// A hash of a gram: the high bits of a product.
#[inline]
const fn hash(gram: u32) -> u64 {
    (gram as u64).wrapping_mul(words::SPREAD)
}

/// The word and the bit of a hash in a filter of so many words: its highest bits, scaled.
#[inline]
const fn filter_place(hash: u64, words: usize) -> (usize, u64) {
    let place = (hash >> 32).wrapping_mul((words as u64) << 6) >> 32;
    ((place >> 6) as usize, 1 << (place & 63))
}

impl GramTable {
    /// Calls `reach` with the lists of candidates whose grams a tail has, each once; of a table without a filter with the one
    /// list that it has.
    #[inline]
    pub fn each_list<'a, B>(
        &self,
        view: &View<'a>,
        tail: &[u8],
        mut reach: impl FnMut(&'a [Candidate]) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let (filter, slots) = (view.span::<FilterWord>(self.filter), view.span::<GramSlot>(self.slots));
        if filter.is_empty() {
            return slots.first().map_or(Continue(()), |slot| reach(view.span(slot.candidates)));
        }
        let mut seen = Seen([0; MAX_SLOTS / 64]);
        // A loop, and no chain of iterators, which costs three times as much at each place.
        for gram in grams(tail) {
            let hash = hash(gram);
            let (word, bit) = filter_place(hash, filter.len());
            if filter.get(word).is_none_or(|word| word.0.get() & bit == 0) {
                continue;
            }
            if let Some((place, slot)) = table::find(slots, hash, |slot| slot.gram.get() == gram)
                && seen.insert(place)
            {
                reach(view.span(slot.candidates))?;
            }
        }
        Continue(())
    }
}

/// Checks ranges and numbers, and what a candidate says of its statement.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    for (at, table) in view.records::<GramTable>().iter().enumerate() {
        let fail = Fail::at::<GramTable>(view, at);
        table.filter.validate::<FilterWord>(view, fail)?;
        table.slots.validate::<GramSlot>(view, fail)?;
        fail.unless_at_most("slots", table.slots.len.get().into(), MAX_SLOTS as u64)?;
    }
    for (at, slot) in view.records::<GramSlot>().iter().enumerate() {
        slot.candidates.validate::<Candidate>(view, Fail::at::<GramSlot>(view, at))?;
    }
    let principals = view.records::<super::principals::Principal>().len() as u64;
    for (at, candidate) in view.records::<Candidate>().iter().enumerate() {
        let fail = Fail::at::<Candidate>(view, at);
        let statement = candidate.terminal.validate(view, fail)?;
        fail.unless_at_most("speaks", candidate.speaks.get().into(), speaks::ALL.into())?;
        fail.unless_at_most("principal", candidate.principal.get().into(), principals)?;
        let deny = candidate.speaks.get() & speaks::DENY != 0;
        fail.unless_equal(
            "deny",
            deny.into(),
            statement.is_some_and(|found: &Statement| found.has(flag::DENY)).into(),
        )?;
    }
    Ok(())
}

/// The words of a filter over grams. One and a half percent of what is not there passes.
#[cfg(feature = "compiler")]
pub(crate) fn filter(listed: &[u32]) -> Vec<FilterWord> {
    let mut words = vec![0u64; listed.len()];
    for gram in listed {
        let (word, bit) = filter_place(hash(*gram), words.len());
        if let Some(word) = words.get_mut(word) {
            *word |= bit;
        }
    }
    words.into_iter().map(|word| FilterWord(word.into())).collect()
}

/// The hash table over slots, none of which is empty.
#[cfg(feature = "compiler")]
pub(crate) fn slots(filled: Vec<GramSlot>) -> Vec<GramSlot> {
    table::build(filled.into_iter().map(|slot| (hash(slot.gram.get()), slot)).collect())
}

/// The most grams that a table may hold.
#[cfg(feature = "compiler")]
pub(crate) const MAX_GRAMS: usize = MAX_SLOTS / 2 + 1;
