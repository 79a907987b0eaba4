//! The decision path of one policy set, read downwards.
//!
//! ```text
//! caller   ─► names       numbers in the principal table, at most five
//! resource ─► blocks      one look-up in the index for each class the set uses
//! tail     ─► finals      one walk over each block's positions, ANDed with those that speak of the caller; and the
//!                         candidates under its grams, where a key has many patterns
//! finals   ─► decision    a Deny decides; else an Allow; what the automaton left open is looked at once more
//! ```
//!
//! Nothing here allocates, and nothing is decided by a hash. The work is bounded by the policy's length times
//! the request's: each block is walked once, each pattern compared once, and a statement's other elements a few
//! times for each class, however many of its resources match.

use core::hint::select_unpredictable;
use core::ops::ControlFlow::{self, Break, Continue};

use super::case::Case;
use super::decision::{Decision, StatementRef};
use super::identity::{Resource, is_invoke};
use super::names::Names;
use super::request::Request;
use super::truth::Truth;
use crate::blob::block::{Block, Final, Table, check, principal_key};
use crate::blob::grams::{Candidate, GramTable, speaks};
use crate::blob::index::{self, API, IndexSlot, Parts, SPELLED_OUT};
use crate::blob::sets::Set;
use crate::blob::statements::{self, Policy, Statement, flag};
use crate::blob::tokens::{self, Ends};
use crate::blob::{Span, View, words};

/// What the automaton is asked: a request whose action and context can be read, and who the caller is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search<'a> {
    pub view: View<'a>,
    pub resource: &'a str,
    pub names: Names,
    /// Whether the action is `execute-api:Invoke`, which blocks know by heart.
    pub is_invoke: bool,
}

impl<'a> Search<'a> {
    /// Reads a request as far as the automaton needs it; `None` where it cannot be read (E-07). The resource is read
    /// later, if at all: one that is spelled out in the index, letter for letter, is an ARN.
    #[inline]
    pub fn of(view: View<'a>, request: &Request<'a>) -> Option<Self> {
        Self::by(view, request, || Names::read(&view, request.caller))
    }

    /// [`Search::of`] a request whose caller is as most are ([`Names::read_common`]); `None` for any other too.
    #[inline(always)]
    pub fn of_common(view: View<'a>, request: &Request<'a>) -> Option<Self> {
        Self::by(view, request, || Names::read_common(&view, request.caller))
    }

    /// [`Search::of`] a request whose caller is as few are.
    #[inline(always)]
    pub fn of_any(view: View<'a>, request: &Request<'a>) -> Option<Self> {
        Self::by(view, request, || Names::read_any(&view, request.caller))
    }

    /// [`Search::of`] a request whose caller has these names.
    #[inline(always)]
    pub fn by(view: View<'a>, request: &Request<'a>, names: impl FnOnce() -> Option<Names>) -> Option<Self> {
        let Request { action, resource, .. } = *request;
        if request.context.fault().is_some() || !Resource::is_short(resource) {
            return None;
        }
        let is_invoke = is_invoke(action)?;
        Some(Self { view, resource, names: names()?, is_invoke })
    }
}

/// How far a request has been looked up in the index already.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lookup<'a> {
    /// Not yet.
    Ahead,
    /// In the class that spells everything out, with this result of [`find_spelled_out`].
    SpelledOut(Option<Spelled<'a>>),
    /// In all classes.
    Done(&'a [Option<Key<'a>>]),
}

impl<'a> Lookup<'a> {
    /// The same, where this has been found by it: what was found is not looked up again.
    #[inline(always)]
    fn with(self, found: Spelled<'a>) -> Self {
        if matches!(self, Self::Ahead) { Self::SpelledOut(Some(found)) } else { self }
    }
}

/// A key of the index that a resource has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key<'a> {
    pub slot: &'a IndexSlot,
    /// Where in the resource its tail begins.
    pub tail: usize,
}

/// A key that spells everything out, and the ends of the tail's tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spelled<'a> {
    key: Key<'a>,
    ends: Ends<'a>,
}

