//! What policies call a caller: from its ARN to numbers of principals.

use core::hint::select_unpredictable;
use core::ops::Range;

use wide::u8x16;

use super::identity::{Account, Identity, is_account_id, is_path};
use super::request::Caller;
use crate::blob::block::principal_key;
use crate::blob::principals::{self, Kind, Name, PrincipalSlot};
use crate::blob::{View, tokens, words};

/// Numbers of principals, each with one added; 0 where no policy lists them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Names {
    /// The caller itself: its own ARN, a service's name; of a session its role (P-08), as one without a path.
    own: u32,
    /// The account id, and the account's root ARN (P-06).
    account: u32,
    root: u32,
    /// A session's own ARN, and its role as one that has a path.
    session: u32,
    pathed: u32,
    is_session: bool,
    /// Whether the caller is a service.
    pub is_service: bool,
}

/// The longest name that is read at once: a window looks through it.
const MAX_NAME: usize = tokens::WINDOW;

impl Names {
    /// Reads a caller and looks it up in the principal table, by the names of the kinds that it holds; `None` where it
    /// is of no known form.
    #[inline]
    pub fn read(view: &View<'_>, caller: Caller<'_>) -> Option<Self> {
        Self::read_common(view, caller).or_else(|| Self::read_any(view, caller))
    }

    /// [`Names::read`] of a user, a role or a session of one in partition `aws` that some policy lists, as most callers
    /// are, where the name is not long. `None` for the others.
    #[inline(always)]
    pub fn read_common(view: &View<'_>, caller: Caller<'_>) -> Option<Self> {
        let Caller::Arn(arn) = caller else { return None };
        let Common { kind, account, path, is_session } = Common::read(view, arn.as_bytes())?;
        // What is listed is well formed: the account need not be looked through, nor a path, which a session has not.
        let slot = principals::find_in_aws(view, kind, account, arn.as_bytes(), path)?;
        let [own, account, root] = slot.links();
        Some(Self { own, account, root, is_session, ..Self::NOBODY })
    }

    /// [`Names::read`] of such a caller that no policy lists: one that [`Names::read_common`] did not find.
    #[inline]
    fn read_unlisted(view: &View<'_>, caller: Caller<'_>) -> Option<Self> {
        let Caller::Arn(arn) = caller else { return None };
        let Common { path, is_session, .. } = Common::read(view, arn.as_bytes())?;
        let (id, path) = (arn.get(Common::ACCOUNT)?, arn.get(path)?);
        // A longer name was not looked for. Of a session's the marks have been looked at.
        let is_unlisted = path.len() <= principals::SHORT;
        let is_read = is_account_id(id) && if is_session { !path.is_empty() } else { is_path(path) };
        if !(is_unlisted && is_read) {
            return None;
        }
        let [account, root] = accounts(view, Account { partition: "aws", id });
        Some(Self { account, root, is_session, ..Self::NOBODY })
    }

    /// [`Names::read`] of any caller that [`Names::read_common`] did not find.
    #[inline(never)]
    pub fn read_any(view: &View<'_>, caller: Caller<'_>) -> Option<Self> {
        Self::read_unlisted(view, caller).or_else(|| Self::read_uncommon(view, caller))
    }

    #[inline(never)]
    fn read_uncommon(view: &View<'_>, caller: Caller<'_>) -> Option<Self> {
        // Read and looked up in one function, and all in place: a caller in its parts is eleven words to be passed on.
        let identity = Identity::read(caller)?;
        let nobody = Account { partition: "", id: "" };
        let mut names = Self::NOBODY;
        let (kind, account, path) = match identity {
            Identity::Anonymous => return Some(names),
            Identity::Root(account) => {
                [names.account, names.root] = accounts(view, account);
                return Some(names);
            }
            Identity::Service(name) => (Kind::Service, nobody, name),
            Identity::User { account, path, .. } => (Kind::User, account, path),
            Identity::Role { account, path, .. } => (Kind::Role, account, path),
            Identity::FederatedUser { account, name, .. } => (Kind::FederatedUser, account, name),
            Identity::Session { account, role, .. } => {
                names.is_session = true;
                (Kind::Role, account, role)
            }
        };
        names.is_service = kind == Kind::Service;
        if let Some(slot) = look_up(view, kind, account, path) {
            [names.own, names.account, names.root] = slot.links();
        } else if !names.is_service {
            [names.account, names.root] = accounts(view, account);
        }
        if names.is_session && view.kinds & (Kind::Session.bit() | Kind::SessionRole.bit()) != 0 {
            [names.session, names.pathed] = session(view, &identity);
        }
        Some(names)
    }

