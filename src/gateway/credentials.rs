//! Whose access keys there are, and what belongs to each of them (S-05).
//!
//! Invariant: what policies learn of a signer comes from here alone, never from the request.

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "compiler")]
mod file;
#[cfg(feature = "compiler")]
pub use file::{CredentialsError, CredentialsFile};

/// Who signs with an access key, as policies see it (S-05).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signer {
    /// The ARN of a user, a role session, a federated user, or an account's root user.
    pub principal: String,
    /// Its tags, name and value: `aws:PrincipalTag/…`.
    pub tags: Vec<(String, String)>,
    /// What else is known of it, as `aws:PrincipalOrgID`: keys that describe a principal (K-07), and their values. Numbers
    /// and booleans as their JSON text (K-01). Any other key makes the access key one that nobody has.
    pub context: Vec<(String, Vec<String>)>,
}

/// What belongs to an access key. Shown without its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The secret access key.
    pub secret: String,
    /// The session token of a temporary access key. Every request has to carry just this one; where it is `None`, no
    /// request may carry any.
    pub session_token: Option<String>,
    /// Whose key it is.
    pub signer: Arc<Signer>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("signer", &self.signer).finish_non_exhaustive()
    }
}

/// A store of access keys.
///
/// It is asked once for each signature that could verify: one that is complete, of the right scope, and of this
/// time.
pub trait Credentials {
    /// What belongs to an access key; `None` if nobody has it. `access_key_id` is the caller's text, of any length
    /// and any characters but `/`.
    fn find(&self, access_key_id: &str) -> Option<Credential>;
}

/// No access keys: no signature verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoCredentials;

impl Credentials for NoCredentials {
    fn find(&self, _access_key_id: &str) -> Option<Credential> {
        None
    }
}

impl<C: Credentials + ?Sized> Credentials for &C {
    fn find(&self, access_key_id: &str) -> Option<Credential> {
        (**self).find(access_key_id)
    }
}

impl<C: Credentials + ?Sized> Credentials for Arc<C> {
    fn find(&self, access_key_id: &str) -> Option<Credential> {
        (**self).find(access_key_id)
    }
}
