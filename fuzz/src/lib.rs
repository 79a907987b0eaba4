//! What the fuzz targets share.
#![forbid(unsafe_code)]

pub mod engines;
pub mod form;
pub mod grammar;
// And HTTP requests.
#[path = "../../tests/integration/readings.rs"]
pub mod readings;
pub mod request;
pub mod seeds;
pub mod signed;
// The integration tests ask damaged blobs the same.
#[path = "../../tests/integration/survives.rs"]
pub mod survives;
