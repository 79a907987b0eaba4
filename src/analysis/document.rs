//! Findings about a document as a whole: PC0.

use std::collections::HashMap;

use super::Code;
use super::condition::mixed_account;
use super::finding::{Finding, Report};
use super::inputs::{Attached, Document};
use crate::policy::{Piece, Place, ResourcePattern, Statement, Version, tame};

/// The findings of one document.
pub(super) fn check(document: &Document<'_>, report: &mut Report) {
    version(document, report);
    quota(document, report);
    sids(document, report);
    variables(document, report);
    for statement in &document.policy.statements {
        sid(document, statement, report);
        empty_condition(document, statement, report);
        accounts(document, statement, report);
    }
}

/// The most characters of an endpoint policy, white space included, and of a resource policy.
const ENDPOINT_QUOTA: usize = 20_480;
const RESOURCE_QUOTA: usize = 8_192;

/// PC006: D-14.
fn quota(document: &Document<'_>, report: &mut Report) {
    let text = document.source().at(document.policy.place);
    let (kind, quota, length) = match document.attached {
        Attached::Endpoints => ("an endpoint policy", ENDPOINT_QUOTA, text.chars().count()),
        // However white space is counted, these are.
        Attached::Api(_) => {
            ("a resource policy", RESOURCE_QUOTA, text.chars().filter(|char| !char.is_whitespace()).count())
        }
        Attached::Nothing | Attached::Identities => return,
    };
    if length > quota {
        let start = document.policy.place.start;
        let message = format!("the policy has {length} characters, and {kind} at most {quota}");
        report.add(
            Finding::new(Code::PC006, document.source(), Place { start, end: start + 1 }, message)
                .advice("join statements that differ in one element, or shorten them with wildcards"),
        );
    }
}

/// PC004: D-08. In an identity policy other characters are refused.
fn sid(document: &Document<'_>, statement: &Statement, report: &mut Report) {
    let Some(sid) = &statement.sid else { return };
    let message = if sid.value.is_empty() {
        "the `Sid` is empty".to_owned()
    } else if let Some(other) = sid.value.chars().find(|char| !char.is_ascii_alphanumeric()) {
        format!("`Sid` `{}` holds `{}`", tame(&sid.value), tame(&other.to_string()))
    } else {
        return;
    };
    report.add(
        Finding::new(Code::PC004, document.source(), sid.place, message)
            .advice("use letters and digits alone, as some services ask"),
    );
}

/// PC009: D-15, in resources. Conditions have it of their own.
fn accounts(document: &Document<'_>, statement: &Statement, report: &mut Report) {
    if !matches!(document.attached, Attached::Endpoints) {
        return;
    }
    for pattern in &statement.resource.patterns {
        let ResourcePattern::Arn(arn) = &pattern.value else { continue };
        let has = |is: fn(&Piece) -> bool| arn.account.pieces.iter().any(is);
        if has(|piece| matches!(piece, Piece::Text(_))) && has(|piece| !matches!(piece, Piece::Text(_))) {
            report.add(mixed_account(document, pattern.place));
        }
    }
}

/// PC005: D-10.
fn empty_condition(document: &Document<'_>, statement: &Statement, report: &mut Report) {
    if let (Some(place), true) = (statement.condition_place, statement.condition.is_empty()) {
        report.add(
            Finding::new(Code::PC005, document.source(), place, "an empty `Condition` always holds")
                .advice("say when the statement applies, or leave `Condition` out"),
        );
    }
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
