//! The parts of a question: the caller's identity, and the six parts of the resource.
//!
//! Every evaluator reads a request through [`Question::read`], so that what cannot be read is denied in one
//! place (E-07, E-09). What a policy's patterns make of the parts is each evaluator's own business.

use core::cell::OnceCell;

use super::request::{Caller, Fault, MAX_PRINCIPAL_BYTES, MAX_RESOURCE_BYTES, Request};
use crate::blob::words;

/// A request that can be read, in its parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub request: &'a Request<'a>,
    pub identity: Identity<'a>,
    pub resource: Resource<'a>,
}

impl<'a> Question<'a> {
    /// Cuts a request into its parts.
    pub fn read(request: &'a Request<'a>) -> Result<Self, Fault> {
        if let Some(fault) = request.context.fault() {
            return Err(fault);
        }
        is_invoke(request.action).ok_or(Fault::Action)?;
        Ok(Self {
            request,
            identity: Identity::read(request.caller).ok_or(Fault::Principal)?,
            resource: Resource::read(request.resource).ok_or(Fault::Resource)?,
        })
    }
}

/// The parts of a request that can be read, each read when it is first asked for: most statements ask for none.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub request: &'a Request<'a>,
    identity: OnceCell<Option<Identity<'a>>>,
    resource: OnceCell<Option<Resource<'a>>>,
}

impl<'a> Parts<'a> {
    /// Of a request of which nothing was read yet.
    #[inline]
    pub const fn of(request: &'a Request<'a>) -> Self {
        Self { request, identity: OnceCell::new(), resource: OnceCell::new() }
    }

    /// With this caller, whoever is given.
    pub fn with_identity(self, identity: Identity<'a>) -> Self {
        Self { identity: Some(identity).into(), ..self }
    }

    /// With the resource, read already.
    pub fn with_resource(self, resource: Resource<'a>) -> Self {
        Self { resource: Some(resource).into(), ..self }
    }

    /// The same, and what was read of them.
    pub fn again(&self) -> Parts<'_> {
        fn cell<T>(known: Option<T>) -> OnceCell<T> {
            known.map_or_else(OnceCell::new, OnceCell::from)
        }
        let (identity, resource) = (self.identity.get().copied(), self.resource.get().copied());
        Parts { request: self.request, identity: cell(identity), resource: cell(resource) }
    }

    /// The caller.
    pub fn identity(&self) -> Option<&Identity<'a>> {
        self.identity.get_or_init(|| Identity::read(self.request.caller)).as_ref()
    }

    /// The resource.
    pub fn resource(&self) -> Option<&Resource<'a>> {
        self.resource.get_or_init(|| Resource::read(self.request.resource)).as_ref()
    }

    /// All of them.
    pub fn question(&self) -> Option<Question<'a>> {
        Some(Question { request: self.request, identity: *self.identity()?, resource: *self.resource()? })
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
    /// All of it.
    pub text: &'a str,
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    /// All after the fifth colon.
    pub rest: &'a str,
}

impl<'a> Resource<'a> {
    /// Whether it is no longer than is evaluated (E-09).
    pub const fn is_short(text: &str) -> bool {
        text.len() <= MAX_RESOURCE_BYTES
    }

