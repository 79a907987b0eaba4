//! Context keys: what the request gives, and what its principal and resource already say (K-03 to K-10).
//!
//! Both evaluators read keys through this module. No comparison of the two can find a mistake in it, so its
//! tests have answers written by hand, one for each cell of the table in K-05.

use super::identity::{Account, Identity, Question, is_account_id};
use super::instant::{civil_time, read_instant, whole_seconds};
use super::request::{MAX_PRINCIPAL_BYTES, Value};

/// A key that has a value where the request gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DerivedKey {
    PrincipalArn,
    PrincipalAccount,
    PrincipalType,
    Username,
    Userid,
    PrincipalIsAwsService,
    PrincipalServiceName,
    ResourceAccount,
    RequestedRegion,
    CurrentTime,
    EpochTime,
    SourceVpce,
}

/// Names of the derived keys, in lower case.
pub(crate) const DERIVED_KEYS: [(&str, DerivedKey); 12] = [
    ("aws:principalarn", DerivedKey::PrincipalArn),
    ("aws:principalaccount", DerivedKey::PrincipalAccount),
    ("aws:principaltype", DerivedKey::PrincipalType),
    ("aws:username", DerivedKey::Username),
    ("aws:userid", DerivedKey::Userid),
    ("aws:principalisawsservice", DerivedKey::PrincipalIsAwsService),
    ("aws:principalservicename", DerivedKey::PrincipalServiceName),
    ("aws:resourceaccount", DerivedKey::ResourceAccount),
    ("aws:requestedregion", DerivedKey::RequestedRegion),
    ("aws:currenttime", DerivedKey::CurrentTime),
    ("aws:epochtime", DerivedKey::EpochTime),
    ("aws:sourcevpce", DerivedKey::SourceVpce),
];

/// Keys that describe the caller: in a bundle nobody can give them for an anonymous one (K-07). Names, and beginnings
/// of names, in lower case.
const PRINCIPAL_KEYS: [&str; 10] = [
    "aws:assumedroot",
    "aws:chatbotsourcearn",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:federatedprovider",
    "aws:signinsessionarn",
    "aws:sourceidentity",
    "aws:tokenissuetime",
    "aws:userid",
    "aws:username",
];
const PRINCIPAL_PREFIXES: [&str; 2] = ["aws:multifactorauth", "aws:principal"];

/// Whether a key describes the caller (K-07).
pub(crate) fn is_principal_key(name: &[u8]) -> bool {
    let is = |key: &str, name: &[u8]| key.as_bytes().eq_ignore_ascii_case(name);
    let begins = |prefix: &str| name.get(..prefix.len()).is_some_and(|start| is(prefix, start));
    PRINCIPAL_KEYS.iter().any(|key| is(key, name)) || PRINCIPAL_PREFIXES.into_iter().any(begins)
}

/// Whether what the request or its endpoint gives a key counts, where the policy belongs to a bundle: of an anonymous
/// caller nobody knows more than what is derived (K-07).
pub(super) fn may_be_given(caller: &Identity<'_>, name: &[u8]) -> bool {
    !(matches!(caller, Identity::Anonymous) && is_principal_key(name))
}

impl DerivedKey {
    /// The derived key of this name, if it is one.
    pub fn of(name: &[u8]) -> Option<Self> {
        let key = DERIVED_KEYS.iter().find(|(key, _)| key.as_bytes().eq_ignore_ascii_case(name));
        key.map(|(_, derived)| *derived)
    }
}

/// How a derived value is made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Derivation<'a> {
    /// It stands in the request as it is.
    Text(&'a str),
    /// Pieces of the request, one after another.
    Joined([&'a str; 6]),
    /// Year, month, day, hour, minute, second.
    Civil([i64; 6]),
    /// Seconds since 1970-01-01T00:00:00Z.
    Seconds(i64),
}

/// Room for a derived value that stands nowhere in the request.
///
/// The longest is a session's `aws:PrincipalArn`, which is shorter than the session's own ARN.
#[derive(Debug)]
pub(crate) struct Scratch {
    bytes: [u8; MAX_PRINCIPAL_BYTES],
    used: usize,
}

impl Scratch {
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_PRINCIPAL_BYTES], used: 0 }
    }

    /// The value, and nothing of what stood here before; `None` where there is no room for it.
    pub fn compose(&mut self, derivation: &Derivation<'_>) -> Option<&str> {
        use core::fmt::Write;
        self.used = 0;
        let written = match derivation {
            Derivation::Text(text) => self.write_str(text),
            Derivation::Joined(pieces) => pieces.iter().try_for_each(|piece| self.write_str(piece)),
            Derivation::Civil([year, month, day, hour, minute, second]) => {
                write!(self, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
            }
            Derivation::Seconds(seconds) => write!(self, "{seconds}"),
        };
        if written.is_err() {
            self.used = 0;
        }
        self.text()
    }

    /// What was composed last; `None` where nothing was, or it had no room. No composed value is empty.
    pub fn text(&self) -> Option<&str> {
        core::str::from_utf8(self.bytes.get(..self.used)?).ok().filter(|text| !text.is_empty())
    }
}

