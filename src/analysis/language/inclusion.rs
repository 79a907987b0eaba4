//! Whether one glob is within another, by a match of the one as if it were a text.
//!
//! Let `A` be the glob whose texts are asked about, and `B` the other. There are more characters than `B` spells out;
//! let `#` be one that it does not. A wildcard of `A` may stand for `#`, and what `B` matches with `#` in that place it
//! matches with any character there, since only wildcards of `B` take `#`. So `A` is within `B` if `B` matches each text
//! that `A` becomes by `#` for each `?`, and any number of `#` for each `*`.
//!
//! These are still many texts, but two kinds are the worst of them. Look at `B` as what stands between its wildcards, each
//! piece found at the first place where it fits behind the one before, which is never the wrong place. For a `*` of `A`
//! that is met while a piece is looked for, more `#` than `B` has steps are the worst: no piece, beginning and ending
//! with a character of its own, reaches over them, and any that lies aside of them is found in any case. For one that is
//! met while `B` counts the characters that its `?` ask for before the next piece may begin, no `#` at all is the worst.
//! What is found later for one choice leaves less for the rest, so no mixture is worse than these.
//!
//! Both say the same of `B`: a `*` of `A` must lie in a place of `B` with a `*`, and then counts as no character. That
//! is the whole rule. `B` matches `A` as a text, where a `*` of the text is taken by `*`, and by a `?` that stands beside
//! a `*` without being used up.

use super::{Step, Wild};

/// Whether each text of `inner` is one of `outer`. Counts the places of `outer` that are looked at.
pub(super) fn holds(inner: &[Step], outer: &[Step], looked_at: &mut usize) -> bool {
    let mut places = Places::start(outer);
    inner.iter().all(|step| {
        *looked_at += places.at.len();
        places.advance(outer, *step);
        !places.at.is_empty()
    }) && places.at_end(outer)
}

/// A text of `inner` that is none of `outer`.
///
/// From left to right each `*` is given the shortest text of a few that leave the whole not within `outer`; one of
/// them does, as the head comment says.
pub(super) fn counterexample(inner: &[Step], outer: &[Step]) -> Option<String> {
    if holds(inner, outer, &mut 0) {
        return None;
    }
    let lengths = [0, 1, 2, outer.len().saturating_add(1)];
    let (mut text, mut places) = (String::new(), Places::start(outer));
    let mut rest = inner;
    while let Some((step, after)) = rest.split_first() {
        rest = after;
        match *step {
            Step::Character(character) => text.push(character),
            Step::One(wild) => text.push(fresh(wild, [outer])),
            Step::Run(wild) => {
                let character = fresh(wild, [outer]);
                for (at, length) in lengths.into_iter().enumerate() {
                    let mut tried = places.clone();
                    (0..length).for_each(|_| tried.advance(outer, Step::Character(character)));
                    let is_last = at + 1 == lengths.len();
                    let fails = || {
                        let mut behind = tried.clone();
                        after.iter().for_each(|step| behind.advance(outer, *step));
                        !behind.at_end(outer)
                    };
                    if is_last || fails() {
                        text.extend(std::iter::repeat_n(character, length));
                        places = tried;
                        break;
                    }
                }
                continue;
            }
        }
        places.advance(outer, *step);
    }
    Some(text)
}

/// A character that a wildcard takes and none of the globs spells out; plain ones first.
pub(super) fn fresh<'g>(wild: Wild, globs: impl IntoIterator<Item = &'g [Step]> + Clone) -> char {
    let plain = ('a'..='z').rev().chain('0'..='9');
    let is_free = |free: &char| {
        wild.takes(*free) && !globs.clone().into_iter().any(|glob| glob.contains(&Step::Character(*free)))
    };
    // Letters that have no other case, and then everything: a folded glob has no capitals.
    plain.chain('\u{4E00}'..=char::MAX).find(is_free).unwrap_or('\0')
}

/// Places of a glob that a text may have come to, rising, a `*` never counting as passed before the place behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Places {
    pub at: Vec<usize>,
}

impl Places {
    /// Those of the empty text.
    pub fn start(glob: &[Step]) -> Self {
        let mut places = Self { at: Vec::new() };
        places.come_to(glob, 0);
        places
    }

    /// Goes on by a step of the text.
    pub fn advance(&mut self, glob: &[Step], text: Step) {
        for from in std::mem::take(&mut self.at) {
            let Some(step) = glob.get(from).copied() else { continue };
            match (step, text) {
                (Step::Character(own), Step::Character(other)) if own == other => self.come_to(glob, from + 1),
                (Step::One(wild), Step::Character(other)) if wild.takes(other) => self.come_to(glob, from + 1),
                (Step::One(wild), Step::One(other)) if wild.takes_all_of(other) => self.come_to(glob, from + 1),
                (Step::Run(wild), Step::Character(other)) if wild.takes(other) => self.come_to(glob, from),
                (Step::Run(wild), Step::One(other) | Step::Run(other)) if wild.takes_all_of(other) => {
                    self.come_to(glob, from);
                }
                (Step::One(wild), Step::Run(other)) if wild.takes_all_of(other) && is_open(glob, from) => {
                    self.come_to(glob, from);
                }
                _ => {}
            }
        }
    }

    /// Whether the whole glob has been walked.
    pub fn at_end(&self, glob: &[Step]) -> bool {
        self.at.last() == Some(&glob.len())
    }

    /// Adds a place, and those behind a `*` there.
    fn come_to(&mut self, glob: &[Step], mut place: usize) {
        loop {
            // Places come in rising order but for the ones that are there.
            if self.at.last().is_none_or(|last| *last < place) {
                self.at.push(place);
            }
            if !matches!(glob.get(place), Some(Step::Run(_))) {
                break;
            }
            place += 1;
        }
    }
}

/// Whether a `?` stands beside a `*` that takes the same: in normal form before it.
fn is_open(glob: &[Step], place: usize) -> bool {
    let Some(Step::One(wild)) = glob.get(place).copied() else { return false };
    let behind = glob.get(place..).unwrap_or_default().iter().find(|step| **step != Step::One(wild));
    behind == Some(&Step::Run(wild))
}
