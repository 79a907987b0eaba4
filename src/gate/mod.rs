//! The runtime: a blob that has been loaded, and the decisions it makes.
//!
//! One request goes from [`Gate::decide`] through `identity` (read the request), `decide` (the path of one policy set),
//! and where the automaton left something open `case` and `condition`, to a [`Decision`]. One to a bundle goes through
//! `layers` (which policy sets, and what they come to), which asks `routes` and `header` first, and each set by the same
//! path. Everything that is read of the blob was checked by [`Gate::load`].

mod case;
mod condition;
mod decide;
mod decision;
#[cfg(feature = "explain")]
mod explain;
mod header;
mod identity;
mod instant;
mod keys;
mod layers;
mod names;
mod prepared;
mod present;
mod request;
mod routes;
mod slots;
mod truth;
mod values;

#[cfg(feature = "explain")]
pub use decision::Evaluation;
pub use decision::{Decision, Layer, Reason, Refusal, StatementRef};
#[cfg(feature = "explain")]
pub use explain::{Counts, Explanation, Outcome, StatementReport, TestReport};
// The reference evaluator reads the same question.
#[cfg(feature = "compiler")]
pub(crate) use identity::{Account, Identity, Question, Resource};
#[cfg(any(feature = "sigv4", all(feature = "compiler", feature = "gateway")))]
pub(crate) use keys::is_principal_key;
#[cfg(feature = "compiler")]
pub(crate) use keys::{DerivedKey, Scratch};
pub use prepared::{BatchError, PreparedApi, PreparedPrincipal};
pub use request::{
    Authorization, Authorizer, Caller, Context, Fault, MAX_CONTEXT_VALUE_BYTES, MAX_PRINCIPAL_BYTES,
    MAX_RESOURCE_BYTES, Request, Value,
};
#[cfg(feature = "explain")]
pub use routes::CalledMethod;

use crate::blob::apis;
use crate::blob::predicates;
use crate::blob::{FORMAT_VERSION, Layout, LoadError, View, feature};
use case::Case;
use decide::{Key, Lookup, Open, Search};
use identity::Parts;
use present::Composed;
use slots::Slots;

/// A blob that has been loaded: the policy decision point.
///
/// `D` is whatever holds the bytes: a static slice, a `Vec<u8>`, a memory map. The gate reads them in place, so
/// they must not change while it lives; if they do, it may answer wrongly, and never panics.
#[derive(Debug, Clone)]
pub struct Gate<D> {
    bytes: D,
    layout: Layout,
}

impl<D: AsRef<[u8]>> Gate<D> {
    /// Loads a blob in place: no copy, no allocation, any alignment; fastest where the bytes begin at a multiple
    /// of 64, as those of [`include_gate!`](crate::include_gate) do.
    ///
    /// `bytes` is one whole `.gate` file, as FORMAT.md lays it out. Time is linear in its length: everything that
    /// deciding relies on is checked here, once.
    ///
    /// # Errors
    /// [`LoadError`] says what is wrong: cut short, damaged, of another version, or a record that refers to
    /// something that is not there, with the section, the byte offset and the value found. Every input gives `Ok`
    /// or `Err`; none panics.
    pub fn load(bytes: D) -> Result<Self, LoadError> {
        let layout = Layout::read(bytes.as_ref())?;
        Ok(Self { bytes, layout })
    }

