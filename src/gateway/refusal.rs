//! What a refused caller is told: status, `x-amzn-errortype` and body (X-01 to X-12). Nothing else has this wording.
//!
//! A [`Response`] is made from the facts of a decision, and tells nothing that they do not. Bodies are JSON, byte for
//! byte the same for the same facts.

use core::fmt::{self, Write};

use super::authorization::Moment;
use crate::gate::{Caller, Refusal, Request};

/// The `content-type` of every refusal.
pub const CONTENT_TYPE: &str = "application/json";

/// Why a request is refused, as far as its caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Response<'a> {
    /// A policy does not allow it (X-01 to X-04).
    NotAuthorized {
        /// The ARN that the refusing layer saw; `None` where it saw an anonymous caller.
        principal: Option<&'a str>,
        /// The request's action.
        action: &'a str,
        /// The request's resource. Its account is shown in part (X-04).
        resource: &'a str,
        /// Whether the refusal rests on an explicit deny.
        explicit_deny: bool,
    },
    /// No route, an API that is not known, or no signature where one is required (X-05).
    MissingAuthenticationToken,
    /// A signature without all of its parts, or another scheme where a signature is required (X-06).
    IncompleteSignature(MissingParts),
    /// A signature that does not verify (X-07).
    InvalidSignature,
    /// A signature that is too old (X-07).
    SignatureExpired {
        /// The date of the signature.
        signed_at: Moment,
        /// The earliest date that would do.
        limit: Moment,
        /// The gate's clock.
        now: Moment,
    },
    /// A signature from the future (X-07).
    SignatureNotYetCurrent {
        /// The date of the signature.
        signed_at: Moment,
        /// The latest date that would do.
        limit: Moment,
        /// The gate's clock.
        now: Moment,
    },
    /// An access key that is not known, or another's session token (X-08).
    InvalidToken,
    /// No answer of a Lambda authorizer, or another than `allow` of a Cognito one (X-09).
    Unauthorized,
    /// A Lambda authorizer did not allow (X-10).
    AuthorizerRefused {
        /// It said `deny`; else it was silent.
        explicit_deny: bool,
    },
    /// An HTTP request that cannot be read in one way (X-11).
    BadRequest,
    /// An HTTP request for an API, a stage or a domain that is not known (X-12).
    Forbidden,
}

/// Which parts of a signature are missing or unreadable (X-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MissingParts {
    /// `Credential`.
    pub credential: bool,
    /// `Signature`.
    pub signature: bool,
    /// `SignedHeaders`.
    pub signed_headers: bool,
    /// The headers `X-Amz-Date` and `Date`.
    pub date: bool,
}

impl MissingParts {
    /// All of them: what is said where only the state of the header is known.
    pub const ALL: Self = Self { credential: true, signature: true, signed_headers: true, date: true };
}

impl<'a> Response<'a> {
    /// What the caller of a request is told that a gate refused. Of a signature that is incomplete a gate knows no more
    /// than that: every part is said to be missing (X-06).
    pub const fn to(request: &Request<'a>, refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotAuthorized { anonymous, explicit } => {
                let principal = match request.caller {
                    Caller::Arn(name) | Caller::Service(name) if !anonymous => Some(name),
                    _ => None,
                };
                let Request { action, resource, .. } = *request;
                Self::NotAuthorized { principal, action, resource, explicit_deny: explicit }
            }
            Refusal::MissingToken => Self::MissingAuthenticationToken,
            Refusal::IncompleteSignature => Self::IncompleteSignature(MissingParts::ALL),
            Refusal::InvalidSignature => Self::InvalidSignature,
            Refusal::InvalidToken => Self::InvalidToken,
            Refusal::Unauthorized => Self::Unauthorized,
            Refusal::AuthorizerRefused { explicit } => Self::AuthorizerRefused { explicit_deny: explicit },
        }
    }
}

