//! Portcullis compiles IAM policies for private APIs into one decision automaton, and decides with it.
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[deny(clippy::arithmetic_side_effects)]
mod blob;
#[cfg(feature = "compiler")]
pub mod bundle;
#[cfg(feature = "compiler")]
mod compiler;
#[deny(clippy::arithmetic_side_effects)]
mod gate;
mod include;
#[cfg(feature = "compiler")]
pub mod policy;
#[cfg(feature = "compiler")]
pub mod reference;

pub use blob::{FORMAT_VERSION, LoadError, MAGIC};
#[cfg(feature = "compiler")]
pub use compiler::{Blob, CompileError, Compiler};
pub use gate::*;
#[doc(hidden)]
pub use include::Aligned;
