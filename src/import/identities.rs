//! Users and roles with their identity policies and boundaries, from `aws iam get-account-authorization-details`.
//!
//! Most policies of an account speak of other services. An `Allow` that names only their actions allows no call of an API,
//! and is left out; a `Deny` never is, nor what has `NotAction`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::export::{Export, Kind};
use super::files::{Files, named, read_policy};
use super::remark::{Report, Spot};
use super::tree::{Key, Node, Value};
use super::{made, object, text};

/// What the exports say of identities.
pub(super) struct Identities<'e> {
    /// Users and roles, by their ARNs.
    identities: BTreeMap<&'e str, Listed<'e>>,
    /// Groups, by account and name.
    groups: HashMap<(&'e str, &'e str), Listed<'e>>,
    /// Managed policies, by their ARNs.
    managed: HashMap<&'e str, Listed<'e>>,
    /// The managed policies that are the boundary of somebody.
    boundaries: HashSet<&'e str>,
    /// The account of all identities, and the partition.
    pub account: Option<String>,
    pub partition: Option<String>,
}

/// An element of an export.
#[derive(Clone, Copy)]
struct Listed<'e> {
    export: &'e Export,
    node: &'e Node,
}

impl Listed<'_> {
    fn spot(self) -> Spot {
        self.export.spot(self.node)
    }
}

impl<'e> Identities<'e> {
    /// Collects them.
    pub fn of(exports: &'e [Export], report: &mut Report) -> Self {
        let mut identities: BTreeMap<&str, Listed<'_>> = BTreeMap::new();
        let (mut groups, mut managed, mut boundaries) = (HashMap::new(), HashMap::new(), HashSet::new());
        for export in exports.iter().filter(|export| export.kind == Kind::Iam) {
            let listed = |key: &str| export.tree.list_of(key).iter().map(|node| Listed { export, node });
            for listed in listed("UserDetailList").chain(listed("RoleDetailList")) {
                let Some(arn) = listed.node.text_of("Arn") else {
                    let message = "a user or role has no `Arn`, and is left out";
                    report.error(&listed.spot(), message, "export it once more, without `--query`");
                    continue;
                };
                boundaries.extend(boundary_of(listed.node).and_then(|boundary| boundary.text_of(BOUNDARY_ARN)));
                if let Some(first) = identities.insert(arn, listed)
                    && !first.node.equals(listed.node)
                {
                    let message = format!("{} is listed twice, and not alike", named("identity", arn));
                    report.error(&listed.spot(), message, "give one listing of it");
                }
            }
            for listed in listed("GroupDetailList") {
                if let (Some(arn), Some(name)) = (listed.node.text_of("Arn"), listed.node.text_of("GroupName")) {
                    groups.insert((account_of(arn), name), listed);
                }
            }
            for listed in listed("Policies") {
                managed.extend(listed.node.text_of("Arn").map(|arn| (arn, listed)));
            }
        }
        let only = |part: usize| {
            let parts: BTreeSet<_> = identities.keys().filter_map(|arn| arn.split(':').nth(part)).collect();
            if parts.len() == 1 { parts.first().map(|part| (*part).to_owned()) } else { None }
        };
        let (account, partition) = (only(4), only(1));
        Self { identities, groups, managed, boundaries, account, partition }
    }

    /// The entries of the bundle: of each identity that has a policy or a boundary.
    pub fn import(&self, files: &mut Files, report: &mut Report) -> BTreeMap<String, Node> {
        let mut writer = Writer { from: self, written: HashMap::new(), files, report };
        let mut entries = BTreeMap::new();
        for (arn, listed) in &self.identities {
            let entry = writer.entry(arn, *listed);
            if !entry.is_empty() {
                entries.insert((*arn).to_owned(), object(entry));
            }
        }
        entries
    }
}

/// Writes the policies of identities.
struct Writer<'i, 'e> {
    from: &'i Identities<'e>,
    /// What managed policies have become: `None` where nothing is left of one.
    written: HashMap<&'e str, Option<String>>,
    files: &'i mut Files,
    report: &'i mut Report,
}

