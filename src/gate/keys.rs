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

impl DerivedKey {
    /// The derived key of this name, if it is one.
    pub fn of(name: &str) -> Option<Self> {
        DERIVED_KEYS.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, derived)| *derived)
    }
}

/// Room for a derived value that stands nowhere in the request.
///
/// The longest is a session's `aws:PrincipalArn`, which is shorter than the session's own ARN.
pub(crate) struct Scratch {
    bytes: [u8; MAX_PRINCIPAL_BYTES],
    used: usize,
}

impl Scratch {
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_PRINCIPAL_BYTES], used: 0 }
    }

    /// The pieces, one after another; `None` where there is no room for them.
    fn join(&mut self, pieces: &[&str]) -> Option<&str> {
        self.used = 0;
        for piece in pieces {
            core::fmt::Write::write_str(self, piece).ok()?;
        }
        self.text()
    }

    /// What `format_args!` says, and nothing of what stood here before.
    fn format(&mut self, arguments: core::fmt::Arguments<'_>) -> Option<&str> {
        self.used = 0;
        core::fmt::write(self, arguments).ok()?;
        self.text()
    }

    fn text(&self) -> Option<&str> {
        core::str::from_utf8(self.bytes.get(..self.used)?).ok()
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

    /// The value of a key that the request says nothing of (K-05); `None` where it is not present.
    ///
    /// `endpoint` is the VPC endpoint the request came through, where there is a bundle (K-11).
    pub fn derived<'s>(
        &'s self,
        key: DerivedKey,
        endpoint: Option<&'s str>,
        scratch: &'s mut Scratch,
    ) -> Option<&'s str> {
        match key {
            DerivedKey::PrincipalArn => match self.identity {
                Identity::Anonymous | Identity::Service(_) => None,
                Identity::Root(Account { partition, id }) => scratch.join(&["arn:", partition, ":iam::", id, ":root"]),
                Identity::User { arn, .. } | Identity::Role { arn, .. } | Identity::FederatedUser { arn, .. } => {
                    Some(arn)
                }
                Identity::Session { account: Account { partition, id }, role, .. } => {
                    scratch.join(&["arn:", partition, ":iam::", id, ":role/", role])
                }
            },
            DerivedKey::PrincipalAccount => match self.identity {
                Identity::Anonymous => Some("anonymous"),
                _ => self.identity.account().map(|account| account.id),
            },
            DerivedKey::PrincipalType => match self.identity {
                Identity::Anonymous => Some("Anonymous"),
                Identity::Root(_) => Some("Account"),
                Identity::User { .. } => Some("User"),
                Identity::Role { .. } | Identity::Session { .. } => Some("AssumedRole"),
                Identity::FederatedUser { .. } => Some("FederatedUser"),
                Identity::Service(_) => None,
            },
            DerivedKey::Username => match self.identity {
                Identity::User { name, .. } => Some(name),
                _ => None,
            },
            DerivedKey::Userid => match self.identity {
                Identity::Anonymous => Some("anonymous"),
                Identity::Root(account) => Some(account.id),
                Identity::FederatedUser { account, name, .. } => scratch.join(&[account.id, ":", name]),
                _ => None,
            },
            DerivedKey::PrincipalIsAwsService => match self.identity {
                Identity::Anonymous => None,
                Identity::Service(_) => Some("true"),
                _ => Some("false"),
            },
            DerivedKey::PrincipalServiceName => match self.identity {
                Identity::Service(name) => Some(name),
                _ => None,
            },
            DerivedKey::ResourceAccount => Some(self.resource.account).filter(|id| is_account_id(id)),
            DerivedKey::RequestedRegion => Some(self.resource.region).filter(|region| !region.is_empty()),
            DerivedKey::CurrentTime => {
                let [year, month, day, hour, minute, second] = civil_time(self.seconds_of("aws:EpochTime")?)?;
                scratch.format(format_args!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
            }
            DerivedKey::EpochTime => {
                let seconds = self.seconds_of("aws:CurrentTime")?;
                scratch.format(format_args!("{seconds}"))
            }
            DerivedKey::SourceVpce => endpoint,
        }
    }

    /// The instant that the request gives under this key, in whole seconds (K-10).
    fn seconds_of(&self, name: &str) -> Option<i64> {
        whole_seconds(read_instant(self.given(name)?.single()?)?)
    }
}

#[cfg(test)]
mod tests;
