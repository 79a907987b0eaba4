//! Principals to numbers: every name that some statement lists, once, and the names that an entry stands for.

use std::collections::HashMap;

use super::limits::{CompileError, number};
use super::strings::Strings;
use crate::blob::principals::{self, Name, Principal, PrincipalSlot};
use crate::policy::{Effect, PrincipalArn, PrincipalElement, PrincipalEntry};

/// The principal table while it grows. A name's number is its place in `names`.
#[derive(Debug, Default)]
pub(super) struct Principals {
    names: Vec<OwnedName>,
    numbers: HashMap<OwnedName, u32>,
}

/// A [`Name`] that holds its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum OwnedName {
    Exact(String),
    Role { partition: String, account: String, path: String },
    SessionRole { partition: String, account: String, name: String },
    Account(String),
    Root { partition: String, account: String },
    Service(String),
}

impl OwnedName {
    fn borrow(&self) -> Name<'_> {
        match self {
            Self::Exact(text) => Name::Exact(text),
            Self::Role { partition, account, path } => Name::Role { partition, account, path },
            Self::SessionRole { partition, account, name } => Name::SessionRole { partition, account, name },
            Self::Account(text) => Name::Account(text),
            Self::Root { partition, account } => Name::Root { partition, account },
            Self::Service(text) => Name::Service(text),
        }
    }
}

impl Principals {
    /// The numbers of all names that the listed entries stand for, in rising order.
    pub fn listed(&mut self, element: &PrincipalElement, effect: Effect) -> Result<Vec<u32>, CompileError> {
        let mut listed = Vec::new();
        for entry in &element.entries {
            for name in names(&entry.value, effect, element.negated) {
                listed.push(self.number(name)?);
            }
        }
        listed.sort_unstable();
        listed.dedup();
        Ok(listed)
    }

    fn number(&mut self, name: OwnedName) -> Result<u32, CompileError> {
        if let Some(number) = self.numbers.get(&name) {
            return Ok(*number);
        }
        let number = number("principals", self.names.len())?.get();
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        Ok(number)
    }

    /// The records, and the hash table over them.
    pub fn finish(self, strings: &mut Strings) -> Result<(Vec<Principal>, Vec<PrincipalSlot>), CompileError> {
        let mut records = Vec::with_capacity(self.names.len());
        for name in &self.names {
            let text = strings.intern(name.borrow().pieces().concat().as_bytes())?;
            records.push(Principal { kind: name.borrow().kind().into(), text });
        }
        let names: Vec<Name<'_>> = self.names.iter().map(OwnedName::borrow).collect();
        Ok((records, principals::slots(&names)))
    }
}

/// The names that an entry stands for; the two kinds of `*` are flags of the statement and have none.
fn names(entry: &PrincipalEntry, effect: Effect, negated: bool) -> Vec<OwnedName> {
    let exact = |arn: &PrincipalArn| OwnedName::Exact(arn.arn.clone());
    match entry {
        PrincipalEntry::Everyone | PrincipalEntry::AnyAws => Vec::new(),
        PrincipalEntry::Account(id) => vec![OwnedName::Account(id.clone())],
        PrincipalEntry::Root { partition, account } => {
            vec![OwnedName::Root { partition: partition.clone(), account: account.clone() }]
        }
        // A Deny of a user reaches the federated user of the same name (P-10); to spare a federated user its own
        // ARN must be listed (P-13).
        PrincipalEntry::User(user) if effect == Effect::Deny && !negated => {
            let PrincipalArn { partition, account, name, .. } = user;
            vec![exact(user), OwnedName::Exact(format!("arn:{partition}:sts::{account}:federated-user/{name}"))]
        }
        // A role's sessions carry the role's name without its path (P-08).
        PrincipalEntry::Role(PrincipalArn { arn, partition, account, name }) => {
            let (partition, account, name) = (partition.clone(), account.clone(), name.clone());
            let path = arn.split_once(":role/").map_or(name.clone(), |(_, path)| path.to_owned());
            let sessions = (path != name).then(|| OwnedName::SessionRole {
                partition: partition.clone(),
                account: account.clone(),
                name,
            });
            [OwnedName::Role { partition, account, path }].into_iter().chain(sessions).collect()
        }
        PrincipalEntry::User(arn) | PrincipalEntry::Session(arn) | PrincipalEntry::FederatedUser(arn) => {
            vec![exact(arn)]
        }
        PrincipalEntry::Service(name) => vec![OwnedName::Service(name.clone())],
    }
}
