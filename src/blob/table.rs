//! Hash tables of a blob: open addressing, linear probing, wrapping at the end.
//!
//! Invariant: a search ends, at an empty slot or after as many slots as there are, whatever the bytes say. Keys are
//! compared in full by whoever searches: no hash decides anything.

use super::{Record, View};

/// A slot that may be empty.
pub(super) trait Slot {
    /// Whether no key is here: a search ends.
    fn is_empty(&self) -> bool;
}

/// The slot of this hash that holds a key, and its place in the table.
#[inline(always)]
pub(super) fn find<T: Slot>(slots: &[T], hash: u64, is: impl Fn(&T) -> bool) -> Option<(usize, &T)> {
    search(slots.len(), |place| slots.get(place), hash, is)
}

/// [`find`] in the table that a whole section is. To cut the section out first would cost as much as the search.
#[inline(always)]
pub(super) fn find_in_section<'a, T: Slot + Record + 'a>(
    view: &View<'a>,
    hash: u64,
    is: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    let record = |place| view.record(u32::try_from(place).ok()?);
    search(view.count::<T>(), record, hash, is).map(|(_, slot)| slot)
}

#[inline(always)]
fn search<'a, T: Slot + 'a>(
    slots: usize,
    at: impl Fn(usize) -> Option<&'a T>,
    hash: u64,
    is: impl Fn(&T) -> bool,
) -> Option<(usize, &'a T)> {
    let mut place = first(hash, slots);
    for _ in 0..slots {
        let slot = at(place)?;
        if slot.is_empty() {
            return None;
        }
        if is(slot) {
            return Some((place, slot));
        }
        place = place.wrapping_add(1);
        if place == slots {
            place = 0;
        }
    }
    None
}

/// The low half of a hash: kept in a slot, it tells most keys that are not there without reading one.
#[expect(clippy::cast_possible_truncation, reason = "the low half is what a tag is")]
pub(super) const fn tag(hash: u64) -> u32 {
    hash as u32
}

/// The first slot of a hash in a table of so many slots: the hash's high half, scaled. 0 for an empty table.
#[inline]
const fn first(hash: u64, slots: usize) -> usize {
    // Less than `slots`, which is a length.
    ((hash >> 32).wrapping_mul(slots as u64) >> 32) as usize
}

/// Builds a table over slots, each given with its key's hash; no key may come twice. A third of the table's slots stay
/// empty, and one at least: then most keys stand where they are looked for first.
#[cfg(feature = "compiler")]
pub(super) fn build<T: Slot + Record>(filled: Vec<(u64, T)>) -> Vec<T> {
    let keys = filled.len();
    let size = if keys == 0 { 0 } else { keys.saturating_add(keys / 2).saturating_add(1) };
    let mut table = Vec::new();
    table.resize_with(size, T::new_zeroed);
    for (hash, slot) in filled {
        let (before, from) = table.split_at_mut(first(hash, size));
        let free = from.iter_mut().chain(before).find(|slot| slot.is_empty());
        debug_assert!(free.is_some(), "a table has more slots than keys");
        if let Some(free) = free {
            *free = slot;
        }
    }
    table
}
