//! Portcullis compiles IAM policies for private APIs into one decision automaton, and decides with it.
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "compiler")]
pub mod bundle;
mod gate;
#[cfg(feature = "compiler")]
pub mod policy;
#[cfg(feature = "compiler")]
pub mod reference;

pub use gate::*;
