//! What API Gateway does around the policies.

mod authorization;
#[cfg(feature = "sigv4")]
mod call;
mod credentials;
mod directory;
mod fault;
mod host;
mod http;
mod refusal;
#[cfg(feature = "sigv4")]
mod sigv4;
mod target;

pub use authorization::{
    Authorization, Header, Invalid, MAX_CLOCK_SKEW, MAX_EXPIRES_SECONDS, Moment, Reading, Signature, read_authorization,
};
#[cfg(feature = "sigv4")]
pub use call::{Call, HttpCall, read_call};
pub use credentials::{Credential, Credentials, NoCredentials, Signer};
#[cfg(feature = "compiler")]
pub use credentials::{CredentialsError, CredentialsFile};
pub use fault::HttpFault;
pub use http::{Api, Directory, HttpRequest, Invocation, Mapping, read_request};
pub use refusal::{CONTENT_TYPE, MissingParts, Response};
#[cfg(feature = "sigv4")]
pub use sigv4::{Payload, SERVICE, Signed, Verifier};
pub use target::{Target, normalise};
