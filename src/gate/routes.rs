//! Which entry of an API's methods a resource is a call of (L-16, H-13, H-15, H-16).
//!
//! The tree of an API's templates is walked in the order of preference, and the first template with an entry in the
//! request's stage is the best one. Where a branch ends without one the walk turns back to the node above, which knows
//! what comes next: it needs no memory of its own, and sees no node twice.

use super::identity::Resource;
use crate::blob::apis::{self, ApiSlot};
use crate::blob::routes::{AuthorizationType, Method, RouteNode, has_stage, method, method_number};
use crate::blob::{Span, View, words};
#[cfg(feature = "explain")]
use crate::blob::{apis::Stage, routes::method_name};

/// An API, and what the called method asks of its callers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route<'a> {
    pub api: &'a ApiSlot,
    pub authorization: AuthorizationType,
}

/// The entry of an API's methods that a resource is a call of (H-15), as `bundle.json` writes it.
#[cfg(feature = "explain")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalledMethod {
    /// The stage, or `*` for all.
    pub stage: String,
    /// The method, or `ANY` for all.
    pub method: &'static str,
    /// The template, with `{}` for each `{name}` and `{+}` for a `{name+}`: names mean nothing (H-17), and blobs have none.
    pub path: String,
    /// `NONE`, `AWS_IAM`, `CUSTOM` or `COGNITO_USER_POOLS`.
    pub authorization: &'static str,
}

/// The route of a resource; `None` where its API is not in the bundle, and where no entry matches.
pub(super) fn find<'a>(view: &View<'a>, resource: &Resource<'_>) -> Option<Route<'a>> {
    let Found { api, entry, .. } = search(view, resource)?;
    Some(Route { api, authorization: entry.authorization()? })
}

/// The same, as `bundle.json` writes it.
#[cfg(feature = "explain")]
pub(super) fn describe(view: &View<'_>, resource: &Resource<'_>) -> Option<CalledMethod> {
    let Found { api, entry, template } = search(view, resource)?;
    let stage = match entry.stage.get().checked_sub(1) {
        None => "*",
        Some(at) => view.text(view.span::<Stage>(api.stages).get(at as usize)?.0),
    };
    Some(CalledMethod {
        stage: stage.to_owned(),
        method: method_name(entry.method.get())?,
        path: template.text(view)?,
        authorization: entry.authorization()?.as_str(),
    })
}

/// An entry, and where it stands.
struct Found<'a> {
    api: &'a ApiSlot,
    entry: &'a Method,
    #[cfg_attr(not(feature = "explain"), expect(dead_code, reason = "only shown to people and scripts"))]
    template: Template,
}

/// A template that has entries.
#[derive(Clone, Copy)]
struct Template {
    entries: Span,
    #[cfg_attr(not(feature = "explain"), expect(dead_code, reason = "only shown to people and scripts"))]
    node: u32,
    /// It goes on from the node by a `{name+}`.
    #[cfg_attr(not(feature = "explain"), expect(dead_code, reason = "only shown to people and scripts"))]
    is_rest: bool,
}

#[cfg(feature = "explain")]
impl Template {
    fn text(self, view: &View<'_>) -> Option<String> {
        let mut segments = Vec::from_iter(self.is_rest.then_some("{+}"));
        let (mut number, mut node) = (self.node, view.record::<RouteNode>(self.node)?);
        // A root is its own parent; every other node's is before it.
        while node.parent.get() < number {
            let literal = view.text(node.segment);
            segments.push(if literal.is_empty() { "{}" } else { literal });
            (number, node) = (node.parent.get(), view.record::<RouteNode>(node.parent.get())?);
        }
        segments.reverse();
        Some(format!("/{}", segments.join("/")))
    }
}

fn search<'a>(view: &View<'a>, resource: &Resource<'_>) -> Option<Found<'a>> {
    // all four parts, of which stage and method are not empty.
    let (id, rest) = cut(resource.rest)?;
    let (stage, rest) = cut(rest).filter(|(stage, _)| !stage.is_empty())?;
    let (verb, path) = cut(rest).filter(|(verb, _)| !verb.is_empty())?;
    let behind_id = resource.text.len().checked_sub(resource.rest.len())?.checked_add(id.len())?;
    let arn = resource.text.get("arn:".len()..behind_id)?;
    let api = apis::find(view, arn.as_bytes(), resource.region, id)?;
    // What no entry names has those of every stage, and of any method.
    let (stage, verb) = (apis::stage_number(view, api, stage), method_number(verb).unwrap_or(0));
    let template = best(view, api.root.get().checked_sub(1)?, stage, segments(path)?)?;
    // The method decides, named before `ANY`; then the stage, named before `*`. No other template is tried.
    let of = |stage, verb| method(view, template.entries, stage, verb);
    let entry = of(stage, verb).or_else(|| of(0, verb)).or_else(|| of(stage, 0)).or_else(|| of(0, 0))?;
    Some(Found { api, entry, template })
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

/// The best template that matches a path and has entries in the stage.
fn best(view: &View<'_>, root: u32, stage: u32, path: &str) -> Option<Template> {
    let (mut number, mut node) = (root, view.record::<RouteNode>(root)?);
    // Where the next segment begins; one behind the path's end where there is none.
    let mut at = if path.is_empty() { 1 } else { 0 };
    let in_stage = |entries: Span| entries.len.get() > 0 && has_stage(view, entries, stage);
    loop {
        let segment = path.get(at..).map(segment_of);
        let below = match segment {
            // The whole path is taken.
            None if in_stage(node.here) => {
                return Some(Template { entries: node.here, node: number, is_rest: false });
            }
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
            return Some(Template { entries: node.rest, node: number, is_rest: true });
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
                _ if in_stage(node.rest) => {
                    return Some(Template { entries: node.rest, node: number, is_rest: true });
                }
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
