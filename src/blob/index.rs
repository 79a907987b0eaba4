//! The API index: the literal parts of an ARN pattern to the blocks of the statements that have them.
//!
//! A pattern's *class* says which of partition, service, region, account and API it spells out; the others are
//! wild. A key is those parts under the number of the policy set. A request is looked up once in each class
//! that its set uses, so thousands of statements for `arn:aws:execute-api:*:*:API/…` do not share one root.
//!
//! Parts that are neither literal nor `*`, as `us-*`, count as wild here and are compared on the way out.
//!
//! Invariant: every key's blocks lie inside the blocks section. `compiler::index` makes it so, [`validate`]
//! refuses a blob where they do not, [`find`] compares every key in full: no hash decides anything.

use xxhash_rust::xxh3::xxh3_64_with_seed;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::block::Block;
use super::sets::Set;
use super::strings::TextRef;
use super::table::{self, Slot, tag};
use super::{Fail, LoadError, Record, SectionId, Span, View};

/// A slot of the index: open addressing, linear probing.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct IndexSlot {
    /// The low half of the key's hash.
    pub tag: U32,
    /// The number of the policy set.
    pub set: U32,
    /// The class.
    pub class: U32,
    /// The literal parts, each but the API's followed by `:`.
    pub key: TextRef,
    /// The blocks; an empty slot has none.
    pub blocks: Span,
}

impl Record for IndexSlot {
    const SECTION: SectionId = SectionId::Index;
}

impl Slot for IndexSlot {
    fn is_empty(&self) -> bool {
        self.blocks.len == U32::ZERO
    }
}

/// Number of classes: one for each subset of the five parts.
pub(crate) const CLASSES: u32 = 1 << 5;
/// The class bit of the API: patterns of these classes go on behind the slash that ends the API.
pub(crate) const API: u32 = 1 << 4;

/// The parts of a resource, by class bit: partition, service, region, account, API.
pub(crate) type Parts<'a> = [&'a str; 5];

/// The literal parts of a class, with their separators.
fn literals<'a>(class: u32, parts: &Parts<'a>) -> impl Iterator<Item = (&'a str, bool)> + use<'a> {
    let parts = *parts;
    (0u32..).zip(parts).filter(move |(bit, _)| class & (1 << bit) != 0).map(|(bit, part)| (part, 1 << bit != API))
}

/// XXH3-64 of each literal part, seeded with the hash of those before it; the first with set and class.
fn hash(set: u32, class: u32, parts: &Parts<'_>) -> u64 {
    let seed = u64::from(set) << 5 | u64::from(class);
    literals(class, parts).fold(seed, |seed, (part, _)| xxh3_64_with_seed(part.as_bytes(), seed))
}

/// Whether these are the parts that a slot's key spells out.
fn is(stored: &[u8], class: u32, parts: &Parts<'_>) -> bool {
    literals(class, parts)
        .try_fold(stored, |stored, (part, more)| {
            let rest = stored.strip_prefix(part.as_bytes())?;
            if more { rest.strip_prefix(b":") } else { Some(rest) }
        })
        .is_some_and(<[u8]>::is_empty)
}

/// The blocks of one key.
#[inline]
pub(crate) fn find<'a>(view: &View<'a>, set: u32, class: u32, parts: &Parts<'_>) -> &'a [Block] {
    let hash = hash(set, class, parts);
    table::probe(view.records::<IndexSlot>(), hash)
        .find(|slot| {
            slot.tag.get() == tag(hash)
                && slot.set.get() == set
                && slot.class.get() == class
                && is(view.bytes(slot.key), class, parts)
        })
        .map_or(&[], |slot| view.span(slot.blocks))
}

/// Checks numbers and ranges.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let sets = view.records::<Set>().len() as u64;
    for (at, slot) in view.records::<IndexSlot>().iter().enumerate() {
        let fail = Fail::at::<IndexSlot>(view, at);
        if slot.blocks.len == U32::ZERO {
            continue;
        }
        fail.unless_below("set", slot.set.get().into(), sets)?;
        fail.unless_below("class", slot.class.get().into(), CLASSES.into())?;
        slot.key.validate(view, fail)?;
        slot.blocks.validate::<Block>(view, fail)?;
    }
    Ok(())
}

/// A key and its blocks, as the compiler hands them over.
#[cfg(feature = "compiler")]
pub(crate) struct Entry<'a> {
    pub set: u32,
    pub class: u32,
    pub parts: Parts<'a>,
    pub blocks: Span,
}

/// Builds the hash table; `intern` stores a key's text.
#[cfg(feature = "compiler")]
pub(crate) fn slots<E>(
    entries: &[Entry<'_>],
    mut intern: impl FnMut(&str) -> Result<TextRef, E>,
) -> Result<Vec<IndexSlot>, E> {
    let mut filled = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut text = String::new();
        for (part, more) in literals(entry.class, &entry.parts) {
            text.push_str(part);
            text.push_str(if more { ":" } else { "" });
        }
        let hash = hash(entry.set, entry.class, &entry.parts);
        let slot = IndexSlot {
            tag: tag(hash).into(),
            set: entry.set.into(),
            class: entry.class.into(),
            key: intern(&text)?,
            blocks: entry.blocks,
        };
        filled.push((hash, slot));
    }
    Ok(table::build(filled))
}
