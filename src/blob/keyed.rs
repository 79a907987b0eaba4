//! Perfect hash tables of a blob: a key stands in the one slot that its hash points at, or nowhere.
//!
//! ```text
//! hash ─► pilot, a small number     chosen by the compiler so that every key falls on a slot of its own
//! hash, pilot ─► slot               compared in full: no hash decides anything
//! ```
//!
//! Two loads and no loop. How many probes a search of an open table takes depends on the key, which no processor can
//! guess: measured on the gateway workload, two such searches for each decision cost 1.3 wrong guesses and a sixth of
//! its time.
//!
//! A key is six words, the last of which is never zero; a slot begins with its own. What does not fit into them stands
//! elsewhere, and its words hold a hash of it: whoever searches compares the rest.
//!
//! Invariant: a table has a slot and a pilot at least. `compiler` makes it so, [`validate`] refuses a blob where it is
//! not.

#[cfg(feature = "compiler")]
use zerocopy::little_endian::U16;
use zerocopy::little_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Fail, LoadError, Record, SectionId, View, words};

/// A key's words.
pub(crate) type Words = [u64; 6];

/// A key as a slot begins with it; zeros where a slot is empty.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Key(pub [U64; 6]);

impl Key {
    /// Whether this is a key, word for word. Without a branch for each of them.
    #[inline(always)]
    pub fn is(&self, words: &Words) -> bool {
        let [a, b, c, d, e, f] = &self.0;
        let [p, q, r, s, t, u] = words;
        let differ = |one: &U64, other: &u64| one.get() ^ other;
        differ(a, p) | differ(b, q) | differ(c, r) | differ(d, s) | differ(e, t) | differ(f, u) == 0
    }
}

/// Slots of a section that is one table.
pub(crate) trait Keyed: Record {
    /// The section of its pilots, of two bytes each.
    const PILOTS: SectionId;
}

/// The hash of a key.
#[inline(always)]
pub(super) fn hash(words: &Words) -> u64 {
    let [a, b, c, d, e, f] = *words;
    fold(a ^ PI[0], b ^ PI[1]) ^ fold(c ^ PI[2], d ^ PI[3]) ^ fold(e ^ PI[4], f ^ PI[5])
}

/// Digits of the fractional part of pi: no word that is likely makes a factor zero. Of 31 bits, so that each is part of its
/// instruction.
const PI: [u64; 6] = [0x243F_6A88, 0x05A3_08D3, 0x1319_8A2E, 0x0370_7344, 0x2409_3822, 0x299F_31D1];

/// The halves of a product, one over the other: every bit of both words is in it.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the halves")]
const fn fold(one: u64, other: u64) -> u64 {
    let product = (one as u128).wrapping_mul(other as u128);
    product as u64 ^ (product >> 64) as u64
}

/// The slot that a key of this hash stands in, if it stands anywhere.
#[inline(always)]
pub(super) fn slot<'a, T: Keyed>(view: &View<'a>, hash: u64) -> Option<&'a T> {
    let number = words::scaled(hash, pilots::<T>(view));
    let start = view.place(T::PILOTS, number, PILOT_BYTES);
    let pilot = view.bytes.get(start..start.wrapping_add(PILOT_BYTES))?.try_into().ok()?;
    view.record(place(hash, u16::from_le_bytes(pilot), view.count::<T>()))
}

/// The size of a pilot.
pub(super) const PILOT_BYTES: usize = 2;

/// How many pilots a table has.
#[inline(always)]
fn pilots<T: Keyed>(view: &View<'_>) -> u32 {
    view.extent(T::PILOTS).records
}

/// The slot of a hash under a pilot, in a table of so many. The hash's low half comes first, since what keys of one pilot
/// have in common is the high one.
#[inline(always)]
const fn place(hash: u64, pilot: u16, slots: u32) -> u32 {
    words::scaled(hash.rotate_left(32).wrapping_mul(pilot as u64), slots)
}

/// Checks that there are a pilot and a slot, so that what is searched for is looked for among them.
pub(super) fn validate<T: Keyed>(view: &View<'_>) -> Result<(), LoadError> {
    let fail = Fail::at::<T>(view, 0);
    fail.unless_equal("empty table", (view.count::<T>() == 0 || pilots::<T>(view) == 0).into(), 0)
}