    /// Cuts a resource; `None` where it is no ARN of six parts, or too long (E-07, E-09).
    pub fn read(text: &'a str) -> Option<Self> {
        if !Self::is_short(text) {
            return None;
        }
        let whole = text;
        let text = text.strip_prefix("arn:")?;
        // What nearly all have is compared, the rest is searched for.
        let (partition, service, text) = match text.strip_prefix("aws:execute-api:") {
            Some(text) => ("aws", "execute-api", text),
            None => {
                let (partition, text) = cut(text)?;
                let (service, text) = cut(text)?;
                (partition, service, text)
            }
        };
        let (region, text) = cut(text)?;
        let (account, rest) = match text.split_at_checked(12) {
            Some((account, rest)) if is_account_id(account) && rest.starts_with(':') => (account, rest.get(1..)?),
            _ => cut(text)?,
        };
        Some(Self { text: whole, partition, service, region, account, rest })
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
        /// `[path/]NAME`.
        path: &'a str,
    },
    /// `arn:P:iam::A:role/[path/]NAME`.
    Role {
        arn: &'a str,
        account: Account<'a>,
        /// `[path/]NAME`.
        path: &'a str,
    },
    /// `arn:P:sts::A:assumed-role/ROLE/SESSION`.
    Session {
        arn: &'a str,
        account: Account<'a>,
        /// `ROLE/SESSION`.
        path: &'a str,
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
    #[inline(always)]
    pub fn read(caller: Caller<'a>) -> Option<Self> {
        match caller {
            Caller::Anonymous => Some(Self::Anonymous),
            Caller::Service(name) => {
                (name.len() <= MAX_PRINCIPAL_BYTES && is_name(name.as_bytes())).then_some(Self::Service(name))
            }
            Caller::Arn(arn) if arn.len() > MAX_PRINCIPAL_BYTES => None,
            Caller::Arn(arn) => Self::read_arn(arn),
        }
    }

    /// Reads one of the ARN forms of P-02.
    #[inline(always)]
    fn read_arn(arn: &'a str) -> Option<Self> {
        let text = arn.strip_prefix("arn:")?;
        let (partition, text) = match text.strip_prefix("aws:") {
            Some(text) => ("aws", text),
            None => cut(text).filter(|(partition, _)| is_partition(partition))?,
        };
        // No region stands between the two colons.
        let (is_sts, text) = match text.strip_prefix("iam::") {
            Some(text) => (false, text),
            None => (true, text.strip_prefix("sts::")?),
        };
        let (id, text) = text.split_at_checked(12).filter(|(id, _)| is_account_id(id))?;
        let text = text.strip_prefix(':')?;
        let account = Account { partition, id };
        if is_sts {
            if let Some(path) = text.strip_prefix("assumed-role/") {
                let slash = words::find(path.as_bytes(), b'/', 0)?;
                let (role, session) = (path.get(..slash)?, path.get(slash.checked_add(1)?..)?);
                return (is_name(role.as_bytes()) && is_name(session.as_bytes())).then_some(Self::Session {
                    arn,
                    account,
                    path,
                    role,
                });
            }
            let name = text.strip_prefix("federated-user/").filter(|name| is_name(name.as_bytes()))?;
            return Some(Self::FederatedUser { arn, account, name });
        }
        if let Some(path) = text.strip_prefix("role/") {
            return is_path(path).then_some(Self::Role { arn, account, path });
        }
        if let Some(path) = text.strip_prefix("user/") {
            return is_path(path).then_some(Self::User { arn, account, path });
        }
        (text == "root").then_some(Self::Root(account))
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

/// Whether a caller of a known form is a role itself, not a session of one.
pub(super) fn is_role(arn: &str) -> bool {
    let behind = arn.strip_prefix("arn:").and_then(cut).and_then(|(_, text)| text.get("iam::123412341234:".len()..));
    behind.is_some_and(|name| name.starts_with("role/"))
}

/// `aws`, or `aws-` and a name of `a-z 0-9 -` (P-02).
fn is_partition(text: &str) -> bool {
    text == "aws"
        || text.strip_prefix("aws-").is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        })
}

/// Whether an action is `execute-api:Invoke`, in any case; `None` where it is not `service:name`.
#[inline(always)]
pub(crate) fn is_invoke(action: &str) -> Option<bool> {
    // Letter for letter, as nearly all are.
    if action == INVOKE { Some(true) } else { is_invoke_in_any_case(action) }
}

const INVOKE: &str = "execute-api:Invoke";

#[inline(never)]
fn is_invoke_in_any_case(action: &str) -> Option<bool> {
    let (service, name) = action.split_once(':')?;
    let is_action = !service.is_empty() && !name.is_empty() && !name.contains(':');
    is_action.then(|| action.eq_ignore_ascii_case(INVOKE))
}

/// A text before its first colon, and behind it.
#[inline]
fn cut(text: &str) -> Option<(&str, &str)> {
    let colon = words::find(text.as_bytes(), b':', 0)?;
    Some((text.get(..colon)?, text.get(colon.checked_add(1)?..)?))
}

/// Twelve digits.
#[inline]
pub(crate) fn is_account_id(text: &str) -> bool {
    let Ok(bytes) = <&[u8; 12]>::try_from(text.as_bytes()) else { return false };
    // All at once: a digit is 0x30 to 0x39, so it is below 10 after the bits that all digits share.
    bytes.iter().fold(true, |all, byte| all & (byte.wrapping_sub(b'0') < 10))
}

/// A component of a principal's name: non-empty, without `/`, `*` and `?` (P-02).
#[inline(always)]
fn is_name(text: &[u8]) -> bool {
    !text.is_empty() && !holds(text, |word| first_slash_or_question(word) | words::first(word, b'*'))
}

/// Such components between slashes.
#[inline]
pub(super) fn is_path(text: &str) -> bool {
    // Most have one component.
    is_name(text.as_bytes()) || text.as_bytes().split(|byte| *byte == b'/').all(is_name)
}

/// Marks the first `/` or `?` of a word: one bit apart.
#[inline]
const fn first_slash_or_question(word: u64) -> u64 {
    const BIT: u8 = b'/' ^ b'?';
    words::first(word | words::eight(BIT), b'/' | BIT)
}

/// Whether a word of a text, or of what is left of it behind the last word, is marked.
#[inline(always)]
fn holds(text: &[u8], marks: impl Fn(u64) -> u64) -> bool {
    let mut all = 0;
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        all |= marks(u64::from_le_bytes(*word));
    }
    // The rest again with bytes before it, if there are any: they were fine, or it does not matter.
    let rest = text.last_chunk::<8>().map_or_else(|| words::short(rest), |last| u64::from_le_bytes(*last));
    all | marks(rest) != 0
}

#[cfg(test)]
mod tests;
