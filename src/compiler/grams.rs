//! Patterns to grams: of a key with many patterns, under which four bytes each is listed.

use std::collections::{BTreeMap, HashMap};

use super::block::Automaton;
use super::index::Pattern;
use super::limits::{CompileError, number};
use crate::blob::Span;
use crate::blob::block::check;
use crate::blob::grams::{Candidate, GramSlot, GramTable, MAX_GRAMS, filter, grams, slots, speaks};

/// A statement with more patterns than this, and more than these bytes of actions and conditions, has no grams.
const MANY_PATTERNS: usize = 16;
const MANY_OTHER_BYTES: usize = 1024;

/// Where a pattern of a key with many is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    /// In a block: its statement [`is_better_off_in_blocks`].
    Block,
    /// Under a gram: of those that it spells out, the one that the fewest patterns do; the first of several.
    Gram(u32),
    /// It spells out no four bytes in a row.
    Bare,
}

/// Where each pattern is put.
pub(super) fn choose(patterns: &[Pattern<'_>]) -> Vec<Listing> {
    let of = |pattern: &Pattern<'_>| {
        let mut all: Vec<_> = pattern.tail.texts().flat_map(|text| grams(text.as_bytes())).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for pattern in patterns {
        of(pattern).into_iter().for_each(|gram| *counts.entry(gram).or_default() += 1);
    }
    let rarest = |pattern| of(pattern).into_iter().min_by_key(|gram| counts.get(gram).copied().unwrap_or_default());
    let mut chosen = Vec::with_capacity(patterns.len());
    for of_one in patterns.chunk_by(|one, next| one.speech.statement == next.speech.statement) {
        let in_blocks = is_better_off_in_blocks(of_one);
        chosen.extend(of_one.iter().map(|pattern| match rarest(pattern) {
            _ if in_blocks => Listing::Block,
            Some(gram) => Listing::Gram(gram),
            None => Listing::Bare,
        }));
    }
    chosen
}

/// Whether a statement with these patterns of one key belongs in blocks. There they lie side by side, and its actions
/// and condition are looked at once for all of them. Under grams the patterns of other statements lie between them, so
/// that they are looked at for each: where both are many, that is a product.
fn is_better_off_in_blocks(patterns: &[Pattern<'_>]) -> bool {
    let other_bytes = patterns.first().map_or(0, |pattern| pattern.speech.other_bytes);
    patterns.len() > MANY_PATTERNS && other_bytes > MANY_OTHER_BYTES
}

impl Automaton<'_> {
    /// Lists patterns under their grams, those that have one.
    pub fn put_grams(&mut self, patterns: &[Pattern<'_>], listed: &[Listing]) -> Result<(), CompileError> {
        let mut lists: BTreeMap<u32, Vec<&Pattern<'_>>> = BTreeMap::new();
        for (pattern, gram) in patterns.iter().zip(listed) {
            if let Listing::Gram(gram) = gram {
                lists.entry(*gram).or_default().push(pattern);
            }
        }
        let lists: Vec<_> = lists.into_iter().collect();
        for lists in lists.chunks(MAX_GRAMS) {
            let mut filled = Vec::with_capacity(lists.len());
            for (gram, patterns) in lists {
                let start = number("candidates", self.candidates.len())?;
                for pattern in patterns {
                    let candidate = self.candidate(pattern);
                    self.candidates.push(candidate);
                }
                number("candidates", self.candidates.len())?;
                let candidates = Span { start, len: number("candidates", patterns.len())? };
                filled.push(GramSlot { gram: (*gram).into(), candidates });
            }
            let filter = filter(&lists.iter().map(|(gram, _)| *gram).collect::<Vec<_>>());
            let slots = slots(filled);
            let place = |start, len| -> Result<Span, CompileError> {
                Ok(Span { start: number("grams", start)?, len: number("grams", len)? })
            };
            self.gram_tables.push(GramTable {
                filter: place(self.gram_filters.len(), filter.len())?,
                slots: place(self.gram_slots.len(), slots.len())?,
            });
            self.gram_filters.extend(filter);
            self.gram_slots.extend(slots);
            number("grams", self.gram_slots.len())?;
        }
        Ok(())
    }

    /// Lists patterns that every tail leads to; a Deny, which decides, before others.
    pub fn put_bare(&mut self, patterns: &[&Pattern<'_>]) -> Result<(), CompileError> {
        if patterns.is_empty() {
            return Ok(());
        }
        let start = number("candidates", self.candidates.len())?;
        for is_deny in [true, false] {
            for pattern in patterns.iter().filter(|pattern| pattern.speech.is_deny == is_deny) {
                let candidate = self.candidate(pattern);
                self.candidates.push(candidate);
            }
        }
        number("candidates", self.candidates.len())?;
        let candidates = Span { start, len: number("candidates", patterns.len())? };
        let filter = Span { start: number("grams", self.gram_filters.len())?, len: 0.into() };
        let slots = Span { start: number("grams", self.gram_slots.len())?, len: 1.into() };
        self.gram_slots.push(GramSlot { gram: 0.into(), candidates });
        self.gram_tables.push(GramTable { filter, slots });
        Ok(())
    }

    fn candidate(&self, pattern: &Pattern<'_>) -> Candidate {
        // One principal has room in the record.
        let pattern = pattern.with_names_up_to(1);
        let speech = pattern.speech;
        let principal = self.names(&pattern).first().map_or(0, |name| name.0.get().saturating_add(1));
        let bits = [
            (speech.speaks_of.any, speaks::ANY),
            (speech.speaks_of.any_service, speaks::ANY_SERVICE),
            (speech.invoke, speaks::INVOKE),
            (speech.is_deny, speaks::DENY),
        ];
        let speaks = bits.into_iter().filter(|(has, _)| *has).fold(0, |speaks, (_, bit)| speaks | bit);
        let terminal = pattern.terminal(speech.checks | check::REST);
        Candidate { terminal, speaks: speaks.into(), principal: principal.into() }
    }
}
