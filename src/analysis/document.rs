//! Findings about a document as a whole: PC0.

use std::collections::HashMap;

use super::Code;
use super::finding::{Finding, Report};
use super::inputs::{Attached, Document};
use crate::policy::{Place, Version, tame};

/// The findings of one document.
pub(super) fn check(document: &Document<'_>, report: &mut Report) {
    version(document, report);
    sids(document, report);
    variables(document, report);
}

/// PC001: V-01.
fn version(document: &Document<'_>, report: &mut Report) {
    if document.policy.version_place.is_none() {
        let start = document.policy.place.start;
        let opening = Place { start, end: start + 1 };
        let message = "the policy has no `Version`, so 2008-10-17 applies";
        report.add(
            Finding::new(Code::PC001, document.source(), opening, message)
                .advice("add `\"Version\": \"2012-10-17\"`; without it `${aws:username}` is text, not a variable"),
        );
    }
}

/// PC003: D-08. In an identity policy a repeated Sid is refused.
fn sids(document: &Document<'_>, report: &mut Report) {
    if matches!(document.attached, Attached::Identities) {
        return;
    }
    let mut first = HashMap::new();
    for sid in document.policy.statements.iter().filter_map(|statement| statement.sid.as_ref()) {
        if let Some(place) = first.get(sid.value.as_str()) {
            let message = format!("`Sid` `{}` stands a second time", tame(&sid.value));
            report.add(
                Finding::new(Code::PC003, document.source(), sid.place, message)
                    .advice("rename one: answers and explanations name statements by their Sids")
                    .related(document.source(), *place, "the first stands here"),
            );
        } else {
            first.insert(sid.value.as_str(), sid.place);
        }
    }
}

/// PC002: V-02.
fn variables(document: &Document<'_>, report: &mut Report) {
    if document.policy.version != Version::V2008 {
        return;
    }
    for statement in &document.policy.statements {
        let principals = statement.principal.iter().flat_map(|element| &element.entries).map(|entry| entry.place);
        let actions = statement.action.patterns.iter().map(|pattern| pattern.place);
        let resources = statement.resource.patterns.iter().map(|pattern| pattern.place);
        let values = statement.condition.iter().flat_map(|test| &test.values).map(|value| value.place);
        for place in principals.chain(actions).chain(resources).chain(values) {
            let written = document.written(place);
            let Some(start) = written.find("${") else { continue };
            let end = written.get(start..).and_then(|rest| rest.find('}')).map_or(written.len(), |end| start + end + 1);
            let shown = tame(written.get(start..end).unwrap_or_default());
            let message = format!("under 2008-10-17 `{shown}` is text, not a variable");
            report.add(
                Finding::new(Code::PC002, document.source(), document.within(place, start..end), message)
                    .advice("write `\"Version\": \"2012-10-17\"`, which has variables"),
            );
        }
    }
}
