//! Writes `corpus/TARGET/seed-*`, the inputs that every run begins with, from the corpus of the crate:
//!
//!     cargo run --example seeds
//!
//! One accepted and one refused document for each combination of rules, so that the seeds stay small, and blobs
//! that between them fill every section. A change of the blob's format or of the corpus asks for it again.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::{Compiler, Gate};
use portcullis_fuzz::{grammar, seeds, signed};
use xxhash_rust::xxh3::xxh3_64;

/// More would slow the first seconds of a run and tell it nothing.
const MAX_DOCUMENT_BYTES: usize = 1_024;
/// Half of what a run takes, so that there is room for changes.
const MAX_BLOB_BYTES: usize = 8_192;

fn main() {
    for target in ["policy", "blob", "request", "agreement", "http", "authorization"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder).expect("a folder");
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("seed-")) {
                fs::remove_file(path).expect("removed");
            }
        }
    }
    let mut shown = BTreeSet::new();
    for case in seeds::cases() {
        if case.document.len() > MAX_DOCUMENT_BYTES || !shown.insert(case.shows.clone()) {
            continue;
        }
        write("policy", case.document.as_bytes());
        if let Some(asked) = case.request {
            write("request", &asked.to_bytes());
            write("agreement", &grammar::Case { document: case.document, requests: vec![asked] }.to_bytes());
        }
    }
    for bytes in seeds::http() {
        write("http", &bytes);
    }
    for input in signed::inputs() {
        write("authorization", input.as_bytes());
    }
    write_blobs();
}

/// Blobs of the worked examples, and of built documents for as long as one fills a section that none before did.
fn write_blobs() {
    let mut bundles: Vec<Bundle> =
        ["endpoint-examples/example-3.json", "bundles/endpoints", "bundles/apis", "language.json"]
            .into_iter()
            .map(seeds::open)
            .collect();
    for round in 0..4_096u64 {
        let choices: Vec<u8> =
            (0..2_048u64).flat_map(|at| xxh3_64(&[round, at].map(u64::to_le_bytes).concat()).to_le_bytes()).collect();
        if let Ok(policy) = Policy::from_json(&grammar::Case::from_bytes(&choices).document) {
            bundles.push(Bundle::endpoint(policy));
        }
    }
    let mut filled = BTreeSet::new();
    for (at, bundle) in bundles.iter().enumerate() {
        let blob = Compiler::new().strip(at % 2 == 1).compile(bundle).expect("it compiles").into_bytes();
        let gate = Gate::load(&blob).expect("it loads");
        // A section that holds several records is another thing to check than one that holds one.
        let sections = gate.sections().map(|(name, len_bytes)| (name, len_bytes.div_ceil(64).min(3)));
        let before = filled.len();
        if blob.len() <= MAX_BLOB_BYTES {
            filled.extend(sections);
        }
        if filled.len() > before {
            write("blob", &blob);
        }
    }
}

fn write(target: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let name = format!("seed-{:016x}", xxh3_64(bytes));
    fs::write(folder.join(name), bytes).expect("written");
}
