//! Which entry of an API's methods a resource is a call of (L-16, H-13, H-15, H-16).
//!
//! The tree of an API's templates is walked in the order of preference, and the first template with an entry in the
//! request's stage is the best one. Where a branch ends without one the walk turns back to the node above, which knows
//! what comes next: it needs no memory of its own, and sees no node twice.

use super::identity::Resource;
use crate::blob::apis::{self, ApiSlot};
use crate::blob::routes::{AuthorizationType, RouteNode, has_stage, method, method_number};
use crate::blob::{Span, View, words};

/// An API, and what the called method asks of its callers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route<'a> {
    pub api: &'a ApiSlot,
    pub authorization: AuthorizationType,
}

/// The route of a resource; `None` where its API is not in the bundle, and where no entry matches.
pub(super) fn find<'a>(view: &View<'a>, resource: &Resource<'_>) -> Option<Route<'a>> {
    // all four parts, of which stage and method are not empty.
    let (id, rest) = cut(resource.rest)?;
    let (stage, rest) = cut(rest).filter(|(stage, _)| !stage.is_empty())?;
    let (verb, path) = cut(rest).filter(|(verb, _)| !verb.is_empty())?;
    let behind_id = resource.text.len().checked_sub(resource.rest.len())?.checked_add(id.len())?;
    let arn = resource.text.get("arn:".len()..behind_id)?;
    let api = apis::find(view, arn.as_bytes(), resource.region, id)?;
    // What no entry names has those of every stage, and of any method.
    let (stage, verb) = (apis::stage_number(view, api, stage), method_number(verb).unwrap_or(0));
    let entries = best(view, api.root.get().checked_sub(1)?, stage, segments(path)?)?;
    // The method decides, named before `ANY`; then the stage, named before `*`. No other template is tried.
    let of = |stage, verb| method(view, entries, stage, verb);
    let entry = of(stage, verb).or_else(|| of(0, verb)).or_else(|| of(stage, 0)).or_else(|| of(0, 0))?;
    Some(Route { api, authorization: entry.authorization()? })
}

/// A PATH without the one slash that may stand at its end, or nothing for the root; `None` where a segment is empty.
fn segments(path: &str) -> Option<&str> {
    if path.is_empty() {
        return Some(path);
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut rest = path;
    while let Some((segment, behind)) = cut(rest) {
        if segment.is_empty() {
            return None;
        }
        rest = behind;
    }
    (!rest.is_empty()).then_some(path)
}

/// The entries of the best template that matches a path and has some in the stage.
fn best(view: &View<'_>, root: u32, stage: u32, path: &str) -> Option<Span> {
    let (mut number, mut node) = (root, view.record::<RouteNode>(root)?);
    // Where the next segment begins; one behind the path's end where there is none.
    let mut at = if path.is_empty() { 1 } else { 0 };
    let in_stage = |entries: Span| entries.len.get() > 0 && has_stage(view, entries, stage);
    loop {
        let segment = path.get(at..).map(segment_of);
        let below = match segment {
            // The whole path is taken.
            None if in_stage(node.here) => return Some(node.here),
            None => None,
            Some(segment) => node.literal(view, segment.as_bytes()).or_else(|| node.variable.get().checked_sub(1)),
        };
        if let (Some(below), Some(segment)) = (below, segment) {
            (number, node) = (below, view.record::<RouteNode>(below)?);
            at = at.checked_add(segment.len())?.checked_add(1)?;
            continue;
        }
        // What is left is a `{name+}`, here or, going back, above.
        if segment.is_some() && in_stage(node.rest) {
            return Some(node.rest);
        }
        loop {
            if number == root {
                return None;
            }
            let left = number;
            (number, node) = (node.parent.get(), view.record::<RouteNode>(node.parent.get())?);
            let taken = path.get(..at.checked_sub(1)?)?;
            at = taken.rfind('/').map_or(0, |slash| slash.saturating_add(1));
            match node.variable.get().checked_sub(1) {
                // Behind a literal comes the variable.
                Some(variable) if variable != left => {
                    let segment = segment_of(path.get(at..)?);
                    (number, node) = (variable, view.record::<RouteNode>(variable)?);
                    at = at.checked_add(segment.len())?.checked_add(1)?;
                    break;
                }
                _ if in_stage(node.rest) => return Some(node.rest),
                _ => {}
            }
        }
    }
}

/// A path's first segment.
fn segment_of(path: &str) -> &str {
    let end = words::find(path.as_bytes(), b'/', 0);
    end.and_then(|end| path.get(..end)).unwrap_or(path)
}

/// A text before its first slash, and behind it.
fn cut(text: &str) -> Option<(&str, &str)> {
    let slash = words::find(text.as_bytes(), b'/', 0)?;
    Some((text.get(..slash)?, text.get(slash.checked_add(1)?..)?))
}
