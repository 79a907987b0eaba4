//! The API index: the literal parts of an ARN pattern to the blocks of the statements that have them.
//!
//! A pattern's *class* says which of partition, service, region, account and API it spells out; the others are
//! wild. A key is those parts under the number of the policy set. A request is looked up once in each class
//! that its set uses, so thousands of statements for `arn:aws:execute-api:*:*:API/…` do not share one root.
//!
//! Parts that are neither literal nor `*`, as `us-*`, count as wild here and are compared on the way out.
//!
//! Invariant: every key's blocks lie inside the blocks section. `compiler::index` makes it so, [`validate`]
//! refuses a blob where they do not; every key is compared in full: no hash decides anything.

use core::hint::select_unpredictable;

use xxhash_rust::xxh3::xxh3_64;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::block::Block;
use super::grams::GramTable;
use super::keyed::{self, Keyed, Words};
use super::sets::Set;
use super::strings::TextRef;
use super::{Fail, LoadError, Record, SectionId, Span, View, words};

/// A slot of the index ([`super::keyed`]).
///
/// A key that spells everything out, in partition `aws` and at most [`SHORT`] bytes long, as nearly all are, stands in its
/// slot, letter for letter. Of another its first word is a hash, its fifth the text: the literal parts, each but the API's
/// followed by `:`. The sixth says the set, the class and the length.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct IndexSlot {
    pub key: keyed::Key,
    /// The blocks.
    pub blocks: Span,
    /// The tables of grams.
    pub grams: Span,
}

impl Record for IndexSlot {
    const SECTION: SectionId = SectionId::Index;
}

impl Keyed for IndexSlot {
    const PILOTS: SectionId = SectionId::IndexPilots;
}

impl IndexSlot {
    /// Whether one block is all that stands here.
    #[inline(always)]
    pub fn is_one_block(&self) -> bool {
        self.blocks.len.get() == 1 && self.grams.len.get() == 0
    }

    /// What the key's last word says; zero where the slot is empty.
    const fn last_word(&self) -> u64 {
        let [.., last] = &self.key.0;
        last.get()
    }

    /// The text of a key that does not stand here itself.
    fn text(&self) -> TextRef {
        let [_, _, _, _, text, _] = self.key.0;
        let text = text.get();
        #[expect(clippy::cast_possible_truncation, reason = "the halves")]
        let (start, len) = (text as u32, (text >> 32) as u32);
        TextRef { start: start.into(), len: len.into() }
    }
}

/// A key's last word. Never zero.
#[inline(always)]
const fn last_word(set: u32, class: u32, len: u64) -> u64 {
    1 << 63 | len << 48 | (class as u64) << 32 | set as u64
}

/// What stands in a key's last word in place of a length, where its text stands elsewhere.
const IS_LONG: u64 = 0xFF;

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
    /// Their hashes.
    hashes: [u64; 5],
}

impl<'a> Parts<'a> {
    /// Takes them.
    #[inline]
    pub fn new(texts: [&'a str; 5]) -> Self {
        Self { texts, hashes: texts.map(|part| words::hash(part.as_bytes())) }
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
        let seed = u64::from(set) << 5 | u64::from(class);
        (0u32..)
            .zip(self.hashes)
            .map(|(bit, hash)| select_unpredictable(class & 1 << bit != 0, hash, 0))
            .fold(seed, |all, hash| all.rotate_left(16).wrapping_mul(words::SPREAD) ^ hash)
            .wrapping_mul(words::SPREAD)
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

/// What an ARN of API Gateway begins with in partition `aws`.
const HEAD: &[u8] = b"arn:aws:execute-api:";
/// The longest ARN, up to the slash, that a slot has room for: what it does not hold is [`HEAD`], or a part of it.
const SHORT: usize = HEAD.len() + WORDS_BYTES;
const WORDS_BYTES: usize = 40;

/// The key of an ARN up to the API's slash, if a slot has room for it.
#[inline(always)]
fn short_key(set: u32, arn: &[u8]) -> Option<Words> {
    if arn.len() > SHORT || !arn.starts_with(HEAD) {
        return None;
    }
    let [a, b, c, d, e] = words::of::<WORDS_BYTES, 5>(arn.last_chunk()?);
    Some([a, b, c, d, e, last_word(set, SPELLED_OUT, arn.len() as u64)])
}

/// The key whose text stands elsewhere, by its hash.
#[inline]
const fn long_key(set: u32, class: u32, hash: u64) -> Words {
    [hash, 0, 0, 0, 0, last_word(set, class, IS_LONG)]
}

/// What stands under the key that a resource spells out up to a slash.
#[inline(always)]
pub(crate) fn find_spelled_out<'a>(view: &View<'a>, set: u32, resource: &str, slash: usize) -> Option<&'a IndexSlot> {
    let arn = resource.as_bytes().get(..slash)?;
    let Some(key) = short_key(set, arn) else { return find_long(*view, set, arn) };
    let slot: &IndexSlot = keyed::slot(view, keyed::hash(&key))?;
    slot.key.is(&key).then_some(slot)
}

/// [`find_spelled_out`] of an ARN of another partition, or a long one.
#[inline(never)]
fn find_long<'a>(view: View<'a>, set: u32, arn: &[u8]) -> Option<&'a IndexSlot> {
    let parts = arn.strip_prefix(b"arn:")?;
    find_by_text(&view, &long_key(set, SPELLED_OUT, xxh3_64(parts)), |text| text == parts)
}

