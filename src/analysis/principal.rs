//! Findings about `Principal` and `NotPrincipal`: PC1.

use super::Code;
use super::finding::{Finding, Report};
use super::inputs::Document;
use crate::policy::Statement;

/// The findings of one statement.
pub(super) fn check(document: &Document<'_>, statement: &Statement, report: &mut Report) {
    let Some(principal) = &statement.principal else { return };
    if principal.negated {
        let message = "`NotPrincipal` denies everyone but who is listed with every identity they have";
        report.add(Finding::new(Code::PC104, document.source(), principal.place, message).advice(
            "write `\"Principal\": \"*\"` and the condition `\"ArnNotLike\": {\"aws:PrincipalArn\": [\u{2026}]}`",
        ));
    }
}
