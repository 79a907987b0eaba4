//! A caller in its parts, for the index by hand.

use std::borrow::Cow;

use portcullis::policy::PrincipalEntry;

/// What kind of identity a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Anonymous,
    Service,
    Root,
    User,
    Role,
    Session,
    FederatedUser,
}

/// A caller that [`portcullis::Request::check`] has found readable.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    kind: Kind,
    /// The whole ARN, or the service.
    whole: &'a str,
    partition: &'a str,
    account: &'a str,
    /// Of a user its name, of a session its role's, of a federated user its own.
    name: &'a str,
}

impl<'a> Caller<'a> {
    /// Cuts a caller.
    pub fn read(caller: portcullis::Caller<'a>) -> Option<Self> {
        let nobody = Self { kind: Kind::Anonymous, whole: "", partition: "", account: "", name: "" };
        let whole = match caller {
            portcullis::Caller::Anonymous => return Some(nobody),
            portcullis::Caller::Service(name) => return Some(Self { kind: Kind::Service, whole: name, ..nobody }),
            portcullis::Caller::Arn(arn) => arn,
        };
        let mut parts = whole.splitn(6, ':').skip(1);
        let (partition, _, _) = (parts.next()?, parts.next()?, parts.next()?);
        let (account, rest) = (parts.next()?, parts.next()?);
        let (kind, path) = rest.split_once('/').unwrap_or((rest, ""));
        let last = path.rsplit('/').next().unwrap_or_default();
        let (kind, name) = match kind {
            "root" => (Kind::Root, ""),
            "user" => (Kind::User, last),
            "role" => (Kind::Role, last),
            "assumed-role" => (Kind::Session, path.split('/').next().unwrap_or_default()),
            "federated-user" => (Kind::FederatedUser, last),
            _ => return None,
        };
        Some(Self { kind, whole, partition, account, name })
    }

    /// Whether an entry of `Principal` is the caller (P-05 to P-11).
    pub fn is(&self, entry: &PrincipalEntry, is_deny: bool) -> bool {
        match entry {
            PrincipalEntry::Everyone => true,
            PrincipalEntry::AnyAws => self.kind != Kind::Service || is_deny,
            PrincipalEntry::Account(_) | PrincipalEntry::Root { .. } => self.is_of_account(entry),
            PrincipalEntry::User(user) => {
                let stands_for =
                    || (&*user.partition, &*user.account, &*user.name) == (self.partition, self.account, self.name);
                match self.kind {
                    Kind::User => user.arn == self.whole,
                    Kind::FederatedUser => is_deny && stands_for(),
                    _ => false,
                }
            }
            PrincipalEntry::Role(role) => match self.kind {
                Kind::Role => role.arn == self.whole,
                Kind::Session => self.is_session_of(entry),
                _ => false,
            },
            PrincipalEntry::Session(named) | PrincipalEntry::FederatedUser(named) => named.arn == self.whole,
            PrincipalEntry::Service(name) => self.kind == Kind::Service && name == self.whole,
        }
    }

    fn is_of_account(&self, entry: &PrincipalEntry) -> bool {
        match entry {
            PrincipalEntry::Account(account) => account == self.account,
            PrincipalEntry::Root { partition, account } => (&**partition, &**account) == (self.partition, self.account),
            _ => false,
        }
    }

    fn is_session_of(&self, entry: &PrincipalEntry) -> bool {
        let PrincipalEntry::Role(role) = entry else { return false };
        (&*role.partition, &*role.account, &*role.name) == (self.partition, self.account, self.name)
    }

    /// Whether `NotPrincipal` spares the caller: every identity it has is listed (P-13).
    pub fn is_spared(&self, listed: impl Fn(&dyn Fn(&PrincipalEntry) -> bool) -> bool) -> bool {
        let account = || listed(&|entry| self.is_of_account(entry));
        let itself = || {
            listed(&|entry| match entry {
                PrincipalEntry::User(named)
                | PrincipalEntry::Role(named)
                | PrincipalEntry::Session(named)
                | PrincipalEntry::FederatedUser(named) => named.arn == self.whole,
                PrincipalEntry::Service(name) => self.kind == Kind::Service && name == self.whole,
                _ => false,
            })
        };
        match self.kind {
            Kind::Anonymous => false,
            Kind::Service => itself(),
            Kind::Root => account(),
            Kind::User | Kind::Role | Kind::FederatedUser => itself() && account(),
            Kind::Session => itself() && account() && listed(&|entry| self.is_session_of(entry)),
        }
    }

    /// The value of a key that the request does not give (K-05), but for times.
    pub fn derived(&self, key: &str, resource: &'a str) -> Option<Cow<'a, str>> {
        let Self { kind, whole, partition, account, name } = *self;
        let part = |index| resource.splitn(6, ':').nth(index).unwrap_or_default();
        let anonymous = kind == Kind::Anonymous;
        let named = kind != Kind::Service && !anonymous;
        let text = match key.to_ascii_lowercase().as_str() {
            "aws:principalarn" if kind == Kind::Session => {
                return Some(Cow::Owned(format!("arn:{partition}:iam::{account}:role/{name}")));
            }
            "aws:principalarn" if named => whole,
            "aws:principalaccount" | "aws:userid" | "aws:principaltype" if kind == Kind::Service => return None,
            "aws:principalaccount" if named => account,
            "aws:principalaccount" | "aws:userid" if anonymous => "anonymous",
            "aws:userid" if kind == Kind::Root => account,
            "aws:userid" if kind == Kind::FederatedUser => return Some(Cow::Owned(format!("{account}:{name}"))),
            "aws:principaltype" => match kind {
                Kind::Anonymous => "Anonymous",
                Kind::Root => "Account",
                Kind::User => "User",
                Kind::Role | Kind::Session => "AssumedRole",
                Kind::FederatedUser => "FederatedUser",
                Kind::Service => return None,
            },
            "aws:username" if kind == Kind::User => name,
            "aws:principalisawsservice" if !anonymous => {
                if kind == Kind::Service {
                    "true"
                } else {
                    "false"
                }
            }
            "aws:principalservicename" if kind == Kind::Service => whole,
            "aws:resourceaccount" if part(4).len() == 12 && part(4).bytes().all(|byte| byte.is_ascii_digit()) => {
                part(4)
            }
            "aws:requestedregion" if !part(3).is_empty() => part(3),
            _ => return None,
        };
        Some(Cow::Borrowed(text))
    }
}
