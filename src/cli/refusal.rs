//! What API Gateway says to a caller that a policy denies.
//!
//! No refusal tells which statement, layer or file denied: it goes to the caller.

use portcullis::{Caller, Evaluation, Reason, Request};
use serde::Serialize;

/// The response to a request that is denied.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    status: u16,
    errortype: &'static str,
    message: String,
    /// What goes on the wire, byte for byte.
    body: String,
}

/// The names of a body; the capital letter is API Gateway's.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "Message")]
    message: &'a str,
}

impl Response {
    /// The response to a denied request; `None` where it is allowed.
    pub fn to(request: &Request<'_>, evaluation: &Evaluation) -> Option<Self> {
        let ending = match evaluation.reason {
            Reason::ExplicitAllow => return None,
            Reason::ExplicitDeny => " with an explicit deny",
            Reason::ImplicitDeny => "",
        };
        let user = match request.caller {
            // No layer was asked, so none has seen a signer (L-16).
            _ if evaluation.layers.is_empty() => "anonymous",
            Caller::Anonymous => "anonymous",
            Caller::Arn(arn) => arn,
            Caller::Service(name) => name,
        };
        let (action, resource) = (request.action, masked(request.resource));
        let message = format!("User: {user} is not authorized to perform: {action} on resource: {resource}{ending}");
        let body = serde_json::to_string(&Body { message: &message }).ok()?;
        Some(Self { status: 403, errortype: "AccessDeniedException", message, body })
    }
}

/// The resource with the first eight digits of its account hidden. What has no account is as it was.
fn masked(resource: &str) -> String {
    let parts: Vec<_> = resource.splitn(6, ':').collect();
    if let [arn, partition, service, region, account, rest] = parts.as_slice()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && let Some(shown) = account.get(8..)
    {
        return format!("{arn}:{partition}:{service}:{region}:********{shown}:{rest}");
    }
    resource.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::Layer;

    const RESOURCE: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";
    const MASKED: &str = "arn:aws:execute-api:us-east-1:********1234:a1b2c3d4e5/prod/GET/pets";

    fn asked(reason: Reason) -> Evaluation {
        Evaluation { reason, layers: vec![(Layer::Endpoint, reason)], ..Evaluation::default() }
    }

    #[test]
    fn the_wording_follows_who_was_seen_and_why() {
        let signer = Caller::Arn("arn:aws:iam::123412341234:user/MyUser");
        let anonymous =
            format!("User: anonymous is not authorized to perform: execute-api:Invoke on resource: {MASKED}");
        let named = anonymous.replace("anonymous", "arn:aws:iam::123412341234:user/MyUser");
        for (caller, evaluation, expected) in [
            (Caller::Anonymous, asked(Reason::ImplicitDeny), anonymous.clone()),
            (signer, asked(Reason::ImplicitDeny), named.clone()),
            (signer, asked(Reason::ExplicitDeny), format!("{named} with an explicit deny")),
            (signer, Evaluation::default(), anonymous.clone()),
        ] {
            let response = Response::to(&Request::invoke(caller, RESOURCE), &evaluation).expect("a refusal");
            assert_eq!(response.message, expected);
            assert_eq!(response.body, format!("{{\"Message\":\"{expected}\"}}"));
            assert_eq!((response.status, response.errortype), (403, "AccessDeniedException"));
        }
        assert_eq!(Response::to(&Request::invoke(signer, RESOURCE), &asked(Reason::ExplicitAllow)), None);
    }

    #[test]
    fn only_an_account_is_hidden() {
        for resource in
            ["", "x", "arn:aws:execute-api:us-east-1::api/x", "arn:aws:s3:::123412341234", "arn:a:b:c:12341234123é:d"]
        {
            assert_eq!(masked(resource), resource);
        }
        assert_eq!(masked("arn:aws:execute-api:r:123412341234:a:b:c"), "arn:aws:execute-api:r:********1234:a:b:c");
    }
}
