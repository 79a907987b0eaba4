//! Rules H-13, H-15 and H-16: which entry of an API's methods a resource is a call of.

use std::cmp::Ordering;

use crate::bundle::{Api, Apis, Method, PathTemplate, Segment};
use crate::gate::Resource;

/// An API, and the entry that a request to it is a call of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route<'b> {
    pub api: &'b Api,
    pub method: &'b Method,
}

/// L-16, H-15, H-16: `None` where the API is not in the bundle, or no entry matches.
pub(super) fn find<'b>(apis: &'b Apis, resource: &Resource<'_>) -> Option<Route<'b>> {
    let mut parts = resource.rest.splitn(4, '/');
    // H-16: no part of R-10 is missing, and stage and method are not empty.
    let (id, stage, method, path) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if stage.is_empty() || method.is_empty() {
        return None;
    }
    let api = apis.list.iter().find(|api| {
        resource.partition == api.arn.partition
            && resource.service == "execute-api"
            && resource.region == api.arn.region
            && resource.account == api.arn.account
            && id == api.arn.id
    })?;
    let segments = segments(path)?;
    // H-15: of the request's stage and of `*`, all together, those whose template matches.
    let matching = api
        .methods
        .iter()
        .filter(|entry| entry.stage.as_deref().is_none_or(|own| own == stage) && matches(&entry.path, &segments));
    let best = matching.clone().map(|entry| &entry.path).min_by(|one, other| prefer(one, other))?;
    let on_best = matching.filter(|entry| entry.path == *best);
    // The method decides: named before `ANY`; then the stage: named before `*`. No other template is tried.
    let has_method = on_best.filter(|entry| entry.method.as_deref().is_none_or(|own| own == method));
    let method = has_method.min_by_key(|entry| (entry.method.is_none(), entry.stage.is_none()))?;
    Some(Route { api, method })
}

/// H-16: the segments of a PATH, one slash at its end ignored; `None` where one of them is empty.
fn segments(path: &str) -> Option<Vec<&str>> {
    // The root.
    if path.is_empty() {
        return Some(Vec::new());
    }
    let segments: Vec<_> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
    (!segments.contains(&"")).then_some(segments)
}

/// H-16: `{name}` takes one segment, `{name+}` one or more.
fn matches(template: &PathTemplate, segments: &[&str]) -> bool {
    let mut rest = segments.iter();
    for wanted in &template.segments {
        let Some(segment) = rest.next() else { return false };
        match wanted {
            Segment::Literal(text) if text == segment => {}
            Segment::Literal(_) => return false,
            Segment::Variable => {}
            // The last of its template.
            Segment::Rest => return true,
        }
    }
    rest.next().is_none()
}

/// H-15: of two templates that match one path, the first from the left that differ: literal before `{name}` before
/// `{name+}`.
fn prefer(one: &PathTemplate, other: &PathTemplate) -> Ordering {
    let rank = |segment: &Segment| match segment {
        Segment::Literal(_) => 0,
        Segment::Variable => 1,
        Segment::Rest => 2,
    };
    one.segments.iter().map(rank).cmp(other.segments.iter().map(rank))
}
