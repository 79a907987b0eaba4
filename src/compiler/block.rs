//! Tails to positions: the blocks of one key of the index, and the grams where it has many patterns.

use super::grams::{self, Listing};
use super::index::{Pattern, SpeaksOf, Tail};
use super::limits::{CompileError, number};
use crate::blob::Span;
use crate::blob::block::{self, Block, Entry, Final, check};
use crate::blob::grams::{Candidate, FilterWord, GramSlot, GramTable};
use crate::blob::principals::PrincipalId;
use crate::blob::tokens;
use crate::policy::Piece;

/// Positions of a block.
const POSITIONS: usize = 64;
/// A key whose patterns have more positions than this has its patterns listed under grams: one more block costs a
/// request about as much as looking through its tail.
const MANY_POSITIONS: usize = 2 * POSITIONS;
/// The most principals of a statement that have entries of their own: a longer list is compared on the way out.
const MAX_NAMES: usize = 32;
/// A block is full where it has more entries than this: seeds are hard to find for more.
const MAX_ENTRIES: usize = 128;

/// What a segment of a pattern's tail is to the automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment<'p> {
    /// Text without wildcards, possibly none.
    Literal(&'p str),
    /// `*` and nothing else.
    AnyRun,
    /// Anything else with a wildcard: over-approximated as `*`.
    Inexact,
}

impl<'p> Tail<'p> {
    /// The pieces, none where any tail will do, and of each the text that is compared, if it is text.
    fn pieces(self) -> impl Iterator<Item = (&'p Piece, Option<&'p str>)> {
        let (pieces, skipped) = match self {
            Self::Any => ([].as_slice(), 0),
            Self::Pieces(pieces, skipped) => (pieces, skipped),
        };
        pieces.iter().enumerate().map(move |(at, piece)| match piece {
            Piece::Text(text) => (piece, text.get(if at == 0 { skipped } else { 0 }..)),
            _ => (piece, None),
        })
    }

    /// The literal texts between wildcards.
    pub fn texts(self) -> impl Iterator<Item = &'p str> {
        self.pieces().filter_map(|(_, text)| text)
    }

    /// Cuts it at slashes.
    fn segments(self) -> Vec<Segment<'p>> {
        if matches!(self, Self::Any) {
            return vec![Segment::AnyRun];
        }
        let mut done = Vec::new();
        let mut open = Segment::Literal("");
        for (piece, text) in self.pieces() {
            match piece {
                Piece::Text(_) => {
                    for (at, part) in text.unwrap_or_default().split('/').enumerate() {
                        if at > 0 {
                            done.push(std::mem::replace(&mut open, Segment::Literal("")));
                        }
                        match open {
                            // No two texts are neighbours, so nothing is before this one.
                            Segment::Literal(_) => open = Segment::Literal(part),
                            Segment::AnyRun if !part.is_empty() => open = Segment::Inexact,
                            Segment::AnyRun | Segment::Inexact => {}
                        }
                    }
                }
                Piece::AnyRun if open == Segment::Literal("") => open = Segment::AnyRun,
                Piece::AnyRun | Piece::AnyOne | Piece::Variable { .. } => open = Segment::Inexact,
            }
        }
        done.push(open);
        // One that nothing is skipped of stands behind a colon, where a token has another word than behind a slash.
        if let (Self::Pieces(_, 0), Some(first @ Segment::Literal(_))) = (self, done.first_mut()) {
            *first = Segment::Inexact;
        }
        done
    }
}

/// A block while it grows.
#[derive(Debug, Default)]
struct Growing {
    positions: usize,
    initial: u64,
    stay: u64,
    finals: Vec<(u64, Final)>,
    deny: u64,
    check: u64,
    any: u64,
    any_service: u64,
    invoke: u64,
    /// Masks of tokens and principals, by their keys.
    entries: Vec<(u64, u64)>,
}

impl Growing {
    fn has_room(&self, segments: usize, names: usize) -> bool {
        self.positions.saturating_add(segments) <= POSITIONS
            && self.entries.len().saturating_add(segments).saturating_add(names) <= MAX_ENTRIES
    }

