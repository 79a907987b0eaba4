//! Where a run of plain text occurs in another text, in time linear in both, however they repeat themselves.
//!
//! Crochemore and Perrin's two-way search, over a needle that can only be read forwards: a glob's run of text may
//! go on in the values of variables, and nothing here may allocate. The needle is cut where its local period is its
//! global one; the right part is compared first, so a mismatch there moves the needle by all that was read, and one
//! in the left part by a period.

use super::glob::Source;

/// The needle, and where in the text it was found last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search<S> {
    needle: S,
    length: usize,
    /// The needle from its cut, and where that is.
    right: S,
    cut: usize,
    /// How far the needle moves where the left part does not match: its period, or less than that.
    period: usize,
    /// Where the needle repeats itself: what of its beginning a move by a period leaves known, and the needle behind.
    behind_kept: Option<(S, usize)>,
    /// Where the needle is tried now, and what is known to match there of its beginning.
    at: usize,
    known: usize,
}

impl<S: Source> Search<S> {
    /// Makes the needle ready: its first `length` bytes, which must be there. `fold` makes bytes alike that count as
    /// the same.
    pub fn new(needle: S, length: usize, fold: impl Fn(u8) -> u8) -> Self {
        let greater = maximal_suffix(needle, length, |a, b| fold(a) < fold(b));
        let smaller = maximal_suffix(needle, length, |a, b| fold(a) > fold(b));
        let suffix = if smaller.at > greater.at { smaller } else { greater };
        let Suffix { rest: right, at: cut, period } = suffix;

        let repeats = behind(needle, period).is_some_and(|later| begin_alike(needle, later, cut, &fold));
        let (period, behind_kept) = if repeats {
            let kept = length.saturating_sub(period);
            (period, behind(needle, kept).map(|rest| (rest, kept)))
        } else {
            (cut.max(length.saturating_sub(cut)).saturating_add(1), None)
        };
        Self { needle, length, right, cut, period, behind_kept, at: 0, known: 0 }
    }

    /// The needle's bytes.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Whether the needle occurs in the text at `place`; `None` where it occurs neither there nor later. Every call
    /// is for the same text, and for a place that is not before the last call's.
    pub fn occurs_at(&mut self, text: &[u8], place: usize, fold: impl Fn(u8) -> u8) -> Option<bool> {
        loop {
            if self.at > place {
                return Some(false);
            }
            let from_here = text.get(self.at..).filter(|rest| rest.len() >= self.length)?;
            if !self.occurs_here(from_here, &fold) {
                continue;
            }
            if self.at == place {
                return Some(true);
            }
            self.move_by_period();
        }
    }

    /// Compares the needle with the beginning of a text that is no shorter; moves it on where they differ.
    fn occurs_here(&mut self, text: &[u8], fold: &impl Fn(u8) -> u8) -> bool {
        let (right, from) = match self.behind_kept {
            Some(behind_kept) if self.known > self.cut => behind_kept,
            _ => (self.right, self.cut),
        };
        if let Some(differing) = first_difference(right, text, from, self.length, fold) {
            self.at = self.at.saturating_add(differing.saturating_sub(self.cut)).saturating_add(1);
            self.known = 0;
            return false;
        }
        let (left, from) = match self.behind_kept {
            Some(behind_kept) if self.known > 0 => behind_kept,
            _ => (self.needle, 0),
        };
        if first_difference(left, text, from, self.cut, fold).is_some() {
            self.move_by_period();
            return false;
        }
        true
    }

    fn move_by_period(&mut self) {
        self.at = self.at.saturating_add(self.period);
        self.known = self.behind_kept.map_or(0, |(_, kept)| kept);
    }
}

/// The first place from `from` and before `to` where text and needle differ; the needle begins at `from`.
fn first_difference<S: Source>(
    mut needle: S,
    text: &[u8],
    from: usize,
    to: usize,
    fold: &impl Fn(u8) -> u8,
) -> Option<usize> {
    for (at, found) in text.iter().enumerate().take(to).skip(from) {
        match needle.split_first() {
            Some((byte, rest)) if fold(byte) == fold(*found) => needle = rest,
            _ => return Some(at),
        }
    }
    None
}

/// Whether the first bytes of both are the same.
fn begin_alike<S: Source>(mut one: S, mut other: S, bytes: usize, fold: &impl Fn(u8) -> u8) -> bool {
    for _ in 0..bytes {
        match one.split_first().zip(other.split_first()) {
            Some(((a, behind_one), (b, behind_other))) if fold(a) == fold(b) => {
                (one, other) = (behind_one, behind_other)
            }
            _ => return false,
        }
    }
    true
}

