//! What the gate is measured beside: the index by hand and the floor; and the check of answers that comes before
//! any timing. The benches include this folder, so that a figure means the same wherever it is printed.

pub mod agreement;
mod caller;
pub mod floor;
pub mod glob;
pub mod index;
