//! Portcullis compiles IAM policies for private APIs into one decision automaton, and decides with it.
//!
//! This is the manual on one page. The policies are those that AWS evaluates for `execute-api`; a *blob* is what
//! they are compiled to, and a [`Gate`] a blob that has been loaded.
//!
//! # Example
//!
#![cfg_attr(feature = "compiler", doc = "```")]
#![cfg_attr(not(feature = "compiler"), doc = "```ignore")]
//! use portcullis::{Caller, Compiler, Context, Gate, Reason, Request, Value, bundle::Bundle, policy::Policy};
//!
//! // In a build script or in CI: text to bytes.
//! let policy = Policy::from_json(
//!     r#"{"Statement": [
//!         {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123412341234:role/reader"},
//!          "Action": "execute-api:Invoke",
//!          "Resource": "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/*"},
//!         {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
//!          "Condition": {"Null": {"aws:SourceVpce": "true"}}}
//!     ]}"#,
//! )?;
//! let blob = Compiler::new().compile(&Bundle::endpoint(policy))?.into_bytes();
//!
//! // In the proxy: bytes to decisions.
//! let gate = Gate::load(blob)?;
//! let caller = Caller::Arn("arn:aws:sts::123412341234:assumed-role/reader/monday");
//! let request =
//!     Request::invoke(caller, "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets");
//! let context = [("aws:SourceVpce", Value::text("vpce-1a2b3c4d"))];
//! let inside = request.with_context(Context::new(&context));
//! assert!(gate.decide(&inside).is_allowed());
//! // The same without an endpoint: the second statement denies.
//! let decision = gate.decide(&request);
//! assert_eq!(decision.reason(), Reason::ExplicitDeny);
//! assert_eq!(decision.statement().map(|statement| statement.index), Some(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Rooms
//!
//! ```text
//! policy JSON ─► policy ─► bundle ─► Compiler ─► blob ═══► Gate::load ─► Gate::decide ─► Decision
//!                             └────► reference: the same answers, by reading statement after statement
//! ```
//!
//! | room | job |
//! |---|---|
//! | `policy` | the language: JSON text to typed statements that remember where they stood, or every mistake at once |
//! | `bundle` | what is attached where: one document, or what a `bundle.json` says of endpoints, APIs and identities |
//! | `compiler` | statements to tables and automata |
//! | `blob` ([`LoadError`]) | the format, and all that is checked on load; FORMAT.md has it byte by byte |
//! | `gate` ([`Gate`], [`Request`], [`Decision`]) | the runtime |
//! | `gateway` | what API Gateway does around the policies: HTTP request to resource and signer, and the wording of refusals |
//! | `reference` | the definition of right: slow, plain, sharing no matching code with the gate |
//! | `analysis` | what in policies compiles, and may not do what it seems to |
//! | `import` | a bundle from the saved output of `aws` commands |
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | none | the runtime, `no_std` and without an allocator: what a proxy takes, by `default-features = false` |
//! | `explain` | `Gate::evaluate` and `Gate::explain`, with names, Sids and lines; needs std |
//! | `compiler` | `policy`, `bundle`, `Compiler`, `reference`, `analysis`: what a build script takes |
//! | `gateway` | `gateway`: an HTTP request and its `Authorization` header, read; needs std |
//! | `sigv4` | signatures, verified |
//! | `import` | `import`: a bundle from what `aws` commands print |
//! | `cli` (default) | the binary |
//!
//! Features add; none changes an answer.
//!
//! # What it refuses
//!
//! A document or bundle that is not understood whole is not compiled: unknown elements and mistakes are errors. Bytes that are not a whole and sound blob of this version
//! are a [`LoadError`]. A request that cannot be read is denied ([`Request::check`] says why), and so is one that
//! nothing allows. There is no way past: [`Decision::default`] denies.
//!
//! Rules are cited by ids such as P-08: D are those of the document, V of versions and variables, P of principals, A
//! of actions, R of resources, C of conditions, K of context keys, E of evaluation, L of layers, H of routes, S of the
//! `Authorization` header, X of refusals.
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "compiler")]
pub mod analysis;
#[deny(clippy::arithmetic_side_effects)]
mod blob;
#[cfg(feature = "compiler")]
pub mod bundle;
#[cfg(feature = "compiler")]
mod compiler;
#[deny(clippy::arithmetic_side_effects)]
mod gate;
#[cfg(feature = "gateway")]
pub mod gateway;
#[cfg(feature = "import")]
pub mod import;
mod include;
#[cfg(feature = "compiler")]
pub mod policy;
#[cfg(feature = "compiler")]
pub mod reference;

pub use blob::{FORMAT_VERSION, LoadError, MAGIC};
#[cfg(feature = "compiler")]
pub use compiler::{Blob, CompileError, Compiler, Crowd};
pub use gate::*;
#[doc(hidden)]
pub use include::Aligned;

/// The README's code, so that it is compiled and run as it is written.
#[cfg(all(doctest, feature = "compiler"))]
#[doc = include_str!("../README.md")]
struct Readme;
