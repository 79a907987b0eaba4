//! The `context` of an endpoint: keys that every request through it has.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

use crate::policy::error::{Mistakes, Problem, quote};
use crate::policy::{json, read_key_name};

/// The longest context value in bytes: a request's may not be longer either (E-09).
const MAX_CONTEXT_VALUE_BYTES: usize = 64 << 10;

/// Keys, in lower case, that describe the caller, the resource, the time or the endpoint itself: what they are
/// is known for each request (K-05, K-07, K-09 to K-11), so an endpoint may not set them.
const REQUEST_KEYS: [&str; 10] = [
    "aws:userid",
    "aws:username",
    "aws:tokenissuetime",
    "aws:federatedprovider",
    "aws:sourceidentity",
    "aws:resourceaccount",
    "aws:requestedregion",
    "aws:currenttime",
    "aws:epochtime",
    "aws:sourcevpce",
];

/// What whole groups of such keys begin with (K-07).
const REQUEST_KEY_GROUPS: [&str; 2] = ["aws:principal", "aws:multifactorauth"];

/// The `context` of an endpoint: keys in the order of the file, each with its values.
pub(super) fn read_context(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<(String, Vec<String>)>> {
    let object = json::object(value, "`context`", mistakes)?;
    json::report_repeats_but_for_case(object, mistakes);
    let mut context = Vec::with_capacity(object.properties.len());
    for property in &object.properties {
        let name = property.name.as_str();
        let usable = check_context_key(name);
        if let Err(problem) = &usable {
            mistakes.report(property.name.range(), problem.clone());
        }
        let values = read_context_values(name, &property.value, mistakes);
        if let (Ok(()), Some(values)) = (usable, values) {
            context.push((name.to_owned(), values));
        }
    }
    (context.len() == object.properties.len()).then_some(context)
}

/// A key that an endpoint may set.
fn check_context_key(name: &str) -> Result<(), Problem> {
    read_key_name(name)?;
    let folded = name.to_ascii_lowercase();
    if REQUEST_KEYS.contains(&folded.as_str()) || REQUEST_KEY_GROUPS.iter().any(|group| folded.starts_with(group)) {
        let problem = Problem::new(
            format!("an endpoint cannot set {}", quote(name)),
            "expected a key that is the same for every request through the endpoint",
        );
        return Err(problem.help("remove it: this key comes from the request's caller, resource, time or endpoint"));
    }
    Ok(())
}

/// The values of a context key (K-01): numbers and booleans as their JSON text.
fn read_context_values(name: &str, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<String>> {
    let listed = match value {
        Value::Array(array) => array.elements.as_slice(),
        alone => std::slice::from_ref(alone),
    };
    let alone = value.as_array().is_none();
    let mut values = Vec::with_capacity(listed.len());
    for element in listed {
        let text = match element {
            Value::StringLit(text) => &*text.value,
            Value::NumberLit(number) if alone => number.value,
            Value::BooleanLit(boolean) if alone => {
                if boolean.value {
                    "true"
                } else {
                    "false"
                }
            }
            other => {
                let problem = Problem::new(
                    format!("a value of {} is {}", quote(name), json::kind(other)),
                    "expected a string, a number, a boolean, or a list of strings",
                );
                mistakes.report(other.range(), problem);
                continue;
            }
        };
        if text.len() > MAX_CONTEXT_VALUE_BYTES {
            mistakes.report(
                element.range(),
                Problem::new(format!("a value of {} is too long", quote(name)), "expected at most 64 KiB"),
            );
            continue;
        }
        values.push(text.to_owned());
    }
    (values.len() == listed.len()).then_some(values)
}