impl<'e> Writer<'_, 'e> {
    /// What a bundle says of a user or role.
    fn entry(&mut self, arn: &'e str, listed: Listed<'e>) -> Vec<(String, Node)> {
        let name = named("identity", arn);
        let mut policies = self.policies_of(arn, &name, listed);
        for group in listed.node.list_of("GroupList").iter().filter_map(Node::text) {
            match self.from.groups.get(&(account_of(arn), group)) {
                Some(group_listed) => {
                    let arn = group_listed.node.text_of("Arn").unwrap_or(group);
                    policies.extend(self.policies_of(arn, &named("group", group), *group_listed));
                }
                None => {
                    let message = format!("{} of {name} is in no export", named("group", group));
                    policies.push(self.missing(arn, &[last_of(arn), "group", group], listed, message));
                }
            }
        }
        // Two groups may have one policy.
        let mut seen = HashSet::new();
        policies.retain(|policy| seen.insert(policy.clone()));
        let boundary = boundary_of(listed.node).and_then(|boundary| {
            let listed = Listed { node: boundary, ..listed };
            match boundary.text_of(BOUNDARY_ARN) {
                Some(policy) => self.managed(policy, listed),
                None => {
                    let message = format!("the boundary of {name} has no ARN");
                    Some(self.missing(arn, &[last_of(arn), "boundary"], listed, message))
                }
            }
        });
        let mut entry = Vec::new();
        if !policies.is_empty() {
            entry.push(("policies".to_owned(), made(Value::List(policies.into_iter().map(text).collect()))));
        }
        entry.extend(boundary.map(|boundary| ("boundary".to_owned(), text(boundary))));
        entry
    }

    /// The paths of the policies of a user, role or group, inline and managed.
    fn policies_of(&mut self, arn: &'e str, name: &str, listed: Listed<'e>) -> Vec<String> {
        let Listed { export, node } = listed;
        let mut paths = Vec::new();
        let lists = ["UserPolicyList", "GroupPolicyList", "RolePolicyList"];
        for policy in lists.into_iter().flat_map(|key| node.list_of(key)) {
            let policy_name = policy.text_of("PolicyName").unwrap_or("policy");
            let parts = [last_of(arn), policy_name];
            let whose = format!("{} of {name}", named("policy", policy_name));
            let written = match policy.get("PolicyDocument") {
                Some(document) => self.write(arn, &parts, &whose, Listed { export, node: document }, Keep::OfApis),
                None => {
                    let message = format!("{whose} has no `PolicyDocument`");
                    Some(self.missing(arn, &parts, Listed { export, node: policy }, message))
                }
            };
            paths.extend(written);
        }
        for attached in node.list_of("AttachedManagedPolicies") {
            let listed = Listed { export, node: attached };
            let written = match attached.text_of("PolicyArn") {
                Some(policy) => self.managed(policy, listed),
                None => {
                    let message = format!("a policy that is attached to {name} has no `PolicyArn`");
                    Some(self.missing(arn, &[last_of(arn), "attached"], listed, message))
                }
            };
            paths.extend(written);
        }
        paths
    }

    /// The path of a managed policy: of its default version. `None` where it says nothing about APIs, and is nobody's
    /// boundary, which denies what it does not allow.
    fn managed(&mut self, arn: &'e str, attached: Listed<'e>) -> Option<String> {
        if let Some(written) = self.written.get(arn) {
            return written.clone();
        }
        let parts = ["policy", last_of(arn)];
        let name = named("policy", arn);
        let is_default = |version: &&Node| matches!(version.get("IsDefaultVersion").map(|is| &is.value), Some(Value::Bare(is)) if is == "true");
        let written = match self.from.managed.get(arn) {
            None => Some(self.missing(arn, &parts, attached, format!("{name} is attached, and is in no export"))),
            Some(&Listed { export, node }) => {
                let version = node.list_of("PolicyVersionList").iter().find(is_default);
                match version.and_then(|version| version.get("Document")) {
                    None => {
                        let message = format!("{name} has no default version with a `Document`");
                        Some(self.missing(arn, &parts, Listed { export, node }, message))
                    }
                    Some(document) => {
                        let keep = if self.from.boundaries.contains(arn) { Keep::All } else { Keep::OfApis };
                        self.write(arn, &parts, &name, Listed { export, node: document }, keep)
                    }
                }
            }
        };
        self.written.insert(arn, written.clone());
        written
    }

    /// Writes a policy, if something is left of it, and gives its path.
    fn write(&mut self, arn: &str, parts: &[&str], whose: &str, document: Listed<'_>, keep: Keep) -> Option<String> {
        match read_policy(document.node, whose, &document.spot(), self.report) {
            Some(policy) => {
                let policy = if keep == Keep::All { policy } else { of_apis(policy)? };
                Some(self.files.add(&path(arn, parts), &policy))
            }
            None => Some(self.files.name(&path(arn, parts))),
        }
    }

    /// The path of a policy that is not there, reported.
    fn missing(&mut self, arn: &str, parts: &[&str], listed: Listed<'_>, message: String) -> String {
        let path = self.files.name(&path(arn, parts));
        let help =
            format!("add its export, or put the policy at `{path}` in the bundle, which does not compile before");
        self.report.error(&listed.spot(), message, help);
        path
    }
}

