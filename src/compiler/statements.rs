//! Statements to records: every element exactly as it is written, and one entry of the automaton for each
//! resource pattern.

use std::collections::HashMap;

use super::block::Automaton;
use super::index::{CrowdedKey, Index, SpeaksOf, Speech};
use super::keys::Keys;
use super::limits::{CompileError, number};
use super::predicates::Predicates;
use super::principals::Principals;
use super::strings::Strings;
use crate::blob::block::check;
use crate::blob::glob::{self, ANY_RUN};
use crate::blob::principals::PrincipalId;
use crate::blob::statements::{ActionPattern, ActionSet, ArnHead, Policy, Resource, Statement, flag};
use crate::blob::write::Sections;
use crate::blob::{SectionId, Span};
use crate::bundle::NamedPolicy;
use crate::policy::{self, ActionElement, Effect, PrincipalElement, PrincipalEntry, ResourcePattern, Template};

/// The globs of an action pattern: service and name.
type ActionGlobs = (Vec<u8>, Vec<u8>);

/// Everything that statements are compiled to.
#[derive(Debug, Default)]
pub(super) struct Statements<'p> {
    pub strings: Strings,
    pub keys: Keys,
    predicates: Predicates<'p>,
    pub index: Index<'p>,
    pub principals: Principals<'p>,
    policies: Vec<Policy>,
    statements: Vec<Statement>,
    principal_sets: Vec<PrincipalId>,
    set_places: HashMap<Vec<u32>, Span>,
    action_sets: Vec<ActionSet>,
    action_patterns: Vec<ActionPattern>,
    action_numbers: HashMap<Vec<ActionGlobs>, u32>,
    heads: Vec<ArnHead>,
    head_numbers: HashMap<[Vec<u8>; 4], u32>,
    resources: Vec<Resource>,
}

impl<'p> Statements<'p> {
    /// Adds the statements of a policy; its number is that of its policy set. `is_of_identities`: it is an identity policy
    /// or a boundary, whose statements have no principals.
    pub fn add_policy(&mut self, set: u32, named: &'p NamedPolicy, is_of_identities: bool) -> Result<(), CompileError> {
        let start = number("statements", self.statements.len())?;
        for (index, statement) in named.policy.statements.iter().enumerate() {
            self.add_statement(set, statement, is_of_identities)?.ok_or_else(|| CompileError::Unsupported {
                policy: named.name.clone(),
                statement: index,
                what: "an element that this compiler does not know",
            })?;
        }
        number("statements", self.statements.len())?;
        let len = number("statements", named.policy.statements.len())?;
        self.policies.push(Policy { statements: Span { start, len } });
        Ok(())
    }

    /// `None` where a blob cannot express an element of the statement.
    fn add_statement(
        &mut self,
        set: u32,
        parsed: &'p policy::Statement,
        is_of_identities: bool,
    ) -> Result<Option<()>, CompileError> {
        // D-06: one or the other, by the kind of policy.
        if parsed.principal.is_none() != is_of_identities {
            return Ok(None);
        }
        let principal = parsed.principal.as_ref();
        let has = |entry| principal.is_some_and(|element| has(element, &entry));
        let number_here = number("statements", self.statements.len())?.get();
        let is_deny = parsed.effect == Effect::Deny;
        let listed = principal.map_or(Ok(Vec::new()), |element| self.principals.listed(element, parsed.effect))?;
        let Some(conditions) = self.predicates.add(&parsed.condition)? else { return Ok(None) };
        let (actions, holds_invoke) = self.actions(&parsed.action)?;
        let resources = self.resources(&parsed.resource.patterns)?;
        let flags = [
            (is_deny, flag::DENY),
            (principal.is_some_and(|element| element.negated), flag::NOT_PRINCIPAL),
            // Whose an identity policy is has been settled when it is asked.
            (principal.is_none() || has(PrincipalEntry::Everyone), flag::EVERYONE),
            (has(PrincipalEntry::AnyAws), flag::ANY_AWS),
            (parsed.action.negated, flag::NOT_ACTION),
            (parsed.resource.negated, flag::NOT_RESOURCE),
        ];
        let flags = flags.into_iter().filter(|(set, _)| *set).fold(0, |flags, (_, bit)| flags | bit);

        let principals = self.principal_set(listed)?;
        let (speaks_of, principal_check) = speaks_of(flags, principals, parsed.resource.patterns.len());
        let condition_check = if parsed.condition.is_empty() { 0 } else { check::CONDITION };
        let speech = Speech {
            statement: number_here,
            checks: principal_check | condition_check,
            is_deny,
            invoke: holds_invoke != parsed.action.negated,
            speaks_of,
            other_bytes: other_bytes(parsed),
        };
        let first_resource = resources.start.get();
        if parsed.resource.negated {
            let checks = speech.checks | check::NOT_RESOURCE;
            self.index.add_everywhere(set, Speech { checks, ..speech }, first_resource);
        } else {
            for (resource, pattern) in (first_resource..).zip(&parsed.resource.patterns) {
                self.index.add(set, speech, resource, &pattern.value);
            }
        }

        let (flags, actions) = (flags.into(), actions.into());
        self.statements.push(Statement { flags, principals, actions, resources, conditions });
        Ok(Some(()))
    }

