//! Patterns of `Resource` and `NotResource`.

use super::error::{Problem, quote};
use super::principal::is_account_id;
use super::template::{Wildcards, read_glob, read_template, refuse_variable};
use super::{ArnPattern, ResourcePattern, Template, Version};

const FORM: &str = "expected `*` or an ARN, as `arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*`";

/// Reads one resource pattern, of a document that no API is known for.
pub(super) fn read_resource(text: &str, version: Version) -> Result<ResourcePattern, Problem> {
    if text == "*" {
        return Ok(ResourcePattern::Any);
    }
    if text.starts_with("execute-api:/") {
        let problem = Problem::new(
            format!("{} stands for a part of the API the policy is attached to, and here is none", quote(text)),
            FORM,
        );
        return Err(problem.help("write the whole ARN: the short form belongs to an API's own resource policy"));
    }
    let Some(after_prefix) = text.strip_prefix("arn:") else {
        let near = text.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case("arn:"));
        let help = near.map(|_| "write `arn:` in lower case".to_owned());
        return Err(Problem::new(format!("{} is no resource", quote(text)), FORM).help_if(help));
    };
    let mut parts: Vec<_> = after_prefix.splitn(5, ':').collect();
    let rest = if parts.len() == 5 { parts.pop() } else { None };
    let head = rest.map_or(text, |rest| text.get(..text.len() - rest.len()).unwrap_or_default());
    refuse_variable(head, version, "the first five parts of a resource")?;

    let service = parts.get(1).copied().unwrap_or("*");
    if service.contains(['*', '?']) {
        let problem = Problem::new(
            format!("wildcard in the service part of {}", quote(text)),
            "expected a service's name in the third part",
        );
        return Err(problem.help("write `arn:aws:execute-api:*` for every API, or `*` for every resource"));
    }
    if service.chars().any(char::is_uppercase) {
        let problem = Problem::new(
            format!("service {} of {} is not in lower case", quote(service), quote(text)),
            "expected a service's name in lower case",
        );
        return Err(problem.help(format!("write `{}`", service.to_lowercase())));
    }
    // what is missing is `*`, if the pattern says so by ending in one.
    if rest.is_none() && !text.ends_with('*') {
        let problem = Problem::new(
            format!("{} has fewer than six parts", quote(text)),
            "expected six parts between colons, or a `*` at the end",
        );
        return Err(problem.help("an ARN is `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`"));
    }
    let account = parts.get(3).copied().unwrap_or("*");
    if !account.is_empty() && !account.contains(['*', '?']) && !is_account_id(account) {
        let problem = Problem::new(
            format!("account {} of {} is no account", quote(account), quote(text)),
            "expected 12 digits, a wildcard, or nothing",
        );
        return Err(problem);
    }
    let part = |index: usize| read_glob(parts.get(index).copied().unwrap_or("*"));
    let rest: Template = read_template(rest.unwrap_or("*"), Wildcards::Wild, version)
        .map_err(|problem| problem.shifted(head.len(), text.len() - head.len()))?;
    Ok(ResourcePattern::Arn(Box::new(ArnPattern {
        partition: part(0),
        service: service.to_owned(),
        region: part(2),
        account: read_glob(account),
        rest,
    })))
}
