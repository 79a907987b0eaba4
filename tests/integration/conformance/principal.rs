//! Differences about `Principal` and `NotPrincipal`.

use portcullis::Outcome;

use super::differences::{Element, Part, strings};
use crate::lines::Principal;

/// The forms of a caller's ARN (P-02, P-15).
pub fn is_caller(arn: &str) -> bool {
    let Some(caller) = Caller::read(arn) else { return false };
    let partition = caller.partition.strip_prefix("aws").is_some_and(|rest| {
        rest.is_empty()
            || rest.starts_with('-')
                && rest.len() > 1
                && rest.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    });
    let account = caller.account.len() == 12 && caller.account.bytes().all(|byte| byte.is_ascii_digit());
    let path: Vec<&str> = caller.name.split('/').collect();
    let form = match (caller.service, path.as_slice()) {
        ("iam", ["root"]) => true,
        ("iam", ["user" | "role", path @ ..]) => !path.is_empty(),
        ("sts", ["assumed-role", _, _] | ["federated-user", _]) => true,
        _ => false,
    };
    partition && account && form && path.iter().all(|part| !part.is_empty() && !part.contains(['*', '?']))
}

/// The parts of a caller's ARN.
struct Caller<'a> {
    partition: &'a str,
    service: &'a str,
    account: &'a str,
    name: &'a str,
}

impl<'a> Caller<'a> {
    fn read(arn: &'a str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, service, "", account, name] = parts.as_slice() else { return None };
        Some(Self { partition, service, account, name })
    }

    /// The kind, and what follows it.
    fn kind(&self) -> (&'a str, &'a str) {
        self.name.split_once('/').unwrap_or((self.name, ""))
    }
}

fn arn<'a>(part: &Part<'a>) -> Option<&'a str> {
    match &part.request.principal {
        Some(Principal::Arn(arn)) => Some(arn),
        _ => None,
    }
}

/// The entries of a kind, of `Principal` or `NotPrincipal`.
fn entries<'a>(part: &Part<'a>, element: &str, kind: &str) -> Vec<&'a str> {
    strings(&part.statement[element][kind])
}

fn is_last_component(path: &str, name: &str) -> bool {
    path.rsplit('/').next() == Some(name)
}

/// `not-principal-whole-identity`, P-13: some of the caller's identities are listed, and not all of them.
pub fn listed_in_part(part: &Part<'_>) -> bool {
    if !matches!(part.element, Element::Principal) || part.ours != Outcome::Matched {
        return false;
    }
    let (Some(arn), entries) = (arn(part), entries(part, "NotPrincipal", "AWS")) else { return false };
    let Some(caller) = Caller::read(arn) else { return false };
    let lists_account = entries.iter().any(|entry| {
        *entry == caller.account || *entry == format!("arn:{}:iam::{}:root", caller.partition, caller.account)
    });
    let lists_itself = entries.contains(&arn);
    let (kind, rest) = caller.kind();
    let lists_role = kind == "assumed-role"
        && entries.iter().filter_map(|entry| Caller::read(entry)).any(|entry| {
            let role = rest.split('/').next().unwrap_or_default();
            let (kind, path) = entry.kind();
            entry.partition == caller.partition
                && entry.account == caller.account
                && kind == "role"
                && is_last_component(path, role)
        });
    let whole = lists_account && (kind == "root" || lists_itself) && (kind != "assumed-role" || lists_role);
    let some = lists_account || lists_itself || lists_role;
    some && !whole
}

/// `federated-user-of-user`, P-10: the caller is a federated user, and an entry is the user of its name.
pub fn federated_user_of_user(part: &Part<'_>) -> bool {
    let (Element::Principal, Some(caller)) = (part.element, arn(part).and_then(Caller::read)) else { return false };
    let ("federated-user", name) = caller.kind() else { return false };
    // They look behind the last colon, also where it is part of the name.
    let seen = name.rsplit(':').next().unwrap_or(name);
    ["Principal", "NotPrincipal"].into_iter().flat_map(|element| entries(part, element, "AWS")).any(|entry| {
        Caller::read(entry).is_some_and(|user| {
            user.partition == caller.partition
                && user.account == caller.account
                && user.kind().0 == "user"
                && (is_last_component(user.kind().1, name) || is_last_component(user.kind().1, seen))
        })
    })
}

/// `role-name-case`, P-08: an entry is the role of the caller's session in another case, and none is the role.
pub fn role_name_in_another_case(part: &Part<'_>) -> bool {
    let (Element::Principal, Some(caller)) = (part.element, arn(part).and_then(Caller::read)) else { return false };
    let ("assumed-role", rest) = caller.kind() else { return false };
    let name = rest.split('/').next().unwrap_or_default();
    ["Principal", "NotPrincipal"].into_iter().flat_map(|element| entries(part, element, "AWS")).any(|entry| {
        let Some(role) = Caller::read(entry) else { return false };
        let last = role.kind().1.rsplit('/').next().unwrap_or_default();
        role.partition == caller.partition
            && role.account == caller.account
            && role.kind().0 == "role"
            && last != name
            && last.to_lowercase() == name.to_lowercase()
    })
}

/// `root-of-another-partition`, P-06: an entry is the root ARN of the caller's account in another partition.
pub fn root_of_another_partition(part: &Part<'_>) -> bool {
    let (Element::Principal, Some(caller)) = (part.element, arn(part).and_then(Caller::read)) else { return false };
    ["Principal", "NotPrincipal"].into_iter().flat_map(|element| entries(part, element, "AWS")).any(|entry| {
        Caller::read(entry).is_some_and(|root| {
            root.name == "root" && root.account == caller.account && root.partition != caller.partition
        })
    })
}

/// `aws-star-and-services`, P-11: the caller is a service, and an Allow is for `{"AWS":"*"}`.
pub fn star_for_a_service(part: &Part<'_>) -> bool {
    matches!(part.element, Element::Principal)
        && matches!(part.request.principal, Some(Principal::Other(_)))
        && !part.is_deny()
        && part.ours == Outcome::NotMatched
        && entries(part, "Principal", "AWS").contains(&"*")
}
