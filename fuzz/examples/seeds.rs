//! Writes `corpus/TARGET/seed-*`, the inputs that every run begins with, from the corpus of the crate:
//!
//!     cargo run --example seeds
//!
//! One accepted and one refused document for each combination of rules, so that the seeds stay small. A change of
//! the blob's format or of the corpus asks for it again.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use portcullis::Compiler;
use portcullis_fuzz::{grammar, seeds};

/// More would slow the first seconds of a run and tell it nothing.
const MAX_SEED_BYTES: usize = 1_024;

fn main() {
    let mut shown = BTreeSet::new();
    for target in ["policy", "blob", "request", "agreement"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder).expect("a folder");
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("seed-")) {
                fs::remove_file(path).expect("removed");
            }
        }
    }
    for case in seeds::cases() {
        if case.document.len() > MAX_SEED_BYTES || !shown.insert(case.shows.clone()) {
            continue;
        }
        write("policy", case.document.as_bytes());
        if let Some(asked) = case.request {
            write("request", &asked.to_bytes());
            write("agreement", &grammar::Case { document: case.document, requests: vec![asked] }.to_bytes());
        }
    }
    for path in ["endpoint-examples/example-3.json", "bundles/endpoints"] {
        let bundle = seeds::open(path);
        for strip in [false, true] {
            let blob = Compiler::new().strip(strip).compile(&bundle).expect("the corpus compiles");
            write("blob", blob.as_bytes());
        }
    }
}

fn write(target: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let name = format!("seed-{:016x}", xxhash_rust::xxh3::xxh3_64(bytes));
    fs::write(folder.join(name), bytes).expect("written");
}
