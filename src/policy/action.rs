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
            let help = match text {
                "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" | "ANY" => {
                    "every call is `execute-api:Invoke`; the method stands in the resource, `…:API/STAGE/METHOD/PATH`"
                }
                _ if text.contains(',') => "write a list of strings, one action in each",
                _ if text.matches(':').count() > 1 => {
                    "an action has one colon, as `execute-api:Invoke`; what may be called stands in `Resource`"
                }
                _ => "the call of a private API is `execute-api:Invoke`",
            };
            Err(problem.help(help))
        }
    }
}
