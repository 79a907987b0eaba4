//! Rules R: whether a `Resource` or `NotResource` element speaks of a resource.

use super::Asked;
use super::glob::{Case, matches};
use super::truth::Truth;
use super::variable::resolve;
use crate::gate::Resource;
use crate::policy::{ArnPattern, ResourceElement, ResourcePattern};

/// `Resource` applies if one pattern matches, `NotResource` if none does; undefined as V-10 makes it (E-05).
pub(super) fn applies(element: &ResourceElement, resource: &Resource<'_>, asked: &Asked<'_>) -> Truth {
    let listed = Truth::any(element.patterns.iter().map(|pattern| is_listed(&pattern.value, resource, asked)));
    if element.negated { listed.not() } else { listed }
}

/// `*` alone is every resource.
fn is_listed(pattern: &ResourcePattern, resource: &Resource<'_>, asked: &Asked<'_>) -> Truth {
    match pattern {
        ResourcePattern::Any => Truth::True,
        ResourcePattern::Arn(pattern) => is_named(pattern, resource, asked),
    }
}

/// every part matches, the last one across `/` and `:`.
///
/// V-06, V-10: variables stand in the last part alone. What they say is not asked where another part does not
/// match.
fn is_named(pattern: &ArnPattern, resource: &Resource<'_>, asked: &Asked<'_>) -> Truth {
    let service = Truth::from(pattern.service == resource.service);
    let parts = [
        (&pattern.partition, resource.partition),
        (&pattern.region, resource.region),
        (&pattern.account, resource.account),
    ];
    let parts = Truth::all(parts.into_iter().map(|(part, text)| matches(part, text, Case::Sensitive)));
    match service.and(parts) {
        Truth::False => Truth::False,
        named => named.and(rest_matches(pattern, resource.rest, asked)),
    }
}

/// R-04, V-09: a pattern that matches nothing does not match.
fn rest_matches(pattern: &ArnPattern, rest: &str, asked: &Asked<'_>) -> Truth {
    resolve(&pattern.rest, asked).compare(|pattern| matches(pattern, rest, Case::Sensitive))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{Caller, Context, Question, Request, Value};
    use crate::policy::Policy;

    const REQUESTED: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/a*b:c";

    /// What `Resource` says of [`REQUESTED`]; `NotResource` must say the opposite.
    #[track_caller]
    fn check(patterns: &[&str], expected: Truth) {
        for (element, expected) in [("Resource", expected), ("NotResource", expected.not())] {
            let statement = serde_json::json!({
                "Effect": "Allow", "Principal": "*", "Action": "*", element: patterns,
            });
            let text = serde_json::json!({"Version": "2012-10-17", "Statement": statement}).to_string();
            let policy = Policy::from_json(&text).unwrap();
            let context = [
                ("x:one", Value::text("a*b:c")),
                ("x:star", Value::text("*")),
                ("x:two", Value::list(&["a", "b"])),
                ("x:empty", Value::text("")),
            ];
            let request = Request::invoke(Caller::Anonymous, REQUESTED).with_context(Context::new(&context));
            let question = Question::read(&request).unwrap();
            let resource = question.resource;
            let asked = Asked { question, endpoint: None, has_boundary: false };
            let said = applies(&policy.statements[0].resource, &resource, &asked);
            assert_eq!(said, expected, "{element} {patterns:?}");
        }
    }

    #[test]
    fn variables() {
        use Truth::{False, True, Undefined};
        const API: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5";
        let on_api = |path: &str| format!("{API}/prod/GET/{path}");
        for (path, expected) in [
            // V-07
            ("${x:one}", True),
            ("*${x:one}", True),
            ("a${x:star}b:c", True),
            ("${x:star}", False),
            ("${x:one}*", True),
            ("${x:one}?", False),
            // V-08, V-09
            ("${x:none}", False),
            ("*${x:none}", False),
            ("${x:empty}*", False),
            ("${x:none, 'a'}*", True),
            ("${x:none, 'b'}*", False),
            ("a*b:c${x:empty, ''}", True),
            // V-10
            ("${x:two}", Undefined),
            ("nothing like it${x:two, 'd'}", Undefined),
            ("${x:none}${x:two}", Undefined),
        ] {
            check(&[&on_api(path)], expected);
        }
        // V-10: one of the first five parts does not match.
        for head in [
            "arn:aws-cn:execute-api:us-east-1:123412341234",
            "arn:aws:s3:us-east-1:123412341234",
            "arn:aws:execute-api:eu-*:123412341234",
            "arn:aws:execute-api:us-east-1:999999999999",
            "arn:aws:execute-api::*",
        ] {
            check(&[&format!("{head}:${{x:two}}")], False);
        }
        check(&["arn:a*:execute-api:*:*:${x:two}"], Undefined);
        // E-05: a definite match wins.
        check(&[&on_api("${x:two}"), &on_api("*")], True);
        check(&[&on_api("*"), &on_api("${x:two}")], True);
        check(&[&on_api("${x:two}"), "*"], True);
        check(&[&on_api("${x:two}"), &on_api("other")], Undefined);
        check(&[&on_api("${x:none}"), &on_api("*")], True);
        check(&[&on_api("${x:none}"), &on_api("${x:two}")], Undefined);
    }
}
