//! Rules A: whether an `Action` or `NotAction` element speaks of an action.

use super::glob::{Case, matches};
use super::truth::Truth;
use crate::policy::{ActionElement, ActionPattern};

/// `Action` applies if one pattern matches, `NotAction` if none does.
///
/// `service` and `name` are the two sides of the request's action.
pub(super) fn applies(element: &ActionElement, service: &str, name: &str) -> Truth {
    let listed = Truth::any(element.patterns.iter().map(|pattern| is_listed(&pattern.value, service, name)));
    if element.negated { listed.not() } else { listed }
}

/// a glob on either side of the colon, in any case.
fn is_listed(pattern: &ActionPattern, own_service: &str, own_name: &str) -> Truth {
    match pattern {
        ActionPattern::Any => Truth::True,
        ActionPattern::Named { service, name } => {
            let services = matches(service, own_service, Case::Insensitive);
            services.and(matches(name, own_name, Case::Insensitive))
        }
    }
}