    fn add(&mut self, pattern: &Pattern<'_>, segments: &[Segment<'_>], names: &[PrincipalId]) {
        let mut checks = pattern.speech.checks;
        let first = 1u64 << self.positions;
        self.initial |= first;
        for segment in segments {
            let position = 1u64 << self.positions;
            self.positions += 1;
            match segment {
                Segment::AnyRun => self.stay |= position,
                Segment::Literal(text) => {
                    self.enter(tokens::word_of(text), position);
                    if !tokens::is_exact(text) {
                        checks |= check::REST;
                    }
                }
                Segment::Inexact => {
                    self.stay |= position;
                    checks |= check::REST;
                }
            }
        }
        let last = 1u64 << (self.positions - 1);
        // All its positions: who it does not speak of does not even begin to walk it.
        let whole = (last << 1).wrapping_sub(first);
        let SpeaksOf { any, any_service, .. } = pattern.speech.speaks_of;
        for (mask, bits, has) in [
            (&mut self.deny, last, pattern.speech.is_deny),
            (&mut self.check, last, checks != 0),
            (&mut self.any, whole, any),
            (&mut self.any_service, whole, any_service),
            (&mut self.invoke, whole, pattern.speech.invoke),
        ] {
            *mask |= if has { bits } else { 0 };
        }
        for name in names {
            self.enter(block::principal_key(name.0.get().saturating_add(1)), whole);
        }
        self.finals.push((last, pattern.terminal(checks)));
    }

    /// Adds to the mask of a key. There are few, so they are gone through.
    fn enter(&mut self, key: u64, mask: u64) {
        match self.entries.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known |= mask,
            None => self.entries.push((key, mask)),
        }
    }

    /// Speaks of everyone at every place of the entries, and leaves it to the second look: what is left where they
    /// find no places in a table.
    fn loosen(&mut self) {
        for (key, mask) in self.entries.drain(..) {
            if key >= block::principal_key(0) {
                self.any |= mask;
                self.any_service |= mask;
            } else {
                self.stay |= mask;
            }
        }
        for (last, terminal) in &mut self.finals {
            let checks = terminal.checks.get();
            // Where no pattern of the statement may match, the final itself matches everything.
            let resource = if checks & check::NOT_RESOURCE == 0 { check::REST } else { 0 };
            terminal.checks = (checks | check::PRINCIPAL | resource).into();
            self.check |= *last;
        }
    }
}

impl Pattern<'_> {
    /// What is looked at once more when it has been reached.
    pub fn terminal(&self, checks: u32) -> Final {
        Final { statement: self.speech.statement.into(), resource: self.resource.into(), checks: checks.into() }
    }

    /// The pattern as it is entered: one that lists more principals than so many speaks of everyone, and its list is
    /// compared on the way out.
    pub fn with_names_up_to(mut self, limit: usize) -> Self {
        let speech = &mut self.speech;
        if speech.speaks_of.names.1 as usize > limit {
            speech.speaks_of = SpeaksOf::EVERYONE;
            speech.checks |= check::PRINCIPAL;
        }
        self
    }
}

/// Where the patterns of a key have been put.
pub(super) struct Placed {
    /// Its blocks.
    pub blocks: Span,
    /// Its tables of grams.
    pub grams: Span,
    /// How many patterns stand in its blocks that are compared once more where they are reached, whatever a tail holds:
    /// wildcards stand within their segments, and no gram keeps a request away.
    pub compared: usize,
}

/// The automaton's sections while they grow.
#[derive(Debug, Default)]
pub(super) struct Automaton<'s> {
    /// The sets that statements list, all of them.
    pub principal_sets: &'s [PrincipalId],
    pub blocks: Vec<Block>,
    pub entries: Vec<Entry>,
    pub finals: Vec<Final>,
    pub gram_tables: Vec<GramTable>,
    pub gram_filters: Vec<FilterWord>,
    pub gram_slots: Vec<GramSlot>,
    pub candidates: Vec<Candidate>,
}