/// The key of a policy set that a resource spells out.
#[inline(always)]
pub(super) fn find_spelled_out<'a>(search: &Search<'a>, set: u32) -> Option<Spelled<'a>> {
    let Search { view, resource, .. } = *search;
    if classes(&view, set) >> SPELLED_OUT & 1 == 0 {
        return None;
    }
    let mut ends = Ends::from(resource, index::SLASH_FROM);
    let slash = (ends.next()? as usize).wrapping_add(tokens::WORD);
    let slot = index::find_spelled_out(&view, set, resource, slash)?;
    Some(Spelled { key: Key { slot, tail: slash.wrapping_add(1) }, ends })
}

/// The classes that a policy set has keys of, as a mask.
#[inline(always)]
fn classes(view: &View<'_>, set: u32) -> u32 {
    if set == 0 { view.classes } else { view.record::<Set>(set).map_or(0, |set| set.classes.get()) }
}

/// What is left to look at once more.
#[derive(Debug, Clone, Copy)]
pub(super) enum Open<'a> {
    /// Finals of one block; and `sure` ones that allow, unless a Deny is among the open ones.
    OneBlock { open: Hits<'a>, sure: Option<Hits<'a>> },
    /// Finals in several places, which are visited again.
    Several,
}

/// Finals of a block that were reached and speak of the caller, as bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hits<'a> {
    block: &'a Block,
    bits: u64,
}

/// Decides one policy set (E-02): at once, where nothing is left to look at once more, which is nearly always; else with
/// `look` at what is.
#[inline(always)]
pub(super) fn decide_set<'a>(
    search: &Search<'a>,
    set: u32,
    lookup: Lookup<'a>,
    look: impl FnOnce(Open<'a>) -> Decision,
) -> Decision {
    let view = search.view;
    let spelled = match lookup {
        Lookup::Ahead => find_spelled_out(search, set),
        Lookup::SpelledOut(spelled) => spelled,
        Lookup::Done(_) => return decide_blocks(*search, set, lookup).unwrap_or_else(look),
    };
    let is_alone = classes(&view, set) & !(1 << SPELLED_OUT) == 0;
    // Nearly always one block of one key has it all, or nothing has.
    let Some(Spelled { key, ends }) = spelled.filter(|spelled| spelled.key.slot.is_one_block()) else {
        if spelled.is_none() && is_alone {
            return Decision::implicit_deny();
        }
        return decide_blocks(*search, set, lookup).unwrap_or_else(look);
    };
    let block = view.record::<Block>(key.slot.blocks.start.get()).filter(|_| is_alone);
    let Some(block) = block else {
        return decide_blocks(*search, set, lookup.with(Spelled { key, ends })).unwrap_or_else(look);
    };
    decide_in(search, set, Place { block, table: block.table(&view), tail: key.tail }, ends, look)
}

/// A block, and where in the resource the tail begins that it is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    block: &'a Block,
    table: Table<'a>,
    tail: usize,
}

impl<'a> Place<'a> {
    /// The one block that a document has for an API, if these are the keys of its resources and all is in one block.
    pub fn of(view: &View<'a>, keys: &[Option<Key<'a>>]) -> Option<Self> {
        let [Some(Key { slot, tail }), None, ..] = *keys else { return None };
        let block = view.record::<Block>(slot.blocks.start.get()).filter(|_| slot.is_one_block())?;
        Some(Self { block, table: block.table(view), tail })
    }
}

/// [`decide_set`] where one block has all that the set says of a resource's API.
#[inline(always)]
pub(super) fn decide_in<'a>(
    search: &Search<'a>,
    set: u32,
    place: Place<'a>,
    ends: Ends<'_>,
    look: impl FnOnce(Open<'a>) -> Decision,
) -> Decision {
    let block = place.block;
    let bits = hits(search, place, ends);
    let (sure, denies) = (bits & block.sure(search.is_invoke), block.deny.get());
    // What was left open matters where it may deny, or where nothing else allows.
    let (deny, open) = (sure & denies, bits & !sure);
    let may_turn = if sure == 0 { open } else { open & denies };
    if deny == 0 && may_turn != 0 {
        let sure = (sure != 0).then_some(Hits { block, bits: sure });
        return look(Open::OneBlock { open: Hits { block, bits: open }, sure });
    }
    if sure == 0 {
        return Decision::implicit_deny();
    }
    let decisive = select_unpredictable(deny != 0, deny, sure);
    let statement = statement_at(search, set, Hits { block, bits: decisive });
    if deny != 0 { denied_by(statement) } else { allowed_by_statement(statement) }
}

