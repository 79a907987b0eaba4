//! Rules L-11 and L-12: whose identity policies are asked, and what they come to within a permissions boundary.

use super::principal::is_role_of;
use super::{Asked, Reference, Verdict};
use crate::bundle;
use crate::gate::{Account, Identity, Reason};
use crate::policy::PrincipalEntry;

/// L-12: the entry of a caller: by its ARN, or by the role of a session.
pub(super) fn entry_of<'b>(identities: &'b [bundle::Identity], caller: &Identity<'_>) -> Option<&'b bundle::Identity> {
    identities.iter().find(|entry| match (&entry.principal, *caller) {
        (PrincipalEntry::User(user), Identity::User { arn, .. }) => user.arn == arn,
        (PrincipalEntry::FederatedUser(user), Identity::FederatedUser { arn, .. }) => user.arn == arn,
        (PrincipalEntry::Role(role), Identity::Role { arn, .. }) => role.arn == arn,
        (PrincipalEntry::Role(role), Identity::Session { .. }) => is_role_of(role, caller),
        (PrincipalEntry::Root { partition, account }, Identity::Root(Account { partition: own, id })) => {
            partition == own && account == id
        }
        _ => false,
    })
}

/// What the identity column of the tables is made of.
pub(super) struct Column {
    /// L-11
    pub verdict: Verdict,
    /// What the boundary says by itself, where there is one (L-14).
    pub boundary: Option<Reason>,
}

/// L-11: an explicit deny if any policy or the boundary denies; allow if some policy allows, and the boundary, where there
/// is one, as well; else neither. A caller without policies: neither.
pub(super) fn column(reference: &Reference<'_>, entry: Option<&bundle::Identity>, asked: &Asked<'_>) -> Column {
    // A number that is no policy's denies; no bundle has one.
    let of = |number: &u32| match reference.policy(*number) {
        Some(numbered) => numbered.evaluate(asked),
        None => Verdict { reason: Reason::ExplicitDeny, statements: Vec::new() },
    };
    let policies: Vec<Verdict> = entry.iter().flat_map(|entry| entry.policies.iter().map(of)).collect();
    let boundary = entry.and_then(|entry| entry.boundary.as_ref()).map(of);
    let boundary_reason = boundary.as_ref().map(|verdict| verdict.reason);

    let says = |wanted| policies.iter().any(|verdict| verdict.reason == wanted);
    let reason = if says(Reason::ExplicitDeny) || boundary_reason == Some(Reason::ExplicitDeny) {
        Reason::ExplicitDeny
    } else if says(Reason::ExplicitAllow) && boundary_reason.is_none_or(|reason| reason == Reason::ExplicitAllow) {
        Reason::ExplicitAllow
    } else {
        Reason::ImplicitDeny
    };
    let mut statements = Vec::new();
    for verdict in policies.into_iter().chain(boundary).filter(|verdict| verdict.reason == reason) {
        // One document may be a policy and the boundary.
        statements.extend(verdict.statements.into_iter().filter(|one| !statements.contains(one)).collect::<Vec<_>>());
    }
    Column { verdict: Verdict { reason, statements }, boundary: boundary_reason }
}
