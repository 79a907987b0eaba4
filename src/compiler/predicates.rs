//! Conditions to predicates: equal ones are stored once, those that most statements share first.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;

use super::automaton::{self, Budget};
use super::keys::Keys;
use super::limits::{CompileError, number};
use super::strings::Strings;
use crate::blob::Span;
use crate::blob::automaton::{Automaton, Transition};
use crate::blob::predicates::{
    self, Comparison, ListedGlob, ListedNumber, ListedText, Network, Operator, Predicate, PredicateId, Qualifier,
};
use crate::blob::write::Sections;
use crate::policy::{self, ConditionTest, ConditionValue, Piece, Template};

/// The conditions of all statements while they grow.
#[derive(Debug, Default)]
pub(super) struct Predicates<'p> {
    distinct: Vec<Distinct<'p>>,
    numbers: HashMap<Distinct<'p>, usize>,
    /// How many statements ask each of them.
    uses: Vec<usize>,
    /// The statements' lists, one after another: places in `distinct`.
    members: Vec<usize>,
}

/// What makes two tests of conditions the same predicate.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Distinct<'p> {
    operator: Operator,
    /// In ASCII lower case (C-21).
    key: String,
    /// Listed values are alternatives (C-02): their order and repeats mean nothing.
    values: BTreeSet<&'p ConditionValue>,
}

impl<'p> Predicates<'p> {
    /// Adds a statement's condition: a run in `conditions`. `None` where an operator has no number.
    pub fn add(&mut self, tests: &'p [ConditionTest]) -> Result<Option<Span>, CompileError> {
        let start = number("conditions", self.members.len())?;
        for test in tests {
            let Some(operator) = operator(test.operator.value) else { return Ok(None) };
            let distinct = Distinct {
                operator,
                key: test.key.value.to_ascii_lowercase(),
                values: test.values.iter().map(|value| &value.value).collect(),
            };
            let place = match self.numbers.get(&distinct) {
                Some(place) => *place,
                None => {
                    self.numbers.insert(distinct.clone(), self.distinct.len());
                    self.distinct.push(distinct);
                    self.uses.push(0);
                    self.distinct.len().saturating_sub(1)
                }
            };
            if let Some(uses) = self.uses.get_mut(place) {
                *uses = uses.saturating_add(1);
            }
            self.members.push(place);
        }
        number("conditions", self.members.len())?;
        Ok(Some(Span { start, len: number("conditions", tests.len())? }))
    }

    /// Lays the predicates out. `source_bytes` is the length of the policies: what automata may take is in
    /// proportion to it.
    pub fn finish(
        self,
        source_bytes: usize,
        keys: &mut Keys,
        strings: &mut Strings,
        sections: &mut Sections,
    ) -> Result<(), CompileError> {
        let mut order: Vec<usize> = (0..self.distinct.len()).collect();
        order.sort_by_key(|place| Reverse(self.uses.get(*place)));
        let mut number_of = vec![0; order.len()];
        for (number, place) in (0u32..).zip(&order) {
            if let Some(slot) = number_of.get_mut(*place) {
                *slot = number;
            }
        }
        let mut tables = Tables::new(source_bytes);
        for distinct in order.iter().filter_map(|place| self.distinct.get(*place)) {
            tables.add(distinct, keys, strings)?;
        }
        number("predicates", tables.predicates.len())?;
        let members = self.members.iter().filter_map(|place| number_of.get(*place));
        sections.put(&tables.predicates);
        sections.put(&tables.texts);
        sections.put(&tables.globs);
        sections.put(&tables.numbers);
        sections.put(&tables.networks);
        sections.put(&tables.automata);
        sections.put(&tables.transitions);
        sections.put(&members.map(|number| PredicateId((*number).into())).collect::<Vec<_>>());
        Ok(())
    }
}

/// The sections of predicates and their values.
#[derive(Debug)]
struct Tables {
    predicates: Vec<Predicate>,
    texts: Vec<ListedText>,
    globs: Vec<ListedGlob>,
    numbers: Vec<ListedNumber>,
    networks: Vec<Network>,
    automata: Vec<Automaton>,
    transitions: Vec<Transition>,
    budget: Budget,
}

impl Tables {
    fn new(source_bytes: usize) -> Self {
        Self {
            predicates: Vec::new(),
            texts: Vec::new(),
            globs: Vec::new(),
            numbers: Vec::new(),
            networks: Vec::new(),
            automata: Vec::new(),
            transitions: Vec::new(),
            budget: Budget::new(source_bytes),
        }
    }