/// [`decide_in`] a document, of a request whose API has been looked up.
#[inline(always)]
pub(super) fn decide_in_document<'a>(
    search: &Search<'a>,
    place: Place<'a>,
    look: impl FnOnce(Open<'a>) -> Decision,
) -> Decision {
    decide_in(search, 0, place, Ends::from(search.resource, place.tail), look)
}

/// [`decide_set`] whatever there is: blocks of several keys, and candidates under their grams.
#[inline(never)]
fn decide_blocks<'a>(search: Search<'a>, set: u32, lookup: Lookup<'a>) -> Result<Decision, Open<'a>> {
    let search = &search;
    let (mut allowed_by, mut open, mut several) = (None, None, false);
    let denied = visit(search, set, lookup, |reached| {
        // Of a candidate nothing is sure: all is visited again.
        let Reached::Hits(Hits { block, bits: hits }) = reached else { return Break(None) };
        let sure = hits & block.sure(search.is_invoke);
        if sure & block.deny.get() != 0 {
            return Break(Some(Hits { block, bits: sure & block.deny.get() }));
        }
        if sure != 0 {
            allowed_by = Some(Hits { block, bits: sure });
        }
        if hits != sure {
            several |= open.is_some();
            open = Some(Hits { block, bits: hits & !sure });
        }
        Continue(())
    });
    match denied {
        Break(Some(deny)) => return Ok(denied_by(statement_at(search, set, deny))),
        Break(None) => return Err(Open::Several),
        Continue(()) if several => return Err(Open::Several),
        Continue(()) => {}
    }
    match (open, allowed_by) {
        // An Allow that is left open does not matter where another is not.
        (Some(open), Some(_)) if open.bits & open.block.deny.get() != 0 => {
            Err(Open::OneBlock { open, sure: allowed_by })
        }
        (Some(open), None) => Err(Open::OneBlock { open, sure: None }),
        (_, Some(allow)) => Ok(allowed_by_statement(statement_at(search, set, allow))),
        (None, None) => Ok(Decision::implicit_deny()),
    }
}

/// Decides one policy set (E-02) with what was left to look at once more.
pub(super) fn decide(case: &Case<'_>, set: u32, open: Open<'_>) -> Decision {
    match open {
        Open::OneBlock { open, sure } => decide_block(case, set, open, sure),
        Open::Several => decide_several(case, set),
    }
}

/// [`decide`] of finals of one block: denies first; then nothing need be looked at where an Allow is sure.
fn decide_block(case: &Case<'_>, set: u32, Hits { block, bits: open }: Hits<'_>, sure: Option<Hits<'_>>) -> Decision {
    let view = case.view();
    let mut known = Known::default();
    let deny = block.deny.get();
    for bit in bits(open & deny) {
        let Some(terminal) = block.at(&view, bit) else { return Decision::implicit_deny() };
        if holds(case, &mut known, terminal) {
            return denied_by(statement_ref(&view, set, terminal.statement.get()));
        }
    }
    if let Some(sure) = sure {
        return allowed_by_statement(statement_at(case.search, set, sure));
    }
    for bit in bits(open & !deny) {
        let Some(terminal) = block.at(&view, bit) else { return Decision::implicit_deny() };
        if holds(case, &mut known, terminal) {
            return allowed_by_statement(statement_ref(&view, set, terminal.statement.get()));
        }
    }
    Decision::implicit_deny()
}

/// [`decide`] of finals in several places.
#[inline(never)]
fn decide_several(case: &Case<'_>, set: u32) -> Decision {
    let view = case.view();
    let mut known = Known::default();
    let mut allowed_by = None;
    let denied = visit_each(case.search, set, |Terminal { terminal, is_deny, is_sure }| {
        if !is_deny && allowed_by.is_some() {
            return Continue(());
        }
        let Some(terminal) = terminal else { return Break(Decision::implicit_deny()) };
        if !is_sure && !holds(case, &mut known, terminal) {
            return Continue(());
        }
        let statement = statement_ref(&view, set, terminal.statement.get());
        if is_deny {
            return Break(denied_by(statement));
        }
        allowed_by = Some(statement);
        Continue(())
    });
    match (denied, allowed_by) {
        (Break(denied), _) => denied,
        (Continue(()), Some(statement)) => allowed_by_statement(statement),
        (Continue(()), None) => Decision::implicit_deny(),
    }
}