    /// The list of principals, stored once for all statements that list the same.
    fn principal_set(&mut self, listed: Vec<u32>) -> Result<Span, CompileError> {
        if let Some(place) = self.set_places.get(&listed) {
            return Ok(*place);
        }
        let start = number("listed principals", self.principal_sets.len())?;
        self.principal_sets.extend(listed.iter().map(|name| PrincipalId((*name).into())));
        number("listed principals", self.principal_sets.len())?;
        let place = Span { start, len: number("listed principals", listed.len())? };
        self.set_places.insert(listed, place);
        Ok(place)
    }

    /// The number of a list of action patterns, and whether one of them matches `execute-api:Invoke`.
    fn actions(&mut self, element: &ActionElement) -> Result<(u32, bool), CompileError> {
        let mut patterns = Vec::with_capacity(element.patterns.len());
        for pattern in &element.patterns {
            patterns.push(match &pattern.value {
                policy::ActionPattern::Any => (vec![ANY_RUN], vec![ANY_RUN]),
                policy::ActionPattern::Named { service, name } => {
                    (self.glob(service)?.to_ascii_lowercase(), self.glob(name)?.to_ascii_lowercase())
                }
            });
        }
        patterns.sort_unstable();
        patterns.dedup();
        let holds_invoke = patterns.iter().any(|(service, name)| {
            glob::matches_ignoring_case(service, "execute-api") && glob::matches_ignoring_case(name, "invoke")
        });
        if let Some(number) = self.action_numbers.get(&patterns) {
            return Ok((*number, holds_invoke));
        }
        let start = number("action patterns", self.action_patterns.len())?;
        for (service, name) in &patterns {
            let (service, name) = (self.strings.intern(service)?, self.strings.intern(name)?);
            self.action_patterns.push(ActionPattern { service, name });
        }
        number("action patterns", self.action_patterns.len())?;
        let len = number("action patterns", patterns.len())?;
        let number = number("action sets", self.action_sets.len())?.get();
        self.action_sets.push(ActionSet { patterns: Span { start, len } });
        self.action_numbers.insert(patterns, number);
        Ok((number, holds_invoke))
    }

    fn resources(&mut self, patterns: &[policy::Spanned<ResourcePattern>]) -> Result<Span, CompileError> {
        let start = number("resource patterns", self.resources.len())?;
        for pattern in patterns {
            let resource = match &pattern.value {
                ResourcePattern::Any => Resource { head: 0.into(), rest: self.strings.intern(&[ANY_RUN])? },
                ResourcePattern::Arn(arn) => {
                    let rest = self.glob(&arn.rest)?;
                    Resource { head: self.head(arn)?.saturating_add(1).into(), rest: self.strings.intern(&rest)? }
                }
            };
            self.resources.push(resource);
        }
        number("resource patterns", self.resources.len())?;
        Ok(Span { start, len: number("resource patterns", patterns.len())? })
    }

