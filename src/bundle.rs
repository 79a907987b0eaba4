//! What is attached where: the policies of a bundle, and the endpoints they belong to.

use std::path::{Path, PathBuf};

use crate::policy::Policy;

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
