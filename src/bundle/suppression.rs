//! The findings that a `bundle.json` allows: `allow`. They change no decision; `check` reads them.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

use super::Suppression;
use super::read::required;
use crate::policy::error::{Mistakes, Problem, quote};
use crate::policy::json;

/// The keys of a suppression.
pub(super) const SUPPRESSION: [&str; 3] = ["code", "where", "because"];

/// `allow`.
pub(super) fn read_allow(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Suppression>> {
    let Some(list) = value.as_array() else {
        let problem = Problem::new(format!("`allow` is {}", json::kind(value)), "expected a list");
        let help = "write `\"allow\": [{\"code\": \"PC103\", \"where\": \"orders.json\", \"because\": \"…\"}]`";
        mistakes.report(value.range(), problem.help(help));
        return None;
    };
    let read: Vec<_> = list.elements.iter().filter_map(|value| suppression(value, mistakes)).collect();
    (read.len() == list.elements.len()).then_some(read)
}

fn suppression(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Suppression> {
    const WHAT: &str = "an element of `allow`";
    let object = json::object(value, WHAT, mistakes)?;
    let fields = json::fields(object, WHAT, &SUPPRESSION, mistakes);
    let helps = [
        "add the code of the finding, as `\"code\": \"PC103\"`",
        "add where it stands: a file of the bundle, as `\"where\": \"orders.json\"`, or a part of one, as \
         `\"where\": \"orders.json#/Statement/0\"`",
        "add why it is right as it is, as `\"because\": \"the API is public\"`",
    ];
    let mut texts = SUPPRESSION.into_iter().zip(fields).zip(helps).map(|((name, field), help)| {
        let field = required(object, WHAT, name, field, help, mistakes)?;
        let text = json::string(&field.value, &format!("`{name}`"), mistakes)?;
        if text.value.trim().is_empty() {
            let problem = Problem::new(format!("`{name}` is empty"), format!("expected `{name}` of the finding"));
            mistakes.report(text.range, problem.help(help));
            return None;
        }
        Some((text.value.clone().into_owned(), text.range))
    });
    let (code, place, because) = (texts.next().flatten(), texts.next().flatten(), texts.next().flatten());
    drop(texts);
    let (code, range) = code?;
    let is_code = code.len() == 5
        && code.strip_prefix("PC").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_code {
        let problem = Problem::new(format!("{} is no code", quote(&code)), "expected `PC` and three digits");
        mistakes.report(range, problem.help("write the code as `check` prints it, `PC103`"));
        return None;
    }
    Some(Suppression { place: object.range.into(), code, at: place?.0, because: because?.0 })
}