    /// Those of an anonymous caller.
    pub const NOBODY: Self =
        Self { own: 0, account: 0, root: 0, session: 0, pathed: 0, is_session: false, is_service: false };

    /// The keys in blocks of two of the names, the caller itself and its account: most callers have no others. Where there
    /// is none it is a key that no block has: looking for that costs less than to ask whether to look.
    #[inline(always)]
    pub const fn keys(&self) -> [u64; 2] {
        [principal_key(self.own), principal_key(if self.account == 0 { self.root } else { self.account })]
    }

    /// Whether there are others.
    #[inline(always)]
    pub const fn has_more(&self) -> bool {
        (self.account != 0) & (self.root != 0) | (self.session | self.pathed != 0)
    }

    /// The caller's own ARN; a service's name.
    pub fn exact(&self) -> Option<u32> {
        let exact = if self.is_session { self.session } else { self.own };
        exact.checked_sub(1)
    }

    /// A session's role.
    pub fn role(&self) -> impl Iterator<Item = u32> + use<> {
        let role = if self.is_session { [self.own, self.pathed] } else { [0; 2] };
        role.into_iter().filter_map(|number| number.checked_sub(1))
    }

    /// The caller's account.
    pub fn account(&self) -> impl Iterator<Item = u32> + use<> {
        [self.account, self.root].into_iter().filter_map(|number| number.checked_sub(1))
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = u32> + use<> {
        self.exact().into_iter().chain(self.role()).chain(self.account())
    }
}

/// A caller as most are: a user, a role or a session of one, in partition `aws`.
struct Common<'a> {
    /// What the name is looked up as: a session's role.
    kind: Kind,
    account: &'a [u8; 12],
    /// Where the name stands.
    path: Range<usize>,
    is_session: bool,
}

impl<'a> Common<'a> {
    /// Where the account stands.
    const ACCOUNT: Range<usize> = 13..25;

    /// Reads one that is not long, and has no other names. Not looked through: the account, and the name of a user or role.
    #[inline(always)]
    fn read(view: &View<'_>, arn: &'a [u8]) -> Option<Self> {
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
        let (account, _) = arn.get(Self::ACCOUNT.start..)?.split_first_chunk()?;
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
            if !((service == IAM) & ((form == USER) | (form == ROLE))) {
                return None;
            }
            (select_unpredictable(form == USER, Kind::User, Kind::Role), NAME..arn.len())
        };
        Some(Self { kind, account, path, is_session })
    }
}

/// Marks what no name holds: `/`, `?`, which is one bit apart, and `*`.
#[inline(always)]
fn marks_of_names(part: u8x16) -> u8x16 {
    const BIT: u8 = b'/' ^ b'?';
    (part | u8x16::splat(BIT)).simd_eq(u8x16::splat(b'/' | BIT)) | part.simd_eq(u8x16::splat(b'*'))
}

/// A session's own ARN, and its role where that has a path.
#[cold]
fn session(view: &View<'_>, identity: &Identity<'_>) -> [u32; 2] {
    let Identity::Session { account, path, role, .. } = *identity else { return [0; 2] };
    let of = |kind, path| look_up(view, kind, account, path).map_or(0, |slot| slot.principal.get());
    [of(Kind::Session, path), of(Kind::SessionRole, role)]
}

/// An account's id, and its root ARN.
#[inline(never)]
fn accounts(view: &View<'_>, Account { partition, id }: Account<'_>) -> [u32; 2] {
    [(Kind::Account, ""), (Kind::Root, partition)].map(|(kind, partition)| {
        if view.kinds & kind.bit() == 0 {
            return 0;
        }
        let slot = match id.as_bytes().try_into() {
            Ok(id) if matches!(partition, "" | "aws") => principals::find_account(view, kind, id),
            _ => principals::find(view, Name { kind, partition, account: id, path: "" }),
        };
        slot.map_or(0, |slot| slot.principal.get())
    })
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
