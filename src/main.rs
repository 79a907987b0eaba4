//! The program `portcullis`: see `portcullis --help`.

mod cli;

fn main() {}
