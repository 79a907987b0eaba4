//! Globs to automata: many globs of one predicate, asked in one walk.
//!
//! `regex-automata` determinizes and minimizes; its table is copied into one of ours, with the states numbered as
//! they are first reached, so that a set of globs always gives the same bytes and loading needs no other checks
//! than ours. What does not stay within [`Budget`] stays a list: determinizing some sets takes exponential room.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, util::start};
use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Dot, Hir, Look, Repetition,
};

use crate::policy::{Piece, Template};

/// So many globs are asked as soon one by one, and a table costs more than their text.
const FEW: usize = 8;
/// The largest table, in bytes.
const TABLE_BYTES: usize = 64 * 1024;
/// The largest memory of one determinization, in bytes.
const DETERMINIZE_BYTES: usize = 512 * 1024;

/// How many bytes of tables are left: as many as the policies have, and those of one table. Each try costs at least
/// what a small table does, so that neither the blob nor compiling grows faster than the policies.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: usize,
}

impl Budget {
    pub const fn new(source_bytes: usize) -> Self {
        Self { bytes: source_bytes.saturating_add(TABLE_BYTES) }
    }
}

/// A table, as `blob::automaton` describes it.
#[derive(Debug)]
pub(super) struct Table {
    pub width: u32,
    pub cells: Vec<u16>,
    pub class_of: [u8; 256],
}

/// The automaton of globs without variables; `by_parts` cuts them and the text at the first five colons (C-15).
/// `None` where a list is better, or the budget does not allow it.
pub(super) fn build(globs: &[&Template], by_parts: bool, budget: &mut Budget) -> Option<Table> {
    if globs.len() < FEW {
        return None;
    }
    let room = budget.bytes.min(TABLE_BYTES);
    // A try that fails has cost time: it counts as a table of the largest size.
    budget.bytes = budget.bytes.saturating_sub(TABLE_BYTES);
    let patterns = globs.iter().map(|glob| if by_parts { arn(glob) } else { text(glob) }).collect();
    let nfa = thompson::Compiler::new()
        .configure(
            thompson::Config::new()
                .utf8(false)
                .which_captures(WhichCaptures::None)
                .nfa_size_limit(Some(DETERMINIZE_BYTES)),
        )
        .build_from_hir(&Hir::concat(vec![Hir::alternation(patterns), Hir::look(Look::End)]))
        .ok()?;
    let dfa = dense::Builder::new()
        .configure(
            dense::Config::new()
                .start_kind(StartKind::Anchored)
                .minimize(true)
                .dfa_size_limit(Some(DETERMINIZE_BYTES))
                .determinize_size_limit(Some(DETERMINIZE_BYTES)),
        )
        .build_from_nfa(&nfa)
        .ok()?;
    let table = transcribe(&dfa, room)?;
    let spent = table.cells.len().saturating_mul(size_of::<u16>());
    budget.bytes = budget.bytes.saturating_add(TABLE_BYTES.saturating_sub(spent));
    Some(table)
}

/// The states that can be reached, in the order they are: 0 is the dead one, 1 the first.
fn transcribe(dfa: &dense::DFA<Vec<u32>>, room: usize) -> Option<Table> {
    let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
    let (class_of, representatives) = classes(dfa);
    let width = representatives.len().checked_add(1)?;
    let mut numbers: HashMap<StateID, u16> = HashMap::from([(start, 1)]);
    let mut reached = vec![start];
    // The dead state's row.
    let mut cells = vec![0; width];
    let mut next = 0;
    while let Some(state) = reached.get(next).copied() {
        next = next.checked_add(1)?;
        for byte in &representatives {
            let to = dfa.next_state(state, *byte);
            let number = if dfa.is_dead_state(to) {
                0
            } else if let Some(number) = numbers.get(&to) {
                *number
            } else {
                reached.push(to);
                let number = u16::try_from(reached.len()).ok()?;
                numbers.insert(to, number);
                number
            };
            cells.push(number);
        }
        cells.push(dfa.is_match_state(dfa.next_eoi_state(state)).into());
        if cells.len().saturating_mul(size_of::<u16>()) > room {
            return None;
        }
    }
    Some(Table { width: u32::try_from(width).ok()?, cells, class_of })
}

/// The class of each byte, and a byte of each class.
fn classes(dfa: &dense::DFA<Vec<u32>>) -> ([u8; 256], Vec<u8>) {
    let (mut class_of, mut representatives) = ([0; 256], Vec::new());
    let mut numbers = HashMap::new();
    for (byte, slot) in (0..=u8::MAX).zip(&mut class_of) {
        *slot = *numbers.entry(dfa.byte_classes().get(byte)).or_insert_with(|| {
            representatives.push(byte);
            u8::try_from(representatives.len().saturating_sub(1)).unwrap_or(u8::MAX)
        });
    }
    (class_of, representatives)
}

/// A glob over the whole text.
fn text(glob: &Template) -> Hir {
    Hir::concat(glob.pieces.iter().map(|piece| expression(piece, false)).collect())
}

/// An ARN pattern: wildcards of its first five parts do not see colons.
fn arn(glob: &Template) -> Hir {
    let mut colons = 0;
    let mut expressions = Vec::new();
    for piece in &glob.pieces {
        expressions.push(expression(piece, colons < 5));
        if let Piece::Text(text) = piece {
            colons = text.matches(':').count().saturating_add(colons);
        }
    }
    Hir::concat(expressions)
}

fn expression(piece: &Piece, within_part: bool) -> Hir {
    match (piece, within_part) {
        (Piece::Text(text), _) => Hir::literal(text.as_bytes()),
        // A run may be of bytes, which makes a smaller automaton: what follows it begins at no byte in the middle of
        // a character.
        (Piece::AnyRun, false) => run(Hir::dot(Dot::AnyByte)),
        (Piece::AnyRun, true) => {
            let ranges = [(0, b'9'), (b';', u8::MAX)].map(|(first, last)| ClassBytesRange::new(first, last));
            run(Hir::class(Class::Bytes(ClassBytes::new(ranges))))
        }
        (Piece::AnyOne, false) => Hir::dot(Dot::AnyChar),
        (Piece::AnyOne, true) => {
            let ranges = [('\0', '9'), (';', char::MAX)].map(|(first, last)| ClassUnicodeRange::new(first, last));
            Hir::class(Class::Unicode(ClassUnicode::new(ranges)))
        }
        // Globs with variables are not asked for an automaton: this one would take nothing.
        (Piece::Variable { .. }, _) => Hir::fail(),
    }
}

fn run(sub: Hir) -> Hir {
    Hir::repetition(Repetition { min: 0, max: None, greedy: true, sub: Box::new(sub) })
}