impl Response<'_> {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::BadRequest => 400,
            _ => 403,
        }
    }

    /// The value of the header `x-amzn-errortype`.
    pub const fn errortype(&self) -> &'static str {
        match self {
            Self::NotAuthorized { .. } | Self::InvalidToken | Self::AuthorizerRefused { .. } => "AccessDeniedException",
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::IncompleteSignature(_) => "IncompleteSignatureException",
            Self::InvalidSignature | Self::SignatureExpired { .. } | Self::SignatureNotYetCurrent { .. } => {
                "InvalidSignatureException"
            }
            Self::Unauthorized => "UnauthorizedException",
            Self::BadRequest => "BadRequestException",
            Self::Forbidden => "ForbiddenException",
        }
    }

    /// The message, as text.
    pub fn message(&self) -> String {
        let mut message = String::new();
        // A `String` takes all.
        let _ = self.write_message(&mut message);
        message
    }

    /// The body, byte for byte.
    pub fn body(&self) -> String {
        let mut body = String::new();
        // A `String` takes all.
        let _ = self.write_body(&mut body);
        body
    }

    /// Writes the message, without allocating.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_message(&self, out: &mut dyn Write) -> fmt::Result {
        match self {
            Self::NotAuthorized { principal, action, resource, explicit_deny } => {
                let principal = principal.unwrap_or("anonymous");
                write!(out, "User: {principal} is not authorized to perform: {action} on resource: ")?;
                write_masked(resource, out)?;
                out.write_str(if *explicit_deny { " with an explicit deny" } else { "" })
            }
            Self::MissingAuthenticationToken => out.write_str("Missing Authentication Token"),
            Self::IncompleteSignature(missing) => missing.write(out),
            Self::InvalidSignature => out.write_str(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.",
            ),
            Self::SignatureExpired { signed_at, limit, now } => {
                write!(out, "Signature expired: {signed_at} is now earlier than {limit} ({now} - ")?;
                write_span(*limit, *now, out)
            }
            Self::SignatureNotYetCurrent { signed_at, limit, now } => {
                write!(out, "Signature not yet current: {signed_at} is still later than {limit} ({now} + ")?;
                write_span(*now, *limit, out)
            }
            Self::InvalidToken => out.write_str("The security token included in the request is invalid."),
            Self::Unauthorized => out.write_str("Unauthorized"),
            Self::AuthorizerRefused { explicit_deny } => {
                out.write_str("User is not authorized to access this resource")?;
                out.write_str(if *explicit_deny { " with an explicit deny" } else { "" })
            }
            Self::BadRequest => out.write_str("Bad Request"),
            Self::Forbidden => out.write_str("Forbidden"),
        }
    }

    /// Writes the body, without allocating.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_body(&self, out: &mut dyn Write) -> fmt::Result {
        // X-04: the capital letter is API Gateway's.
        let name = if matches!(self, Self::NotAuthorized { .. }) { "Message" } else { "message" };
        write!(out, "{{\"{name}\":\"")?;
        self.write_message(&mut Escaped(out))?;
        out.write_str("\"}")
    }
}