impl core::fmt::Write for Scratch {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.used.checked_add(text.len()).ok_or(core::fmt::Error)?;
        self.bytes.get_mut(self.used..end).ok_or(core::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.used = end;
        Ok(())
    }
}

impl<'a> Question<'a> {
    /// The value the request gives a key: `None` where it says nothing of the key, a value without texts where
    /// it says that the key is not there (K-03).
    pub fn given(&self, name: &str) -> Option<Value<'a>> {
        self.request.context.get(name)
    }

    /// Whether what the request or its endpoint gives a key counts, where the policy belongs to a bundle (K-07).
    #[cfg(any(feature = "compiler", test))]
    pub fn may_be_given(&self, name: &str) -> bool {
        may_be_given(&self.identity, name.as_bytes())
    }

    /// The value of a key that the request says nothing of (K-05); `None` where it is not present.
    ///
    /// `endpoint` is the VPC endpoint the request came through, where there is a bundle (K-11).
    #[cfg(any(feature = "compiler", test))]
    pub fn derived<'s>(&self, key: DerivedKey, endpoint: Option<&'s str>, scratch: &'s mut Scratch) -> Option<&'s str>
    where
        'a: 's,
    {
        match self.derivation(key, endpoint)? {
            Derivation::Text(text) => Some(text),
            composed => scratch.compose(&composed),
        }
    }

    /// How the value of such a key is made.
    pub fn derivation<'s>(&self, key: DerivedKey, endpoint: Option<&'s str>) -> Option<Derivation<'s>>
    where
        'a: 's,
    {
        use Derivation::{Civil, Joined, Seconds, Text};
        match key {
            DerivedKey::PrincipalArn => match self.identity {
                Identity::Anonymous | Identity::Service(_) => None,
                Identity::Root(Account { partition, id }) => {
                    Some(Joined(["arn:", partition, ":iam::", id, ":root", ""]))
                }
                Identity::User { arn, .. } | Identity::Role { arn, .. } | Identity::FederatedUser { arn, .. } => {
                    Some(Text(arn))
                }
                Identity::Session { account: Account { partition, id }, role, .. } => {
                    Some(Joined(["arn:", partition, ":iam::", id, ":role/", role]))
                }
            },
            DerivedKey::PrincipalAccount => match self.identity {
                Identity::Anonymous => Some(Text("anonymous")),
                _ => self.identity.account().map(|account| Text(account.id)),
            },
            DerivedKey::PrincipalType => match self.identity {
                Identity::Anonymous => Some(Text("Anonymous")),
                Identity::Root(_) => Some(Text("Account")),
                Identity::User { .. } => Some(Text("User")),
                Identity::Role { .. } | Identity::Session { .. } => Some(Text("AssumedRole")),
                Identity::FederatedUser { .. } => Some(Text("FederatedUser")),
                Identity::Service(_) => None,
            },
            DerivedKey::Username => match self.identity {
                Identity::User { path, .. } => path.rsplit('/').next().map(Text),
                _ => None,
            },
            DerivedKey::Userid => match self.identity {
                Identity::Anonymous => Some(Text("anonymous")),
                Identity::Root(account) => Some(Text(account.id)),
                Identity::FederatedUser { account, name, .. } => Some(Joined([account.id, ":", name, "", "", ""])),
                _ => None,
            },
            DerivedKey::PrincipalIsAwsService => match self.identity {
                Identity::Anonymous => None,
                Identity::Service(_) => Some(Text("true")),
                _ => Some(Text("false")),
            },
            DerivedKey::PrincipalServiceName => match self.identity {
                Identity::Service(name) => Some(Text(name)),
                _ => None,
            },
            DerivedKey::ResourceAccount => {
                Some(Text(self.resource.account)).filter(|_| is_account_id(self.resource.account))
            }
            DerivedKey::RequestedRegion => {
                Some(Text(self.resource.region)).filter(|_| !self.resource.region.is_empty())
            }
            DerivedKey::CurrentTime => civil_time(self.seconds_of("aws:EpochTime")?).map(Civil),
            DerivedKey::EpochTime => self.seconds_of("aws:CurrentTime").map(Seconds),
            DerivedKey::SourceVpce => endpoint.map(Text),
        }
    }

    /// The instant that the request gives under this key, in whole seconds (K-10).
    fn seconds_of(&self, name: &str) -> Option<i64> {
        whole_seconds(read_instant(self.given(name)?.single()?)?)
    }
}

#[cfg(test)]
mod tests;
