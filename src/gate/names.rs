//! What policies call a caller: from its ARN to numbers of principals.

use core::hint::select_unpredictable;

use wide::u8x16;

use super::identity::{Account, Identity};
use super::request::Caller;
use crate::blob::block::principal_key;
use crate::blob::principals::{self, Kind, Name, PrincipalSlot};
use crate::blob::{View, tokens, words};

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

/// The longest name that is read at once: a window looks through it.
const MAX_NAME: usize = tokens::WINDOW;

/// The number of no principal.
const NONE: u32 = u32::MAX;

impl Names {
    /// Reads a caller and looks it up in the principal table, by the names of the kinds that it holds; `None` where it
    /// is of no known form.
    #[inline]
    pub fn read(view: &View<'_>, caller: Caller<'_>) -> Option<Self> {
        let common = if let Caller::Arn(arn) = caller { Self::read_common(view, arn.as_bytes()) } else { None };
        common.or_else(|| Self::read_any(*view, caller))
    }

    /// A user, a role or a session of one in partition `aws` that some policy lists, as most callers are, where the name
    /// is not long. `None` for the others.
    #[inline(always)]
    fn read_common(view: &View<'_>, arn: &[u8]) -> Option<Self> {
        const ARN_AWS: u64 = u64::from_le_bytes(*b"arn:aws:");
        const IAM: u64 = u64::from_le_bytes(*b"\0\0\0iam::");
        const STS: u64 = u64::from_le_bytes(*b"\0\0\0sts::");
        const USER: u64 = u64::from_le_bytes(*b"\0\0:user/");
        const ROLE: u64 = u64::from_le_bytes(*b"\0\0:role/");
        const ASSUM: u64 = u64::from_le_bytes(*b"\0\0:assum");
        const ED_ROLE: u64 = u64::from_le_bytes(*b"ed-role/");
        const SESSION: usize = "arn:aws:sts::123412341234:assumed-role/".len();
        const NAME: usize = "arn:aws:iam::123412341234:user/".len();
        let word = |at: usize| words::at(arn, at);
        if arn.len() > SESSION + MAX_NAME || word(0)? != ARN_AWS {
            return None;
        }
        // "iam::" or "sts::"; and six bytes behind the account.
        let (service, form) = (word(8)? << 24, word(25)? << 16);
        let (account, _) = arn.get(13..)?.split_first_chunk()?;
        let is_session = service == STS;
        let (kind, path) = if is_session {
            // The name begins behind the slash that ends the role's, and no other may follow.
            let marks = tokens::window(arn, SESSION, marks_of_names);
            let end = SESSION.wrapping_add(marks.trailing_zeros() as usize);
            let is_named = marks.is_power_of_two() && arn.get(end) == Some(&b'/') && end.wrapping_add(1) < arn.len();
            // Else a session may have other names than its role's and its account's.
            let is_all = view.kinds & (Kind::Session.bit() | Kind::SessionRole.bit()) == 0;
            if !(form == ASSUM && word(31)? == ED_ROLE && is_named && is_all) {
                return None;
            }
            (Kind::Role, SESSION..end)
        } else {
            if service != IAM || !(form == USER || form == ROLE) {
                return None;
            }
            (select_unpredictable(form == USER, Kind::User, Kind::Role), NAME..arn.len())
        };
        // What is listed is well formed: the account need not be looked through, nor a path, which a session has not.
        let slot = principals::find_in_aws(view, kind, account, arn, path)?;
        let (exact, role) = if is_session { (NONE, slot.number()) } else { (slot.number(), NONE) };
        Some(Self::of(exact, [role, NONE], slot.accounts(), false))
    }

    #[inline(never)]
    fn read_any(view: View<'_>, caller: Caller<'_>) -> Option<Self> {
        let view = &view;
        // Read and looked up in one function, and all in place: a caller in its parts is eleven words to be passed on.
        let identity = Identity::read(caller)?;
        let nobody = Account { partition: "", id: "" };
        let mut is_session = false;
        let (kind, account, path) = match identity {
            Identity::Anonymous => return Some(Self::NOBODY),
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
            Some(slot) => (slot.number(), slot.accounts()),
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

    /// Those of an anonymous caller.
    pub const NOBODY: Self = Self {
        exact: NONE,
        role: [NONE; 2],
        account: [NONE; 2],
        keys: [principal_key(NONE); 2],
        has_more: false,
        is_service: false,
    };

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

/// Marks what no name holds: `/`, `?`, which is one bit apart, and `*`.
#[inline(always)]
fn marks_of_names(part: u8x16) -> u8x16 {
    const BIT: u8 = b'/' ^ b'?';
    (part | u8x16::splat(BIT)).simd_eq(u8x16::splat(b'/' | BIT)) | part.simd_eq(u8x16::splat(b'*'))
}

fn known(number: u32) -> Option<u32> {
    (number != NONE).then_some(number)
}

/// A session's own ARN, and its role where that has a path.
#[cold]
fn session(view: &View<'_>, identity: &Identity<'_>) -> (u32, u32) {
    let Identity::Session { account, path, role, .. } = *identity else { return (NONE, NONE) };
    let of = |kind, path| look_up(view, kind, account, path).map_or(NONE, PrincipalSlot::number);
    (of(Kind::Session, path), of(Kind::SessionRole, role))
}

/// An account's id, and its root ARN.
#[inline(never)]
fn accounts(view: &View<'_>, account: Account<'_>) -> [u32; 2] {
    let of = |kind, account| look_up(view, kind, account, "").map_or(NONE, PrincipalSlot::number);
    [of(Kind::Account, Account { partition: "", ..account }), of(Kind::Root, account)]
}

/// A name, if the table has any of its kind.
#[inline]
fn look_up<'a>(
    view: &View<'a>,
    kind: Kind,
    Account { partition, id: account }: Account<'_>,
    path: &str,
) -> Option<&'a PrincipalSlot> {
    if view.kinds & kind.bit() == 0 {
        return None;
    }
    principals::find(view, Name { kind, partition, account, path })
}
