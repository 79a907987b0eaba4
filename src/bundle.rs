//! What is attached where: the policies of a bundle, and the endpoints, APIs and identities they belong to.
//!
//! Invariant: every policy number is one of [`Bundle::policies`], and that policy was read as the kind that its place
//! asks for; an endpoint's context names no key that is derived; endpoints, APIs and identities stand in the order of
//! their names, each once; no host name, and no route, stands twice. `read` makes it so; nothing else makes a bundle of
//! more than one document.

use std::io;
use std::path::{Path, PathBuf};

use crate::policy::{ApiArn, Place, Policy, PolicyErrors, PolicyKind, PrincipalEntry, Source};

mod api;
mod context;
mod files;
mod identity;
mod read;
#[cfg(test)]
mod schema;
mod suppression;
mod template;

pub use template::{PathTemplate, Segment};

/// The file that makes a folder a bundle.
const BUNDLE_FILE: &str = "bundle.json";

/// Why a bundle could not be had.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The document, or the folder's `bundle.json`, could not be read at all.
    #[error("cannot read `{}`: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Every mistake of the document, or of `bundle.json` and all policies it names.
    #[error(transparent)]
    Refused(#[from] PolicyErrors),
}

/// The policies that are compiled together.
#[derive(Debug, Clone)]
pub struct Bundle {
    policies: Vec<NamedPolicy>,
    attachments: Attachments,
    files: Vec<PathBuf>,
}

/// A policy, and the name that answers give it.
#[derive(Debug, Clone)]
pub struct NamedPolicy {
    /// The file's base name for a document alone, the path as `bundle.json` writes it in a bundle,
    /// `bundle.json#/…` for a policy in place.
    pub name: String,
    /// The policy.
    pub policy: Policy,
}

/// Where the policies of a bundle are attached.
#[derive(Debug, Clone)]
pub enum Attachments {
    /// One document, evaluated alone: the bundle has just this policy.
    Document,
    /// What a `bundle.json` says.
    Layers(Layers),
}

/// What a `bundle.json` attaches policies to.
#[derive(Debug, Clone)]
pub struct Layers {
    /// The text of `bundle.json`: the places of endpoints, APIs, methods and identities are in it.
    pub source: Source,
    /// The endpoints, in the order of their ids.
    pub endpoints: Vec<Endpoint>,
    /// The APIs; `None` where the file has no `apis`: then only the endpoint layer is asked, of the caller as given.
    pub apis: Option<Apis>,
    /// The identities that have policies or a boundary, in the order of their ARNs.
    pub identities: Vec<Identity>,
    /// The findings that are allowed, in the order of the file. They change no decision.
    pub suppressions: Vec<Suppression>,
}

/// A finding of `check` that is right as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Where its object stands.
    pub place: Place,
    /// The finding's code, `PC` and three digits.
    pub code: String,
    /// Where the finding stands: a file, as `bundle.json` writes its path, or `bundle.json`; and perhaps `#` and a JSON
    /// pointer (RFC 6901) to what it stands in.
    pub at: String,
    /// Why it is right.
    pub because: String,
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where its id stands.
    pub place: Place,
    /// As `vpce-1a2b3c4d`.
    pub id: String,
    /// The number of its policy in [`Bundle::policies`]; `None` for the default full-access policy (L-02).
    pub policy: Option<u32>,
    /// Keys that every request through it has, and their values. None of them is a key that is derived
    /// (K-05); a value the request itself gives wins (K-04).
    pub context: Vec<(String, Vec<String>)>,
}

/// The APIs of a bundle, and how their callers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apis {
    /// Which reading of the `Authorization` header holds (S-03, S-04).
    pub profile: Profile,
    /// The APIs, in the order of their ARNs. A request for another is refused (L-16).
    pub list: Vec<Api>,
}

/// Which reading of the `Authorization` header holds: AWS's page on endpoint policies has had two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The page in its earlier edition (S-03).
    Classic,
    /// The page as it is (S-04).
    Current,
}

