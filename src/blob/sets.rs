//! Policy sets and the endpoints they belong to.
//!
//! A set is what one question is put to: one policy of a bundle, whatever it belongs to, or a document alone. Its
//! statements are found through the index, in the classes the set has keys of.
//!
//! Invariant: endpoints are in rising order of their ids, without equals, so that one is found by bisection; so are
//! the keys of each, which are its own. A set's number is its policy's. `compiler` makes it so, [`validate`] refuses
//! a blob where it is not.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::predicates::Key;
use super::statements::Policy;
use super::strings::TextRef;
use super::{Fail, LoadError, Record, SectionId, Span, View};

/// A policy set.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Set {
    /// Bit `c` is set where the index holds a key of class `c` for this set.
    pub classes: U32,
}

/// A VPC endpoint.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Endpoint {
    /// Its id, as `vpce-1a2b3c4d`.
    pub id: TextRef,
    /// One more than its set's number; 0 for the default full-access policy (L-02).
    pub set: U32,
    /// Keys that every request through it has, in `endpoint-context`, their numbers rising.
    pub context: Span,
}

/// A key that every request through an endpoint has.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct EndpointContext {
    /// The key's number.
    pub key: U32,
    /// Its values, in `endpoint-values`.
    pub values: Span,
}

/// A value of an endpoint's key.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct EndpointValue(pub TextRef);

impl Record for Set {
    const SECTION: SectionId = SectionId::Sets;
}
impl Record for Endpoint {
    const SECTION: SectionId = SectionId::Endpoints;
}
impl Record for EndpointContext {
    const SECTION: SectionId = SectionId::EndpointContext;
}
impl Record for EndpointValue {
    const SECTION: SectionId = SectionId::EndpointValues;
}

/// The endpoint of this id.
pub(crate) fn endpoint<'a>(view: &View<'a>, id: &str) -> Option<&'a Endpoint> {
    let endpoints = view.records::<Endpoint>();
    let at = endpoints.binary_search_by(|endpoint| view.bytes(endpoint.id).cmp(id.as_bytes())).ok()?;
    endpoints.get(at)
}

/// What an endpoint says of the key of this number.
pub(crate) fn endpoint_values<'a>(view: &View<'a>, endpoint: &Endpoint, key: u32) -> Option<&'a [EndpointValue]> {
    let context = view.span::<EndpointContext>(endpoint.context);
    let at = context.binary_search_by_key(&key, |entry| entry.key.get()).ok()?;
    Some(view.span(context.get(at)?.values))
}

/// Checks numbers, ranges and order.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let sets = view.records::<Set>().len() as u64;
    Fail::at::<Set>(view, 0).unless_equal("sets", sets, view.records::<Policy>().len() as u64)?;
    let mut last: Option<&[u8]> = None;
    // Each key belongs to one endpoint, and ids are not longer together than all strings, as no two are equal: so this
    // loop is linear whatever the counts say.
    let (mut next, mut bytes) = (0, 0u64);
    for (at, endpoint) in view.records::<Endpoint>().iter().enumerate() {
        let fail = Fail::at::<Endpoint>(view, at);
        endpoint.id.validate(view, fail)?;
        bytes = bytes.saturating_add(endpoint.id.len.get().into());
        fail.unless_at_most("bytes of all ids", bytes, view.strings().len() as u64)?;
        let id = view.bytes(endpoint.id);
        fail.unless_equal("ids in rising order", last.is_none_or(|last| last < id).into(), 1)?;
        last = Some(id);
        fail.unless_at_most("set", endpoint.set.get().into(), sets)?;
        fail.unless_equal("first key", endpoint.context.start.get().into(), next)?;
        endpoint.context.validate::<EndpointContext>(view, fail)?;
        next = next.saturating_add(endpoint.context.len.get().into());
        let context = view.span::<EndpointContext>(endpoint.context);
        let rising = context.is_sorted_by(|one, next| one.key.get() < next.key.get());
        fail.unless_equal("keys that rise", rising.into(), 1)?;
    }
    let count = view.records::<EndpointContext>().len() as u64;
    Fail::at::<Endpoint>(view, view.records::<Endpoint>().len()).unless_equal("keys of all endpoints", next, count)?;
    let keys = view.records::<Key>().len() as u64;
    for (at, context) in view.records::<EndpointContext>().iter().enumerate() {
        let fail = Fail::at::<EndpointContext>(view, at);
        fail.unless_below("key", context.key.get().into(), keys)?;
        context.values.validate::<EndpointValue>(view, fail)?;
    }
    for (at, value) in view.records::<EndpointValue>().iter().enumerate() {
        value.0.validate(view, Fail::at::<EndpointValue>(view, at))?;
    }
    Ok(())
}
