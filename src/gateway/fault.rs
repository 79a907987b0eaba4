//! Why an HTTP request is refused before any policy is asked (L-01, its first step).
//!
//! What goes back to the caller is one of two answers, [`HttpFault::response`]; what was wrong is for the operator.

use super::refusal::Response;

/// Why an HTTP request is refused. The message is for a log, not for the caller: [`HttpFault::response`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpFault {
    /// The method is no upper-case name, or one that no request has (H-06).
    #[error("the method is not an upper-case name as `GET`, or it is `ANY` or `CONNECT`")]
    Method,
    /// A header's name is no token, its value holds a line's end or a NUL, or what is read of it is not UTF-8.
    #[error("a header has a name or value that proxies read differently")]
    Header,
    /// A header that may stand once stands twice: `Host`, `x-apigw-api-id` (H-02), `User-Agent` or `Referer`.
    #[error("a header that may stand once stands twice")]
    HeaderTwice,
    /// There is no host, or it is no DNS name, or it has another port than 443 (H-01).
    #[error("there is no host, or it is not a DNS name with port 443 or none")]
    Host,
    /// The host is an endpoint's own and there is no `x-apigw-api-id`, or that is no id (H-01).
    #[error("the host is an endpoint's, and `x-apigw-api-id` does not name the API")]
    NoApi,
    /// Two sources name different APIs, endpoints or regions (H-02).
    #[error("host, headers and connection name different APIs, endpoints or regions")]
    Disagreement,
    /// The target is neither a path nor a URL with the request's own host (H-03).
    #[error("the target is neither a path nor a URL of the request's host")]
    Form,
    /// The target has a fragment (H-03).
    #[error("the target has a fragment")]
    Fragment,
    /// The target holds a character that proxies read differently, encoded or not (H-11).
    #[error("the target holds a character that proxies read differently")]
    Character,
    /// A `%` without two hex digits, or encoded bytes that are not UTF-8 (H-11).
    #[error("the path holds a `%` without two hex digits, or encoded bytes that are not UTF-8")]
    Encoding,
    /// The path has an empty segment: `//` (H-11).
    #[error("the path has an empty segment")]
    EmptySegment,
    /// The path has a segment `.` or `..` (H-11).
    #[error("the path has a segment `.` or `..`")]
    DotSegment,
    /// No such API, or the host is no domain that leads to one (H-02).
    #[error("the host or `x-apigw-api-id` names no known API")]
    UnknownApi,
    /// No such stage, or none (H-05).
    #[error("the path or the domain names no known stage")]
    UnknownStage,
}

impl HttpFault {
    /// What the caller is answered: X-12 where something is not known, X-11 else.
    pub const fn response(self) -> Response<'static> {
        match self {
            Self::UnknownApi | Self::UnknownStage => Response::Forbidden,
            _ => Response::BadRequest,
        }
    }
}