/// A private API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Where its ARN stands.
    pub place: Place,
    /// Its ARN, without stage, method and path.
    pub arn: ApiArn,
    /// The number of its resource policy in [`Bundle::policies`]; without one it denies every call (L-05).
    pub policy: Option<u32>,
    /// The custom domains that lead to it, in the order of the file.
    pub hosts: Vec<Host>,
    /// The entries that routes are found among (H-15), in the order of the file.
    pub methods: Vec<Method>,
}

/// A custom domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The domain, in lower case and without a dot at the end.
    pub name: String,
    /// The stage it leads to.
    pub stage: String,
}

/// A method of an API, on one path and in one stage, or in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Where its entry stands.
    pub place: Place,
    /// The stage; `None` for `*`, every stage.
    pub stage: Option<String>,
    /// The method, as `GET`; `None` for `ANY`.
    pub method: Option<String>,
    /// The paths it answers.
    pub path: PathTemplate,
    /// Who may call it.
    pub authorization: AuthorizationType,
}

/// What API Gateway asks of the callers of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationType {
    /// `NONE`: nothing.
    None,
    /// `AWS_IAM`: a signature.
    AwsIam,
    /// `CUSTOM`: a Lambda authorizer.
    Custom,
    /// `COGNITO_USER_POOLS`: a token of a user pool.
    CognitoUserPools,
}

impl AuthorizationType {
    /// Reads what `bundle.json` and API Gateway write; `None` for any other text.
    pub fn read(text: &str) -> Option<Self> {
        api::AUTHORIZATION.iter().find(|(name, _)| *name == text).map(|(_, authorization)| *authorization)
    }

    /// As `bundle.json` and API Gateway write it: `AWS_IAM`, say.
    pub fn as_str(self) -> &'static str {
        api::AUTHORIZATION.iter().find(|(_, other)| *other == self).map_or("", |(name, _)| name)
    }
}

/// A principal, and what its account says that it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Where its ARN stands.
    pub place: Place,
    /// Its ARN: of a user, a role, a federated user or an account's root user (L-12).
    pub arn: String,
    /// The same, in parts.
    pub principal: PrincipalEntry,
    /// The numbers of its identity policies in [`Bundle::policies`], each once, in the order of the file.
    pub policies: Vec<u32>,
    /// The number of its permissions boundary.
    pub boundary: Option<u32>,
}

impl Bundle {
    /// Reads a bundle from a folder that holds a `bundle.json`, or from a file that is one endpoint policy.
    ///
    /// Diagnostics name each file by its path, beginning with `path` as given.
    ///
    /// # Errors
    /// [`BundleError::Read`] where `path`, or the folder's `bundle.json`, cannot be read;
    /// [`BundleError::Refused`] with every mistake of every file, unreadable policy files included.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, BundleError> {
        let path = path.as_ref();
        if path.is_dir() { read::folder(path) } else { read::document(path) }
    }

    /// Reads one endpoint policy from a text, as standard input is. Answers give it the text's base name.
    ///
    /// # Errors
    /// Every mistake of the text, see [`Policy::parse`].
    pub fn from_source(source: Source) -> Result<Self, PolicyErrors> {
        Policy::parse(source, PolicyKind::Endpoint).map(Self::endpoint)
    }

    /// A bundle of one document, which answers alone.
    pub fn endpoint(policy: Policy) -> Self {
        let name = Path::new(policy.source.name())
            .file_name()
            .map_or_else(|| policy.source.name().to_owned(), |name| name.to_string_lossy().into_owned());
        Self { policies: vec![NamedPolicy { name, policy }], attachments: Attachments::Document, files: Vec::new() }
    }

    /// The policies, numbered as `StatementRef::policy` counts them. A file that is named in several places is here once
    /// for each kind of policy it is read as, and as a resource policy once for each API.
    pub fn policies(&self) -> &[NamedPolicy] {
        &self.policies
    }

    /// Where they are attached.
    pub fn attachments(&self) -> &Attachments {
        &self.attachments
    }

    /// Every file that was read: what a build script watches.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }
}

#[cfg(test)]
mod tests;
