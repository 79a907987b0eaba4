//! Entries of `Principal` and `NotPrincipal` (P-01 to P-03, P-11).

use super::error::{Problem, quote};
use super::template::refuse_variable;
use super::{PrincipalArn, PrincipalEntry, Version};

const FORMS: &str = "expected `*`, a 12-digit account id, or the ARN of an account's root, a user, a role, \
                     a role session or a federated user";

/// Reads an entry under `AWS` (P-02, P-03).
pub(crate) fn read_aws(text: &str, version: Version) -> Result<PrincipalEntry, Problem> {
    if text == "*" {
        return Ok(PrincipalEntry::AnyAws);
    }
    refuse_variable(text, version, "a principal")?;
    refuse_wildcard(text)?;
    if is_account_id(text) {
        return Ok(PrincipalEntry::Account(text.to_owned()));
    }
    read_arn(text).ok_or_else(|| Problem::new(format!("{} is no principal", quote(text)), FORMS).help(hint(text)))
}

/// Reads an entry under `Service` (P-11).
pub(super) fn read_service(text: &str, version: Version) -> Result<PrincipalEntry, Problem> {
    refuse_variable(text, version, "a principal")?;
    if text.is_empty() || text.contains(['*', '?']) {
        let problem = Problem::new(
            format!("{} under `Service` is no service principal", quote(text)),
            "expected the whole name of a service, as `apigateway.amazonaws.com`",
        );
        return Err(problem.help("services cannot be named by wildcard; `\"Principal\": \"*\"` includes them all"));
    }
    Ok(PrincipalEntry::Service(text.to_owned()))
}

fn refuse_wildcard(text: &str) -> Result<(), Problem> {
    match text.find(['*', '?']) {
        Some(at) => {
            let problem = Problem::new(format!("wildcard in principal {}", quote(text)), "expected no `*` or `?` here");
            let help = if text.contains(":assumed-role/") {
                "for all sessions of a role name the role, `arn:aws:iam::ACCOUNT:role/ROLE`"
            } else {
                "a principal is `*` or one whole name; to match several, write `*` and a condition: `\"ArnLike\": {\"aws:PrincipalArn\": …}`"
            };
            Err(problem.at(at..at + 1).help(help))
        }
        None => Ok(()),
    }
}

/// Reads one of the ARN forms of P-02; wildcards have been refused.
fn read_arn(arn: &str) -> Option<PrincipalEntry> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    let (partition, service, region) = (parts.next()?, parts.next()?, parts.next()?);
    let (account, rest) = (parts.next()?, parts.next()?);
    if !is_partition(partition) || !region.is_empty() || !is_account_id(account) {
        return None;
    }
    if (service, rest) == ("iam", "root") {
        return Some(PrincipalEntry::Root { partition: partition.to_owned(), account: account.to_owned() });
    }
    let (kind, path) = rest.split_once('/')?;
    let components: Vec<_> = path.split('/').collect();
    if components.contains(&"") {
        return None;
    }
    let named = |name: &str| PrincipalArn {
        arn: arn.to_owned(),
        partition: partition.to_owned(),
        account: account.to_owned(),
        name: name.to_owned(),
    };
    match (service, kind, components.as_slice()) {
        ("iam", "user", [.., name]) => Some(PrincipalEntry::User(named(name))),
        ("iam", "role", [.., name]) => Some(PrincipalEntry::Role(named(name))),
        ("sts", "assumed-role", [role, _session]) => Some(PrincipalEntry::Session(named(role))),
        ("sts", "federated-user", [name]) => Some(PrincipalEntry::FederatedUser(named(name))),
        _ => None,
    }
}

/// What may have been meant by an entry that is none.
fn hint(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let fixed = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        "an account id has 12 digits, leading zeros included"
    } else if text.starts_with("AIDA") || text.starts_with("AROA") {
        "this is a unique id, left when its user or role was deleted: name the ARN"
    } else if text.contains(":assumed-role/") {
        "a session is `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`; for all sessions of a role name the role, `arn:aws:iam::ACCOUNT:role/ROLE`"
    } else if text.contains(":group/") {
        "a group cannot be a principal: name its users"
    } else if text.contains("-provider/") {
        "who signs in with a provider calls as a role's session: name the role, `arn:aws:iam::ACCOUNT:role/ROLE`"
    } else if text.ends_with(".amazonaws.com") {
        "a service stands under `Service`"
    } else if is_account_id(&digits)
        && text.len() == 14
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit())
    {
        return format!("write the account id without hyphens, {}", quote(&digits));
    } else {
        match parts.as_slice() {
            ["arn", _, "iam" | "sts", region, ..] if !region.is_empty() => {
                "IAM is in no region: nothing stands between the two colons, as in `arn:aws:iam::ACCOUNT:role/ROLE`"
            }
            ["arn", _, "iam" | "sts", _, account, _] if !is_account_id(account) => {
                return format!("an account id has 12 digits, leading zeros included; {} has not", quote(account));
            }
            ["arn", _, "iam", _, _, rest] if rest.split('/').next().is_some_and(is_kind_in_another_case) => {
                "ARNs are case-sensitive: write `user`, `role` or `root` in lower case"
            }
            _ => {
                "name a role by its ARN, `arn:aws:iam::ACCOUNT:role/ROLE`, and a user by `arn:aws:iam::ACCOUNT:user/USER`"
            }
        }
    };
    fixed.to_owned()
}

fn is_kind_in_another_case(kind: &str) -> bool {
    ["user", "role", "root"].iter().any(|known| kind != *known && kind.eq_ignore_ascii_case(known))
}

/// `aws`, or `aws-` and a name of `a-z 0-9 -` (P-02).
pub(super) fn is_partition(text: &str) -> bool {
    text == "aws"
        || text.strip_prefix("aws-").is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        })
}

/// Twelve digits.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
