//! Findings about `Action` and `NotAction`: PC2.

use super::Code;
use super::finding::{Finding, Report};
use super::inputs::Document;
use crate::policy::{ActionPattern, Statement};

/// The findings of one statement.
pub(super) fn check(document: &Document<'_>, statement: &Statement, report: &mut Report) {
    for pattern in &statement.action.patterns {
        let ActionPattern::Named { service, .. } = &pattern.value else { continue };
        if service.as_literal().is_none() {
            let message = "a wildcard in the service of an action matches actions of other services too";
            report.add(
                Finding::new(Code::PC203, document.source(), pattern.place, message)
                    .advice("write `execute-api:`, the service of private APIs"),
            );
        }
    }
}
