//! The response to a denied request, as answers show it. Its words are the library's.

use portcullis::gateway;
use serde::Serialize;

/// What API Gateway says to a caller that is refused (rules X).
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    status: u16,
    errortype: &'static str,
    message: String,
    /// What goes on the wire, byte for byte.
    body: String,
}

impl From<gateway::Response<'_>> for Response {
    fn from(response: gateway::Response<'_>) -> Self {
        Self {
            status: response.status(),
            errortype: response.errortype(),
            message: response.message(),
            body: response.body(),
        }
    }
}
