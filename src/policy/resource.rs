//! Patterns of `Resource` and `NotResource`.

use super::error::{Problem, quote};
use super::principal::{is_account_id, is_partition};
use super::template::{Wildcards, read_glob, read_template, refuse_variable};
use super::{ArnPattern, Piece, ResourcePattern, Template, Version};

const FORM: &str = "expected `*` or an ARN, as `arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*`";

/// What the short form of R-09 begins with.
const SHORT: &str = "execute-api:/";

/// An API: `arn:P:execute-api:R:A:API`, in its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiArn {
    /// `P`, as `aws` or `aws-cn`.
    pub partition: String,
    /// `R`, as `us-east-1`.
    pub region: String,
    /// `A`, the owner's 12 digits.
    pub account: String,
    /// `API`, as `a1b2c3d4e5`: lower-case letters and digits.
    pub id: String,
}

impl ApiArn {
    /// Reads the ARN of an API, without stage, method and path; `None` for any other text.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.split(':').collect();
        let ["arn", partition, "execute-api", region, account, id] = parts.as_slice() else { return None };
        let is_region =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        // As in host names, where an API is told from an endpoint by the first hyphen.
        let is_id = !id.is_empty() && id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
        (is_partition(partition) && is_region(region) && is_account_id(account) && is_id).then(|| Self {
            partition: (*partition).to_owned(),
            region: (*region).to_owned(),
            account: (*account).to_owned(),
            id: (*id).to_owned(),
        })
    }
}

impl std::fmt::Display for ApiArn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { partition, region, account, id } = self;
        write!(formatter, "arn:{partition}:execute-api:{region}:{account}:{id}")
    }
}

/// Reads one resource pattern. `api` is the API that the document is attached to, where one is known.
pub(super) fn read_resource(text: &str, version: Version, api: Option<&ApiArn>) -> Result<ResourcePattern, Problem> {
    if text == "*" {
        return Ok(ResourcePattern::Any);
    }
    if let (Some(api), Some(rest)) = (api, text.strip_prefix(SHORT)) {
        let rest = read_template(rest, Wildcards::Wild, version)
            .map_err(|problem| problem.shifted(SHORT.len(), rest.len()))?;
        return Ok(ResourcePattern::Arn(Box::new(part_of(api, rest))));
    }
    if text.starts_with(SHORT) {
        let problem = Problem::new(
            format!("{} is a part of the API that the policy is attached to, and here is none", quote(text)),
            FORM,
        );
        return Err(problem.help("write the whole ARN; the short form belongs to an API's own resource policy"));
    }
    let Some(after_prefix) = text.strip_prefix("arn:") else {
        let help = if text.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("arn:")) {
            "write `arn:` in lower case"
        } else if text.contains("://") {
            "an API is named by its ARN, not by its URL: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`"
        } else {
            "a method of an API is `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`"
        };
        return Err(Problem::new(format!("{} is no resource", quote(text)), FORM).help(help));
    };
    let mut parts: Vec<_> = after_prefix.splitn(5, ':').collect();
    let rest = if parts.len() == 5 { parts.pop() } else { None };
    let head = rest.map_or(text, |rest| text.get(..text.len() - rest.len()).unwrap_or_default());
    if text.find("${").is_some_and(|at| at < head.len()) {
        refuse_variable(text, version, "the first five parts of a resource")?;
    }
    // Where a part stands: a colon follows each before it.
    let place = |index: usize| {
        let start = "arn:".len() + parts.iter().take(index).map(|part| part.len() + 1).sum::<usize>();
        start..start + parts.get(index).map_or(0, |part| part.len())
    };

    let service = parts.get(1).copied().unwrap_or("*");
    if service.contains(['*', '?']) {
        let problem = Problem::new(
            format!("wildcard in the service part of {}", quote(text)),
            "expected a service's name in the third part",
        );
        let problem = if parts.len() > 1 { problem.at(place(1)) } else { problem };
        return Err(problem.help("write `arn:aws:execute-api:*` for every API, or `*` for every resource"));
    }
    if service.chars().any(char::is_uppercase) {
        let problem = Problem::new(
            format!("service {} of {} is not in lower case", quote(service), quote(text)),
            "expected a service's name in lower case",
        );
        return Err(problem.at(place(1)).help(format!("write `{}`", service.to_lowercase())));
    }
    // what is missing is `*`, if the pattern says so by ending in one.
    if rest.is_none() && !text.ends_with('*') {
        let problem = Problem::new(
            format!("{} has fewer than six parts", quote(text)),
            "expected six parts between colons, or a `*` at the end",
        );
        let help = match parts.get(3) {
            Some(account) if account.contains('/') => "a colon stands between the account and the API, not a `/`",
            Some(_) => "add `:*` for every API of the account",
            None => "an ARN is `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`",
        };
        return Err(problem.help(help));
    }
    let account = parts.get(3).copied().unwrap_or("*");
    if !account.is_empty() && !account.contains(['*', '?']) && !is_account_id(account) {
        let problem = Problem::new(
            format!("account {} of {} is no account", quote(account), quote(text)),
            "expected 12 digits, a wildcard, or nothing",
        );
        let problem = problem.at(place(3));
        return Err(problem.help("an account id has 12 digits, leading zeros included; `*` is any account"));
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

/// `REST` of an API, which the short form leaves to be filled in.
fn part_of(api: &ApiArn, rest: Template) -> ArnPattern {
    let mut pieces = rest.pieces;
    let mut beginning = format!("{}/", api.id);
    // Canonical: no two texts are neighbours.
    if let Some(Piece::Text(text)) = pieces.first_mut() {
        beginning.push_str(text);
        *text = beginning;
    } else {
        pieces.insert(0, Piece::Text(beginning));
    }
    ArnPattern {
        partition: read_glob(&api.partition),
        service: "execute-api".to_owned(),
        region: read_glob(&api.region),
        account: read_glob(&api.account),
        rest: Template { pieces },
    }
}
