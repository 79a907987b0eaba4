//! Tails to positions: the blocks of one key of the index.

use std::collections::BTreeMap;

use super::limits::{CompileError, number};
use crate::blob::Span;
use crate::blob::block::{self, Block, Entry, Final, check};
use crate::policy::Piece;

/// Positions of a block.
const POSITIONS: usize = 64;

/// What a segment of a pattern's tail is to the automaton.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// Text without wildcards, possibly none.
    Literal(String),
    /// `*` and nothing else.
    AnyRun,
    /// Anything else with a wildcard: over-approximated as `*`.
    Inexact,
}

/// Cuts the pieces of a tail at slashes.
pub(super) fn segments(tail: &[Piece]) -> Vec<Segment> {
    let mut done = Vec::new();
    let mut open = Segment::Literal(String::new());
    for piece in tail {
        match piece {
            Piece::Text(text) => {
                for (at, part) in text.split('/').enumerate() {
                    if at > 0 {
                        done.push(std::mem::replace(&mut open, Segment::Literal(String::new())));
                    }
                    match &mut open {
                        Segment::Literal(literal) => literal.push_str(part),
                        Segment::AnyRun if !part.is_empty() => open = Segment::Inexact,
                        Segment::AnyRun | Segment::Inexact => {}
                    }
                }
            }
            Piece::AnyRun if open == Segment::Literal(String::new()) => open = Segment::AnyRun,
            Piece::AnyRun | Piece::AnyOne | Piece::Variable { .. } => open = Segment::Inexact,
        }
    }
    done.push(open);
    done
}

/// One resource pattern of one statement, ready to be laid into a block.
#[derive(Debug)]
pub(super) struct Pattern<'a> {
    pub segments: Vec<Segment>,
    pub statement: u32,
    pub resource: u32,
    /// Bits of [`check`], but for what the segments add.
    pub checks: u32,
    pub is_deny: bool,
    /// Whether the statement's actions hold `execute-api:Invoke`.
    pub invoke: bool,
    pub speaks_of: SpeaksOf<'a>,
}

/// Whom a pattern's statement speaks of.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpeaksOf<'a> {
    /// Every AWS principal, and anonymous callers.
    pub any: bool,
    /// Every service.
    pub any_service: bool,
    /// Principals by their numbers.
    pub names: &'a [u32],
}

/// The blocks of one key while they grow; the last one is open.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    blocks: Vec<Growing>,
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
    tokens: BTreeMap<u64, u64>,
    principals: BTreeMap<u64, u64>,
}

impl Blocks {
    /// Lays a pattern behind the last one, or at the start of a new block where it does not fit.
    pub fn add(&mut self, mut pattern: Pattern<'_>) {
        if pattern.segments.len() > POSITIONS {
            pattern.segments.truncate(POSITIONS);
            if let Some(last) = pattern.segments.last_mut() {
                *last = Segment::Inexact;
            }
        }
        match self.blocks.last_mut() {
            Some(block) if block.positions + pattern.segments.len() <= POSITIONS => block.add(pattern),
            _ => {
                let mut block = Growing::default();
                block.add(pattern);
                self.blocks.push(block);
            }
        }
    }
}

impl Growing {
    fn add(&mut self, pattern: Pattern<'_>) {
        let mut checks = pattern.checks;
        self.initial |= 1 << self.positions;
        for segment in &pattern.segments {
            let position = 1u64 << self.positions;
            self.positions += 1;
            match segment {
                Segment::AnyRun => self.stay |= position,
                Segment::Literal(text) if block::word(text.as_bytes()) != 0 => {
                    *self.tokens.entry(block::word(text.as_bytes())).or_default() |= position;
                    if !block::is_exact(text.as_bytes()) {
                        checks |= check::RESOURCE;
                    }
                }
                Segment::Literal(_) | Segment::Inexact => {
                    self.stay |= position;
                    checks |= check::RESOURCE;
                }
            }
        }
        let last = 1u64 << (self.positions - 1);
        self.deny |= if pattern.is_deny { last } else { 0 };
        self.check |= if checks == 0 { 0 } else { last };
        self.any |= if pattern.speaks_of.any { last } else { 0 };
        self.any_service |= if pattern.speaks_of.any_service { last } else { 0 };
        self.invoke |= if pattern.invoke { last } else { 0 };
        for name in pattern.speaks_of.names {
            *self.principals.entry(u64::from(*name) + 1).or_default() |= last;
        }
        let terminal =
            Final { statement: pattern.statement.into(), resource: pattern.resource.into(), checks: checks.into() };
        self.finals.push((last, terminal));
    }
}

/// The automaton's sections while they grow.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    pub blocks: Vec<Block>,
    pub entries: Vec<Entry>,
    pub finals: Vec<Final>,
}

impl Automaton {
    /// Takes the blocks of one key.
    pub fn put(&mut self, blocks: &Blocks) -> Result<Span, CompileError> {
        let start = number("blocks", self.blocks.len())?;
        for block in &blocks.blocks {
            let tokens = self.table(&block.tokens)?;
            let principals = self.table(&block.principals)?;
            self.blocks.push(Block {
                initial: block.initial.into(),
                stay: block.stay.into(),
                finals: block.finals.iter().fold(0, |finals, (last, _)| finals | last).into(),
                deny: block.deny.into(),
                check: block.check.into(),
                any: block.any.into(),
                any_service: block.any_service.into(),
                invoke: block.invoke.into(),
                tokens,
                principals,
                first_final: number("final positions", self.finals.len())?,
            });
            self.finals.extend(block.finals.iter().map(|(_, terminal)| *terminal));
        }
        number("final positions", self.finals.len())?;
        number("blocks", self.blocks.len())?;
        Ok(Span { start, len: number("blocks", blocks.blocks.len())? })
    }

    fn table(&mut self, keys: &BTreeMap<u64, u64>) -> Result<Span, CompileError> {
        let table = block::table(keys.iter().map(|(key, mask)| (*key, *mask)));
        let start = number("entries", self.entries.len())?;
        let len = number("entries", table.len())?;
        self.entries.extend(table);
        number("entries", self.entries.len())?;
        Ok(Span { start, len })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn literal(text: &str) -> Segment {
        Segment::Literal(text.to_owned())
    }

    #[test]
    fn tails_are_cut_at_slashes() {
        assert_eq!(segments(&[]), [literal("")]);
        assert_eq!(segments(&[text("prod/GET/")]), [literal("prod"), literal("GET"), literal("")]);
        assert_eq!(segments(&[text("prod//")]), [literal("prod"), literal(""), literal("")]);
        assert_eq!(segments(&[Piece::AnyRun]), [Segment::AnyRun]);
        assert_eq!(
            segments(&[Piece::AnyRun, text("/GET/"), Piece::AnyRun]),
            [Segment::AnyRun, literal("GET"), Segment::AnyRun]
        );
        assert_eq!(segments(&[text("a"), Piece::AnyRun, text("/b")]), [Segment::Inexact, literal("b")]);
        assert_eq!(segments(&[Piece::AnyRun, text("a/b")]), [Segment::Inexact, literal("b")]);
        assert_eq!(segments(&[text("v"), Piece::AnyOne]), [Segment::Inexact]);
        assert_eq!(segments(&[Piece::AnyOne, Piece::AnyRun]), [Segment::Inexact]);
        assert_eq!(segments(&[Piece::AnyRun, text("/"), Piece::AnyRun]), [Segment::AnyRun, Segment::AnyRun]);
    }
}
