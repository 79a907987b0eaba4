//! What policies call a caller: from its ARN to numbers of principals.

use super::identity::{Account, Identity, is_name};
use super::request::{Caller, MAX_PRINCIPAL_BYTES};
use crate::blob::block::principal_key;
use crate::blob::principals::{self, Kind, Name, Principal};
use crate::blob::{View, words};

/// Numbers of principals, [`NONE`] where no policy lists them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    /// The caller's own ARN; a service's name.
    exact: u32,
    /// A session's role (P-08): one without a path, and one that has a path.
    role: [u32; 2],
    /// The account id, and the account's root ARN (P-06).
    account: [u32; 2],
    /// The keys in blocks of two of these numbers: of the caller itself and of its account, as most callers have no
    /// others. Where there is none, a key that no block has: looking for that costs less than to ask whether to look.
    pub keys: [u64; 2],
    /// Whether there are others.
    pub has_more: bool,
    /// Whether the caller is a service.
    pub is_service: bool,
}

/// The number of no principal.
const NONE: u32 = u32::MAX;

impl Names {
    /// Reads a caller and looks it up in the principal table, by the names of the kinds that it holds; `None` where it
    /// is of no known form.
    #[inline]
    pub fn read(view: &View<'_>, caller: Caller<'_>) -> Option<Self> {
        match caller {
            Caller::Arn(arn) => Self::listed(view, arn.as_bytes()).or_else(|| Self::read_any(view, caller)),
            Caller::Anonymous | Caller::Service(_) => Self::read_any(view, caller),
        }
    }

    /// A user, a role or a session of one in partition `aws` that some policy lists, as most callers are. What is listed
    /// is well formed, so the name alone of a session is left to read.
    #[inline(always)]
    fn listed(view: &View<'_>, arn: &[u8]) -> Option<Self> {
        let (head, rest) = arn.split_first_chunk::<13>()?;
        let (account, rest) = rest.split_first_chunk::<12>()?;
        if arn.len() > MAX_PRINCIPAL_BYTES {
            return None;
        }
        let is_session = head == b"arn:aws:sts::";
        let (kind, path) = if is_session {
            if view.kinds & (Kind::Session.bit() | Kind::SessionRole.bit()) != 0 {
                return None;
            }
            let path = rest.strip_prefix(b":assumed-role/")?;
            let (role, session) = path.split_at_checked(words::find(path, b'/', 0)?)?;
            if !is_name(session.get(1..)?) {
                return None;
            }
            (Kind::Role, role)
        } else if head != b"arn:aws:iam::" {
            return None;
        } else if let Some(path) = rest.strip_prefix(b":role/") {
            (Kind::Role, path)
        } else {
            (Kind::User, rest.strip_prefix(b":user/")?)
        };
        let (number, record) = principals::find_in_aws(view, kind, account, path)?;
        let account = [record.account.get().wrapping_sub(1), record.root.get().wrapping_sub(1)];
        Some(if is_session {
            Self::of(NONE, [number, NONE], account, false)
        } else {
            Self::of(number, [NONE; 2], account, false)
        })
    }

    #[inline(never)]
    fn read_any(view: &View<'_>, caller: Caller<'_>) -> Option<Self> {
        // Read and looked up in one function, and all in place: a caller in its parts is eleven words to be passed on.
        let identity = Identity::read(caller)?;
        let nobody = Account { partition: "", id: "" };
        let mut is_session = false;
        let (kind, account, path) = match identity {
            Identity::Anonymous => return Some(Self::of(NONE, [NONE; 2], [NONE; 2], false)),
            Identity::Root(account) => return Some(Self::of(NONE, [NONE; 2], accounts(view, account), false)),
            Identity::Service(name) => (Kind::Service, nobody, name),
            Identity::User { account, path, .. } => (Kind::User, account, path),
            Identity::Role { account, path, .. } => (Kind::Role, account, path),
            Identity::FederatedUser { account, name, .. } => (Kind::FederatedUser, account, name),
            Identity::Session { account, role, .. } => {
                is_session = true;
                (Kind::Role, account, role)
            }
        };
        let (number, account) = match look_up(view, kind, account, path) {
            Some((number, record)) => {
                (number, [record.account.get().wrapping_sub(1), record.root.get().wrapping_sub(1)])
            }
            None if kind == Kind::Service => (NONE, [NONE; 2]),
            None => (NONE, accounts(view, account)),
        };
        if !is_session {
            return Some(Self::of(number, [NONE; 2], account, kind == Kind::Service));
        }
        let (mut exact, mut pathed) = (NONE, NONE);
        if view.kinds & (Kind::Session.bit() | Kind::SessionRole.bit()) != 0 {
            (exact, pathed) = session(view, &identity);
        }
        Some(Self::of(exact, [number, pathed], account, false))
    }

    #[inline]
    fn of(exact: u32, role: [u32; 2], account: [u32; 2], is_service: bool) -> Self {
        let either = |one: u32, other: u32| if one == NONE { other } else { one };
        let keys = [principal_key(either(exact, role[0])), principal_key(either(account[1], account[0]))];
        let both = |one: u32, other: u32| (one != NONE) & (other != NONE);
        let has_more = both(exact, role[0]) | (role[1] != NONE) | both(account[0], account[1]);
        Self { exact, role, account, is_service, keys, has_more }
    }

    /// The caller's own ARN; a service's name.
    pub fn exact(&self) -> Option<u32> {
        known(self.exact)
    }

    /// A session's role.
    pub fn role(&self) -> impl Iterator<Item = u32> + use<> {
        self.role.into_iter().filter_map(known)
    }

    /// The caller's account.
    pub fn account(&self) -> impl Iterator<Item = u32> + use<> {
        self.account.into_iter().filter_map(known)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = u32> + use<> {
        self.exact().into_iter().chain(self.role()).chain(self.account())
    }
}

fn known(number: u32) -> Option<u32> {
    (number != NONE).then_some(number)
}

/// A session's own ARN, and its role where that has a path.
#[cold]
fn session(view: &View<'_>, identity: &Identity<'_>) -> (u32, u32) {
    let Identity::Session { account, path, role, .. } = *identity else { return (NONE, NONE) };
    let number = |kind, path| look_up(view, kind, account, path).map_or(NONE, |(number, _)| number);
    (number(Kind::Session, path), number(Kind::SessionRole, role))
}

/// An account's id, and its root ARN.
#[inline(never)]
fn accounts(view: &View<'_>, account: Account<'_>) -> [u32; 2] {
    let number = |kind, account| look_up(view, kind, account, "").map_or(NONE, |(number, _)| number);
    [number(Kind::Account, Account { partition: "", ..account }), number(Kind::Root, account)]
}

/// A name, if the table has any of its kind.
#[inline]
fn look_up<'a>(
    view: &View<'a>,
    kind: Kind,
    Account { partition, id: account }: Account<'_>,
    path: &str,
) -> Option<(u32, &'a Principal)> {
    if view.kinds & kind.bit() == 0 {
        return None;
    }
    principals::find(view, Name { kind, partition, account, path })
}
