//! Patterns of `Action` and `NotAction`.

use super::error::{Problem, quote};
use super::template::{read_glob, refuse_variable};
use super::{ActionPattern, Version};

/// Reads one action pattern.
pub(super) fn read_action(text: &str, version: Version) -> Result<ActionPattern, Problem> {
    if text == "*" {
        return Ok(ActionPattern::Any);
    }
    refuse_variable(text, version, "an action")?;
    match text.split_once(':') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() && !name.contains(':') => {
            Ok(ActionPattern::Named { service: read_glob(service), name: read_glob(name) })
        }
        _ => {
            let problem = Problem::new(format!("{} is no action", quote(text)), "expected `*` or `service:name`");
            Err(problem.help("the call of a private API is `execute-api:Invoke`"))
        }
    }
}
