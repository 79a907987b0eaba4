//! Which methods of an API the resources of a statement can mean.

use super::language::{Builder, Glob, Wild};
use crate::bundle::{Api, Apis, Method, Segment};
use crate::policy::Statement;
use crate::reference::called_method;

/// The first of an API's methods that is `wanted` and that some request calls which one of the statement's resources
/// matches: a text that both mean is its proof. Of `NotResource`, and of resources with variables, nothing is proven.
pub(super) fn method_in_reach<'b>(
    apis: &'b Apis,
    api: &'b Api,
    statement: &Statement,
    wanted: impl Fn(&Method) -> bool,
) -> Option<&'b Method> {
    if statement.resource.negated {
        return None;
    }
    let patterns: Vec<_> =
        statement.resource.patterns.iter().filter_map(|pattern| Glob::of_resource(&pattern.value)).collect();
    api.methods.iter().filter(|method| wanted(method)).find(|method| {
        let calls = calls_of(api, method);
        let mut common =
            patterns.iter().flat_map(|pattern| calls.iter().filter_map(move |calls| calls.meeting(pattern)));
        // Another entry may come before it there.
        common.any(|text| called_method(apis, &text).is_some_and(|called| std::ptr::eq(called, *method)))
    })
}

/// A call of an API with a resource that a glob has and that is `wanted`, of those that are looked at, and the entry that
/// answers it.
pub(super) fn called<'b>(
    apis: &'b Apis,
    api: &'b Api,
    resources: &Glob,
    wanted: impl Fn(&str) -> bool,
) -> Option<(&'b Method, String)> {
    let calls = api.methods.iter().flat_map(|method| calls_of(api, method));
    let common = calls.filter_map(|calls| calls.meeting(resources));
    common.filter(|text| wanted(text)).find_map(|text| Some((called_method(apis, &text)?, text)))
}

/// The resources of the calls that an entry answers, if no other does: those of its path, and of its path with one slash
/// more (H-16).
pub(super) fn calls_of(api: &Api, method: &Method) -> Vec<Glob> {
    const SLASH: Wild = Wild::Except('/');
    let part = |glob: Builder, text: Option<&str>| match text {
        Some(text) => glob.text(text),
        None => glob.one(SLASH).run(SLASH),
    };
    let calls = |end: &str| {
        let glob = Builder::default().text(&format!("{}/", api.arn));
        let glob = part(glob, method.stage.as_deref()).text("/");
        let mut glob = part(glob, method.method.as_deref());
        for segment in &method.path.segments {
            glob = glob.text("/");
            glob = match segment {
                Segment::Literal(text) => glob.text(text),
                Segment::Variable => glob.one(SLASH).run(SLASH),
                Segment::Rest => glob.one(Wild::Any).run(Wild::Any),
            };
        }
        glob.text(end).into_glob()
    };
    match method.path.segments.last() {
        None => vec![calls("/")],
        // It takes the slash, too.
        Some(Segment::Rest) => vec![calls("")],
        Some(_) => vec![calls(""), calls("/")],
    }
}
