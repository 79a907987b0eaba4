//! The other opinion: globs determinized by `regex-automata`, and pairs of automata walked byte by byte.

use std::collections::{HashMap, HashSet, VecDeque};

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::{primitives::StateID, start};
use regex_automata::{Anchored, nfa::thompson};
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, Look, Repetition};

/// How a glob is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// `*` and `?` take every character.
    Text,
    /// So they do, and ASCII letters are equal in either case.
    IgnoringCase,
    /// Those before the fifth colon do not take colons.
    Arn,
}

/// All texts of one glob.
pub struct Automaton {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
    /// A byte of each class of bytes that the automaton does not tell apart.
    representatives: Vec<u8>,
}

/// How the texts of two globs lie to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation {
    /// All of the one are of the other.
    pub within: bool,
    /// The characters of a shortest text of both.
    pub shortest: Option<usize>,
}

impl Automaton {
    pub fn of(glob: &str, reading: Reading) -> Self {
        let class = |ranges: &[(char, char)]| {
            let ranges = ranges.iter().map(|(first, last)| ClassUnicodeRange::new(*first, *last));
            Hir::class(Class::Unicode(ClassUnicode::new(ranges)))
        };
        let mut colons = 0;
        let mut parts = Vec::new();
        for character in glob.chars() {
            let wild = || match reading {
                Reading::Arn if colons < 5 => class(&[('\0', '9'), (';', char::MAX)]),
                _ => class(&[('\0', char::MAX)]),
            };
            parts.push(match character {
                '*' => Hir::repetition(Repetition { min: 0, max: None, greedy: true, sub: Box::new(wild()) }),
                '?' => wild(),
                letter if reading == Reading::IgnoringCase => {
                    let (upper, lower) = (letter.to_ascii_uppercase(), letter.to_ascii_lowercase());
                    class(&[(upper, upper), (lower, lower)])
                }
                other => Hir::literal(other.to_string().into_bytes()),
            });
            colons += usize::from(character == ':');
        }
        parts.push(Hir::look(Look::End));
        let nfa = thompson::Compiler::new().build_from_hir(&Hir::concat(parts)).unwrap();
        let config = dense::Config::new().start_kind(StartKind::Anchored).accelerate(false);
        let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa).unwrap();
        let start = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)).unwrap();
        let mut classes = HashSet::new();
        let representatives = (0..=u8::MAX).filter(|byte| classes.insert(dfa.byte_classes().get(*byte))).collect();
        Self { dfa, start, representatives }
    }

    fn next(&self, state: StateID, byte: u8) -> StateID {
        self.dfa.next_state(state, byte)
    }

    fn takes(&self, state: StateID) -> bool {
        self.dfa.is_match_state(self.dfa.next_eoi_state(state))
    }

    /// Bytes that stand for all, in these automata together: a byte begins a character where it is below 80 or from C0.
    fn bytes<'a>(automata: impl IntoIterator<Item = &'a Self>) -> Vec<u8> {
        let automata: Vec<&Self> = automata.into_iter().collect();
        let mut kinds = HashSet::new();
        let is_new = |byte: &u8| {
            let classes: Vec<u8> = automata.iter().map(|one| one.dfa.byte_classes().get(*byte)).collect();
            kinds.insert(classes)
        };
        // Few have more than one representative that the others tell apart.
        if let [one] = automata.as_slice() {
            return one.representatives.clone();
        }
        (0..=u8::MAX).filter(is_new).collect()
    }

    pub fn relation(&self, other: &Self) -> Relation {
        let bytes = Self::bytes([self, other]);
        let mut relation = Relation { within: true, shortest: None };
        let mut seen = HashMap::new();
        // By characters: bytes within one come to nothing new.
        let mut open = VecDeque::from([((self.start, other.start), 0)]);
        while let Some((pair @ (one, two), length)) = open.pop_front() {
            if seen.insert(pair, length).is_some() {
                continue;
            }
            if self.takes(one) {
                relation.within &= other.takes(two);
                if other.takes(two) && relation.shortest.is_none() {
                    relation.shortest = Some(length);
                }
            }
            for byte in &bytes {
                let next = (self.next(one, *byte), other.next(two, *byte));
                if self.dfa.is_dead_state(next.0) {
                    continue;
                }
                if (0x80..0xC0).contains(byte) {
                    open.push_front((next, length));
                } else {
                    open.push_back((next, length + 1));
                }
            }
        }
        relation
    }

    /// Whether each text of this is one of some of the others.
    pub fn is_within_union(&self, others: &[Self]) -> bool {
        let bytes = Self::bytes(others.iter().chain([self]));
        let mut seen = HashSet::new();
        let mut open = vec![(self.start, others.iter().map(|other| other.start).collect::<Vec<_>>())];
        while let Some((one, rest)) = open.pop() {
            if !seen.insert((one, rest.clone())) || self.dfa.is_dead_state(one) {
                continue;
            }
            if self.takes(one) && !others.iter().zip(&rest).any(|(other, state)| other.takes(*state)) {
                return false;
            }
            for byte in &bytes {
                let next = others.iter().zip(&rest).map(|(other, state)| other.next(*state, *byte)).collect();
                open.push((self.next(one, *byte), next));
            }
        }
        true
    }
}
