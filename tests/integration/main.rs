//! Behaviour, one module for each question.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "these are tests"
)]

mod agreement;
mod calls;
mod check;
mod check_claims;
mod cli;
mod conformance;
mod corpus;
mod documented;
mod engines;
mod gateway;
mod generate;
mod golden;
mod growth;
mod guide;
mod hostile;
mod import;
mod layered;
mod layered_agreement;
mod layered_properties;
mod layering;
mod lines;
mod metamorphic;
mod prepared;
mod readings;
mod refused;
mod rules;
mod sigv4;
mod survives;
mod words;
