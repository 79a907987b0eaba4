//! Behaviour, one module for each question.

mod cli;
