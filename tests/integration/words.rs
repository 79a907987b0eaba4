//! What API Gateway says of a refusal, by the letter of the rules X and not by the code.

use portcullis::Refusal;

use crate::lines::{Principal, RequestLine};

/// A response to a denied request.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    pub status: u16,
    pub errortype: &'static str,
    pub message: String,
    pub body: String,
}

/// The words of a refusal. Of a header of which only its state is known every part is missing.
pub fn words(line: &RequestLine, refusal: Refusal) -> Words {
    let (status, errortype, message) = match refusal {
        Refusal::NotAuthorized { anonymous, explicit } => {
            (403, "AccessDeniedException", not_authorized(line, anonymous, explicit))
        }
        Refusal::MissingToken => {
            (403, "MissingAuthenticationTokenException", "Missing Authentication Token".to_owned())
        }
        Refusal::IncompleteSignature => (
            403,
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a \
             'X-Amz-Date' or a 'Date' header."
                .to_owned(),
        ),
        Refusal::InvalidSignature => (
            403,
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
             Key and signing method. Consult the service documentation for details."
                .to_owned(),
        ),
        Refusal::InvalidToken => {
            (403, "AccessDeniedException", "The security token included in the request is invalid.".to_owned())
        }
        Refusal::Unauthorized => (401, "UnauthorizedException", "Unauthorized".to_owned()),
        Refusal::AuthorizerRefused { explicit } => {
            let ending = if explicit { " with an explicit deny" } else { "" };
            (403, "AccessDeniedException", format!("User is not authorized to access this resource{ending}"))
        }
        other => panic!("a refusal without words: {other:?}"),
    };
    // the capital letter is of alone.
    let body = match refusal {
        Refusal::NotAuthorized { .. } => serde_json::json!({ "Message": message }),
        _ => serde_json::json!({ "message": message }),
    };
    Words { status, errortype, message, body: body.to_string() }
}

///
fn not_authorized(line: &RequestLine, anonymous: bool, explicit: bool) -> String {
    let user = match &line.principal {
        Some(Principal::Arn(arn)) if !anonymous => arn,
        Some(Principal::Other(other)) if !anonymous => &other.service,
        _ => "anonymous",
    };
    let mut parts: Vec<&str> = line.resource.split(':').collect();
    let masked = parts.get(4).filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()));
    let masked = masked.map(|id| format!("********{}", &id[8..]));
    if let Some(masked) = &masked {
        parts[4] = masked;
    }
    let (action, resource) = (&line.action, parts.join(":"));
    let ending = if explicit { " with an explicit deny" } else { "" };
    format!("User: {user} is not authorized to perform: {action} on resource: {resource}{ending}")
}
