//! The differences that are understood: which element of which statement, held against which request, the other
//! evaluator judges otherwise than we do. `corpus/differences.md` has, for each row, an example, and says who is
//! right, with AWS's own words.
//!
//! A row knows a difference by what stands in the document and in the request, never by an operator alone: a row
//! that is too wide would hide a mistake of ours. Rows read the JSON of the document, not our parser's tree.

use std::collections::BTreeMap;

use portcullis::Outcome;
use serde_json::Value;

use super::evaluator::TheirValue;
use super::{condition, principal, resource};
use crate::lines::{Principal, RequestLine};

/// The request cannot be read, and we evaluate nothing: no element is to blame.
pub const UNREADABLE_REQUEST: &str = "unreadable-request";

/// One element of a statement, as the two sides judge it differently.
pub struct Part<'a> {
    pub policy: &'a Value,
    pub statement: &'a Value,
    pub element: Element<'a>,
    pub request: &'a RequestLine,
    /// The context with derived keys, by lower-case name.
    pub context: &'a BTreeMap<String, TheirValue>,
    /// What we say. What they say is the other of the two.
    pub ours: Outcome,
}

/// Which element.
#[derive(Debug, Clone, Copy)]
pub enum Element<'a> {
    Principal,
    Action,
    Resource,
    Test { operator: &'a str, key: &'a str, values: &'a Value },
}

/// A difference that is understood.
pub struct Row {
    /// Its name in `corpus/differences.md`.
    pub id: &'static str,
    /// Whether it explains that the two differ about this element.
    pub knows: fn(&Part<'_>) -> bool,
}

/// The differences, one row each.
pub const TABLE: [Row; 35] = [
    Row { id: "not-principal-whole-identity", knows: principal::listed_in_part },
    Row { id: "federated-user-of-user", knows: principal::federated_user_of_user },
    Row { id: "role-name-case", knows: principal::role_name_in_another_case },
    Row { id: "root-of-another-partition", knows: principal::root_of_another_partition },
    Row { id: "aws-star-and-services", knows: principal::star_for_a_service },
    Row { id: "wildcard-in-action-service", knows: resource::wildcard_in_action_service },
    Row { id: "regex-in-action", knows: resource::regex_in_action },
    Row { id: "wildcard-in-request", knows: resource::wildcard_in_request },
    Row { id: "resource-case", knows: resource::another_case },
    Row { id: "wildcard-in-first-segment", knows: resource::wildcard_in_first_segment },
    Row { id: "short-arn-in-not-resource", knows: resource::short_arn_in_not_resource },
    Row { id: "no-value-in-not-resource", knows: resource::no_value_in_not_resource },
    Row { id: "several-values-in-variable", knows: condition::several_values_in_variable },
    Row { id: "variables-before-2012", knows: condition::variables_before_2012 },
    Row { id: "escape-without-wildcards", knows: condition::escape_without_wildcards },
    Row { id: "empty-default", knows: condition::empty_default },
    Row { id: "comma-in-default", knows: condition::comma_in_default },
    Row { id: "case-beyond-ascii", knows: condition::case_beyond_ascii },
    Row { id: "glob-and-line-ends", knows: condition::glob_over_unusual_characters },
    Row { id: "several-values", knows: condition::several_values },
    Row { id: "one-value-of-a-multivalued-key", knows: condition::one_value_of_a_multivalued_key },
    Row { id: "unreadable-value", knows: condition::unreadable_value },
    Row { id: "null-of-empty", knows: condition::null_of_empty },
    Row { id: "empty-set", knows: condition::empty_set },
    Row { id: "any-value-if-exists", knows: condition::any_value_if_exists },
    Row { id: "no-value-negated", knows: condition::no_value_negated },
    Row { id: "variable-in-arn-parts", knows: condition::variable_in_arn_parts },
    Row { id: "arn-first-part", knows: condition::arn_first_part },
    Row { id: "exact-numbers", knows: condition::exact_numbers },
    Row { id: "epoch-beside-calendar", knows: condition::epoch_beside_calendar },
    Row { id: "epoch-with-leading-zeros", knows: condition::epoch_with_leading_zeros },
    Row { id: "fraction-of-a-second", knows: condition::fraction_of_a_second },
    Row { id: "single-address", knows: condition::single_address },
    Row { id: "block-of-all-ipv4", knows: condition::block_of_all_ipv4 },
    Row { id: "ipv4-inside-ipv6", knows: condition::ipv4_inside_ipv6 },
];

impl<'a> Part<'a> {
    pub fn is_deny(&self) -> bool {
        self.statement["Effect"] == "Deny"
    }

    /// V-01
    pub fn has_variables(&self) -> bool {
        self.policy["Version"] == "2012-10-17"
    }

    /// The values of a key, none where it is not present.
    pub fn values(&self, key: &str) -> Vec<&'a str> {
        self.context.get(&key.to_ascii_lowercase()).map(TheirValue::texts).unwrap_or_default()
    }

    /// The strings of an element of the statement that is one string or a list of them.
    pub fn strings(&self, name: &str) -> Vec<&'a str> {
        strings(&self.statement[name])
    }
}

/// One string, or a list of them.
pub fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// E-07, E-09: whether a request is one that we answer without evaluating anything.
pub fn is_unreadable_request(request: &RequestLine) -> bool {
    let resource = &request.resource;
    let resource_reads =
        resource.starts_with("arn:") && resource.matches(':').count() >= 5 && resource.len() <= 16 << 10;
    let action: Vec<&str> = request.action.split(':').collect();
    let action_reads = action.len() == 2 && action.iter().all(|part| !part.is_empty());
    let principal_reads = match &request.principal {
        None => true,
        Some(Principal::Other(other)) => {
            other.service.len() <= 2 << 10 && !other.service.is_empty() && !other.service.contains(['*', '?'])
        }
        Some(Principal::Arn(arn)) => principal::is_caller(arn) && arn.len() <= 2 << 10,
    };
    let names: Vec<String> = request.context.0.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let twice = (1..names.len()).any(|at| names[..at].contains(&names[at]));
    let long = request.context.0.iter().any(|(_, texts)| texts.as_strs().iter().any(|text| text.len() > 64 << 10));
    !(resource_reads && action_reads && principal_reads) || twice || long
}