/// The statement of the first of these finals. What the automaton promised and nobody can find denies, without a
/// statement to name.
#[inline(always)]
fn statement_at(search: &Search<'_>, set: u32, hits: Hits<'_>) -> Option<StatementRef> {
    let terminal = hits.block.at(&search.view, hits.bits.trailing_zeros())?;
    statement_ref(&search.view, set, terminal.statement.get())
}

fn denied_by(statement: Option<StatementRef>) -> Decision {
    statement.map_or(Decision::implicit_deny(), Decision::explicit_deny)
}

/// A statement that cannot be named allows nothing.
fn allowed_by_statement(statement: Option<StatementRef>) -> Decision {
    statement.map_or(Decision::implicit_deny(), |statement| Decision::explicit_allow(Some(statement)))
}

/// Whether `is` is true of some statement of a policy set that applies, given whether it is a Deny. In no order.
pub(super) fn some_applicable(case: &Case<'_>, set: u32, is: impl Fn(StatementRef, bool) -> bool) -> bool {
    let mut found = false;
    let whole = applicable(case, set, |statement, is_deny| {
        found = is(statement, is_deny);
        if found { Break(()) } else { Continue(()) }
    });
    found && whole.is_some()
}

/// Calls `applies` with every statement of a policy set that applies, and whether it is a Deny, until it breaks off; in
/// no order, and with one that applies by two of its resources twice. `None`, which denies, where [`decide`] finds that
/// what the automaton promised is not there.
pub(super) fn applicable(
    case: &Case<'_>,
    set: u32,
    mut applies: impl FnMut(StatementRef, bool) -> ControlFlow<()>,
) -> Option<()> {
    let mut known = Known::default();
    let view = case.view();
    let end = visit_each(case.search, set, |Terminal { terminal, is_deny, is_sure }| {
        let Some(terminal) = terminal else { return Break(None) };
        if is_sure || holds(case, &mut known, terminal) {
            let Some(statement) = statement_ref(&view, set, terminal.statement.get()) else { return Break(None) };
            return applies(statement, is_deny).map_break(Some);
        }
        Continue(())
    });
    end.break_value().unwrap_or(Some(()))
}

/// What the automaton reaches at one place: resource patterns whose statements speak of the caller.
#[derive(Debug, Clone, Copy)]
enum Reached<'a> {
    /// Finals of a block; none perhaps.
    Hits(Hits<'a>),
    /// A pattern under a gram, of which nothing is sure.
    Candidate { terminal: &'a Final, is_deny: bool },
}

/// One of these patterns.
#[derive(Debug, Clone, Copy)]
struct Terminal<'a> {
    /// `None` where the automaton promises what is not there.
    terminal: Option<&'a Final>,
    is_deny: bool,
    /// Whether its statement applies, with nothing left to look at.
    is_sure: bool,
}

/// [`visit`], pattern by pattern. Within a block denies come first, then what is sure.
fn visit_each<'a, B>(
    search: &Search<'a>,
    set: u32,
    mut reach: impl FnMut(Terminal<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    visit(search, set, Lookup::Ahead, |reached| match reached {
        Reached::Hits(hits) => each(search, hits, &mut reach),
        Reached::Candidate { terminal, is_deny } => {
            reach(Terminal { terminal: Some(terminal), is_deny, is_sure: false })
        }
    })
}

/// [`visit_each`] of these finals of a block.
fn each<'a, B>(
    search: &Search<'a>,
    Hits { block, bits: hits }: Hits<'a>,
    reach: &mut impl FnMut(Terminal<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let (sure, deny) = (block.sure(search.is_invoke), block.deny.get());
    for hits in [hits & deny, hits & !deny & sure, hits & !deny & !sure] {
        for bit in bits(hits) {
            let has = |mask: u64| mask >> bit & 1 != 0;
            let terminal = block.at(&search.view, bit);
            reach(Terminal { terminal, is_deny: has(deny), is_sure: has(sure) })?;
        }
    }
    Continue(())
}

