//! Resource patterns to keys of the index: what a pattern spells out, and the blocks of all that spell out the same.

use std::collections::HashMap;

use super::block::{Automaton, Blocks, Pattern, Segment, SpeaksOf, segments};
use super::limits::CompileError;
use super::strings::Strings;
use crate::blob::block::check;
use crate::blob::index::{API, Entry, IndexSlot, slots};
use crate::policy::{ArnPattern, Piece, ResourcePattern, Template};

/// The index while it grows: keys in the order they came, so that a bundle always compiles to the same bytes.
#[derive(Debug, Default)]
pub(super) struct Index {
    keys: Vec<(Key, Blocks)>,
    places: HashMap<Key, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    set: u32,
    class: u32,
    /// Literal parts by class bit; empty where the part is wild.
    parts: [String; 5],
}

/// A statement as the automaton sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speech<'a> {
    pub set: u32,
    pub statement: u32,
    pub checks: u32,
    pub is_deny: bool,
    pub invoke: bool,
    pub speaks_of: SpeaksOf<'a>,
}

impl Index {
    /// Adds one resource pattern of a statement.
    pub fn add(&mut self, speech: Speech<'_>, resource: u32, pattern: &ResourcePattern) {
        match pattern {
            ResourcePattern::Any => self.add_everywhere(speech, resource),
            ResourcePattern::Arn(arn) => {
                let (class, parts, checks, segments) = spelled_out(arn, speech.is_deny);
                self.lay(speech, resource, checks, Key { set: speech.set, class, parts }, segments);
            }
        }
    }

    /// Adds a pattern that no resource is kept from: `*`, or what a `NotResource` leaves.
    pub fn add_everywhere(&mut self, speech: Speech<'_>, resource: u32) {
        let key = Key { set: speech.set, class: 0, parts: Default::default() };
        self.lay(speech, resource, 0, key, vec![Segment::AnyRun]);
    }

    fn lay(&mut self, speech: Speech<'_>, resource: u32, checks: u32, key: Key, segments: Vec<Segment>) {
        let Speech { statement, is_deny, invoke, speaks_of, .. } = speech;
        let checks = speech.checks | checks;
        let pattern = Pattern { segments, statement, resource, checks, is_deny, invoke, speaks_of };
        let place = *self.places.entry(key.clone()).or_insert(self.keys.len());
        if place == self.keys.len() {
            self.keys.push((key, Blocks::default()));
        }
        if let Some((_, blocks)) = self.keys.get_mut(place) {
            blocks.add(pattern);
        }
    }

    /// The classes that a set uses, as a mask.
    pub fn classes(&self, sets: usize) -> Vec<u32> {
        let mut classes = vec![0; sets];
        for (key, _) in &self.keys {
            if let Some(mask) = classes.get_mut(key.set as usize) {
                *mask |= 1 << key.class;
            }
        }
        classes
    }

    /// Lays the blocks out, and builds the hash table over the keys.
    pub fn finish(&self, automaton: &mut Automaton, strings: &mut Strings) -> Result<Vec<IndexSlot>, CompileError> {
        let mut entries = Vec::with_capacity(self.keys.len());
        for (key, blocks) in &self.keys {
            entries.push(Entry {
                set: key.set,
                class: key.class,
                parts: key.parts.each_ref().map(String::as_str),
                blocks: automaton.put(blocks)?,
            });
        }
        slots(&entries, |text| strings.intern(text.as_bytes()))
    }
}

/// What a pattern spells out: its class, its literal parts, the checks that are left, and the segments of its tail.
fn spelled_out(arn: &ArnPattern, is_deny: bool) -> (u32, [String; 5], u32, Vec<Segment>) {
    let (mut class, mut checks) = (0, 0);
    let mut parts: [String; 5] = Default::default();
    let service = Template { pieces: vec![Piece::Text(arn.service.clone())] };
    let heads = [&arn.partition, &service, &arn.region, &arn.account];
    for ((bit, part), template) in (0u32..).zip(&mut parts).zip(heads) {
        match template.as_literal() {
            Some(literal) => {
                class |= 1 << bit;
                literal.clone_into(part);
            }
            None if template.is_any_run() => {}
            None => checks |= check::RESOURCE,
        }
    }
    // A variable with several values makes the pattern undefined whatever its last part says (V-10), and that is
    // enough for a Deny.
    if is_deny && arn.rest.pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. })) {
        return (class, parts, checks | check::RESOURCE, vec![Segment::AnyRun]);
    }
    let mut tail = arn.rest.pieces.clone();
    // The API is spelled out where a slash comes before any wildcard.
    if let [Piece::Text(text), ..] = tail.as_mut_slice()
        && let Some((api, rest)) = text.split_once('/')
    {
        class |= API;
        if let Some(part) = parts.last_mut() {
            api.clone_into(part);
        }
        *text = rest.to_owned();
    }
    (class, parts, checks, segments(&tail))
}
