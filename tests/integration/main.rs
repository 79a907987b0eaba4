//! Behaviour, one module for each question.
#[test]
fn placeholder() {}
