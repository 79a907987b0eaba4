//! The parts of a question: the caller's identity, and the six parts of the resource.
//!
//! Every evaluator reads a request through [`Question::read`], so that what cannot be read is denied in one
//! place (E-07, E-09). What a policy's patterns make of the parts is each evaluator's own business.

use super::request::{Caller, Fault, MAX_PRINCIPAL_BYTES, MAX_RESOURCE_BYTES, Request};

/// A request that can be read, in its parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub request: Request<'a>,
    pub identity: Identity<'a>,
    pub resource: Resource<'a>,
}

impl<'a> Question<'a> {
    /// Cuts a request into its parts.
    pub fn read(request: &Request<'a>) -> Result<Self, Fault> {
        if let Some(fault) = request.context.fault() {
            return Err(fault);
        }
        match request.action.split_once(':') {
            Some((service, name)) if !service.is_empty() && !name.is_empty() && !name.contains(':') => {}
            _ => return Err(Fault::Action),
        }
        Ok(Self {
            request: *request,
            identity: Identity::read(request.caller).ok_or(Fault::Principal)?,
            resource: Resource::read(request.resource).ok_or(Fault::Resource)?,
        })
    }
}

impl Request<'_> {
    /// Whether the request can be read; an evaluator denies one that cannot.
    ///
    /// # Errors
    /// [`Fault`] says what cannot be read: the first found of context, action, principal, resource.
    pub fn check(&self) -> Result<(), Fault> {
        Question::read(self).map(|_| ())
    }
}

/// A resource cut at its first five colons; the first part is `arn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resource<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    /// All after the fifth colon.
    pub rest: &'a str,
}

impl<'a> Resource<'a> {
    fn read(text: &'a str) -> Option<Self> {
        if text.len() > MAX_RESOURCE_BYTES {
            return None;
        }
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let (partition, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { partition, service, region, account: parts.next()?, rest: parts.next()? })
    }
}

/// Who a caller is (P-15), in the parts that principals are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity<'a> {
    Anonymous,
    /// `arn:P:iam::A:root`.
    Root(Account<'a>),
    /// `arn:P:iam::A:user/[path/]NAME`.
    User {
        arn: &'a str,
        account: Account<'a>,
        name: &'a str,
    },
    /// `arn:P:iam::A:role/[path/]NAME`.
    Role {
        arn: &'a str,
        account: Account<'a>,
    },
    /// `arn:P:sts::A:assumed-role/ROLE/SESSION`.
    Session {
        arn: &'a str,
        account: Account<'a>,
        role: &'a str,
    },
    /// `arn:P:sts::A:federated-user/NAME`.
    FederatedUser {
        arn: &'a str,
        account: Account<'a>,
        name: &'a str,
    },
    Service(&'a str),
}

/// An account in its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account<'a> {
    pub partition: &'a str,
    pub id: &'a str,
}

impl<'a> Identity<'a> {
    /// Reads a caller; `None` for one of no known form (P-02, P-15).
    pub fn read(caller: Caller<'a>) -> Option<Self> {
        match caller {
            Caller::Anonymous => Some(Self::Anonymous),
            Caller::Service(name) => {
                (name.len() <= MAX_PRINCIPAL_BYTES && is_name(name)).then_some(Self::Service(name))
            }
            Caller::Arn(arn) if arn.len() > MAX_PRINCIPAL_BYTES => None,
            Caller::Arn(arn) => Self::read_arn(arn),
        }
    }

    /// Reads one of the ARN forms of P-02.
    fn read_arn(arn: &'a str) -> Option<Self> {
        let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
        let (partition, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        let (id, rest) = (parts.next()?, parts.next()?);
        if !is_partition(partition) || !region.is_empty() || !is_account_id(id) {
            return None;
        }
        let account = Account { partition, id };
        if service == "iam" && rest == "root" {
            return Some(Self::Root(account));
        }
        let (kind, path) = rest.split_once('/')?;
        if !path.split('/').all(is_name) {
            return None;
        }
        let last = path.rsplit('/').next()?;
        match (service, kind) {
            ("iam", "user") => Some(Self::User { arn, account, name: last }),
            ("iam", "role") => Some(Self::Role { arn, account }),
            ("sts", "assumed-role") => {
                let (role, session) = path.split_once('/')?;
                (!session.contains('/')).then_some(Self::Session { arn, account, role })
            }
            ("sts", "federated-user") if !path.contains('/') => Some(Self::FederatedUser { arn, account, name: path }),
            _ => None,
        }
    }

    /// The account the caller belongs to; anonymous callers and services have none.
    pub fn account(&self) -> Option<Account<'a>> {
        match *self {
            Self::Anonymous | Self::Service(_) => None,
            Self::Root(account)
            | Self::User { account, .. }
            | Self::Role { account, .. }
            | Self::Session { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
        }
    }
}

/// `aws`, or `aws-` and a name of `a-z 0-9 -` (P-02).
fn is_partition(text: &str) -> bool {
    text == "aws"
        || text.strip_prefix("aws-").is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        })
}

/// Twelve digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A component of a principal's name: non-empty, without `/`, `*` and `?` (P-02).
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| matches!(byte, b'/' | b'*' | b'?'))
}

#[cfg(test)]
mod tests;