    fn add(&mut self, distinct: &Distinct<'_>, keys: &mut Keys, strings: &mut Strings) -> Result<(), CompileError> {
        let mut operator = distinct.operator;
        let key = keys.number(&distinct.key, strings)?;
        let mut listed = Listed::default();
        for value in &distinct.values {
            match value {
                ConditionValue::Text(template) => match template.as_literal() {
                    Some(text) if operator.comparison == Comparison::EqualsIgnoreCase => {
                        listed.texts.insert(text.to_ascii_lowercase());
                    }
                    Some(text) => {
                        listed.texts.insert(text.to_owned());
                    }
                    None => listed.templates.push(template),
                },
                ConditionValue::Bool(true) => operator.lists_true = true,
                ConditionValue::Bool(false) => operator.lists_false = true,
                // Either side has one canonical form, so bytes are equal where their base64 is (C-20).
                ConditionValue::Bytes(bytes) => {
                    listed.texts.insert(STANDARD.encode(bytes));
                }
                ConditionValue::Number { scaled } => listed.numbers.push(*scaled),
                ConditionValue::Instant { nanoseconds } => listed.numbers.push(*nanoseconds),
                ConditionValue::Network(network) => listed.networks.push(*network),
            }
        }
        let values = if !listed.numbers.is_empty() {
            let numbers: BTreeSet<i128> = listed.numbers.into_iter().collect();
            extend("numbers", &mut self.numbers, numbers.into_iter().map(|number| ListedNumber(number.into())))?
        } else if !listed.networks.is_empty() {
            extend("blocks of addresses", &mut self.networks, networks(listed.networks))?
        } else {
            let mut texts = Vec::with_capacity(listed.texts.len());
            for text in &listed.texts {
                texts.push((strings.intern(text.as_bytes())?, text.as_bytes()));
            }
            extend("texts", &mut self.texts, predicates::texts(&texts).into_iter())?
        };
        let automaton = self.automaton(operator.comparison, &mut listed.templates)?;
        let mut globs = Vec::with_capacity(listed.templates.len());
        for template in listed.templates {
            let glob = keys.glob(template, strings)?;
            globs.push(ListedGlob(strings.intern(&glob)?));
        }
        let globs = extend("globs", &mut self.globs, globs.into_iter())?;
        let (operator, key, automaton) = (operator.bits().into(), key.into(), automaton.into());
        self.predicates.push(Predicate { operator, key, values, globs, automaton });
        Ok(())
    }

    /// Makes one automaton of the globs without variables, and takes them from the list; leaves them there, and
    /// returns 0, where they are few or the automaton would be large.
    fn automaton(&mut self, comparison: Comparison, templates: &mut Vec<&Template>) -> Result<u32, CompileError> {
        let (with, without): (Vec<_>, Vec<_>) = templates
            .iter()
            .partition(|template| template.pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. })));
        let Some(table) = automaton::build(&without, comparison == Comparison::Arn, &mut self.budget) else {
            return Ok(0);
        };
        *templates = with;
        let cells = table.cells.into_iter().map(|cell| Transition(cell.into()));
        let rows = extend("cells of automata", &mut self.transitions, cells)?;
        self.automata.push(Automaton { width: table.width.into(), rows, class_of: table.class_of });
        Ok(number("automata", self.automata.len())?.get())
    }
}

/// The listed values of one predicate, by how they are stored.
#[derive(Debug, Default)]
struct Listed<'p> {
    texts: BTreeSet<String>,
    templates: Vec<&'p Template>,
    numbers: Vec<i128>,
    networks: Vec<IpNet>,
}

/// Appends records to their section; the run they are.
fn extend<T>(
    what: &'static str,
    section: &mut Vec<T>,
    records: impl ExactSizeIterator<Item = T>,
) -> Result<Span, CompileError> {
    let (start, len) = (number(what, section.len())?, number(what, records.len())?);
    section.extend(records);
    number(what, section.len())?;
    Ok(Span { start, len })
}

/// The operator as blobs know it, with nothing listed yet.
fn operator(operator: policy::Operator) -> Option<Operator> {
    let base = Operator::of_base(operator.base.name())?;
    let qualifier = operator.qualifier.map(|qualifier| match qualifier {
        policy::Qualifier::ForAllValues => Qualifier::ForAllValues,
        policy::Qualifier::ForAnyValue => Qualifier::ForAnyValue,
    });
    Some(Operator { qualifier, if_exists: operator.if_exists, ..base })
}

/// The same addresses in as few blocks as hold them, rising; no two overlap.
fn networks(mut listed: Vec<IpNet>) -> impl ExactSizeIterator<Item = Network> {
    listed = IpNet::aggregate(&listed);
    listed.sort_unstable();
    listed.into_iter().map(|network| {
        let mut first = [0; 16];
        let (version, octets) = match network {
            IpNet::V4(network) => (4, network.network().octets().to_vec()),
            IpNet::V6(network) => (6, network.network().octets().to_vec()),
        };
        for (to, from) in first.iter_mut().zip(octets) {
            *to = from;
        }
        Network { version, prefix: network.prefix_len(), first }
    })
}
