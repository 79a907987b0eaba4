//! Rules S: what the `Authorization` header makes of a request, before any policy is asked. Both tables, cell by cell.

use crate::bundle::{AuthorizationType, Profile};
use crate::gate::{Authorization, Caller, Identity, Refusal, Request};

/// A cell of the tables: whom the endpoint policy sees, or the refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Anonymous,
    Signer,
    /// Nobody: refused before any policy (S-06).
    Refused(Refusal),
    /// An anonymous caller; where the endpoint policy allows it, this refusal follows (S-07).
    AnonymousThen(Refusal),
}

/// S-08: the state of the header: as stated, else `valid` where a principal is given, else `absent`.
pub(super) fn state(request: &Request<'_>) -> Authorization {
    match (request.authorization, request.caller) {
        (Some(stated), _) => stated,
        (None, Caller::Anonymous) => Authorization::Absent,
        (None, Caller::Arn(_) | Caller::Service(_)) => Authorization::Valid,
    }
}

/// S-08: who can have signed a request: a service cannot, and a role only through a session.
pub(super) fn can_sign(caller: &Identity<'_>) -> bool {
    match caller {
        Identity::Root(_) | Identity::User { .. } | Identity::Session { .. } | Identity::FederatedUser { .. } => true,
        Identity::Anonymous | Identity::Role { .. } | Identity::Service(_) => false,
    }
}

/// S-03, S-04. `has_policy`: the endpoint has a policy of its own, no default one.
pub(super) fn seen(profile: Profile, method: AuthorizationType, has_policy: bool, state: Authorization) -> Seen {
    use AuthorizationType::{AwsIam, CognitoUserPools, Custom, None};
    match (profile, method) {
        (Profile::Classic, None) if !has_policy => Seen::Anonymous,
        (Profile::Classic, None | AwsIam) => match state {
            Authorization::Absent => Seen::Refused(Refusal::MissingToken),
            Authorization::Valid => Seen::Signer,
            Authorization::Incomplete | Authorization::Bearer => Seen::Refused(Refusal::IncompleteSignature),
            Authorization::Invalid => Seen::Refused(Refusal::InvalidSignature),
            Authorization::InvalidToken => Seen::Refused(Refusal::InvalidToken),
        },
        (Profile::Classic, Custom | CognitoUserPools) => Seen::Anonymous,
        (Profile::Current, None | Custom | CognitoUserPools) => match state {
            Authorization::Absent | Authorization::Bearer => Seen::Anonymous,
            Authorization::Valid => Seen::Signer,
            Authorization::Incomplete => Seen::Refused(Refusal::IncompleteSignature),
            Authorization::Invalid => Seen::Refused(Refusal::InvalidSignature),
            Authorization::InvalidToken => Seen::Refused(Refusal::InvalidToken),
        },
        (Profile::Current, AwsIam) => match state {
            Authorization::Absent => Seen::AnonymousThen(Refusal::MissingToken),
            Authorization::Valid => Seen::Signer,
            Authorization::Incomplete => Seen::Refused(Refusal::IncompleteSignature),
            Authorization::Invalid => Seen::Refused(Refusal::InvalidSignature),
            Authorization::InvalidToken => Seen::Refused(Refusal::InvalidToken),
            Authorization::Bearer => Seen::AnonymousThen(Refusal::IncompleteSignature),
        },
    }
}
