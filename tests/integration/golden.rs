//! Stored blobs: what a release has written goes on meaning the same, and a bundle always compiles to the same
//! bytes, wherever and whenever.
//!
//! `corpus/blobs/` holds, in a folder for the format version, the worked examples and `language.json`, compiled. After
//! a deliberate change of the format, under a new version number and in a new folder, they are written by
//! `PORTCULLIS_WRITE_BLOBS=1 cargo test --test integration golden`.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis::{FORMAT_VERSION, Gate};

use crate::hostile::compiled;

const STORED: [(&str, &str); 7] = [
    ("endpoint-examples/example-1.json", "example-1.gate"),
    ("endpoint-examples/example-2.json", "example-2.gate"),
    ("endpoint-examples/example-3.json", "example-3.gate"),
    ("bundles/endpoints", "endpoints.gate"),
    ("bundles/apis", "apis.gate"),
    ("language.json", "language.gate"),
    ("crowded.json", "crowded.gate"),
];

fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("corpus/blobs/v{FORMAT_VERSION}")).join(name)
}

#[test]
fn a_bundle_compiles_to_the_stored_bytes() {
    for (source, name) in STORED {
        let bytes = compiled(source);
        assert_eq!(bytes, compiled(source), "{source} twice");
        let path = stored(name);
        if std::env::var_os("PORTCULLIS_WRITE_BLOBS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert!(fs::read(&path).unwrap() == bytes, "{source} does not compile to {}", path.display());
    }
}

#[test]
fn a_blob_loads_at_any_alignment() {
    for (source, _) in STORED {
        let bytes = compiled(source);
        let mut shifted = vec![0; bytes.len() + 64];
        for by in 0..64 {
            shifted[by..by + bytes.len()].copy_from_slice(&bytes);
            let gate = Gate::load(&shifted[by..by + bytes.len()]).unwrap();
            assert_eq!(gate.version(), FORMAT_VERSION);
        }
    }
}
