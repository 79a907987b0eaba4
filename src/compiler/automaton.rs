//! Globs to automata: many globs of one predicate, asked in one walk.
//!
//! `regex-automata` determinizes; its table is copied into one of ours and minimized, with the states numbered as
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

use crate::blob::automaton::Automaton;
use crate::policy::{Piece, Template};

/// So many globs are asked as soon one by one, and a table costs more than their text.
const FEW: usize = 8;
/// The largest table, in bytes.
const TABLE_BYTES: usize = 64 * 1024;
/// The largest memory of one determinization, in bytes, and that of what it begins and ends with.
const DETERMINIZE_BYTES: usize = 512 * 1024;
/// The steps that every bundle has.
const STEPS: usize = 32 * 1024 * 1024;
/// The steps that come with each byte of its policies.
const STEPS_PER_BYTE: usize = 128;

/// What automata may still take of room and of work: both in proportion to the length of the policies, and some more.
///
/// `bytes` is the room for tables and the records that describe them: as much as the policies have, and one table.
/// `steps` is the work, paid before it is done and whether it succeeds or not. Following the members of a state for
/// one class of bytes, or comparing one cell of a table with another, is a step, of some 5 ns as measured. So the
/// steps of every bundle are some tenths of a second, and those of a byte less than a microsecond. For comparison,
/// in millions of steps: eight globs with a prefix take 0.1, a thousand 4, fifty with a suffix 16, eight words
/// anywhere 6; a hundred bytes of policy bring 0.01 along.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: usize,
    steps: usize,
}

impl Budget {
    pub const fn new(source_bytes: usize) -> Self {
        Self {
            bytes: source_bytes.saturating_add(TABLE_BYTES),
            steps: source_bytes.saturating_mul(STEPS_PER_BYTE).saturating_add(STEPS),
        }
    }

    /// Takes the steps of what is about to be done; `None` where not so many are left.
    fn pay(&mut self, each: usize, times: usize) -> Option<()> {
        self.steps = self.steps.checked_sub(each.checked_mul(times)?)?;
        Some(())
    }
}

/// The memory that the first try to determinize may take, and the last. In between it doubles, so that a list pays
/// for the first try or at most four times what it needs, the failed tries among that.
///
/// Measured, in bytes for each byte of the globs: prefixes need 10 to 25, ARNs 6 to 22, suffixes and agents 60 to
/// 250. Eight globs that look for a word anywhere need 110,000 in all, and more of them too much.
fn limits(glob_bytes: usize) -> (usize, usize) {
    let limit = |base: usize, each: usize| glob_bytes.saturating_mul(each).saturating_add(base).min(DETERMINIZE_BYTES);
    (limit(4 * 1024, 12), limit(128 * 1024, 256))
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
    let room = budget.bytes.checked_sub(size_of::<Automaton>())?.min(TABLE_BYTES);
    if globs.len() < FEW {
        return None;
    }
    let dfa = determinize(globs, by_parts, budget)?;
    let table = minimal(transcribe(&dfa, budget)?, budget)?;
    let size = table.cells.len().checked_mul(size_of::<u16>())?;
    if size > room {
        return None;
    }
    budget.bytes = budget.bytes.checked_sub(size.checked_add(size_of::<Automaton>())?)?;
    Some(table)
}

/// Any automaton of the globs, in as little memory as a few tries find it.
fn determinize(globs: &[&Template], by_parts: bool, budget: &mut Budget) -> Option<dense::DFA<Vec<u32>>> {
    let patterns = globs.iter().map(|glob| if by_parts { arn(glob) } else { text(glob) }).collect();
    // This much is linear in the globs, and needs no steps.
    let nfa = thompson::Compiler::new()
        .configure(
            thompson::Config::new()
                .utf8(false)
                .which_captures(WhichCaptures::None)
                .nfa_size_limit(Some(DETERMINIZE_BYTES)),
        )
        .build_from_hir(&Hir::concat(vec![Hir::alternation(patterns), Hir::look(Look::End)]))
        .ok()?;
    let (mut limit, last) = limits(globs.iter().map(|glob| length(glob)).sum());
    loop {
        // The memory holds each member of each state, in a byte or more.
        budget.pay(limit, nfa.byte_classes().alphabet_len())?;
        let dfa = dense::Builder::new()
            .configure(
                dense::Config::new()
                    .start_kind(StartKind::Anchored)
                    .dfa_size_limit(Some(DETERMINIZE_BYTES))
                    .determinize_size_limit(Some(limit)),
            )
            .build_from_nfa(&nfa);
        match dfa {
            Ok(dfa) => return Some(dfa),
            Err(_) if limit < last => limit = limit.saturating_mul(2).min(last),
            Err(_) => return None,
        }
    }
}

