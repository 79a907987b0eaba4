//! What API Gateway does around the policies.

mod fault;
mod host;
mod http;
mod refusal;
mod target;

pub use fault::HttpFault;
pub use http::{Api, Directory, HttpRequest, Invocation, Mapping, read_request};
pub use refusal::{CONTENT_TYPE, MissingParts, Response};
pub use target::{Target, normalise};