/// Pilots, and slots.
#[cfg(feature = "compiler")]
pub(crate) type Table<T> = (Vec<U16>, Vec<T>);

/// A table over slots, each given with its key's hash; the pilots and the slots. `None` where keys that are not equal have
/// hashes that are, or many have nearly the same, which chance does not do.
#[cfg(feature = "compiler")]
pub(super) fn build<T: Keyed>(filled: Vec<(u64, T)>) -> Option<Table<T>> {
    // One slot of 65 stays empty, and each pilot has three keys to place: some hundred are tried for each.
    let slots = u32::try_from(filled.len().checked_add(filled.len() / 64)?.checked_add(1)?).ok()?;
    let buckets = u32::try_from(filled.len() / 3).ok()?.checked_add(1)?;
    let bucket = |hash: u64| words::scaled(hash, buckets);
    let mut keys: Vec<_> = filled.iter().map(|(hash, _)| (bucket(*hash), *hash)).collect();
    keys.sort_unstable();
    let mut groups: Vec<_> = keys.chunk_by(|(one, _), (other, _)| one == other).collect();
    if groups.iter().any(|group| group.len() > MOST_OF_A_PILOT) {
        return None;
    }
    // The largest first, while there is room.
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let mut pilots = vec![U16::from(0); buckets as usize];
    let mut taken = vec![false; slots as usize];
    let mut places = Vec::new();
    for group in groups {
        let pilot = (1..=u16::MAX).step_by(2).find(|pilot| {
            places.clear();
            group.iter().all(|(_, hash)| {
                let place = place(*hash, *pilot, slots) as usize;
                let is_free = taken.get(place) == Some(&false) && !places.contains(&place);
                places.push(place);
                is_free
            })
        })?;
        for place in &places {
            *taken.get_mut(*place)? = true;
        }
        let (bucket, _) = group.first()?;
        *pilots.get_mut(*bucket as usize)? = pilot.into();
    }
    let mut table = Vec::new();
    table.resize_with(slots as usize, T::new_zeroed);
    for (hash, slot) in filled {
        let pilot = pilots.get(bucket(hash) as usize)?;
        *table.get_mut(place(hash, pilot.get(), slots) as usize)? = slot;
    }
    Some((pilots, table))
}

/// More keys than these have one pilot only where somebody sought them out.
#[cfg(feature = "compiler")]
const MOST_OF_A_PILOT: usize = 64;

#[cfg(all(test, feature = "compiler"))]
mod tests {
    use zerocopy::FromZeros;

    use super::super::principals::PrincipalSlot;
    use super::*;

    fn keys(count: u64) -> impl Iterator<Item = Words> {
        (0..count).map(|number| [number, 0, number / 7, 0, number << 40, 1 << 63])
    }

    fn table(keys: impl Iterator<Item = Words>) -> Option<Table<PrincipalSlot>> {
        let slot = |words: Words| {
            (hash(&words), PrincipalSlot { key: Key(words.map(Into::into)), ..PrincipalSlot::new_zeroed() })
        };
        build(keys.map(slot).collect())
    }

    #[test]
    fn every_key_has_a_slot_of_its_own() {
        for count in [0, 1, 2, 3, 50, 1_000, 100_000] {
            let (pilots, slots) = table(keys(count)).unwrap();
            for words in keys(count) {
                let hash = hash(&words);
                let [buckets, places] = [pilots.len(), slots.len()].map(|count| u32::try_from(count).unwrap());
                let pilot = pilots[words::scaled(hash, buckets) as usize].get();
                assert!(slots[place(hash, pilot, places) as usize].key.is(&words), "{words:x?} of {count}");
            }
        }
    }

    #[test]
    fn a_key_is_told_from_another_by_each_of_its_words() {
        let words = [1, 2, 3, 4, 5, 6];
        assert!(Key(words.map(Into::into)).is(&words));
        for at in 0..6 {
            for bit in [0, 31, 63] {
                let mut other = words;
                other[at] ^= 1 << bit;
                assert!(!Key(words.map(Into::into)).is(&other), "word {at}, bit {bit}");
                assert_ne!(hash(&words), hash(&other), "word {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn keys_that_cannot_be_told_apart_have_no_table() {
        assert!(table(keys(3).chain(keys(1))).is_none());
    }
}