/// The bytes of a glob.
fn length(glob: &Template) -> usize {
    glob.pieces.iter().map(|piece| if let Piece::Text(text) = piece { text.len() } else { 1 }).sum()
}

/// The states that can be reached, in the order they are: 0 is the dead one, 1 the first.
fn transcribe(dfa: &dense::DFA<Vec<u32>>, budget: &mut Budget) -> Option<Table> {
    let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
    let (class_of, representatives) = classes(dfa);
    let width = representatives.len().checked_add(1)?;
    let mut numbers: HashMap<StateID, u16> = HashMap::from([(start, 1)]);
    let mut reached = vec![start];
    // The dead state's row.
    let mut cells = vec![0; width];
    let mut next = 0;
    while let Some(state) = reached.get(next).copied() {
        budget.pay(width, 1)?;
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
    }
    Some(Table { width: u32::try_from(width).ok()?, cells, class_of })
}

/// The same automaton with the fewest states, in the order they are reached.
///
/// Moore's algorithm: states are alike until a cell tells them apart. It takes as many rounds as the longest text
/// that is needed to tell two states apart, few but for long texts without wildcards, and each is paid. The library's
/// own takes the square of the number of states, with nothing to limit it.
fn minimal(table: Table, budget: &mut Budget) -> Option<Table> {
    let width = usize::try_from(table.width).ok()?;
    let ends = || table.cells.chunks_exact(width).filter_map(<[u16]>::split_last);
    // What the states of each kind have in common, by state. Kinds are numbered in the order of their first states,
    // which is the order in which they are reached.
    let mut kinds: Vec<u16> = ends().map(|(end, _)| *end).collect();
    let mut count = 0;
    loop {
        budget.pay(table.cells.len(), 1)?;
        let mut rows = Vec::with_capacity(table.cells.len());
        for ((_, row), kind) in ends().zip(&kinds) {
            for to in row {
                rows.push(*kinds.get(usize::from(*to))?);
            }
            rows.push(*kind);
        }
        let mut numbers: HashMap<&[u16], u16> = HashMap::new();
        let mut refined = Vec::with_capacity(kinds.len());
        for row in rows.chunks_exact(width) {
            let fresh = u16::try_from(numbers.len()).ok()?;
            refined.push(*numbers.entry(row).or_insert(fresh));
        }
        let found = numbers.len();
        kinds = refined;
        if found == count {
            break;
        }
        count = found;
    }
    // The first state is 1, even if globs were to match nothing.
    if kinds.get(1) != Some(&1) {
        return None;
    }
    let mut cells = Vec::with_capacity(count.checked_mul(width)?);
    let mut next = 0;
    for ((end, row), kind) in ends().zip(&kinds) {
        if usize::from(*kind) == next {
            next = next.checked_add(1)?;
            for to in row {
                cells.push(*kinds.get(usize::from(*to))?);
            }
            cells.push(*end);
        }
    }
    Some(Table { cells, ..table })
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

    /// How much is left, and how many automata there are, when so many lists were asked for one.
    fn spend(lists: usize, list: &dyn Fn(usize) -> Vec<String>) -> (Budget, usize, usize) {
        let lists: Vec<Vec<String>> = (0..lists).map(list).collect();
        let length = lists.iter().flatten().map(|glob| glob.len() + 4).sum();
        let mut budget = Budget::new(length);
        let mut built = 0;
        for list in &lists {
            let templates: Vec<_> = list.iter().map(|glob| template(glob)).collect();
            let globs: Vec<_> = templates.iter().collect();
            built += usize::from(build(&globs, false, &mut budget).is_some());
        }
        (budget, length, built)
    }

    type List = (&'static str, fn(usize) -> Vec<String>);

    #[test]
    fn ordinary_lists_are_automata() {
        let lists: [List; 8] = [
            ("few prefixes", |_| (0..FEW).map(|at| format!("prefix-{at}-*")).collect()),
            ("prefixes", |_| (0..1_000).map(|at| format!("prefix-{at}-*")).collect()),
            ("suffixes", |_| (0..50).map(|at| format!("*.svc{at}.example.com")).collect()),
            ("words", |_| (0..FEW).map(|at| format!("*word{at}*")).collect()),
            ("agents", |_| (0..40).map(|at| format!("Agent{at}/*.? (*)")).collect()),
            ("paths", |_| (0..20).map(|at| format!("/team{}/*/item{at}/*", at % 7)).collect()),
            ("roles", |_| (0..300).map(|at| format!("arn:aws:iam::{:012}:role/team-{at}-*", at % 9)).collect()),
            ("both ends", |_| (0..300).map(|at| format!("a*{at}")).collect()),
        ];
        for (name, list) in lists {
            let (_, _, built) = spend(1, &list);
            assert_eq!(built, 1, "{name}");
        }
    }

    #[test]
    fn many_lists_do_not_take_all_the_work_of_one() {
        let (budget, length, built) = spend(50, &|at| (0..FEW).map(|n| format!("team-{at}-{n}-*")).collect());
        assert_eq!(built, 50, "{budget:?} for {length}");
    }

    /// Twice as many lists made to hurt take at most twice the steps: so it is with those that fail, those that
    /// succeed, and those that are costly to minimize.
    #[test]
    fn work_is_linear_in_the_policies() {
        let lists: [List; 4] = [
            ("both ends", |at| (0..100).map(|n| format!("a{at}*{n}")).collect()),
            ("exponential", |at| (0..FEW).map(|n| format!("*{at}{n}b{}", "?".repeat(14 + n))).collect()),
            ("nearly", |at| (0..FEW).map(|n| format!("*{at}{n}b?????")).collect()),
            ("long", |at| {
                (0..FEW).map(|n| format!("{}{at}*", if n % 2 == 0 { "ab" } else { "abb" }.repeat(50 + n))).collect()
            }),
        ];
        for (name, list) in lists {
            let spent = |count| {
                let (budget, length, built) = spend(count, &list);
                let all = Budget::new(length);
                assert!(all.bytes - budget.bytes >= built * size_of::<Automaton>(), "records are paid too");
                all.steps - budget.steps
            };
            let (once, twice) = (spent(20), spent(40));
            assert!(once > 0 && twice * 10 <= once * 22, "{name}: {once} steps, {twice} for twice the lists");
        }
    }

    #[test]
    fn a_large_automaton_stays_a_list() {
        // The tenth character from the end of a run is one of a thousand states.
        let globs: Vec<_> = (0..20).map(|at| template(&format!("*{}b{}", at, "?".repeat(30 + at)))).collect();
        let globs: Vec<_> = globs.iter().collect();
        let mut budget = Budget::new(0);
        assert!(build(&globs, false, &mut budget).is_none());
        assert_eq!(budget.bytes, TABLE_BYTES, "no table, no room");
        assert!(budget.steps < STEPS - DETERMINIZE_BYTES, "a try that fails is paid for");
        assert!(build(&globs[..FEW - 1], false, &mut Budget::new(1 << 20)).is_none(), "few are asked one by one");
    }

    #[test]
    fn the_budget_pays_for_tables_and_their_work() {
        let globs: Vec<_> = (0..FEW).map(|at| template(&format!("prefix-{at}-*"))).collect();
        let globs: Vec<_> = globs.iter().collect();
        let mut budget = Budget::new(100);
        let table = build(&globs, false, &mut budget).unwrap();
        let size = 2 * table.cells.len() + size_of::<Automaton>();
        assert_eq!(budget.bytes, TABLE_BYTES + 100 - size);
        let spent = Budget::new(100).steps - budget.steps;
        assert!(build(&globs, false, &mut Budget { bytes: size, steps: spent }).is_some());
        assert!(build(&globs, false, &mut Budget { bytes: size - 1, steps: spent }).is_none());
        assert!(build(&globs, false, &mut Budget { bytes: size, steps: spent - 1 }).is_none());
    }
}
