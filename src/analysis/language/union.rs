//! Whether a glob is within several others together: `a*` is within `a` and `a?*`, and within neither alone.
//!
//! As in `inclusion`, every wildcard may stand for `#`, a character that none of the others spells out, so the texts to
//! look at differ in nothing but how many `#` stand for each `*`. All of them are walked at once: a state is a step of
//! the one glob and, for each of the others, the places that the text so far may have come to. Where a state has at
//! least the places of one that was walked before, from the same step, what follows it is within them as well; so
//! only small ones are followed.

use std::collections::VecDeque;

use super::inclusion::{Places, counterexample, fresh};
use super::{Glob, Step, Wild};

/// What [`Glob::is_within_some`] finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inclusion {
    /// Every text is one of theirs.
    Yes,
    /// This one is not.
    No(String),
    /// There were too few steps to tell.
    Unknown,
}

/// How many steps may still be taken: looking at one place of a glob is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Steps {
    left: usize,
}

impl Steps {
    /// So many.
    pub fn new(left: usize) -> Self {
        Self { left }
    }

    /// How many there still are.
    pub fn left(self) -> usize {
        self.left
    }

    /// Takes steps; `None`, and none are left, where there are not so many.
    pub fn take(&mut self, count: usize) -> Option<()> {
        let left = self.left.checked_sub(count);
        self.left = left.unwrap_or(0);
        left.map(drop)
    }
}

/// A text so far, and where it leads.
#[derive(Debug, Clone)]
struct State {
    text: String,
    /// The next step of the one glob.
    step: usize,
    /// Of each of the others.
    places: Vec<Places>,
}

pub(super) fn holds(inner: &Glob, others: &[&Glob], steps: &mut Steps) -> Inclusion {
    match walk(inner, others, steps) {
        // A wildcard of the others that takes fewer characters than its counterpart was not counted upon.
        Some(Inclusion::No(text)) if others.iter().any(|other| other.matches(&text)) => Inclusion::Unknown,
        Some(known) => known,
        None => Inclusion::Unknown,
    }
}

/// `None` past the budget.
fn walk(inner: &Glob, others: &[&Glob], steps: &mut Steps) -> Option<Inclusion> {
    // One alone is enough nearly always, and needs no walk.
    for other in others {
        steps.take(other.steps.len() + inner.steps.len())?;
        let mut looked_at = 0;
        let holds = super::inclusion::holds(&inner.steps, &other.steps, &mut looked_at);
        steps.take(looked_at)?;
        if holds {
            return Some(Inclusion::Yes);
        }
    }
    if let [other] = others {
        return Some(counterexample(&inner.steps, &other.steps).map_or(Inclusion::Yes, Inclusion::No));
    }
    let spelled: Vec<&[Step]> = others.iter().map(|other| other.steps.as_slice()).collect();
    let stand_in = |wild: Wild| fresh(wild, spelled.iter().copied());

    let places = spelled.iter().map(|other| Places::start(other)).collect();
    let mut open = VecDeque::from([State { text: String::new(), step: 0, places }]);
    // The smallest that were followed, for each step.
    let mut followed: Vec<Vec<Vec<Places>>> = vec![Vec::new(); inner.steps.len() + 1];
    while let Some(state) = open.pop_front() {
        let before = followed.get_mut(state.step)?;
        steps.take(size(&state.places) * (before.len() + 1) + others.len())?;
        if before.iter().any(|small| has_all(&state.places, small)) {
            continue;
        }
        before.retain(|large| !has_all(large, &state.places));
        before.push(state.places.clone());

        let advanced = |text: Step, character: char, step: usize| {
            let mut next = state.clone();
            next.places.iter_mut().zip(&spelled).for_each(|(places, other)| places.advance(other, text));
            next.text.push(character);
            State { step, ..next }
        };
        match inner.steps.get(state.step).copied() {
            None if state.places.iter().zip(&spelled).any(|(places, other)| places.at_end(other)) => {}
            None => return Some(Inclusion::No(state.text)),
            Some(Step::Character(character)) => {
                open.push_back(advanced(Step::Character(character), character, state.step + 1));
            }
            Some(Step::One(wild)) => {
                let character = stand_in(wild);
                open.push_back(advanced(Step::One(wild), character, state.step + 1));
            }
            Some(Step::Run(wild)) => {
                open.push_back(advanced(Step::One(wild), stand_in(wild), state.step));
                open.push_front(State { step: state.step + 1, ..state });
            }
        }
    }
    Some(Inclusion::Yes)
}

fn size(places: &[Places]) -> usize {
    places.iter().map(|places| places.at.len()).sum()
}

/// Whether places have all that are among others.
fn has_all(large: &[Places], small: &[Places]) -> bool {
    large.iter().zip(small).all(|(large, small)| small.at.iter().all(|place| large.at.binary_search(place).is_ok()))
}
