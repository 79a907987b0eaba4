//! The decision path of one policy set, read downwards.
//!
//! ```text
//! caller   ─► names       numbers in the principal table, at most five
//! resource ─► blocks      one look-up in the index for each class the set uses
//! tail     ─► finals      one walk over each block's positions, ANDed with those that speak of the caller
//! finals   ─► decision    a Deny decides; else an Allow; what the automaton left open is looked at once more
//! ```
//!
//! Nothing here allocates, and nothing is decided by a hash. The work is bounded by the policy's length times
//! the request's: each block is walked once, each pattern compared once, and a statement's other elements a few
//! times for each class, however many of its resources match.

use super::case::Case;
use super::decision::{Decision, StatementRef};
use super::identity::Identity;
use super::truth::Truth;
use crate::blob::block::{Block, Final, check};
use crate::blob::index::{self, API, CLASSES};
use crate::blob::sets::Set;
use crate::blob::statements::{Policy, Resource, Statement, flag};

/// Decides one policy set (E-02).
pub(super) fn decide(case: &Case<'_>, set: u32) -> Decision {
    let mut allowed_by = None;
    let mut known = Known::default();
    for (block, tail) in blocks(case, set) {
        let hits = hits(case, block, tail);
        let denies = hits & block.deny.get();
        for bit in bits(denies) {
            // What the automaton promised and nobody can find denies, without a statement to name.
            let Some(terminal) = block.at(&case.view, bit) else { return Decision::implicit_deny() };
            if holds(case, &mut known, block, bit, terminal) {
                return statement_ref(case, terminal.statement.get())
                    .map_or(Decision::implicit_deny(), Decision::explicit_deny);
            }
        }
        if allowed_by.is_none() {
            allowed_by = bits(hits & !denies)
                .filter_map(|bit| Some((bit, block.at(&case.view, bit)?)))
                .find(|(bit, terminal)| holds(case, &mut known, block, *bit, terminal))
                .map(|(_, terminal)| terminal.statement.get());
        }
    }
    match allowed_by.and_then(|statement| statement_ref(case, statement)) {
        Some(statement) => Decision::explicit_allow(Some(statement)),
        None => Decision::implicit_deny(),
    }
}

/// Calls `visit` with every statement of a policy set that applies, and whether it is a Deny; in no order, and
/// with one that applies by two of its resources twice. `None`, which denies, where [`decide`] finds that what the
/// automaton promised is not there.
#[cfg(feature = "explain")]
pub(super) fn applicable(case: &Case<'_>, set: u32, mut visit: impl FnMut(StatementRef, bool)) -> Option<()> {
    let mut known = Known::default();
    for (block, tail) in blocks(case, set) {
        for bit in bits(hits(case, block, tail)) {
            let terminal = block.at(&case.view, bit)?;
            if holds(case, &mut known, block, bit, terminal) {
                visit(statement_ref(case, terminal.statement.get())?, block.deny.get() & (1 << bit) != 0);
            }
        }
    }
    Some(())
}

/// The blocks that may hold a pattern for the resource, each with the text its tokens are cut from.
fn blocks<'a>(case: &Case<'a>, set: u32) -> impl Iterator<Item = (&'a Block, &'a str)> + use<'a> {
    let view = case.view;
    let resource = case.question.resource;
    let classes = view.record::<Set>(set).map_or(0, |set| set.classes.get());
    // A resource without a slash has no API, and no pattern that spells one out can match it.
    let (api, tail) = match resource.rest.split_once('/') {
        Some((api, tail)) => (api, Some(tail)),
        None => ("", None),
    };
    let parts = [resource.partition, resource.service, resource.region, resource.account, api];
    (0..CLASSES)
        .filter(move |class| classes & (1 << class) != 0)
        .filter_map(move |class| Some((class, if class & API == 0 { resource.rest } else { tail? })))
        .flat_map(move |(class, tail)| index::find(&view, set, class, &parts).iter().map(move |block| (block, tail)))
}

/// The finals of a block that match the resource and speak of the caller, as far as the automaton can tell.
fn hits(case: &Case<'_>, block: &Block, tail: &str) -> u64 {
    let open = match case.question.identity {
        Identity::Service(_) => block.any_service.get(),
        _ => block.any.get(),
    };
    let speak = case.names.all().fold(open, |speak, name| speak | block.listing(&case.view, name));
    let actions = if case.is_invoke { block.invoke.get() } else { u64::MAX };
    let speak = speak & actions;
    // Most blocks of an API speak of others: then the walk is spared.
    if speak == 0 { 0 } else { speak & block.walk(&case.view, tail) }
}

/// What was found of the statement that was looked at last, whichever of its resources it was reached by.
///
/// The resources of one statement lie side by side in the blocks of a key, so its principals, actions and condition
/// are looked at a few times for each class and not once for each resource: the work stays within the bound.
#[derive(Debug, Default)]
struct Known {
    statement: Option<u32>,
    /// Principals and actions.
    speaks: Option<bool>,
    condition: Option<Truth>,
}

/// Whether the statement behind a final that was reached applies: what the automaton left open, looked at exactly.
fn holds(case: &Case<'_>, known: &mut Known, block: &Block, bit: u32, terminal: &Final) -> bool {
    if case.is_invoke && block.check.get() & (1 << bit) == 0 {
        return true;
    }
    let Some(statement) = case.view.record::<Statement>(terminal.statement.get()) else { return false };
    let open = |checks: u32| terminal.checks.get() & checks != 0;
    if known.statement != Some(terminal.statement.get()) {
        *known = Known { statement: Some(terminal.statement.get()), ..Known::default() };
    }
    let speaks =
        || (case.is_invoke || case.action(statement)) && (!open(check::PRINCIPAL) || case.principal(statement));
    if !*known.speaks.get_or_insert_with(speaks) {
        return false;
    }
    let mut truth = Truth::True;
    if open(check::RESOURCE) {
        let pattern = case.view.record::<Resource>(terminal.resource.get());
        truth = pattern.map_or(Truth::Undefined, |pattern| case.resource_pattern(pattern));
    }
    if open(check::NOT_RESOURCE) {
        truth = truth.and(case.resource(statement));
    }
    if truth != Truth::False && open(check::CONDITION) {
        truth = truth.and(*known.condition.get_or_insert_with(|| case.condition(statement)));
    }
    truth.applies(statement.has(flag::DENY))
}

/// A statement's policy, and its index there.
pub(super) fn statement_ref(case: &Case<'_>, statement: u32) -> Option<StatementRef> {
    let policies = case.view.records::<Policy>();
    let number = policies.partition_point(|policy| policy.statements.start.get() <= statement).checked_sub(1)?;
    let index = statement.checked_sub(policies.get(number)?.statements.start.get())?;
    Some(StatementRef { policy: u32::try_from(number).ok()?, index })
}

/// The places of the set bits of a mask, lowest first.
fn bits(mut mask: u64) -> impl Iterator<Item = u32> {
    core::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask.wrapping_sub(1);
        Some(bit)
    })
}
