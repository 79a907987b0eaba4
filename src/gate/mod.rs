//! The runtime: a blob that has been loaded, and the decisions it makes.

mod decision;
mod identity;
mod instant;
mod keys;
mod request;

#[cfg(feature = "explain")]
pub use decision::Evaluation;
pub use decision::{Decision, Layer, Reason, StatementRef};
pub use request::{
    Caller, Context, Fault, MAX_CONTEXT_VALUE_BYTES, MAX_PRINCIPAL_BYTES, MAX_RESOURCE_BYTES, Request, Value,
};
