//! Handles: a caller or an API that has been looked up, for the requests that share it.
//!
//! A handle says what it was made of and by which gate, and is asked nothing about anything else: a request that is not
//! of that caller, that API and that gate is decided without it. So no handle changes an answer.

use core::ptr;

use super::decide::{self, Key, Place};
use super::identity::Resource;
use super::names::Names;
use super::request::{Caller, Request};
use crate::blob::{Layout, View, feature};

/// A caller that has been looked up in a gate: see [`Gate::principal`](super::Gate::principal).
#[derive(Debug, Clone, Copy)]
pub struct PreparedPrincipal<'a> {
    gate: &'a Layout,
    caller: Caller<'a>,
    /// `None` for one that cannot be read.
    names: Option<Names>,
}

impl<'a> PreparedPrincipal<'a> {
    pub(super) fn new(gate: &'a Layout, view: View<'a>, caller: Caller<'a>) -> Self {
        Self { gate, caller, names: Names::read(&view, caller) }
    }

    /// The names of the request's caller, if this is it.
    #[inline]
    pub(super) fn names(&self, gate: &Layout, request: &Request<'_>) -> Option<&Names> {
        let is_its = ptr::eq(self.gate, gate) && self.caller == request.caller;
        self.names.as_ref().filter(|_| is_its)
    }
}

/// An API that has been looked up in a gate: see [`Gate::api`](super::Gate::api).
#[derive(Debug, Clone, Copy)]
pub struct PreparedApi<'a> {
    gate: &'a Layout,
    arn: &'a str,
    /// What the policies say of it and of the likes of it; `None` where a request is to be looked up by itself.
    keys: Option<[Option<Key<'a>>; KEYS]>,
    /// The block that has all of it, where one has.
    place: Option<Place<'a>>,
}

/// An API that stands under more keys of the index than this is looked up with each request. Most have one or two.
const KEYS: usize = 4;

impl<'a> PreparedApi<'a> {
    pub(super) fn new(gate: &'a Layout, view: View<'a>, arn: &'a str) -> Self {
        // What a slash stands in is not the API of any resource; and of a bundle an endpoint picks the policy.
        let is_api = !arn.contains('/') && gate.features & feature::BUNDLE == 0;
        let resource = if is_api { Resource::read(arn) } else { None };
        let keys: Option<[_; KEYS]> = resource.and_then(|resource| decide::find_all(view, 0, &resource));
        Self { gate, arn, keys, place: keys.and_then(|keys| Place::of(&view, &keys)) }
    }

    /// Whether the request's resource is this API's, and has been looked up.
    #[inline]
    pub(super) fn is_of(&self, gate: &Layout, request: &Request<'_>) -> bool {
        let tail = request.resource.as_bytes().strip_prefix(self.arn.as_bytes());
        ptr::eq(self.gate, gate) && self.keys.is_some() && tail.is_some_and(|tail| tail.first() == Some(&b'/'))
    }

    /// The block that has all that the policies say of it, where one has.
    pub(super) const fn place(&self) -> Option<Place<'a>> {
        self.place
    }

    /// The keys of its resources.
    pub(super) fn keys(&self) -> &[Option<Key<'a>>] {
        self.keys.as_ref().map_or(&[], <[_; KEYS]>::as_slice)
    }
}

/// There are not as many places for decisions as requests: see [`Gate::decide_batch`](super::Gate::decide_batch).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a place for each of {requests} decisions, got {decisions}: give slices of one length")]
pub struct BatchError {
    /// How many requests.
    pub requests: usize,
    /// How many places for their decisions.
    pub decisions: usize,
}