    /// Decides one request (E-02; of a bundle L-01 to L-16): no allocation, no panic, no clock, no I/O.
    ///
    /// A request that cannot be read ([`Request::check`]) is an implicit deny (E-07), and so is one to a bundle
    /// through an endpoint that is not in it, or for an API or a method that is not (L-16).
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let view = self.view();
        if self.is_bundle() {
            return layers::decide(view, request);
        }
        match Search::of_common(view, request) {
            Some(search) => decide_document(&search, request, Lookup::Ahead),
            None => decide_any(view, request),
        }
    }

    /// Looks a caller up, for [`Gate::decide_prepared`]: once for each connection, say. One that no policy names, or that
    /// is of no known form, gives a handle as well.
    pub fn principal<'a>(&'a self, caller: Caller<'a>) -> PreparedPrincipal<'a> {
        PreparedPrincipal::new(&self.layout, self.view(), caller)
    }

    /// Looks an API up, for [`Gate::decide_prepared`]: once for each route, say. `arn` is a resource up to the slash that
    /// ends the API, as `arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5`. One that no policy names, or that is no
    /// such ARN, gives a handle as well.
    pub fn api<'a>(&'a self, arn: &'a str) -> PreparedApi<'a> {
        PreparedApi::new(&self.layout, self.view(), arn)
    }

    /// A context of values in the order of [`Gate::context_keys`], for requests to this gate: no name is looked up when it
    /// is made, nor when it is decided with. `None` says nothing of a key. What no policy names has no slot; the endpoint of
    /// a bundle goes into [`Request::endpoint`].
    ///
    /// Not as many slots as keys make a request that cannot be read, which is denied. With a request to another gate the
    /// values are found by their names, as those of [`Context::new`] are.
    pub fn context<'a>(&'a self, slots: &'a [Option<Value<'a>>]) -> Context<'a> {
        Context::of_slots(Slots::new(self.view(), slots))
    }

    /// [`Gate::decide`], the same answer, where the request's caller and the API of its resource have been looked up
    /// before. A handle of another gate, caller or API does not count: the request is decided as [`Gate::decide`] does
    /// it, and so is one to a bundle, where the endpoint picks the policy.
    ///
    /// Use it where requests come one at a time, and many with the same caller or API. Two look-ups of three are spared.
    pub fn decide_prepared(
        &self,
        principal: &PreparedPrincipal<'_>,
        api: &PreparedApi<'_>,
        request: &Request<'_>,
    ) -> Decision {
        let names = principal.names(&self.layout, request).filter(|_| api.is_of(&self.layout, request));
        let Some(names) = names else { return self.decide(request) };
        let Some(search) = Search::by(self.view(), request, || Some(*names)) else { return Decision::implicit_deny() };
        match api.place() {
            Some(place) => {
                decide::decide_in_document(&search, place, |open| decide_with_conditions(search, request, open))
            }
            None => decide_keys(search, request, api.keys()),
        }
    }

    /// [`Gate::decide`] of several requests, the same answers, in the same order; no allocation.
    ///
    /// Use it where requests come together and the policies are too large for the processor's caches: the look-ups of
    /// eight requests at a time are made side by side, so that one waits while the others do.
    ///
    /// # Errors
    /// [`BatchError`] where there are not as many places as requests. Then nothing is decided.
    pub fn decide_batch(&self, requests: &[Request<'_>], decisions: &mut [Decision]) -> Result<(), BatchError> {
        if requests.len() != decisions.len() {
            return Err(BatchError { requests: requests.len(), decisions: decisions.len() });
        }
        for (requests, decisions) in requests.chunks(BATCH).zip(decisions.chunks_mut(BATCH)) {
            if self.is_bundle() {
                requests.iter().zip(decisions).for_each(|(request, decision)| *decision = self.decide(request));
            } else {
                decide_together(self.view(), requests, decisions);
            }
        }
        Ok(())
    }

    /// The format version of the blob.
    pub const fn version(&self) -> u32 {
        FORMAT_VERSION
    }

    /// The BLAKE3 digest that the compiler wrote: the blob's name. It is not a signature, and it is not computed
    /// again here; the checksum that is guards against accidents only.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.layout.digest
    }

    /// Whether the blob is a bundle, where the endpoint of a request is asked first; else it is one document.
    pub const fn is_bundle(&self) -> bool {
        self.layout.features & feature::BUNDLE != 0
    }

    /// Whether the blob is a bundle with APIs, where each layer is asked (L-01); without, the endpoint alone is.
    pub fn has_apis(&self) -> bool {
        apis::profile(&self.view()).is_some()
    }

    /// The context keys that the policies name, in ASCII lower case.
    pub fn context_keys(&self) -> impl Iterator<Item = &str> {
        let view = self.view();
        view.records::<predicates::Key>().iter().map(move |key| view.text(key.name))
    }

    pub(crate) fn view(&self) -> View<'_> {
        self.layout.view(self.bytes.as_ref())
    }
}

/// So many requests are looked up side by side.
const BATCH: usize = 8;

/// Decides up to [`BATCH`] requests, step by step: what one step loads for a request does not wait for another's.
#[inline(never)]
fn decide_together(view: View<'_>, requests: &[Request<'_>], decisions: &mut [Decision]) {
    let mut searches = [None; BATCH];
    for (search, request) in searches.iter_mut().zip(requests) {
        *search = Search::of(view, request);
    }
    let mut keys = [None; BATCH];
    for (key, search) in keys.iter_mut().zip(&searches) {
        *key = search.as_ref().and_then(|search| decide::find_spelled_out(search, 0));
    }
    for (((request, decision), search), key) in requests.iter().zip(decisions).zip(&searches).zip(keys) {
        *decision = search
            .as_ref()
            .map_or(Decision::implicit_deny(), |search| decide_document(search, request, Lookup::SpelledOut(key)));
    }
}

/// Decides a document.
#[inline(always)]
fn decide_document(search: &Search<'_>, request: &Request<'_>, lookup: Lookup<'_>) -> Decision {
    decide::decide_set(search, 0, lookup, |open| decide_with_conditions(*search, request, open))
}

/// Decides a document, of a caller as few are: apart, so that the way of most has its registers to itself.
#[inline(never)]
fn decide_any(view: View<'_>, request: &Request<'_>) -> Decision {
    let Some(search) = Search::of_any(view, request) else { return Decision::implicit_deny() };
    decide_document(&search, request, Lookup::Ahead)
}

/// Decides a document, by keys of the index in several places.
#[inline(never)]
fn decide_keys(search: Search<'_>, request: &Request<'_>, keys: &[Option<Key<'_>>]) -> Decision {
    decide_document(&search, request, Lookup::Done(keys))
}

/// Decides a document where something is left to look at once more. The room that takes is not in the frame of those
/// requests that need none.
#[inline(never)]
fn decide_with_conditions(search: Search<'_>, request: &Request<'_>, open: Open<'_>) -> Decision {
    decide::decide(&Case::new(&search, Parts::of(request), None, &Composed::default()), 0, open)
}
