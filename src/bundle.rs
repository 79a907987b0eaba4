//! What is attached where: the policies of a bundle, and the endpoints they belong to.
//!
//! Invariant: every endpoint's policy number is one of [`Bundle::policies`], and its context names no key that
//! is derived. `read` makes it so; nothing else makes an endpoint.

use std::io;
use std::path::{Path, PathBuf};

use crate::policy::{Policy, PolicyErrors, PolicyKind, Source};

mod read;

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
    /// The endpoints of a `bundle.json`, in the order of their ids.
    Endpoints(Vec<Endpoint>),
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// As `vpce-1a2b3c4d`.
    pub id: String,
    /// The number of its policy in [`Bundle::policies`]; `None` for the default full-access policy (L-02).
    pub policy: Option<u32>,
    /// Keys that every request through it has, and their values. None of them is a key that is derived
    /// (K-05); a value the request itself gives wins (K-04).
    pub context: Vec<(String, Vec<String>)>,
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

    /// The policies, numbered as `StatementRef::policy` counts them. A file that several endpoints name is
    /// here once.
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