/// What of a policy is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    All,
    /// What [`of_apis`] leaves.
    OfApis,
}

const BOUNDARY_ARN: &str = "PermissionsBoundaryArn";

fn boundary_of(identity: &Node) -> Option<&Node> {
    identity.get("PermissionsBoundary")
}

/// The name at the end of an ARN.
fn last_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The path of a policy of this identity, group or policy ARN.
fn path<'p>(arn: &'p str, parts: &[&'p str]) -> Vec<&'p str> {
    let kind = arn.splitn(6, ':').nth(5).and_then(|rest| rest.split('/').next());
    let mut path = vec!["identities", account_of(arn)];
    path.extend(kind.filter(|kind| parts.first() != Some(kind)));
    path.extend(parts);
    path
}

/// The account of an ARN: 12 digits, or `aws`.
fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// A policy without the `Allow`s that name only actions of other services; `None` where nothing is left.
fn of_apis(mut policy: Node) -> Option<Node> {
    let Value::Object(properties) = &mut policy.value else { return Some(policy) };
    let Some((_, statements)) = properties.iter_mut().find(|(Key { name, .. }, _)| name == "Statement") else {
        return Some(policy);
    };
    let is_left = match &mut statements.value {
        Value::List(list) => {
            let was_empty = list.is_empty();
            list.retain(|statement| !allows_elsewhere(statement));
            was_empty || !list.is_empty()
        }
        _ => !allows_elsewhere(statements),
    };
    is_left.then_some(policy)
}

/// Whether a statement is an `Allow` of actions that other services have, each named with its service.
fn allows_elsewhere(statement: &Node) -> bool {
    let is_elsewhere = |action: &Node| {
        let service = action.text().and_then(|action| Some(action.split_once(':')?.0));
        service.is_some_and(|service| {
            !service.is_empty()
                && service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !service.eq_ignore_ascii_case("execute-api")
        })
    };
    let names_once = |key: &str| statement.properties().iter().filter(|(name, _)| name.name == key).count() == 1;
    statement.text_of("Effect") == Some("Allow")
        && names_once("Effect")
        && names_once("Action")
        && !names_once("NotAction")
        && statement.get("Action").is_some_and(|action| match &action.value {
            Value::List(actions) => !actions.is_empty() && actions.iter().all(is_elsewhere),
            _ => is_elsewhere(action),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Source;

    fn left(statements: &str) -> Option<usize> {
        let source = Source::new("-", format!("{{\"Statement\": {statements}}}"));
        let policy = of_apis(Node::read(&source).unwrap())?;
        Some(policy.get("Statement").unwrap().list().map_or(1, <[Node]>::len))
    }

    #[test]
    fn only_allows_that_name_other_services_are_left_out() {
        for (statements, expected) in [
            (r#"{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}"#, None),
            (r#"[{"Effect": "Allow", "Action": ["s3:Get*", "ec2:*"], "Resource": "*"}]"#, None),
            (r#"[{"Effect": "Allow", "Action": ["s3:Get*", "Execute-API:*"]}]"#, Some(1)),
            (r#"[{"Effect": "Allow", "Action": "s3:*"}, {"Effect": "Deny", "Action": "s3:*"}]"#, Some(1)),
            (r#"[{"Effect": "Allow", "Action": "*"}, {"Effect": "Allow", "Action": "*:Invoke"}]"#, Some(2)),
            (r#"[{"Effect": "Allow", "Action": "execute-*:Invoke"}, {"Effect": "Allow", "Action": "exec"}]"#, Some(2)),
            (r#"[{"Effect": "Allow", "NotAction": "s3:*"}, {"Effect": "allow", "Action": "s3:*"}]"#, Some(2)),
            (
                r#"[{"Effect": "Allow", "Action": []}, {"Effect": "Allow", "Action": [1]}, {"Effect": "Allow"}]"#,
                Some(3),
            ),
            ("[]", Some(0)),
        ] {
            assert_eq!(left(statements), expected, "{statements}");
        }
    }
}
