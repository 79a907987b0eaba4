//! The runtime: a blob that has been loaded, and the decisions it makes.
//!
//! One request goes from [`Gate::decide`] through `identity` (read the request), `layers` (which policy set),
//! `decide` (the path itself), and where the automaton left something open `case` and `condition`, to a
//! [`Decision`]. Everything it reads of the blob was checked by [`Gate::load`].

mod case;
mod condition;
mod decide;
mod decision;
#[cfg(feature = "explain")]
mod explain;
mod identity;
mod instant;
mod keys;
mod layers;
mod names;
mod present;
mod request;
mod truth;
mod values;

#[cfg(feature = "explain")]
pub use decision::Evaluation;
pub use decision::{Decision, Layer, Reason, Refusal, StatementRef};
#[cfg(feature = "explain")]
pub use explain::{Counts, Explanation, Outcome, StatementReport, TestReport};
pub(crate) use identity::Question;
// The reference evaluator reads the same question.
#[cfg(feature = "compiler")]
pub(crate) use identity::{Account, Identity, Resource};
#[cfg(feature = "compiler")]
pub(crate) use keys::{DerivedKey, Scratch};
pub use request::{
    Authorization, Authorizer, Caller, Context, Fault, MAX_CONTEXT_VALUE_BYTES, MAX_PRINCIPAL_BYTES,
    MAX_RESOURCE_BYTES, Request, Value,
};

use crate::blob::predicates::Key;
use crate::blob::sets::Endpoint;
use crate::blob::{FORMAT_VERSION, Layout, LoadError, View, feature};
use case::Case;
use decide::{Open, Search};
use layers::Asked;
use present::Composed;

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

    /// Decides one request (E-02): no allocation, no panic, no clock, no I/O.
    ///
    /// A request that cannot be read ([`Request::check`]) is an implicit deny (E-07), and so is one to a bundle
    /// through an endpoint that is not in it (L-16).
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let view = self.view();
        let Some(search) = Search::of(view, request) else { return Decision::implicit_deny() };
        match layers::asked(&view, self.layout.features, request) {
            Asked::Nothing => Decision::implicit_deny(),
            // What cannot be read is denied (E-07), also by a policy that allows everything.
            Asked::FullAccess if request.check().is_err() => Decision::implicit_deny(),
            Asked::FullAccess => Decision::explicit_allow(None),
            Asked::Set(set, endpoint) => decide::decide_at_once(&search, set)
                .unwrap_or_else(|open| decide_with_conditions(&search, request, set, endpoint, open)),
        }
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

    /// Whether the blob is a bundle, where the endpoint of a request picks the policy; else it is one document.
    pub const fn is_bundle(&self) -> bool {
        self.layout.features & feature::BUNDLE != 0
    }

    /// The context keys that the policies name, in ASCII lower case.
    pub fn context_keys(&self) -> impl Iterator<Item = &str> {
        let view = self.view();
        view.records::<Key>().iter().map(move |key| view.text(key.name))
    }

    fn view(&self) -> View<'_> {
        self.layout.view(self.bytes.as_ref())
    }
}

/// Decides one policy set where something is left to look at once more. The room that takes is not in the frame of
/// those requests that need none.
#[inline(never)]
fn decide_with_conditions(
    search: &Search<'_>,
    request: &Request<'_>,
    set: u32,
    endpoint: Option<&Endpoint>,
    open: Open<'_>,
) -> Decision {
    let Ok(question) = Question::read(request) else { return Decision::implicit_deny() };
    decide::decide(&Case::new(search, question, endpoint, &Composed::default()), set, open)
}
