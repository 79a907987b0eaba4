//! What the `Authorization` header makes of a request, before any policy is asked (rules S).

use super::decision::Refusal;
use super::identity::is_role;
use super::request::{Authorization, Caller, Request};
use crate::blob::apis::Profile;
use crate::blob::routes::AuthorizationType;

/// Whom the endpoint policy sees, and what comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Admitted {
    /// The signer; else an anonymous caller.
    pub signer: bool,
    /// Where the endpoint policy allows, this refuses (S-07).
    pub then: Option<Refusal>,
}

/// The state of the header: as the request states it, else by whether it has a caller.
pub(super) fn state(request: &Request<'_>) -> Authorization {
    request.authorization.unwrap_or(match request.caller {
        Caller::Anonymous => Authorization::Absent,
        Caller::Arn(_) | Caller::Service(_) => Authorization::Valid,
    })
}

/// Whether a signature can be of this caller, who is of a known form (S-08): a service has none, and a role signs through its sessions.
pub(super) fn can_sign(caller: Caller<'_>) -> bool {
    matches!(caller, Caller::Arn(arn) if !is_role(arn))
}

/// Both tables (S-03, S-04), by what they have in common. `has_policy`: the endpoint has a policy of its own.
pub(super) fn admit(
    profile: Profile,
    method: AuthorizationType,
    has_policy: bool,
    state: Authorization,
) -> Result<Admitted, Refusal> {
    let is_iam = method == AuthorizationType::AwsIam;
    let is_classic = profile == Profile::Classic;
    // Classic: the header is read for `AWS_IAM`, and for `NONE` where the endpoint has a policy to show it to.
    let is_read = !is_classic || is_iam || (method == AuthorizationType::None && has_policy);
    if !is_read {
        return Ok(Admitted { signer: false, then: None });
    }
    let unsigned = match state {
        Authorization::Valid => return Ok(Admitted { signer: true, then: None }),
        Authorization::Incomplete => return Err(Refusal::IncompleteSignature),
        Authorization::Invalid => return Err(Refusal::InvalidSignature),
        Authorization::InvalidToken => return Err(Refusal::InvalidToken),
        Authorization::Absent => Refusal::MissingToken,
        Authorization::Bearer => Refusal::IncompleteSignature,
    };
    match (is_classic, is_iam) {
        (true, _) => Err(unsigned),
        (false, true) => Ok(Admitted { signer: false, then: Some(unsigned) }),
        (false, false) => Ok(Admitted { signer: false, then: None }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables of S-03 and S-04, as they are written: `-` anonymous, `S` the signer, a digit a refusal, and `-` with
    /// a digit one after the endpoint policy. Columns: absent, valid, incomplete, invalid, bearer.
    #[test]
    fn each_cell() {
        use AuthorizationType::{AwsIam, CognitoUserPools, Custom, None as Open};
        let tables = [
            (Profile::Classic, Open, false, ["-", "-", "-", "-", "-"]),
            (Profile::Classic, Open, true, ["5", "S", "6", "7", "6"]),
            (Profile::Classic, AwsIam, false, ["5", "S", "6", "7", "6"]),
            (Profile::Classic, AwsIam, true, ["5", "S", "6", "7", "6"]),
            (Profile::Classic, Custom, false, ["-", "-", "-", "-", "-"]),
            (Profile::Classic, Custom, true, ["-", "-", "-", "-", "-"]),
            (Profile::Classic, CognitoUserPools, false, ["-", "-", "-", "-", "-"]),
            (Profile::Classic, CognitoUserPools, true, ["-", "-", "-", "-", "-"]),
            (Profile::Current, Open, false, ["-", "S", "6", "7", "-"]),
            (Profile::Current, Open, true, ["-", "S", "6", "7", "-"]),
            (Profile::Current, Custom, false, ["-", "S", "6", "7", "-"]),
            (Profile::Current, Custom, true, ["-", "S", "6", "7", "-"]),
            (Profile::Current, CognitoUserPools, false, ["-", "S", "6", "7", "-"]),
            (Profile::Current, CognitoUserPools, true, ["-", "S", "6", "7", "-"]),
            (Profile::Current, AwsIam, false, ["-5", "S", "6", "7", "-6"]),
            (Profile::Current, AwsIam, true, ["-5", "S", "6", "7", "-6"]),
        ];
        let states = [
            Authorization::Absent,
            Authorization::Valid,
            Authorization::Incomplete,
            Authorization::Invalid,
            Authorization::Bearer,
        ];
        let shown = |refusal| match refusal {
            Refusal::MissingToken => "5",
            Refusal::IncompleteSignature => "6",
            Refusal::InvalidSignature => "7",
            Refusal::InvalidToken => "8",
            _ => "?",
        };
        for (profile, method, has_policy, row) in tables {
            for (state, cell) in states.into_iter().zip(row) {
                let found = match admit(profile, method, has_policy, state) {
                    Err(refusal) => shown(refusal).to_owned(),
                    Ok(Admitted { signer, then }) => {
                        format!("{}{}", if signer { "S" } else { "-" }, then.map_or("", shown))
                    }
                };
                assert_eq!(found, cell, "{profile:?} {method:?} {has_policy} {state:?}");
            }
            // as `invalid`, in other words.
            let invalid = row[3].replace('7', "8");
            let found = admit(profile, method, has_policy, Authorization::InvalidToken);
            assert_eq!(found.map_or_else(shown, |_| "-"), invalid);
        }
    }
}
