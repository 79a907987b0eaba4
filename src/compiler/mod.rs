//! The compiler: a bundle to the tables and automata of a blob.
//!
//! The passes, in order: every statement of every policy becomes a record with its exact elements
//! (`statements`), its principals become numbers (`principals`), its condition predicates (`predicates`), and
//! each of its resource patterns positions in the blocks of one key of the index (`index`, `block`); what a bundle
//! attaches them to becomes records (`layers`, `routes`); then the tables are laid out, and `blob::write` makes the
//! file.
//!
//! Nothing is a product of two counts: time and size are linear in the length of the policies. The same bundle
//! gives the same bytes, on every machine.

mod automaton;
mod block;
mod grams;
mod index;
mod keys;
mod layers;
mod limits;
mod predicates;
mod principals;
mod routes;
mod statements;
mod strings;

pub use limits::CompileError;

use std::collections::{HashMap, HashSet};

use crate::blob::sets::Set;
use crate::blob::write::Sections;
use crate::blob::{SectionId, cold, feature};
use crate::bundle::{Attachments, Bundle};
use index::CrowdedKey;
use limits::number;
use statements::Statements;

/// Compiles bundles.
///
/// ```
/// use portcullis::{Caller, Compiler, Gate, Request, bundle::Bundle, policy::Policy};
///
/// let policy = Policy::from_json(
///     r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
///         "Resource": "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*/GET/*"}]}"#,
/// )?;
/// let blob = Compiler::new().compile(&Bundle::endpoint(policy))?;
/// let gate = Gate::load(blob.as_bytes())?;
///
/// let get = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";
/// assert!(gate.decide(&Request::invoke(Caller::Anonymous, get)).is_allowed());
/// let post = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/POST/pets";
/// assert!(!gate.decide(&Request::invoke(Caller::Anonymous, post)).is_allowed());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Compiler {
    strip: bool,
}

/// A compiled bundle: the bytes of a `.gate` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    bytes: Vec<u8>,
    crowds: Vec<Crowd>,
}

/// More than 256 patterns under one key of the index that a request for it may be compared with one after another: wildcards
/// stand within their segments, and they spell out no four bytes in a row that a request could lack. Each is compared in
/// proportion to its length and the request's (DESIGN.md, Bounds); nothing is decided otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crowd {
    /// What they begin with, as `arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5`, with `*` for what they leave open.
    pub arn: String,
    /// The policy's number in [`Bundle::policies`].
    pub policy: usize,
    /// The index in its document of the first statement that has such a pattern, from 0.
    pub statement: usize,
    /// How many there are.
    pub patterns: usize,
}

impl Blob {
    /// The crowds that the policies have, in the order of their first statements. They cost time, and are no mistake.
    pub fn crowds(&self) -> &[Crowd] {
        &self.crowds
    }

    /// The file's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file's bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Compiler {
    /// A compiler that keeps names, Sids and lines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether names, Sids and lines are left out: the blob is smaller, its answers name statements by index
    /// alone, and decisions are the same.
    #[must_use]
    pub fn strip(mut self, strip: bool) -> Self {
        self.strip = strip;
        self
    }

    /// Compiles a bundle, in time and memory linear in the length of its policies.
    ///
    /// # Errors
    /// [`CompileError`] where the bundle is past a limit of the format. Nothing is compiled in part.
    pub fn compile(&self, bundle: &Bundle) -> Result<Blob, CompileError> {
        let mut compiled = Statements::default();
        let mut sections = Sections::default();
        let mut features = 0;
        let mut of_identities = HashSet::new();
        if let Attachments::Layers(layers) = bundle.attachments() {
            features |= feature::BUNDLE;
            let policies = layers.identities.iter().flat_map(|one| one.policies.iter().chain(&one.boundary));
            of_identities.extend(policies.map(|policy| *policy as usize));
            // First, so that the names of identities have the lowest numbers.
            layers::put_identities(&layers.identities, &mut compiled.principals, &mut sections)?;
        }
        for (set, policy) in bundle.policies().iter().enumerate() {
            compiled.add_policy(number("policies", set)?.get(), policy, of_identities.contains(&set))?;
        }
        if let Attachments::Layers(layers) = bundle.attachments() {
            layers::put_endpoints(&layers.endpoints, &mut compiled, &mut sections)?;
            if let Some(apis) = &layers.apis {
                layers::put_apis(apis, &mut compiled.strings, &mut sections)?;
            }
        }
        if !self.strip {
            features |= feature::COLD;
            put_cold(bundle, &mut sections)?;
        }
        let classes = compiled.index.classes(bundle.policies().len());
        sections.put(&classes.into_iter().map(|classes| Set { classes: classes.into() }).collect::<Vec<_>>());
        let crowded = compiled.finish(source_bytes(bundle), &mut sections)?;
        Ok(Blob {
            bytes: sections.into_file(features, |content| *blake3::hash(content).as_bytes()),
            crowds: crowds(bundle, crowded),
        })
    }
}

/// Crowded keys, by policy and statement.
fn crowds(bundle: &Bundle, crowded: Vec<CrowdedKey>) -> Vec<Crowd> {
    let mut crowds: Vec<_> = crowded
        .into_iter()
        .filter_map(|CrowdedKey { arn, statement, patterns }| {
            let mut statement = statement as usize;
            let policy = bundle.policies().iter().position(|named| {
                let count = named.policy.statements.len();
                let is_its = statement < count;
                statement -= if is_its { 0 } else { count };
                is_its
            })?;
            Some(Crowd { arn, policy, statement, patterns })
        })
        .collect();
    crowds.sort_by_key(|crowd| (crowd.policy, crowd.statement));
    crowds
}

/// The length of the texts that the policies stand in, each counted once: many may stand in one `bundle.json`.
fn source_bytes(bundle: &Bundle) -> usize {
    let sources = bundle.policies().iter().map(|named| named.policy.source.text());
    let lengths: HashMap<_, _> = sources.map(|text| (text.as_ptr(), text.len())).collect();
    lengths.values().sum()
}

/// Names, Sids and lines: a record for each policy, then one for each statement.
fn put_cold(bundle: &Bundle, sections: &mut Sections) -> Result<(), CompileError> {
    let limit = cold::RECORD_LIMIT;
    let mut records = Vec::new();
    for (policy, named) in bundle.policies().iter().enumerate() {
        let record = cold::ColdRecord { name: Some(&named.name), line: 0 };
        records.push(cold::encode(&record).ok_or(CompileError::LongName { policy, limit })?);
    }
    for named in bundle.policies() {
        for (statement, parsed) in named.policy.statements.iter().enumerate() {
            let line = number("lines", named.policy.source.line(parsed.place.start))?.get();
            let record = cold::ColdRecord { name: parsed.sid.as_ref().map(|sid| sid.value.as_str()), line };
            let long = || CompileError::LongSid { policy: named.name.clone(), statement, limit };
            records.push(cold::encode(&record).ok_or_else(long)?);
        }
    }
    let mut offsets = vec![cold::ColdOffset(0.into())];
    let mut bytes = Vec::new();
    for record in records {
        bytes.extend_from_slice(&record);
        offsets.push(cold::ColdOffset(number("bytes of names", bytes.len())?));
    }
    sections.put(&offsets);
    sections.put_bytes(SectionId::Cold, bytes);
    Ok(())
}
