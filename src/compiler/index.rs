//! Resource patterns to keys of the index: what a pattern spells out, and all patterns that spell out the same.

use std::collections::HashMap;

use super::block::{Automaton, Placed};
use super::limits::CompileError;
use super::strings::Strings;
use crate::blob::block::check;
use crate::blob::index::{API, Entry, IndexSlot, REGION, SLASH_FROM, SPELLED_OUT, slots};
use crate::blob::keyed::Table;
use crate::policy::{ArnPattern, Piece, ResourcePattern};

/// The index while it grows: keys in the order they came, so that a bundle always compiles to the same bytes.
#[derive(Debug, Default)]
pub(super) struct Index<'p> {
    keys: Vec<(Key<'p>, Vec<Pattern<'p>>)>,
    places: HashMap<Key<'p>, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key<'p> {
    set: u32,
    class: u32,
    /// Literal parts by class bit; empty where the part is wild.
    parts: [&'p str; 5],
}

impl Key<'_> {
    /// What the key's patterns begin with, `*` for what they leave open.
    fn arn(&self) -> String {
        let parts = self.parts.map(|part| if part.is_empty() { "*" } else { part });
        format!("arn:{}", parts.join(":"))
    }
}

/// A key with more patterns than this that every request which has it may be compared with is crowded.
const CROWD: usize = 256;

/// A key with very many such patterns.
pub(super) struct CrowdedKey {
    /// What they begin with.
    pub arn: String,
    /// The first statement that has one of the key's patterns.
    pub statement: u32,
    /// How many there are.
    pub patterns: usize,
}

/// A statement as the automaton sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speech {
    pub statement: u32,
    /// Bits of [`check`].
    pub checks: u32,
    pub is_deny: bool,
    /// Whether the statement's actions hold `execute-api:Invoke`.
    pub invoke: bool,
    pub speaks_of: SpeaksOf,
    /// The bytes of the actions and of the condition: what a look at the statement costs, however many its resources.
    pub other_bytes: usize,
}

/// Whom a statement speaks of.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpeaksOf {
    /// Every AWS principal, and anonymous callers.
    pub any: bool,
    /// Every service.
    pub any_service: bool,
    /// Principals: where in the principal sets, and how many.
    pub names: (u32, u32),
}

impl SpeaksOf {
    /// Everyone there is.
    pub const EVERYONE: Self = Self { any: true, any_service: true, names: (0, 0) };
}

/// A resource pattern of a statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern<'p> {
    pub speech: Speech,
    /// The pattern's number.
    pub resource: u32,
    pub tail: Tail<'p>,
}

/// What of a pattern is compared with a tail.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tail<'p> {
    /// Any tail will do.
    Any,
    /// Pieces of a template, without the first so many bytes.
    Pieces(&'p [Piece], usize),
}

impl<'p> Index<'p> {
    /// Adds one resource pattern of a statement to a policy set.
    pub fn add(&mut self, set: u32, mut speech: Speech, resource: u32, pattern: &'p ResourcePattern) {
        match pattern {
            ResourcePattern::Any => self.add_everywhere(set, speech, resource),
            ResourcePattern::Arn(arn) => {
                let (class, parts, checks, tail) = spelled_out(arn, speech.is_deny);
                speech.checks |= checks;
                self.put(Key { set, class, parts }, Pattern { speech, resource, tail });
            }
        }
    }

    /// Adds a pattern that no resource is kept from: `*`, or what a `NotResource` leaves.
    pub fn add_everywhere(&mut self, set: u32, speech: Speech, resource: u32) {
        let key = Key { set, class: 0, parts: Default::default() };
        self.put(key, Pattern { speech, resource, tail: Tail::Any });
    }

    fn put(&mut self, key: Key<'p>, pattern: Pattern<'p>) {
        let place = *self.places.entry(key).or_insert(self.keys.len());
        match self.keys.get_mut(place) {
            Some((_, patterns)) => patterns.push(pattern),
            None => self.keys.push((key, vec![pattern])),
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

    /// Lays everything out, and builds the hash table over the keys; says which of them are crowded.
    pub fn finish(
        &self,
        automaton: &mut Automaton<'_>,
        strings: &mut Strings,
    ) -> Result<(Table<IndexSlot>, Vec<CrowdedKey>), CompileError> {
        let mut entries = Vec::with_capacity(self.keys.len());
        let mut crowded = Vec::new();
        for (key, patterns) in &self.keys {
            let Key { set, class, parts } = *key;
            let Placed { blocks, grams, compared } = automaton.put(patterns)?;
            if let Some(first) = patterns.first().filter(|_| compared > CROWD) {
                crowded.push(CrowdedKey { arn: key.arn(), statement: first.speech.statement, patterns: compared });
            }
            entries.push(Entry { set, class, parts, blocks, grams });
        }
        let table = slots(&entries, |text| strings.intern(text.as_bytes()))?;
        Ok((table.ok_or(CompileError::Collision { what: "APIs" })?, crowded))
    }
}

/// What a pattern spells out: its class, its literal parts, the checks that are left, and its tail.
fn spelled_out(arn: &ArnPattern, is_deny: bool) -> (u32, [&str; 5], u32, Tail<'_>) {
    let (mut class, mut checks) = (1 << 1, 0);
    let mut parts = ["", arn.service.as_str(), "", "", ""];
    for (bit, template) in [(0u32, &arn.partition), (2, &arn.region), (3, &arn.account)] {
        match (template.as_literal(), parts.get_mut(bit as usize)) {
            (Some(literal), Some(part)) => {
                class |= 1 << bit;
                *part = literal;
            }
            _ if template.is_any_run() => {}
            _ => checks |= check::HEAD,
        }
    }
    let tail = arn.rest.pieces.as_slice();
    // A variable with several values makes the pattern undefined whatever its last part says (V-10), and that is
    // enough for a Deny.
    if is_deny && tail.iter().any(|piece| matches!(piece, Piece::Variable { .. })) {
        return (class, parts, checks | check::REST, Tail::Any);
    }
    // The API is spelled out where a slash comes before any wildcard.
    if let [Piece::Text(text), ..] = tail
        && let Some((api, _)) = text.split_once('/')
    {
        let [.., last] = &mut parts;
        *last = api;
        class |= API;
        let tail = Tail::Pieces(tail, api.len().saturating_add(1));
        // What is not as long as an API's ARN, or has a slash before it, is looked for without its region.
        let whole: usize = parts.iter().map(|part| part.len().saturating_add(1)).sum();
        let is_plain = whole.saturating_add("arn".len()) >= SLASH_FROM && !parts.iter().any(|part| part.contains('/'));
        if class == SPELLED_OUT && !is_plain {
            class &= !REGION;
            let [_, _, region, ..] = &mut parts;
            *region = "";
            checks |= check::HEAD;
        }
        return (class, parts, checks, tail);
    }
    (class, parts, checks, Tail::Pieces(tail, 0))
}
