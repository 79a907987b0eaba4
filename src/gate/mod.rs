//! The runtime: a blob that has been loaded, and the decisions it makes.

mod decision;
mod identity;
mod instant;
mod keys;
mod request;

#[cfg(feature = "explain")]
pub use decision::Evaluation;
// The reference evaluator reads the same question.
pub use decision::{Decision, Layer, Reason, StatementRef};
#[cfg(feature = "compiler")]
pub(crate) use identity::{Account, Identity, Question, Resource};
#[cfg(feature = "compiler")]
pub(crate) use keys::{DerivedKey, Scratch};
pub use request::{
    Caller, Context, Fault, MAX_CONTEXT_VALUE_BYTES, MAX_PRINCIPAL_BYTES, MAX_RESOURCE_BYTES, Request, Value,
};
