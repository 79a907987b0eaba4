//! Nothing: the package is its bench, `decide.rs`.
