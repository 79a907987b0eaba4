//! Findings about `Action` and `NotAction`: PC2.

use super::Code;
use super::finding::{Finding, Report};
use super::inputs::{Attached, Document};
use super::language::Glob;
use crate::policy::{ActionPattern, Effect, Statement, tame};

const SERVICE: &str = "execute-api";
/// What API Gateway lets policies speak of (Service Authorization Reference).
const NAMES: [&str; 3] = ["invoke", "invalidatecache", "manageconnections"];

/// The findings of one statement.
pub(super) fn check(document: &Document<'_>, statement: &Statement, report: &mut Report) {
    let element = &statement.action;
    if element.negated && statement.effect == Effect::Allow {
        let message = "an Allow with `NotAction` grants everything else, actions yet to come included";
        report.add(
            Finding::new(Code::PC204, document.source(), element.place, message)
                .advice("name what is allowed in `Action`; what is not may stand in a Deny"),
        );
    }
    for pattern in &element.patterns {
        let ActionPattern::Named { service, name } = &pattern.value else { continue };
        // Without variables (V-06), so that both are globs.
        let (Some(of), Some(named)) = (Glob::of(service), Glob::of(name)) else { continue };
        let (of, named) = (of.folded(), named.folded());
        let is_meant = of.matches(SERVICE);
        let finding = |code, message: String| Finding::new(code, document.source(), pattern.place, message);
        if !is_meant && !element.negated && !matches!(document.attached, Attached::Identities) {
            let message = format!("`{}` is an action of another service", tame(&document.written(pattern.place)));
            report.add(finding(Code::PC201, message).advice("the call of a private API is `execute-api:Invoke`"));
        } else if is_meant && service.as_literal().is_some() && !NAMES.iter().any(|name| named.matches(name)) {
            let message = format!("`execute-api` has no action `{}`", tame(&written_name(document, pattern.place)));
            let advice = "it has `Invoke`, `InvalidateCache` and `ManageConnections`";
            report.add(finding(Code::PC202, message).advice(advice));
        } else if service.as_literal().is_none() {
            let message = "a wildcard in the service of an action matches actions of other services too";
            report.add(
                finding(Code::PC203, message.to_owned()).advice("write `execute-api:`, the service of private APIs"),
            );
        }
    }
}

/// What stands behind the colon.
fn written_name(document: &Document<'_>, place: crate::policy::Place) -> String {
    let written = document.written(place);
    written.split_once(':').map_or_else(|| written.clone().into_owned(), |(_, name)| name.to_owned())
}
