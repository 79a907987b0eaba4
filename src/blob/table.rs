//! Hash tables of a blob: open addressing, linear probing, wrapping at the end.
//!
//! Invariant: a search ends, at an empty slot or after as many slots as there are, whatever the bytes say. Keys are
//! compared in full by whoever searches: no hash decides anything.

#[cfg(feature = "compiler")]
use super::Record;

/// A slot that may be empty.
pub(super) trait Slot {
    /// Whether no key is here: a search ends.
    fn is_empty(&self) -> bool;
}

/// The slot of this hash that holds a key, and its place in the table.
#[inline(always)]
pub(super) fn find<T: Slot>(slots: &[T], hash: u64, is: impl Fn(&T) -> bool) -> Option<(usize, &T)> {
    let mut place = first(hash, slots.len());
    for _ in slots {
        let slot = slots.get(place)?;
        if slot.is_empty() {
            return None;
        }
        if is(slot) {
            return Some((place, slot));
        }
        place = place.wrapping_add(1);
        if place == slots.len() {
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
    // From each slot a step towards the next one that is free; behind the last comes the first. Steps that were taken are
    // made longer, or keys that collide, which an author can choose, would take the square of their number.
    let mut towards_free: Vec<usize> = (0..size).collect();
    for (hash, slot) in filled {
        let mut place = first(hash, size);
        while let Some(next) = towards_free.get(place).copied().filter(|next| *next != place) {
            let behind = towards_free.get(next).copied().unwrap_or(next);
            if let Some(step) = towards_free.get_mut(place) {
                *step = behind;
            }
            place = next;
        }
        if let (Some(free), Some(step)) = (table.get_mut(place), towards_free.get_mut(place)) {
            *free = slot;
            let behind = place.saturating_add(1);
            *step = if behind == size { 0 } else { behind };
        }
    }
    table
}

#[cfg(all(test, feature = "compiler"))]
mod tests {
    use zerocopy::FromZeros;

    use super::super::apis::HostSlot;
    use super::*;

    fn slots(hashes: impl Iterator<Item = u64>) -> Vec<HostSlot> {
        let slot = |hash| (hash, HostSlot { tag: tag(hash).into(), api: 1.into(), ..HostSlot::new_zeroed() });
        build(hashes.map(slot).collect())
    }

    #[test]
    fn every_key_is_found_wherever_it_collides() {
        let hashes = |count: u64| (0..count).map(move |number| (u64::MAX - (number % 3)) << 32 | number);
        for count in [0, 1, 2, 3, 50, 1_000] {
            let table = slots(hashes(count));
            for hash in hashes(count) {
                assert!(find(&table, hash, |slot| slot.tag.get() == tag(hash)).is_some(), "{hash:x} of {count}");
            }
        }
    }

    /// Half a million keys of one hash: with a search for each that would be a hundred thousand million steps.
    #[test]
    fn a_table_of_keys_that_collide_is_built_in_linear_time() {
        let table = slots(0..500_000);
        assert_eq!(table.iter().filter(|slot| !slot.is_empty()).count(), 500_000);
    }
}