impl<'s> Automaton<'s> {
    /// Takes the patterns of one key.
    pub fn put(&mut self, patterns: &[Pattern<'_>]) -> Result<Placed, CompileError> {
        let tails: Vec<_> = patterns.iter().map(|pattern| pattern.tail.segments()).collect();
        let positions: usize = tails.iter().map(Vec::len).sum();
        let listed = if positions > MANY_POSITIONS { grams::choose(patterns) } else { Vec::new() };
        let first_table = number("tables of grams", self.gram_tables.len())?;
        self.put_grams(patterns, &listed)?;
        let is_bare = |at: usize, segments: &[Segment<'_>]| {
            listed.get(at) == Some(&Listing::Bare) && segments.contains(&Segment::Inexact)
        };
        let numbered = patterns.iter().zip(&tails).enumerate();
        let bare: Vec<_> =
            numbered.filter(|(at, (_, segments))| is_bare(*at, segments)).map(|(_, (pattern, _))| pattern).collect();
        self.put_bare(&bare)?;
        let tables = number("tables of grams", self.gram_tables.len())?.get().saturating_sub(first_table.get());

        let first_block = number("blocks", self.blocks.len())?;
        let mut compared = bare.len();
        let mut open = Growing::default();
        for (at, (pattern, mut segments)) in patterns.iter().zip(tails).enumerate() {
            if matches!(listed.get(at), Some(Listing::Gram(_))) || is_bare(at, &segments) {
                continue;
            }
            if segments.len() > POSITIONS {
                segments.truncate(POSITIONS);
                if let Some(last) = segments.last_mut() {
                    *last = Segment::Inexact;
                }
            }
            compared += usize::from(segments.contains(&Segment::Inexact));
            let pattern = pattern.with_names_up_to(MAX_NAMES);
            let names = self.names(&pattern);
            if !open.has_room(segments.len(), names.len()) {
                self.close(std::mem::take(&mut open))?;
            }
            open.add(&pattern, &segments, names);
        }
        self.close(open)?;
        let blocks = number("blocks", self.blocks.len())?.get().saturating_sub(first_block.get());
        Ok(Placed {
            blocks: Span { start: first_block, len: blocks.into() },
            grams: Span { start: first_table, len: tables.into() },
            compared,
        })
    }

    /// The principals that a pattern's statement lists.
    pub fn names(&self, pattern: &Pattern<'_>) -> &'s [PrincipalId] {
        let (start, len) = pattern.speech.speaks_of.names;
        let end = (start as usize).saturating_add(len as usize);
        self.principal_sets.get(start as usize..end).unwrap_or_default()
    }

    fn close(&mut self, mut block: Growing) -> Result<(), CompileError> {
        if block.positions == 0 {
            return Ok(());
        }
        for (key, mask) in &mut block.entries {
            if *key < block::principal_key(0) {
                *mask |= block.stay;
            }
        }
        let (seed, table) = block::table(&block.entries).unwrap_or_else(|| {
            block.loosen();
            (0, Vec::new())
        });
        let entries = Span { start: number("entries", self.entries.len())?, len: number("entries", table.len())? };
        self.entries.extend(table);
        number("entries", self.entries.len())?;
        self.blocks.push(Block {
            initial: block.initial.into(),
            stay: block.stay.into(),
            finals: block.finals.iter().fold(0, |finals, (last, _)| finals | last).into(),
            deny: block.deny.into(),
            check: block.check.into(),
            any: block.any.into(),
            any_service: block.any_service.into(),
            invoke: block.invoke.into(),
            entries,
            seed: seed.into(),
            first_final: number("final positions", self.finals.len())?,
        });
        self.finals.extend(block.finals.iter().map(|(_, terminal)| *terminal));
        number("final positions", self.finals.len())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Segment::{AnyRun, Inexact, Literal};
    use super::*;
    use crate::compiler::index::Speech;

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    #[track_caller]
    fn cuts(pieces: &[Piece], skipped: usize, expected: &[Segment<'_>]) {
        assert_eq!(Tail::Pieces(pieces, skipped).segments(), expected);
    }

    #[test]
    fn tails_are_cut_at_slashes() {
        cuts(&[text("api/")], 4, &[Literal("")]);
        // Without a slash before it a literal is left open.
        cuts(&[], 0, &[Inexact]);
        cuts(&[text("prod/GET/")], 0, &[Inexact, Literal("GET"), Literal("")]);
        cuts(&[text("api/prod/GET/")], 4, &[Literal("prod"), Literal("GET"), Literal("")]);
        cuts(&[text("/prod//")], 1, &[Literal("prod"), Literal(""), Literal("")]);
        cuts(&[Piece::AnyRun], 0, &[AnyRun]);
        cuts(&[text("api/"), Piece::AnyRun], 4, &[AnyRun]);
        cuts(&[Piece::AnyRun, text("/GET/"), Piece::AnyRun], 0, &[AnyRun, Literal("GET"), AnyRun]);
        cuts(&[text("a"), Piece::AnyRun, text("/b")], 0, &[Inexact, Literal("b")]);
        cuts(&[Piece::AnyRun, text("a/b")], 0, &[Inexact, Literal("b")]);
        cuts(&[text("v"), Piece::AnyOne], 0, &[Inexact]);
        cuts(&[Piece::AnyOne, Piece::AnyRun], 0, &[Inexact]);
        cuts(&[Piece::AnyRun, text("/"), Piece::AnyRun], 0, &[AnyRun, AnyRun]);
    }

    #[test]
    fn a_loosened_block_leaves_all_to_the_second_look() {
        let speaks_of = SpeaksOf { any: false, any_service: false, names: (0, 1) };
        let speech = Speech { statement: 0, checks: 0, is_deny: false, invoke: true, speaks_of, other_bytes: 0 };
        let pieces = [text("api/prod/GET/pets")];
        let mut block = Growing::default();
        let pattern = Pattern { speech, resource: 0, tail: Tail::Pieces(&pieces, 4) };
        block.add(&pattern, &pattern.tail.segments(), &[PrincipalId(7.into())]);
        let speech = Speech { checks: check::NOT_RESOURCE, ..speech };
        let pattern = Pattern { speech, resource: 0, tail: Tail::Any };
        block.add(&pattern, &pattern.tail.segments(), &[]);
        assert_eq!((block.stay, block.any, block.check), (0b1000, 0, 0b1000));
        block.loosen();
        assert_eq!((block.stay, block.any, block.any_service, block.check), (0b1111, 0b111, 0b111, 0b1100));
        let checks: Vec<_> = block.finals.iter().map(|(_, terminal)| terminal.checks.get()).collect();
        assert_eq!(checks, [check::PRINCIPAL | check::REST, check::PRINCIPAL | check::NOT_RESOURCE]);
        assert!(block.entries.is_empty());
    }
}
