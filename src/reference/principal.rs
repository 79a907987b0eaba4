//! Rules P: whether a `Principal` or `NotPrincipal` element speaks of a caller.

use super::Asked;
use crate::gate::{Account, Identity};
use crate::policy::{Effect, PrincipalArn, PrincipalElement, PrincipalEntry};

/// P-04 and P-12: one entry is enough, or, negated, the caller is not spared.
///
/// A statement without principals belongs to an identity policy (D-06); its caller is settled before.
pub(super) fn applies(element: Option<&PrincipalElement>, effect: Effect, asked: &Asked<'_>) -> bool {
    let Some(element) = element else { return true };
    let caller = &asked.question.identity;
    if element.negated {
        // L-14
        asked.has_boundary || !is_spared(element, caller)
    } else {
        element.entries.iter().any(|entry| is_listed(&entry.value, effect, caller))
    }
}

/// By which of its entries an Allow means a caller (L-13, L-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Kinds {
    /// By the user, session or federated user itself.
    pub itself: bool,
    /// By the session's role, or by `*`.
    pub role_or_star: bool,
    /// By its account.
    pub account: bool,
}

/// L-13, L-14: all the ways in which an Allow means a caller.
pub(super) fn kinds(element: &PrincipalElement, caller: &Identity<'_>) -> Kinds {
    let mut kinds = Kinds::default();
    let listed = element.entries.iter().map(|entry| &entry.value);
    for entry in listed.filter(|entry| is_listed(entry, Effect::Allow, caller)) {
        match entry {
            PrincipalEntry::Everyone | PrincipalEntry::AnyAws | PrincipalEntry::Role(_) => kinds.role_or_star = true,
            PrincipalEntry::Account(_) | PrincipalEntry::Root { .. } => kinds.account = true,
            PrincipalEntry::User(_) | PrincipalEntry::Session(_) | PrincipalEntry::FederatedUser(_) => {
                kinds.itself = true;
            }
            // Who is a service has no account, and signs nothing.
            PrincipalEntry::Service(_) => {}
        }
    }
    kinds
}

/// P-05 to P-11: whether an entry of `Principal` means this caller.
fn is_listed(entry: &PrincipalEntry, effect: Effect, caller: &Identity<'_>) -> bool {
    match entry {
        // P-05, P-11
        PrincipalEntry::Everyone => true,
        // P-05; P-11 of services: not granted by a star under `AWS`, but denied.
        PrincipalEntry::AnyAws => !matches!(caller, Identity::Service(_)) || effect == Effect::Deny,
        // P-06
        PrincipalEntry::Account(_) | PrincipalEntry::Root { .. } => is_account(entry, caller),
        // P-07, P-10
        PrincipalEntry::User(user) => match *caller {
            Identity::User { arn, .. } => arn == user.arn,
            Identity::FederatedUser { account, name, .. } => {
                effect == Effect::Deny && belongs(account, user) && name == user.name
            }
            _ => false,
        },
        // P-08
        PrincipalEntry::Role(role) => match *caller {
            Identity::Role { arn, .. } => arn == role.arn,
            Identity::Session { .. } => is_role_of(role, caller),
            _ => false,
        },
        // P-09
        PrincipalEntry::Session(session) => matches!(*caller, Identity::Session { arn, .. } if arn == session.arn),
        // P-10
        PrincipalEntry::FederatedUser(user) => {
            matches!(*caller, Identity::FederatedUser { arn, .. } if arn == user.arn)
        }
        // P-11
        PrincipalEntry::Service(service) => matches!(*caller, Identity::Service(name) if name == service),
    }
}

/// P-13, P-14: a `NotPrincipal` spares a caller only if every identity the caller has is listed.
fn is_spared(element: &PrincipalElement, caller: &Identity<'_>) -> bool {
    let lists = |test: &dyn Fn(&PrincipalEntry) -> bool| element.entries.iter().any(|entry| test(&entry.value));
    let account = || lists(&|entry| is_account(entry, caller));
    match *caller {
        Identity::Anonymous => false,
        Identity::Root(_) => account(),
        Identity::User { arn, .. } => {
            lists(&|entry| matches!(entry, PrincipalEntry::User(user) if user.arn == arn)) && account()
        }
        Identity::Role { arn, .. } => {
            lists(&|entry| matches!(entry, PrincipalEntry::Role(role) if role.arn == arn)) && account()
        }
        Identity::Session { arn, .. } => {
            lists(&|entry| matches!(entry, PrincipalEntry::Session(session) if session.arn == arn))
                && lists(&|entry| matches!(entry, PrincipalEntry::Role(role) if is_role_of(role, caller)))
                && account()
        }
        Identity::FederatedUser { arn, .. } => {
            lists(&|entry| matches!(entry, PrincipalEntry::FederatedUser(user) if user.arn == arn)) && account()
        }
        Identity::Service(name) => lists(&|entry| matches!(entry, PrincipalEntry::Service(service) if service == name)),
    }
}

/// P-06: a bare id is the account in any partition, a root ARN in its own.
fn is_account(entry: &PrincipalEntry, caller: &Identity<'_>) -> bool {
    match (entry, caller.account()) {
        (PrincipalEntry::Account(id), Some(account)) => account.id == id,
        (PrincipalEntry::Root { partition, account: id }, Some(account)) => {
            account.id == id && account.partition == partition
        }
        _ => false,
    }
}

/// P-08: whether the caller is a session of this role. The session's ARN has no path.
pub(super) fn is_role_of(role: &PrincipalArn, caller: &Identity<'_>) -> bool {
    matches!(*caller, Identity::Session { account, role: name, .. } if belongs(account, role) && name == role.name)
}

/// Whether a principal is of this account, in its partition.
fn belongs(account: Account<'_>, principal: &PrincipalArn) -> bool {
    account.partition == principal.partition && account.id == principal.account
}
