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

use core::hint::select_unpredictable;

use xxhash_rust::xxh3::xxh3_64;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::block::Block;
use super::grams::GramTable;
use super::sets::Set;
use super::strings::TextRef;
use super::table::{self, Slot, tag};
use super::{Fail, LoadError, Record, SectionId, Span, View, words};

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
    /// The blocks.
    pub blocks: Span,
    /// The tables of grams.
    pub grams: Span,
}

impl Record for IndexSlot {
    const SECTION: SectionId = SectionId::Index;
}

impl Slot for IndexSlot {
    fn is_empty(&self) -> bool {
        self.blocks.len == U32::ZERO && self.grams.len == U32::ZERO
    }
}

/// Number of classes: one for each subset of the five parts.
pub(crate) const CLASSES: u32 = 1 << 5;
/// The class bit of the API: patterns of these classes go on behind the slash that ends the API.
pub(crate) const API: u32 = 1 << 4;

/// The class bit of the region.
#[cfg(feature = "compiler")]
pub(crate) const REGION: u32 = 1 << 2;
/// The class that spells everything out.
pub(crate) const SPELLED_OUT: u32 = CLASSES - 1;
/// In a resource that is spelled out the API's slash is behind this byte, and none before it: the search for it begins
/// here. No API's ARN is shorter; the compiler keeps other patterns out of the class.
pub(crate) const SLASH_FROM: usize = 40;

/// The parts of a resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    /// By class bit: partition, service, region, account, API.
    texts: [&'a str; 5],
    /// Their hashes, but for partition and service: nearly all requests have the same, and they are compared.
    hashes: [u64; 3],
}

impl<'a> Parts<'a> {
    /// Takes them.
    #[inline]
    pub fn new(texts: [&'a str; 5]) -> Self {
        let [_, _, region, account, api] = texts;
        Self { texts, hashes: [region, account, api].map(|part| words::hash(part.as_bytes())) }
    }

    /// The literal parts of a class, and whether a colon follows.
    fn literals(self, class: u32) -> impl Iterator<Item = (&'a str, bool)> + use<'a> {
        (0u32..)
            .zip(self.texts)
            .filter(move |(bit, _)| class & (1 << bit) != 0)
            .map(|(bit, part)| (part, 1 << bit != API))
    }

    /// The hash of the key of a set and a class.
    #[inline]
    fn hash(&self, set: u32, class: u32) -> u64 {
        let [region, account, api] = self.hashes;
        let seed = u64::from(set) << 5 | u64::from(class);
        let of = |bit: u32, hash: u64| select_unpredictable(class & 1 << bit != 0, hash, 0);
        (seed ^ of(2, region).rotate_left(16) ^ of(3, account).rotate_left(32) ^ of(4, api)).wrapping_mul(words::SPREAD)
    }

    /// Whether these are the parts that a slot's key spells out.
    #[inline]
    fn are(&self, stored: &[u8], class: u32) -> bool {
        self.literals(class)
            .try_fold(stored, |stored, (part, more)| {
                let rest = stored.strip_prefix(part.as_bytes())?;
                if more { rest.strip_prefix(b":") } else { Some(rest) }
            })
            .is_some_and(<[u8]>::is_empty)
    }
}

/// The hash of a key that spells everything out: of the last 24 bytes, which are account and API where the API's id has
/// ten; of a shorter one XXH3-64.
#[inline(always)]
fn hash_spelled_out(set: u32, whole: &[u8]) -> u64 {
    let Some(([one, two, three], [])) = whole
        .last_chunk::<24>()
        .map(|last| last.as_chunks::<8>())
        .and_then(|(words, rest)| Some((<[[u8; 8]; 3]>::try_from(words).ok()?, rest)))
    else {
        return xxh3_64(whole) ^ u64::from(set);
    };
    let [one, two, three] = [one, two, three].map(u64::from_le_bytes);
    let mixed = one.wrapping_mul(words::SPREAD).rotate_left(32) ^ two;
    (mixed.wrapping_mul(words::SPREAD).rotate_left(32) ^ three ^ u64::from(set)).wrapping_mul(words::SPREAD)
}

/// What stands under the key that a resource spells out up to a slash.
#[inline(always)]
pub(crate) fn find_spelled_out<'a>(view: &View<'a>, set: u32, resource: &str, slash: usize) -> Option<&'a IndexSlot> {
    let (arn, whole) = resource.as_bytes().get(..slash)?.split_first_chunk::<4>()?;
    let hash = hash_spelled_out(set, whole);
    let slot = table::find_in_section(view, hash, |slot: &IndexSlot| {
        slot.tag.get() == tag(hash)
            && slot.set.get() == set
            && slot.class.get() == SPELLED_OUT
            && view.bytes(slot.key) == whole
    })?;
    (arn == b"arn:").then_some(slot)
}

/// What stands under the key of this set and class.
#[inline]
pub(crate) fn find<'a>(view: &View<'a>, set: u32, class: u32, parts: &Parts<'_>) -> Option<&'a IndexSlot> {
    let hash = parts.hash(set, class);
    let slot = table::find_in_section(view, hash, |slot: &IndexSlot| {
        slot.tag.get() == tag(hash)
            && slot.set.get() == set
            && slot.class.get() == class
            && parts.are(view.bytes(slot.key), class)
    })?;
    Some(slot)
}

/// Checks numbers and ranges.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let sets = view.records::<Set>().len() as u64;
    for (at, slot) in view.records::<IndexSlot>().iter().enumerate() {
        let fail = Fail::at::<IndexSlot>(view, at);
        if slot.is_empty() {
            continue;
        }
        fail.unless_below("set", slot.set.get().into(), sets)?;
        fail.unless_below("class", slot.class.get().into(), CLASSES.into())?;
        slot.key.validate(view, fail)?;
        slot.blocks.validate::<Block>(view, fail)?;
        slot.grams.validate::<GramTable>(view, fail)?;
    }
    Ok(())
}

/// A key and what stands under it, as the compiler hands them over.
#[cfg(feature = "compiler")]
pub(crate) struct Entry<'a> {
    pub set: u32,
    pub class: u32,
    pub parts: [&'a str; 5],
    pub blocks: Span,
    pub grams: Span,
}

/// Builds the hash table; `intern` stores a key's text.
#[cfg(feature = "compiler")]
pub(crate) fn slots<E>(
    entries: &[Entry<'_>],
    mut intern: impl FnMut(&str) -> Result<TextRef, E>,
) -> Result<Vec<IndexSlot>, E> {
    let mut filled = Vec::with_capacity(entries.len());
    for entry in entries {
        let parts = Parts::new(entry.parts);
        let mut text = String::new();
        for (part, more) in parts.literals(entry.class) {
            text.push_str(part);
            text.push_str(if more { ":" } else { "" });
        }
        let hash = match entry.class {
            SPELLED_OUT => hash_spelled_out(entry.set, text.as_bytes()),
            class => parts.hash(entry.set, class),
        };
        let slot = IndexSlot {
            tag: tag(hash).into(),
            set: entry.set.into(),
            class: entry.class.into(),
            key: intern(&text)?,
            blocks: entry.blocks,
            grams: entry.grams,
        };
        filled.push((hash, slot));
    }
    Ok(table::build(filled))
}
