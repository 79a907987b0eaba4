//! Questions about policies: what in them compiles, and may not do what it seems to.
//!
//! [`check`] reads a bundle and finds; it changes no decision. Each pass has a file and a group of codes:
//!
//! | file | codes | about |
//! |---|---|---|
//! | `document.rs` | PC0 | the document: version, Sids, quotas, what AWS does not save |
//! | `principal.rs` | PC1 | `Principal` and `NotPrincipal` |
//! | `action.rs` | PC2 | `Action` and `NotAction` |
//! | `resource.rs` | PC3 | `Resource` and `NotResource` |
//! | `condition.rs` | PC4 | `Condition` |
//! | `cover.rs` | PC5 | statements beside one another |
//! | `attachments.rs` | PC6 | what is attached where |
//! | `suppressions.rs` | PC010 | what the bundle allows |
//!
//! Invariant: a finding is true. A pass that cannot prove what it would say is silent, so silence proves nothing; the page
//! of each code says how far it goes.

mod action;
mod attachments;
mod by_api;
mod code;
mod condition;
mod cover;
mod document;
mod finding;
mod inputs;
mod keys;
mod language;
mod principal;
mod reach;
mod resource;
mod suppressions;

pub use code::{Code, Severity};
pub use finding::{Finding, Position, Related};

use crate::bundle::Bundle;
use finding::Report;
use inputs::Inputs;

/// What is found in a bundle, or a document alone: by file and place, in the same order each time.
///
/// `progress` is told how many statements are done, and of how many, each time one more is. Time is linear in the policies'
/// length where no pass says otherwise.
///
/// ```
/// use portcullis::{analysis, bundle::Bundle, policy::Source};
///
/// let text = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
/// let bundle = Bundle::from_source(Source::new("open.json", text))?;
/// let found = analysis::check(&bundle, &mut |_, _| {});
/// assert_eq!(found[0].to_string(), "open.json:1:1: warning PC001: the policy has no `Version`, so 2008-10-17 applies");
/// # Ok::<(), portcullis::policy::PolicyErrors>(())
/// ```
pub fn check(bundle: &Bundle, progress: &mut dyn FnMut(usize, usize)) -> Vec<Finding> {
    let inputs = Inputs::of(bundle);
    let mut report = Report::default();
    let statements: usize = inputs.documents.iter().map(|document| document.policy.statements.len()).sum();
    let mut done = 0;
    for document in &inputs.documents {
        document::check(document, &mut report);
        resource::halves(document, &mut report);
        cover::check(&inputs, document, &mut report);
        for statement in &document.policy.statements {
            principal::check(&inputs, document, statement, &mut report);
            action::check(document, statement, &mut report);
            resource::check(&inputs, document, statement, &mut report);
            condition::check(document, statement, &mut report);
            done += 1;
            progress(done, statements);
        }
    }
    attachments::check(&inputs, &mut report);
    if let Some(layers) = inputs.layers {
        suppressions::apply(bundle, layers, &mut report);
    }
    report.finish()
}