fn behind<S: Source>(mut needle: S, bytes: usize) -> Option<S> {
    for _ in 0..bytes {
        needle = needle.split_first()?.1;
    }
    Some(needle)
}

/// The largest suffix of a needle in some order, where it begins, and its period.
struct Suffix<S> {
    rest: S,
    at: usize,
    period: usize,
}

fn maximal_suffix<S: Source>(needle: S, length: usize, less: impl Fn(u8, u8) -> bool) -> Suffix<S> {
    let mut best = Suffix { rest: needle, at: 0, period: 1 };
    let Some((_, mut candidate)) = needle.split_first() else { return best };
    let mut candidate_at = 1usize;
    // Both are compared `offset` bytes on.
    let (mut offset, mut in_best, mut in_candidate) = (0usize, best.rest, candidate);
    while candidate_at.saturating_add(offset) < length {
        let pair = in_best.split_first().zip(in_candidate.split_first());
        let Some(((a, behind_best), (b, behind_candidate))) = pair else { break };
        offset = offset.saturating_add(1);
        (in_best, in_candidate) = (behind_best, behind_candidate);
        if less(b, a) {
            // The candidate is smaller, and so is all that begins in what was compared.
            (candidate, candidate_at) = (behind_candidate, candidate_at.saturating_add(offset));
            best.period = candidate_at.saturating_sub(best.at);
        } else if less(a, b) {
            best = Suffix { rest: candidate, at: candidate_at, period: 1 };
            let Some((_, next)) = candidate.split_first() else { break };
            (candidate, candidate_at) = (next, candidate_at.saturating_add(1));
        } else if offset == best.period {
            (candidate, candidate_at) = (behind_candidate, candidate_at.saturating_add(offset));
        } else {
            continue;
        }
        (offset, in_best, in_candidate) = (0, best.rest, candidate);
    }
    best
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::super::glob::tests::Counted;
    use super::*;

    /// Asks for every place of the text; gives the steps it took.
    fn check(needle: &[u8], text: &[u8]) -> usize {
        let steps = Cell::new(0);
        let mut search = Search::new(Counted(needle, &steps), needle.len(), |byte| byte);
        let mut over = false;
        for place in 0..=text.len() {
            let expected = text[place..].starts_with(needle);
            let found = search.occurs_at(text, place, |byte| byte);
            over |= found.is_none();
            assert_eq!(found.unwrap_or_default(), expected, "{needle:?} in {text:?} at {place}");
            assert!(!over || found.is_none());
        }
        steps.get()
    }

    #[test]
    fn every_needle_in_every_text_of_two_letters() {
        let words = |length: u32| {
            (0..1u32 << length).map(move |word| {
                (0..length).map(|bit| b'a' + u8::try_from(word >> bit & 1).unwrap()).collect::<Vec<_>>()
            })
        };
        for needle in (1..=6).flat_map(words) {
            for text in (0..=10).flat_map(words) {
                check(&needle, &text);
            }
        }
    }

    #[test]
    fn case_is_folded() {
        let mut search = Search::new(&b"aBaB"[..], 4, |byte| byte.to_ascii_lowercase());
        let found: Vec<_> =
            (0..6).map(|place| search.occurs_at(b"xAbAbab", place, |b| b.to_ascii_lowercase())).collect();
        assert_eq!(found, [Some(false), Some(true), Some(false), Some(true), Some(false), None]);
    }

    #[test]
    fn steps_are_linear() {
        let text = [b"a".repeat(20_000), b"ab".repeat(5_000), b"aab".repeat(3_000), b"a".repeat(3_000)].concat();
        let runs = [b"a".repeat(3_000), b"ab".repeat(1_500), b"aab".repeat(1_000)];
        let ends: [&[u8]; 4] = [b"", b"b", b"a", b"ba"];
        for run in &runs {
            for end in ends {
                for needle in [[end, run].concat(), [run, end].concat(), [run, end, run].concat()] {
                    let steps = check(&needle, &text);
                    // Each place is asked for again once it is passed, which reads nothing of the text.
                    let bound = 8 * (needle.len() + text.len());
                    assert!(steps <= bound, "{} and {}: {steps}", needle.len(), text.len());
                }
            }
        }
    }
}