/// What stands under the key of this set and class.
#[inline]
pub(crate) fn find<'a>(view: &View<'a>, set: u32, class: u32, parts: &Parts<'_>) -> Option<&'a IndexSlot> {
    find_by_text(view, &long_key(set, class, parts.hash(set, class)), |text| parts.are(text, class))
}

#[inline(always)]
fn find_by_text<'a>(view: &View<'a>, key: &Words, is: impl Fn(&[u8]) -> bool) -> Option<&'a IndexSlot> {
    let slot: &IndexSlot = keyed::slot(view, keyed::hash(key))?;
    let [hash, .., last] = *key;
    let [stored, ..] = slot.key.0;
    (stored.get() == hash && slot.last_word() == last && is(view.bytes(slot.text()))).then_some(slot)
}

/// Checks numbers and ranges.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    keyed::validate::<IndexSlot>(view)?;
    let sets = view.records::<Set>().len() as u64;
    for (at, slot) in view.records::<IndexSlot>().iter().enumerate() {
        let fail = Fail::at::<IndexSlot>(view, at);
        let last = slot.last_word();
        if last == 0 {
            let contents = [slot.blocks.len, slot.grams.len].map(U32::get);
            fail.unless_equal("contents of an empty slot", (contents != [0; 2]).into(), 0)?;
            continue;
        }
        fail.unless_below("set", last & u64::from(u32::MAX), sets)?;
        fail.unless_below("class", last >> 32 & 0xFFFF, CLASSES.into())?;
        if last >> 48 & 0xFF == IS_LONG {
            slot.text().validate(view, fail)?;
        }
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

/// Builds the hash table; `intern` stores a key's text. `Ok(None)` where chance gives no table ([`keyed::build`]).
#[cfg(feature = "compiler")]
pub(crate) fn slots<E>(
    entries: &[Entry<'_>],
    mut intern: impl FnMut(&str) -> Result<TextRef, E>,
) -> Result<Option<keyed::Table<IndexSlot>>, E> {
    let mut filled = Vec::with_capacity(entries.len());
    for entry in entries {
        let Entry { set, class, .. } = *entry;
        let parts = Parts::new(entry.parts);
        let mut arn = String::from("arn:");
        for (part, more) in parts.literals(class) {
            arn.push_str(part);
            arn.push_str(if more { ":" } else { "" });
        }
        let short = if class == SPELLED_OUT { short_key(set, arn.as_bytes()) } else { None };
        let (hash, key) = match short {
            Some(key) => (keyed::hash(&key), key),
            None => {
                let text = arn.get("arn:".len()..).unwrap_or_default();
                let hash = if class == SPELLED_OUT { xxh3_64(text.as_bytes()) } else { parts.hash(set, class) };
                let mut key = long_key(set, class, hash);
                let hash = keyed::hash(&key);
                let TextRef { start, len } = intern(text)?;
                let [_, _, _, _, word, _] = &mut key;
                *word = u64::from(len.get()) << 32 | u64::from(start.get());
                (hash, key)
            }
        };
        let key = keyed::Key(key.map(Into::into));
        filled.push((hash, IndexSlot { key, blocks: entry.blocks, grams: entry.grams }));
    }
    Ok(keyed::build(filled))
}
