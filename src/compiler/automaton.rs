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

/// How many bytes of tables are left: as many as the policies have, and those of one table. The records that hold the
/// classes come on top, one for each table. A try that succeeds is charged for its table, one that fails for the
/// largest; what a try may take of time is bounded by [`DETERMINIZE_BYTES`] alone, so that compiling is linear in the
/// number of predicates, at some milliseconds each where their globs are made to hurt.
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
    // Without room no table can be the result, and trying costs as much time as with it.
    if globs.len() < FEW || budget.bytes == 0 {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::blob::glob::{self, Writer};
    use crate::policy::{Policy, ResourcePattern};

    /// Whether a table takes a text, as `blob::automaton` says that it is read.
    fn takes(table: &Table, text: &str) -> bool {
        let row = |state: u16| &table.cells[usize::from(state) * table.width as usize..][..table.width as usize];
        let end = text.bytes().fold(1, |state, byte| row(state)[usize::from(table.class_of[usize::from(byte)])]);
        *row(end).last().unwrap() == 1
    }

    /// The template of a glob, as the parser makes it of the last part of a resource.
    fn template(glob: &str) -> Template {
        let policy = format!(
            r#"{{"Statement": {{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::{glob}"}}}}"#
        );
        let policy = Policy::from_json(&policy).unwrap();
        match &policy.statements[0].resource.patterns[0].value {
            ResourcePattern::Arn(arn) => arn.rest.clone(),
            ResourcePattern::Any => panic!("an ARN pattern"),
        }
    }

    fn listed(templates: &[Template], by_parts: bool, text: &str) -> bool {
        templates.iter().any(|template| {
            let mut writer = Writer::default();
            for piece in &template.pieces {
                match piece {
                    Piece::Text(text) => writer.text(text),
                    Piece::AnyRun => writer.any_run(),
                    Piece::AnyOne => writer.any_one(),
                    Piece::Variable { .. } => panic!("no variables"),
                }
            }
            let glob = writer.finish();
            if by_parts { glob::matches_arn(&glob, text) } else { glob::matches(&glob, text) }
        })
    }

    proptest! {
        /// The automaton takes what some glob of the list matches.
        #[test]
        fn an_automaton_is_its_list(
            globs in prop::collection::vec("[ab:é]{0,2}[*?]?[ab:é]{0,3}[*?]?[aé]?", 8..12),
            texts in prop::collection::vec("[ab:éx]{0,10}", 40),
            by_parts: bool,
        ) {
            let globs = globs.iter().map(|glob| if by_parts { format!("*:*{glob}:::::*") } else { glob.clone() });
            let templates: Vec<_> = globs.map(|glob| template(&glob)).collect();
            let listed_globs: Vec<_> = templates.iter().collect();
            // Most stay within the limits; where too many do not, the test fails.
            let Some(table) = build(&listed_globs, by_parts, &mut Budget::new(1 << 20)) else {
                return Err(TestCaseError::reject("a large automaton"));
            };
            for text in texts {
                prop_assert_eq!(takes(&table, &text), listed(&templates, by_parts, &text), "{}", text);
                let longer = format!("{text}:a:b:c:d:e:{text}");
                prop_assert_eq!(takes(&table, &longer), listed(&templates, by_parts, &longer), "{}", longer);
            }
        }
    }

    #[test]
    fn a_large_automaton_stays_a_list() {
        // The tenth character from the end of a run is one of a thousand states.
        let globs: Vec<_> = (0..20).map(|at| template(&format!("*{}b{}", at, "?".repeat(30 + at)))).collect();
        let globs: Vec<_> = globs.iter().collect();
        let mut budget = Budget::new(0);
        assert!(build(&globs, false, &mut budget).is_none());
        assert_eq!(budget.bytes, 0, "a try that fails is paid for");
        assert!(build(&globs[..FEW - 1], false, &mut Budget::new(1 << 20)).is_none(), "few are asked one by one");
    }

    #[test]
    fn the_budget_pays_for_tables() {
        let globs: Vec<_> = (0..FEW).map(|at| template(&format!("prefix-{at}-*"))).collect();
        let globs: Vec<_> = globs.iter().collect();
        let mut budget = Budget::new(100);
        let table = build(&globs, false, &mut budget).unwrap();
        assert_eq!(budget.bytes, TABLE_BYTES + 100 - 2 * table.cells.len());
        assert!(build(&globs, false, &mut Budget { bytes: 100 }).is_none());
    }
}