impl MissingParts {
    /// X-06: a sentence for each, in this order.
    fn write(self, out: &mut dyn Write) -> fmt::Result {
        let parts = [
            (self.credential, "Authorization header requires 'Credential' parameter."),
            (self.signature, "Authorization header requires 'Signature' parameter."),
            (self.signed_headers, "Authorization header requires 'SignedHeaders' parameter."),
            (self.date, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."),
        ];
        let sentences = parts.into_iter().filter_map(|(is_missing, sentence)| is_missing.then_some(sentence));
        for (at, sentence) in sentences.enumerate() {
            write!(out, "{}{sentence}", if at == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// X-07: the window that a signature was out of. AWS words it in minutes; how it words the life of a query-string signature
/// that is none of whole minutes is not known.
fn write_span(from: Moment, to: Moment, out: &mut dyn Write) -> fmt::Result {
    let seconds = to.epoch_seconds().saturating_sub(from.epoch_seconds());
    if seconds % 60 == 0 { write!(out, "{} min.)", seconds / 60) } else { write!(out, "{seconds} sec.)") }
}

/// X-04: the first eight digits of the account are not shown. An account part of another form is shown as it is:
/// it is no account.
fn write_masked(resource: &str, out: &mut dyn Write) -> fmt::Result {
    for (at, part) in resource.splitn(6, ':').enumerate() {
        out.write_str(if at == 0 { "" } else { ":" })?;
        match part.split_at_checked(8) {
            Some((first, rest)) if at == 4 && first.bytes().all(|byte| byte.is_ascii_digit()) => {
                write!(out, "********{rest}")?;
            }
            _ => out.write_str(part)?,
        }
    }
    Ok(())
}

/// Escapes for the inside of a JSON string what must be (RFC 8259, section 7), in the shortest form.
struct Escaped<'w>(&'w mut dyn Write);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(|character: char| character < ' ' || matches!(character, '"' | '\\')) {
            let (plain, special) = rest.split_at_checked(at).ok_or(fmt::Error)?;
            self.0.write_str(plain)?;
            let mut characters = special.chars();
            match characters.next() {
                Some('"') => self.0.write_str("\\\"")?,
                Some('\\') => self.0.write_str("\\\\")?,
                Some('\n') => self.0.write_str("\\n")?,
                Some('\r') => self.0.write_str("\\r")?,
                Some('\t') => self.0.write_str("\\t")?,
                Some('\u{8}') => self.0.write_str("\\b")?,
                Some('\u{c}') => self.0.write_str("\\f")?,
                Some(control) => write!(self.0, "\\u{:04x}", u32::from(control))?,
                None => {}
            }
            rest = characters.as_str();
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";
    const MASKED: &str = "arn:aws:execute-api:us-east-1:********1234:a1b2c3d4e5/prod/GET/pets";

    #[track_caller]
    fn says(response: Response<'_>, status: u16, errortype: &str, body: &str) {
        assert_eq!((response.status(), response.errortype(), response.body().as_str()), (status, errortype, body));
    }

    #[test]
    fn every_refusal_to_the_letter() {
        for (principal, name) in
            [(None, "anonymous"), (Some("arn:aws:iam::123412341234:user/Me"), "arn:aws:iam::123412341234:user/Me")]
        {
            for (explicit_deny, end) in [(false, ""), (true, " with an explicit deny")] {
                let body = format!(
                    r#"{{"Message":"User: {name} is not authorized to perform: execute-api:Invoke on resource: {MASKED}{end}"}}"#
                );
                says(
                    Response::NotAuthorized { principal, action: "execute-api:Invoke", resource: ARN, explicit_deny },
                    403,
                    "AccessDeniedException",
                    &body,
                );
            }
        }
        let missing = "MissingAuthenticationTokenException";
        says(Response::MissingAuthenticationToken, 403, missing, r#"{"message":"Missing Authentication Token"}"#);
        let invalid = "InvalidSignatureException";
        says(
            Response::InvalidSignature,
            403,
            invalid,
            r#"{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}"#,
        );
        let at = |text| Moment::read(text).unwrap();
        let [signed_at, limit, now] = ["20260101T000000Z", "20260101T000100Z", "20260101T000600Z"].map(at);
        says(
            Response::SignatureExpired { signed_at, limit, now },
            403,
            invalid,
            r#"{"message":"Signature expired: 20260101T000000Z is now earlier than 20260101T000100Z (20260101T000600Z - 5 min.)"}"#,
        );
        says(
            Response::SignatureNotYetCurrent { signed_at: now, limit, now: at("20251231T235600Z") },
            403,
            invalid,
            r#"{"message":"Signature not yet current: 20260101T000600Z is still later than 20260101T000100Z (20251231T235600Z + 5 min.)"}"#,
        );
        // In a query the life of the signature stands for the five minutes.
        for (now, span) in
            [("20260101T000101Z", "1 sec."), ("20260101T010100Z", "60 min."), ("20260101T000230Z", "90 sec.")]
        {
            let message = Response::SignatureExpired { signed_at, limit, now: at(now) }.message();
            let expected =
                format!("Signature expired: 20260101T000000Z is now earlier than 20260101T000100Z ({now} - {span})");
            assert_eq!(message, expected);
        }
        let denied = "AccessDeniedException";
        let body = r#"{"message":"The security token included in the request is invalid."}"#;
        says(Response::InvalidToken, 403, denied, body);
        says(Response::Unauthorized, 401, "UnauthorizedException", r#"{"message":"Unauthorized"}"#);
        let body = r#"{"message":"User is not authorized to access this resource with an explicit deny"}"#;
        says(Response::AuthorizerRefused { explicit_deny: true }, 403, denied, body);
        let body = r#"{"message":"User is not authorized to access this resource"}"#;
        says(Response::AuthorizerRefused { explicit_deny: false }, 403, denied, body);
        says(Response::BadRequest, 400, "BadRequestException", r#"{"message":"Bad Request"}"#);
        says(Response::Forbidden, 403, "ForbiddenException", r#"{"message":"Forbidden"}"#);
    }

    #[test]
    fn a_sentence_for_each_missing_part_in_order() {
        let all = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' \
                   parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires \
                   existence of either a 'X-Amz-Date' or a 'Date' header.";
        assert_eq!(Response::IncompleteSignature(MissingParts::ALL).message(), all);
        let two = MissingParts { signature: true, date: true, ..MissingParts::default() };
        let two = Response::IncompleteSignature(two);
        let body = "{\"message\":\"Authorization header requires 'Signature' parameter. Authorization header requires \
                    existence of either a 'X-Amz-Date' or a 'Date' header.\"}";
        says(two, 403, "IncompleteSignatureException", body);
    }

    #[test]
    fn an_account_is_shown_in_part_and_nothing_else_is_touched() {
        let masked = |resource| {
            let mut text = String::new();
            write_masked(resource, &mut text).unwrap();
            text
        };
        assert_eq!(masked(ARN), MASKED);
        assert_eq!(masked("arn:aws:execute-api:us-east-1:12341234"), "arn:aws:execute-api:us-east-1:********");
        let in_path = "arn:aws:execute-api:us-east-1::a1/prod/GET/123412341234:123412341234";
        for same in ["", "x", ":::::", "arn:a:b:c:1234123:d", "arn:a:b:c:12341\u{e9}41234:d", in_path] {
            assert_eq!(masked(same), same);
        }
    }

    /// A resource that came by another way than HTTP may hold any character.
    #[cfg(feature = "compiler")]
    #[test]
    fn bodies_are_json_as_serde_json_writes_it() {
        let every: String = (0..0x300).filter_map(char::from_u32).chain("\u{2028}\u{ffff}\u{1f600}".chars()).collect();
        let responses = [
            Response::NotAuthorized { principal: None, action: &every, resource: &every, explicit_deny: true },
            Response::NotAuthorized { principal: Some(&every), action: "a:b", resource: ARN, explicit_deny: false },
        ];
        for response in responses {
            let message = serde_json::to_string(&response.message()).unwrap();
            assert_eq!(response.body(), format!("{{\"Message\":{message}}}"));
        }
    }
}
