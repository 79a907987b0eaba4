//! What a person is told of each input in `corpus/refused`: the text itself is the test.
//!
//! `NAME.json` is a document, the folder `NAME` a bundle, and `NAME.snap` what the binary prints of it. A name begins with
//! the rule that refuses, or with `bundle` where the form of `bundle.json` does. Review changes with `cargo insta review`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The rules that refuse a document by themselves, and that a file can show: one of 64 MiB (E-09) cannot be here.
const REFUSING: [&str; 42] = [
    "D-01", "D-02", "D-03", "D-04", "D-05", "D-06", "D-07", "D-08", "D-09", "D-10", "D-11", "D-12", "D-13", "V-01",
    "V-03", "V-04", "V-05", "V-06", "V-10", "P-01", "P-02", "P-03", "P-11", "P-12", "A-01", "R-01", "R-06", "R-07",
    "R-08", "R-09", "C-01", "C-03", "C-13", "C-15", "C-16", "C-17", "C-18", "C-19", "C-20", "C-21", "E-08", "H-17",
];

#[test]
fn every_refusal_reads_as_it_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/refused");
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut inputs: Vec<_> =
        entries.filter(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "json")).collect();
    inputs.sort();

    let mut rules = BTreeSet::new();
    for input in &inputs {
        let name = input.file_stem().unwrap().to_str().unwrap();
        rules.insert(name.get(..4).unwrap_or_default());
        let output = tempfile::tempdir().unwrap();
        let blob = output.path().join("policy.gate");
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        // Diagnostics name the input as it is named here.
        command.current_dir(&folder).arg("compile").arg(input.file_name().unwrap()).arg("-o").arg(&blob);
        let run = command.output().unwrap();
        assert_eq!(run.status.code(), Some(1), "{name} is refused");
        assert!(!blob.exists(), "{name}: no blob of a refused document");
        assert!(run.stdout.is_empty(), "{name}: nothing on standard output");
        let told = String::from_utf8(run.stderr).unwrap();
        insta::with_settings!({
            snapshot_path => &folder,
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!(name, told) });
    }
    assert!(inputs.len() >= 80, "{} inputs", inputs.len());
    let missing: Vec<_> = REFUSING.iter().filter(|rule| !rules.contains(*rule)).collect();
    assert!(missing.is_empty(), "no document of corpus/refused shows {missing:?}");
}
