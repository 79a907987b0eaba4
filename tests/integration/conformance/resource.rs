//! Differences about `Action`, `Resource` and their negations.

use portcullis::Outcome;

use super::condition::variables;
use super::differences::{Element, Part};
use crate::generate::document::Document;

/// `wildcard-in-action-service`, A-03: a pattern has a wildcard before its colon.
pub fn wildcard_in_action_service(part: &Part<'_>) -> bool {
    let patterns = [part.strings("Action"), part.strings("NotAction")].concat();
    matches!(part.element, Element::Action)
        && patterns
            .iter()
            .any(|pattern| pattern.split_once(':').is_some_and(|(service, _)| service.contains(['*', '?'])))
}

/// `regex-in-action`, A-03: a pattern has a character that regular expressions take for more than itself.
pub fn regex_in_action(part: &Part<'_>) -> bool {
    let patterns = [part.strings("Action"), part.strings("NotAction")].concat();
    matches!(part.element, Element::Action)
        && patterns
            .iter()
            .any(|pattern| pattern.contains(['.', '+', '^', '$', '{', '}', '(', ')', '|', '[', ']', '\\']))
}

/// The patterns of a difference about resources.
fn patterns<'a>(part: &Part<'a>) -> Vec<&'a str> {
    match part.element {
        Element::Resource => [part.strings("Resource"), part.strings("NotResource")].concat(),
        _ => Vec::new(),
    }
}

/// Rewrites what most pairs would differ by, so that most are compared in full: the wildcards that the rows
/// `wildcard-in-action-service` and `wildcard-in-first-segment` are about.
pub fn mend(document: &mut Document) {
    for statement in &mut document.statements {
        for action in &mut statement.action.patterns {
            if let Some((service, name)) = action.split_once(':')
                && service.contains(['*', '?'])
            {
                *action = format!("execute-api:{name}");
            }
        }
        for pattern in &mut statement.resource.patterns {
            if has_wildcard_in_first_segment(pattern) {
                let rest = parts(pattern)[5];
                let (early, later) = pattern.split_at(pattern.len() - rest.len());
                let end = rest.find(['/', ':']).unwrap_or_default();
                // A variable holds a colon: what follows it is no end.
                let end = rest.rfind('}').map_or(end, |close| if rest[..end].contains("${") { close + 1 } else { end });
                *pattern = format!("{early}a1b2c3d4e5{}", &later[end..]);
            }
        }
    }
}

/// The parts of an ARN, the missing ones of a short one as `*`.
fn parts(arn: &str) -> [&str; 6] {
    let mut parts = arn.splitn(6, ':');
    std::array::from_fn(|_| parts.next().unwrap_or("*"))
}

/// `wildcard-in-request`, R-11: the request's resource has a `*`.
pub fn wildcard_in_request(part: &Part<'_>) -> bool {
    !patterns(part).is_empty() && part.request.resource.contains('*')
}

/// `resource-case`, R-05: in the partition, region or account of a pattern and the resource, one holds a letter in
/// one case, the other in the other.
pub fn another_case(part: &Part<'_>) -> bool {
    let given = parts(&part.request.resource);
    patterns(part).iter().any(|pattern| {
        let pattern = parts(pattern);
        (1..5).any(|at| {
            let glob = |pattern: &str, text: &str| simple_glob(pattern.as_bytes(), text.as_bytes());
            !glob(pattern[at], given[at]) && glob(&pattern[at].to_lowercase(), &given[at].to_lowercase())
        })
    })
}

/// A glob over bytes, characters or whatever a text is made of: where the wildcards are, and what each may be.
pub fn glob<T: Copy + PartialEq>(pattern: &[T], text: &[T], star: T, mark: T, wild: impl Fn(T) -> bool) -> bool {
    // The states of the pattern after each unit of the text: slow, and plain.
    let mut states = vec![false; pattern.len() + 1];
    states[0] = true;
    let skip_stars = |states: &mut Vec<bool>| {
        for at in 0..pattern.len() {
            if states[at] && pattern[at] == star {
                states[at + 1] = true;
            }
        }
    };
    skip_stars(&mut states);
    for unit in text {
        let mut next = vec![false; pattern.len() + 1];
        for at in (0..pattern.len()).filter(|at| states[*at]) {
            if pattern[at] == star {
                next[at] |= wild(*unit);
            } else if pattern[at] == mark {
                next[at + 1] |= wild(*unit);
            } else {
                next[at + 1] |= pattern[at] == *unit;
            }
        }
        skip_stars(&mut next);
        states = next;
    }
    states[pattern.len()]
}

/// A glob over bytes, for the short parts of ARNs.
pub fn simple_glob(pattern: &[u8], text: &[u8]) -> bool {
    glob(pattern, text, b'*', b'?', |_| true)
}

/// `wildcard-in-first-segment`, R-03 and R-10: a pattern has a wildcard or a variable before the first `/` or `:`
/// of its last part.
pub fn wildcard_in_first_segment(part: &Part<'_>) -> bool {
    patterns(part).iter().any(|pattern| has_wildcard_in_first_segment(pattern))
}

fn has_wildcard_in_first_segment(pattern: &str) -> bool {
    let rest = parts(pattern)[5];
    let first = rest.find(['/', ':']).map(|end| &rest[..end]);
    first.is_some_and(|first| first.contains(['*', '?']) || first.contains("${"))
}

/// `short-arn-in-not-resource`, R-06 and R-12: a `NotResource` lists an ARN of fewer than six parts that does not
/// match.
pub fn short_arn_in_not_resource(part: &Part<'_>) -> bool {
    part.ours == Outcome::Matched
        && !patterns(part).is_empty()
        && part.strings("NotResource").iter().any(|pattern| *pattern != "*" && pattern.matches(':').count() < 5)
}

/// `no-value-in-not-resource`, V-09: a `NotResource` lists a pattern whose variable has no value.
pub fn no_value_in_not_resource(part: &Part<'_>) -> bool {
    part.ours == Outcome::Matched
        && part.has_variables()
        && !patterns(part).is_empty()
        && part
            .strings("NotResource")
            .iter()
            .any(|pattern| variables(pattern).any(|variable| variable.default.is_none() && variable.has_no_value(part)))
}
