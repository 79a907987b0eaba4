//! Rules R: whether a `Resource` or `NotResource` element speaks of a resource.

use super::glob::{Case, matches};
use super::truth::Truth;
use crate::gate::Resource;
use crate::policy::{ArnPattern, ResourceElement, ResourcePattern};

/// `Resource` applies if one pattern matches, `NotResource` if none does.
pub(super) fn applies(element: &ResourceElement, resource: &Resource<'_>) -> Truth {
    let listed = Truth::any(element.patterns.iter().map(|pattern| is_listed(&pattern.value, resource)));
    if element.negated { listed.not() } else { listed }
}

/// `*` alone is every resource.
fn is_listed(pattern: &ResourcePattern, resource: &Resource<'_>) -> Truth {
    match pattern {
        ResourcePattern::Any => Truth::True,
        ResourcePattern::Arn(pattern) => is_named(pattern, resource),
    }
}

/// every part matches, the last one across `/` and `:`.
fn is_named(pattern: &ArnPattern, resource: &Resource<'_>) -> Truth {
    let parts = [
        (&pattern.partition, resource.partition),
        (&pattern.region, resource.region),
        (&pattern.account, resource.account),
        (&pattern.rest, resource.rest),
    ];
    let named = Truth::from(pattern.service == resource.service);
    named.and(Truth::all(parts.into_iter().map(|(part, text)| matches(part, text, Case::Sensitive))))
}
