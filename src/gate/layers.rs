//! Which policy set a request is put to.

use super::request::Request;
use crate::blob::sets::{self, Endpoint};
use crate::blob::{View, feature};

/// What a request is put to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// Nothing: the endpoint is not known (L-16).
    Nothing,
    /// The default endpoint policy, which allows everything (L-02).
    FullAccess,
    /// A policy set; of an endpoint, where there is a bundle.
    Set(u32, Option<&'a Endpoint>),
}

/// The policy set for a request: a document's only one, or that of the endpoint it came through.
#[inline]
pub(super) fn asked<'a>(view: &View<'a>, features: u32, request: &Request<'_>) -> Asked<'a> {
    if features & feature::BUNDLE == 0 {
        return Asked::Set(0, None);
    }
    let Some(endpoint) = endpoint_id(request).and_then(|id| sets::endpoint(view, id)) else { return Asked::Nothing };
    match endpoint.set.get().checked_sub(1) {
        Some(set) => Asked::Set(set, Some(endpoint)),
        None => Asked::FullAccess,
    }
}

/// The endpoint a request names: itself, or in `aws:SourceVpce`; where both do they must agree (L-16).
fn endpoint_id<'a>(request: &Request<'a>) -> Option<&'a str> {
    let given = request.context.get("aws:SourceVpce").filter(|value| value.texts().next().is_some());
    match (request.endpoint, given) {
        (endpoint, None) => endpoint,
        (None, Some(value)) => value.single(),
        (Some(endpoint), Some(value)) => value.single().filter(|given| *given == endpoint),
    }
}
