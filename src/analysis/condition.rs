//! Findings about `Condition`: PC4.

use super::Code;
use super::finding::{Finding, Report};
use super::inputs::Document;
use crate::policy::{BaseOperator, ConditionTest, ConditionValue, Statement};

/// The findings of one statement.
pub(super) fn check(document: &Document<'_>, statement: &Statement, report: &mut Report) {
    for test in &statement.condition {
        both_values(document, test, report);
    }
}

/// PC417: C-11, C-18.
fn both_values(document: &Document<'_>, test: &ConditionTest, report: &mut Report) {
    let base = test.operator.value.base;
    if !matches!(base, BaseOperator::Bool | BaseOperator::Null) {
        return;
    }
    let place_of = |wanted| test.values.iter().find(|value| value.value == ConditionValue::Bool(wanted));
    if let (Some(yes), Some(no)) = (place_of(true), place_of(false)) {
        let message = match base {
            BaseOperator::Null => "`Null` with both values holds whether the key is present or not",
            _ => "`Bool` with both values holds whatever the key's value is",
        };
        let place = yes.place.max(no.place);
        report.add(
            Finding::new(Code::PC417, document.source(), place, message)
                .advice("keep the one that is meant, or remove the test"),
        );
    }
}
