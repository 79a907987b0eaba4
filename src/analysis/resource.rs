//! Findings about `Resource` and `NotResource`: PC3.

use super::Code;
use super::finding::{Finding, Report};
use super::inputs::{Document, Inputs};
use crate::bundle::Api;
use crate::policy::{Effect, Statement, tame};

/// The findings of one statement.
pub(super) fn check(inputs: &Inputs<'_>, document: &Document<'_>, statement: &Statement, report: &mut Report) {
    let resource = &statement.resource;
    if resource.negated && statement.effect == Effect::Allow {
        let message = "an Allow with `NotResource` grants everything else, other APIs included";
        report.add(
            Finding::new(Code::PC306, document.source(), resource.place, message)
                .advice("name what is allowed in `Resource`; what is not may stand in a Deny"),
        );
    }
    short_form(inputs, document, statement, report);
}

/// PC307: R-09.
fn short_form(inputs: &Inputs<'_>, document: &Document<'_>, statement: &Statement, report: &mut Report) {
    const SHORT: &str = "execute-api:";
    let (Some(layers), [first, second, ..]) = (inputs.layers, inputs.apis_of(document)) else { return };
    for pattern in &statement.resource.patterns {
        let written = document.written(pattern.place);
        let Some(rest) = written.strip_prefix(SHORT) else { continue };
        let message = format!("`{}` is another ARN for each API that the policy is attached to", tame(&written));
        let finding = Finding::new(Code::PC307, document.source(), pattern.place, message)
            .advice("give each API a policy of its own, or write the whole ARNs");
        let meaning = |api: &Api| format!("here it is `{}{}`", api.arn, tame(rest));
        let finding = finding.related(&layers.source, first.place, meaning(first));
        report.add(finding.related(&layers.source, second.place, meaning(second)));
    }
}