/// Calls `reach` with all patterns of a policy set that are reached and speak of the caller, as far as the automaton
/// can tell. Within a block denies come first, then what is sure.
#[inline(always)]
fn visit<'a, B>(
    search: &Search<'a>,
    set: u32,
    lookup: Lookup<'a>,
    mut reach: impl FnMut(Reached<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let spelled = match lookup {
        Lookup::Ahead => find_spelled_out(search, set),
        Lookup::SpelledOut(spelled) => spelled,
        Lookup::Done(keys) => {
            for key in keys.iter().flatten() {
                visit_key(search, *key, Ends::from(search.resource, key.tail), &mut reach)?;
            }
            return Continue(());
        }
    };
    if let Some(Spelled { key, ends }) = spelled {
        visit_key(search, key, ends, &mut reach)?;
    }
    let classes = classes(&search.view, set) & !(1 << SPELLED_OUT);
    if classes == 0 {
        return Continue(());
    }
    // One that cannot be read matches nothing (E-07).
    let Some(resource) = Resource::read(search.resource) else { return Continue(()) };
    visit_wild(search, set, classes, &resource, reach)
}

/// [`visit`] in the classes that leave a part of the ARN open.
#[inline(never)]
fn visit_wild<'a, B>(
    search: &Search<'a>,
    set: u32,
    classes: u32,
    resource: &Resource<'a>,
    mut reach: impl FnMut(Reached<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    // A resource without a slash has no API, and no pattern that spells one out can match it.
    let slash = words::find(resource.rest.as_bytes(), b'/', 0);
    let api = slash.and_then(|slash| resource.rest.get(..slash));
    for key in find_wild(search.view, set, classes, resource, api) {
        visit_key(search, key, Ends::from(resource.text, key.tail), &mut reach)?;
    }
    Continue(())
}

/// The keys of a policy set that a resource has in these classes; `api` is what stands before its slash.
#[inline(always)]
fn find_wild<'a, 'r: 'a>(
    view: View<'a>,
    set: u32,
    classes: u32,
    resource: &Resource<'r>,
    api: Option<&'r str>,
) -> impl Iterator<Item = Key<'a>> + use<'a, 'r> {
    let Resource { partition, service, region, account, .. } = *resource;
    let start = resource.text.len().saturating_sub(resource.rest.len());
    let behind_api = api.map(|api| start.saturating_add(api.len()).saturating_add(1));
    let parts = Parts::new([partition, service, region, account, api.unwrap_or_default()]);
    bits(classes.into()).filter_map(move |class| {
        let tail = if class & API == 0 { start } else { behind_api? };
        Some(Key { slot: index::find(&view, set, class, &parts)?, tail })
    })
}

/// All keys of a policy set that the resources of an API have, given as one of them up to the slash; `None` if there are
/// more than so many.
pub(super) fn find_all<'a, const N: usize>(
    view: View<'a>,
    set: u32,
    api: &Resource<'a>,
) -> Option<[Option<Key<'a>>; N]> {
    let classes = classes(&view, set);
    let spelled = (classes >> SPELLED_OUT & 1 != 0)
        .then(|| index::find_spelled_out(&view, set, api.text, api.text.len()))
        .flatten()
        .map(|slot| Key { slot, tail: api.text.len().wrapping_add(1) });
    let mut keys = [None; N];
    let mut places = keys.iter_mut();
    for key in spelled.into_iter().chain(find_wild(view, set, classes & !(1 << SPELLED_OUT), api, Some(api.rest))) {
        *places.next()? = Some(key);
    }
    Some(keys)
}

/// [`visit`] at one key of the index; the tokens of the tail have these ends.
#[inline(always)]
fn visit_key<'a, B>(
    search: &Search<'a>,
    Key { slot, tail }: Key<'_>,
    ends: Ends<'_>,
    reach: &mut impl FnMut(Reached<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    for block in search.view.span::<Block>(slot.blocks) {
        let place = Place { block, table: block.table(&search.view), tail };
        reach(Reached::Hits(Hits { block, bits: hits(search, place, ends) }))?;
    }
    if slot.grams.len.get() == 0 {
        return Continue(());
    }
    visit_grams(search, slot.grams, tail, reach)
}

