//! A shortest text that two globs both match: a search through pairs of places.

use std::collections::VecDeque;

use super::{Step, Wild};

/// How a pair of places was come to first.
#[derive(Debug, Clone, Copy)]
enum Came {
    Not,
    /// It is the first pair.
    First,
    /// From this pair, by this character, or by none.
    From(usize, Option<char>),
}

/// A shortest text of both. Counts the pairs of places that are looked at.
pub(super) fn shortest(one: &[Step], other: &[Step], looked_at: &mut usize) -> Option<String> {
    if ends_differ(one, other) {
        return None;
    }
    let width = other.len() + 1;
    let end = one.len() * width + other.len();
    let mut came = vec![Came::Not; end + 1];
    if let Some(first) = came.first_mut() {
        *first = Came::First;
    }
    // Pairs by the length of their text: those of the same length in front.
    let mut open = VecDeque::from([(0, Came::First)]);
    let mut done = vec![false; end + 1];
    while let Some((pair, from)) = open.pop_front() {
        match done.get_mut(pair) {
            Some(done) if !*done => *done = true,
            _ => continue,
        }
        *looked_at += 1;
        if let Some(slot) = came.get_mut(pair) {
            *slot = from;
        }
        if pair == end {
            return Some(text(&came, end));
        }
        let (left, right) = (one.get(pair / width), other.get(pair % width));
        // A `*` may take nothing.
        if matches!(left, Some(Step::Run(_))) {
            open.push_front((pair + width, Came::From(pair, None)));
        }
        if matches!(right, Some(Step::Run(_))) {
            open.push_front((pair + 1, Came::From(pair, None)));
        }
        let (Some(left), Some(right)) = (left, right) else { continue };
        // Where both may go on taking, taking comes to nothing new.
        let onward = usize::from(!matches!(left, Step::Run(_))) * width + usize::from(!matches!(right, Step::Run(_)));
        if onward > 0
            && let Some(character) = common(*left, *right)
        {
            open.push_back((pair + onward, Came::From(pair, Some(character))));
        }
    }
    None
}

/// Whether what stands behind the last `*` of each cannot both end a text. It is seen at once, and most globs that have
/// no text in common differ so, or at their beginnings, where the search ends at once.
fn ends_differ(one: &[Step], other: &[Step]) -> bool {
    let pairs = one.iter().rev().zip(other.iter().rev());
    let mut fixed = pairs.take_while(|(one, other)| !matches!((one, other), (Step::Run(_), _) | (_, Step::Run(_))));
    fixed.any(|(one, other)| common(*one, *other).is_none())
}

/// A character that both steps take.
fn common(one: Step, other: Step) -> Option<char> {
    match (one, other) {
        (Step::Character(one), Step::Character(other)) => (one == other).then_some(one),
        (Step::Character(character), Step::One(wild) | Step::Run(wild))
        | (Step::One(wild) | Step::Run(wild), Step::Character(character)) => wild.takes(character).then_some(character),
        (Step::One(one) | Step::Run(one), Step::One(other) | Step::Run(other)) => {
            ['x', 'y', 'z'].into_iter().find(|plain| Wild::takes(one, *plain) && Wild::takes(other, *plain))
        }
    }
}

/// The characters on the way to a pair.
fn text(came: &[Came], end: usize) -> String {
    let mut characters: Vec<char> = Vec::new();
    let mut pair = end;
    while let Some(Came::From(before, character)) = came.get(pair) {
        characters.extend(character);
        pair = *before;
    }
    characters.iter().rev().collect()
}
