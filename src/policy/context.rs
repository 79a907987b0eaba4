//! Context keys and their values, as JSON that stands beside policies gives them.

use jsonc_parser::ast::Value;
use jsonc_parser::common::{Range, Ranged};

use super::error::{Mistakes, Problem, quote};
use super::json;

/// The longest context value in bytes: a request's may not be longer either (E-09).
const MAX_CONTEXT_VALUE_BYTES: usize = 64 << 10;

/// A `context`: keys in the order of the file, each with its values. `usable` says whether a key may stand there.
pub(crate) fn read_context(
    value: &Value<'_>,
    usable: impl Fn(&str) -> Result<(), Problem>,
    mistakes: &mut Mistakes,
) -> Option<Vec<(String, Vec<String>)>> {
    let object = json::object(value, "`context`", mistakes)?;
    json::report_repeats_but_for_case(object, mistakes);
    let mut context = Vec::with_capacity(object.properties.len());
    for property in &object.properties {
        let name = property.name.as_str();
        let usable = usable(name);
        if let Err(problem) = &usable {
            mistakes.report(property.name.range(), problem.clone());
        }
        let values = read_values(name, &property.value, mistakes);
        if let (Ok(()), Some(values)) = (usable, values) {
            context.push((name.to_owned(), values));
        }
    }
    (context.len() == object.properties.len()).then_some(context)
}

/// The values of a context key (K-01): numbers and booleans as their JSON text.
fn read_values(name: &str, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<String>> {
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
            Value::BooleanLit(boolean) if alone && boolean.value => "true",
            Value::BooleanLit(_) if alone => "false",
            other => {
                let problem = Problem::new(
                    format!("a value of {} is {}", quote(name), json::kind(other)),
                    "expected a string, a number, a boolean, or a list of strings",
                );
                mistakes.report(other.range(), problem);
                continue;
            }
        };
        if is_short(text, element.range(), name, mistakes) {
            values.push(text.to_owned());
        }
    }
    (values.len() == listed.len()).then_some(values)
}

/// Whether a request may have a value so long (E-09).
pub(crate) fn is_short(text: &str, place: Range, name: &str, mistakes: &mut Mistakes) -> bool {
    let short = text.len() <= MAX_CONTEXT_VALUE_BYTES;
    if !short {
        let problem = Problem::new(format!("a value of {} is too long", quote(name)), "expected at most 64 KiB");
        mistakes.report(place, problem);
    }
    short
}