/// [`visit`] the candidates of tables of grams.
#[inline(never)]
fn visit_grams<'a, B>(
    search: &Search<'a>,
    tables: Span,
    tail: usize,
    reach: &mut impl FnMut(Reached<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let tail = search.resource.as_bytes().get(tail..).unwrap_or_default();
    for table in search.view.span::<GramTable>(tables) {
        table.each_list(&search.view, tail, |list| {
            for Candidate { terminal, speaks, principal } in list {
                let speaks = speaks.get();
                if speaks_of(search, speaks, principal.get()) {
                    reach(Reached::Candidate { terminal, is_deny: speaks & speaks::DENY != 0 })?;
                }
            }
            Continue(())
        })?;
    }
    Continue(())
}

/// The finals of a block that match the resource and speak of the caller, as far as the automaton can tell.
#[inline(always)]
fn hits(search: &Search<'_>, Place { block, table, tail }: Place<'_>, ends: Ends<'_>) -> u64 {
    let Search { resource, names, is_invoke, .. } = search;
    let open = if names.is_service { block.any_service.get() } else { block.any.get() };
    let [one, other] = names.keys();
    let mut speak = open | table.mask(one, 0) | table.mask(other, 0);
    if names.has_more() {
        speak |= all_of(*names, table);
    }
    let actions = if *is_invoke { block.invoke.get() } else { u64::MAX };
    let speak = speak & actions;
    // Most blocks of an API speak of others: then the walk is spared.
    if speak == 0 { 0 } else { block.walk(speak, table, resource, tokens::end_before(tail), ends) }
}

/// The positions of the patterns that list one of a caller's many names.
#[cold]
fn all_of(names: Names, table: Table<'_>) -> u64 {
    names.all().fold(0, |speak, name| speak | table.mask(principal_key(name.wrapping_add(1)), 0))
}

/// Whether a candidate speaks of the caller and the action, as far as its record can tell.
#[inline]
fn speaks_of(search: &Search<'_>, speaks: u32, principal: u32) -> bool {
    let names = &search.names;
    let open = speaks & if names.is_service { speaks::ANY_SERVICE } else { speaks::ANY };
    let named = || principal.checked_sub(1).is_some_and(|principal| names.all().any(|name| name == principal));
    (!search.is_invoke || speaks & speaks::INVOKE != 0) && (open != 0 || named())
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
#[inline(never)]
fn holds(case: &Case<'_>, known: &mut Known, terminal: &Final) -> bool {
    let Some(statement) = case.view().record::<Statement>(terminal.statement.get()) else { return false };
    let open = |checks: u32| terminal.checks.get() & checks != 0;
    if known.statement != Some(terminal.statement.get()) {
        *known = Known { statement: Some(terminal.statement.get()), ..Known::default() };
    }
    let speaks =
        || (case.search.is_invoke || case.action(statement)) && (!open(check::PRINCIPAL) || case.principal(statement));
    if !*known.speaks.get_or_insert_with(speaks) {
        return false;
    }
    let mut truth = Truth::True;
    if open(check::HEAD | check::REST) {
        let pattern = case.view().record::<statements::Resource>(terminal.resource.get());
        if let (Some(pattern), true) = (pattern, open(check::HEAD)) {
            truth = truth.and(case.resource_head(pattern));
        }
        if truth != Truth::False && open(check::REST) {
            truth = truth.and(pattern.map_or(Truth::Undefined, |pattern| case.resource_rest(pattern)));
        }
    }
    if open(check::NOT_RESOURCE) {
        truth = truth.and(case.resource(statement));
    }
    if truth != Truth::False && open(check::CONDITION) {
        truth = truth.and(*known.condition.get_or_insert_with(|| case.condition(statement)));
    }
    truth.applies(statement.has(flag::DENY))
}

/// A statement's policy, which has the number of its set, and its index there.
#[inline]
fn statement_ref(view: &View<'_>, set: u32, statement: u32) -> Option<StatementRef> {
    // The first policy's begin at 0.
    let first = if set == 0 { 0 } else { view.record::<Policy>(set)?.statements.start.get() };
    let index = statement.checked_sub(first)?;
    Some(StatementRef { policy: set, index })
}

/// The places of the set bits of a mask, lowest first.
fn bits(mut mask: u64) -> impl Iterator<Item = u32> {
    core::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros())?;
        mask &= mask.wrapping_sub(1);
        Some(bit)
    })
}
