//! The identities of a `bundle.json`: who has which identity policies, and which permissions boundary.

use std::collections::HashMap;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::Identity;
use super::files::Files;
use super::read::{named, policy_of};
use crate::policy::error::{Mistakes, Problem, quote};
use crate::policy::{PolicyKind, PrincipalEntry, Version, json, read_aws};

/// The keys of an identity.
pub(super) const IDENTITY: [&str; 2] = ["policies", "boundary"];

/// `identities`.
pub(super) fn read_identities(
    value: &Value<'_>,
    files: &mut Files<'_>,
    mistakes: &mut Mistakes,
) -> Option<Vec<Identity>> {
    // The name of a role is its account's, whatever its path: one session cannot be of two roles (P-08).
    let mut roles: HashMap<[String; 3], (usize, String)> = HashMap::new();
    named(value, "`identities`", mistakes, |property, value, mistakes| {
        let identity = read_identity(property, value, files, mistakes)?;
        if let PrincipalEntry::Role(role) = &identity.principal {
            let line = mistakes.source().line(property.name.range().start);
            let place = [role.partition.clone(), role.account.clone(), role.name.clone()];
            // A key twice has been reported (D-02).
            if let Some((first, other)) = roles.insert(place, (line, identity.arn.clone()))
                && other != identity.arn
            {
                let message = format!("two roles of one account have the name {}", quote(&role.name));
                let problem = Problem::new(message, "expected another name: paths do not tell roles apart");
                let help = format!("keep the one there is: the other stands on line {first}");
                mistakes.report(property.name.range(), problem.help(help));
                return None;
            }
        }
        Some(identity)
    })
}

/// One identity.
fn read_identity(
    property: &ObjectProp<'_>,
    value: &Value<'_>,
    files: &mut Files<'_>,
    mistakes: &mut Mistakes,
) -> Option<Identity> {
    let arn = property.name.as_str();
    let principal = read_principal(arn);
    if let Err(problem) = &principal {
        mistakes.report_in_string(property.name.range(), arn, problem.clone());
    }
    let what = format!("identity {}", quote(arn));
    let object = json::object(value, &what, mistakes)?;
    let [policies, boundary] = json::fields(object, &what, &IDENTITY, mistakes);
    let policies = policies.map_or(Some(Vec::new()), |policies| read_policies(arn, &policies.value, files, mistakes));
    let pointer = ["identities", arn, "boundary"];
    let help = "leave `boundary` out where there is none";
    let boundary = policy_of(boundary, PolicyKind::Identity, &pointer, help, files, mistakes);
    let place = property.name.range().into();
    Some(Identity { place, arn: arn.to_owned(), principal: principal.ok()?, policies: policies?, boundary: boundary? })
}

/// Who can have identity policies (L-12).
fn read_principal(arn: &str) -> Result<PrincipalEntry, Problem> {
    const EXPECTED: &str = "expected the ARN of a user, a role, a federated user or an account's root user";
    match read_aws(arn, Version::V2012)? {
        entry @ (PrincipalEntry::User(_)
        | PrincipalEntry::Role(_)
        | PrincipalEntry::FederatedUser(_)
        | PrincipalEntry::Root { .. }) => Ok(entry),
        PrincipalEntry::Session(session) => {
            let problem = Problem::new(format!("{} is a session", quote(arn)), EXPECTED);
            let (partition, account, name) = (session.partition, session.account, session.name);
            let role = quote(&format!("arn:{partition}:iam::{account}:role/{name}"));
            Err(problem.help(format!("a session has the policies of its role: name that, {role} if it has no path")))
        }
        PrincipalEntry::Everyone | PrincipalEntry::AnyAws | PrincipalEntry::Account(_) | PrincipalEntry::Service(_) => {
            let problem = Problem::new(format!("{} is not one identity", quote(arn)), EXPECTED);
            Err(problem.help("give each identity its own entry; the root user is `arn:aws:iam::ACCOUNT:root`"))
        }
    }
}

/// The list of an identity's policies, each once.
fn read_policies(arn: &str, value: &Value<'_>, files: &mut Files<'_>, mistakes: &mut Mistakes) -> Option<Vec<u32>> {
    let Some(listed) = value.as_array() else {
        let problem = Problem::new(format!("`policies` is {}", json::kind(value)), "expected a list of policies");
        let help = match value {
            Value::StringLit(_) | Value::Object(_) => "write it in a list, `[…]`",
            _ => "leave `policies` out where there are none",
        };
        mistakes.report(value.range(), problem.help(help));
        return None;
    };
    let mut numbers = Vec::with_capacity(listed.elements.len());
    for (index, element) in listed.elements.iter().enumerate() {
        if !matches!(element, Value::StringLit(_) | Value::Object(_)) {
            let message = format!("an element of `policies` is {}", json::kind(element));
            mistakes.report(element.range(), Problem::new(message, "expected a path, or a policy in place"));
            continue;
        }
        let index = index.to_string();
        let number = files.policy(PolicyKind::Identity, &["identities", arn, "policies", &index], element, mistakes);
        match number {
            Some(number) if numbers.contains(&number) => {
                let problem = Problem::new("a policy is listed twice", "expected each policy of an identity once");
                mistakes.report(element.range(), problem.help("keep one of them"));
            }
            Some(number) => numbers.push(number),
            None => {}
        }
    }
    (numbers.len() == listed.elements.len()).then_some(numbers)
}