    fn head(&mut self, arn: &policy::ArnPattern) -> Result<u32, CompileError> {
        let (partition, region) = (self.glob(&arn.partition)?, self.glob(&arn.region)?);
        let parts = [partition, arn.service.clone().into_bytes(), region, self.glob(&arn.account)?];
        if let Some(number) = self.head_numbers.get(&parts) {
            return Ok(*number);
        }
        let [partition, service, region, account] = &parts;
        let number = number("ARN heads", self.heads.len())?.get();
        self.heads.push(ArnHead {
            partition: self.strings.intern(partition)?,
            service: self.strings.intern(service)?,
            region: self.strings.intern(region)?,
            account: self.strings.intern(account)?,
        });
        self.head_numbers.insert(parts, number);
        Ok(number)
    }

    fn glob(&mut self, template: &Template) -> Result<Vec<u8>, CompileError> {
        self.keys.glob(template, &mut self.strings)
    }

    /// Lays everything out; `source_bytes` is the length of the policies. Gives the keys that are crowded.
    pub fn finish(mut self, source_bytes: usize, sections: &mut Sections) -> Result<Vec<CrowdedKey>, CompileError> {
        let mut automaton = Automaton { principal_sets: &self.principal_sets, ..Automaton::default() };
        let (index, crowded) = self.index.finish(&mut automaton, &mut self.strings)?;
        sections.put_table(&index);
        sections.put(&automaton.blocks);
        sections.put(&automaton.entries);
        sections.put(&automaton.finals);
        sections.put(&automaton.gram_tables);
        sections.put(&automaton.gram_filters);
        sections.put(&automaton.gram_slots);
        sections.put(&automaton.candidates);
        let (principals, table) = self.principals.finish(&mut self.strings)?;
        sections.put(&principals);
        sections.put_table(&table);
        sections.put(&self.principal_sets);
        sections.put(&self.policies);
        sections.put(&self.statements);
        sections.put(&self.action_sets);
        sections.put(&self.action_patterns);
        sections.put(&self.heads);
        sections.put(&self.resources);
        self.predicates.finish(source_bytes, &mut self.keys, &mut self.strings, sections)?;
        sections.put(&self.keys.records);
        sections.put_bytes(SectionId::Strings, self.strings.bytes);
        Ok(crowded)
    }
}

fn has(element: &PrincipalElement, entry: &PrincipalEntry) -> bool {
    element.entries.iter().any(|listed| listed.value == *entry)
}

/// The bytes of a statement's actions and of its condition's keys and values, as written.
fn other_bytes(parsed: &policy::Statement) -> usize {
    let actions = parsed.action.patterns.iter().map(|pattern| pattern.place);
    let tests = parsed.condition.iter();
    let condition = tests.flat_map(|test| test.values.iter().map(|value| value.place).chain([test.key.place]));
    actions.chain(condition).map(|place| place.end.saturating_sub(place.start)).sum()
}

/// Whom the automaton lets a statement speak of, and the check that is left where that is more than it lists.
fn speaks_of(flags: u32, listed: Span, resources: usize) -> (SpeaksOf, u32) {
    let names = (listed.start.get(), listed.len.get());
    // Each principal has an entry in each block that a resource lies in. Where that product is more than a few
    // times the sum, the list is stored once and tested on the way out.
    let product = (names.1 as usize).saturating_mul(resources);
    let sum = (names.1 as usize).saturating_add(resources);
    if flags & flag::NOT_PRINCIPAL != 0 || product > sum.saturating_mul(2) {
        return (SpeaksOf::EVERYONE, check::PRINCIPAL);
    }
    let any_aws = flags & flag::ANY_AWS != 0;
    let any_service = flags & flag::EVERYONE != 0 || (any_aws && flags & flag::DENY != 0);
    (SpeaksOf { any: flags & flag::EVERYONE != 0 || any_aws, any_service, names }, 0)
}
