//! Principals to numbers: every name that some statement lists, once, and the names that an entry stands for.

use std::collections::HashMap;

use super::limits::{CompileError, number};
use super::strings::Strings;
use crate::blob::keyed::Table;
use crate::blob::principals::{self, Kind, Name, Principal, PrincipalSlot};
use crate::policy::{Effect, PrincipalArn, PrincipalElement, PrincipalEntry};

/// The principal table while it grows. A name's number is its place in `names`.
#[derive(Debug, Default)]
pub(super) struct Principals<'p> {
    names: Vec<Name<'p>>,
    numbers: HashMap<Name<'p>, u32>,
}

impl<'p> Principals<'p> {
    /// The numbers of all names that the listed entries stand for, in rising order.
    pub fn listed(&mut self, element: &'p PrincipalElement, effect: Effect) -> Result<Vec<u32>, CompileError> {
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

    /// The numbers of the names of an identity: a role with a path has two (P-08).
    pub fn identity(&mut self, identity: &'p PrincipalEntry) -> Result<Vec<u32>, CompileError> {
        names(identity, Effect::Allow, false).map(|name| self.number(name)).collect()
    }

    fn number(&mut self, name: Name<'p>) -> Result<u32, CompileError> {
        if let Some(number) = self.numbers.get(&name) {
            return Ok(*number);
        }
        let number = number("principals", self.names.len())?.get();
        self.names.push(name);
        self.numbers.insert(name, number);
        Ok(number)
    }

    /// The records, and the hash table over them.
    pub fn finish(self, strings: &mut Strings) -> Result<(Vec<Principal>, Table<PrincipalSlot>), CompileError> {
        let mut records = Vec::with_capacity(self.names.len());
        for name in &self.names {
            let text = strings.intern(name.stored_text().as_bytes())?;
            records.push(Principal { kind: (name.kind as u32).into(), text });
        }
        let links = |name: Name<'p>| {
            [(Kind::Account, ""), (Kind::Root, name.partition)].map(|(kind, partition)| {
                let account = Name { kind, partition, account: name.account, path: "" };
                let number = self.numbers.get(&account).filter(|_| !matches!(name.kind, Kind::Account | Kind::Root));
                number.map_or(0, |number| number.saturating_add(1)).into()
            })
        };
        let table = principals::slots(&self.names, links).ok_or(CompileError::Collision { what: "principals" })?;
        Ok((records, table))
    }
}

/// The names that an entry stands for; the two kinds of `*` are flags of the statement and have none.
fn names(entry: &PrincipalEntry, effect: Effect, negated: bool) -> impl Iterator<Item = Name<'_>> {
    let (one, other) = match entry {
        PrincipalEntry::Everyone | PrincipalEntry::AnyAws => (None, None),
        PrincipalEntry::Account(id) => (Some(Name { kind: Kind::Account, partition: "", account: id, path: "" }), None),
        PrincipalEntry::Root { partition, account } => {
            (Some(Name { kind: Kind::Root, partition, account, path: "" }), None)
        }
        PrincipalEntry::User(arn) => {
            // A Deny of a user reaches the federated user of the same name (P-10); to spare a federated user its own
            // ARN must be listed (P-13).
            let reaches = effect == Effect::Deny && !negated;
            let federated = reaches.then(|| of(Kind::FederatedUser, arn, arn.name.as_str()));
            (Some(of(Kind::User, arn, path_of(arn, ":user/"))), federated)
        }
        PrincipalEntry::Role(arn) => {
            let path = path_of(arn, ":role/");
            // A role's sessions carry the role's name without its path (P-08).
            let sessions = (path != arn.name).then(|| of(Kind::SessionRole, arn, arn.name.as_str()));
            (Some(of(Kind::Role, arn, path)), sessions)
        }
        PrincipalEntry::Session(arn) => (Some(of(Kind::Session, arn, path_of(arn, ":assumed-role/"))), None),
        PrincipalEntry::FederatedUser(arn) => {
            (Some(of(Kind::FederatedUser, arn, path_of(arn, ":federated-user/"))), None)
        }
        PrincipalEntry::Service(name) => {
            (Some(Name { kind: Kind::Service, partition: "", account: "", path: name }), None)
        }
    };
    one.into_iter().chain(other)
}

/// What follows `user/` or the like in an ARN.
fn path_of<'p>(arn: &'p PrincipalArn, kind: &str) -> &'p str {
    arn.arn.split_once(kind).map_or("", |(_, path)| path)
}

fn of<'p>(kind: Kind, arn: &'p PrincipalArn, path: &'p str) -> Name<'p> {
    Name { kind, partition: &arn.partition, account: &arn.account, path }
}
