//! Every rule of `docs/semantics.md` is shown by a case of the corpus, and every case shows rules that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The groups of rules.
const GROUPS: &str = "DVPARCKELHSX";

/// The files of cases, and folders of such files.
const CASES: [&str; 4] = ["corpus/semantics", "corpus/layers", "corpus/paths.jsonl", "corpus/sigv4/states.jsonl"];

/// What this test reads of a line.
#[derive(Debug, Deserialize)]
struct Named {
    rule: Vec<String>,
}

#[test]
fn every_rule_is_shown_by_a_case_and_every_case_shows_rules() {
    let rules = rules();
    assert!(rules.len() > 140, "the document has its rules in tables, one a line: {rules:?}");
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in CASES.into_iter().flat_map(|place| files(place, "jsonl")) {
        for (number, line) in (1..).zip(read(&path).lines()) {
            let case: Named = serde_json::from_str(line).unwrap_or_else(|error| panic!("{path:?}:{number}: {error}"));
            for rule in case.rule {
                shown.entry(rule).or_default().push(format!("{}:{number}", path.display()));
            }
        }
    }
    // A document or bundle that is refused has the rule that refuses it in its name.
    for path in files("corpus/refused", "snap") {
        let name = path.file_stem().unwrap().to_string_lossy();
        for rule in named_in(&name) {
            shown.entry(rule).or_default().push(path.display().to_string());
        }
    }
    let missing: Vec<_> = rules.iter().filter(|rule| !shown.contains_key(*rule)).collect();
    assert!(missing.is_empty(), "no case of the corpus names {missing:?}");
    shown.retain(|rule, _| !rules.contains(rule));
    assert!(shown.is_empty(), "docs/semantics.md has no such rules: {shown:#?}");
}

/// A rule that another text names exists too: doc comments, tests and documents do.
#[test]
fn every_rule_that_is_named_anywhere_exists() {
    let rules = rules();
    let mut unknown = BTreeSet::new();
    for path in ["src", "tests"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"))
        .chain(files("corpus", "md"))
        .chain(files("docs", "md"))
    {
        for rule in named_in(&read(&path)) {
            if !rules.contains(&rule) {
                unknown.insert((rule, path.display().to_string()));
            }
        }
    }
    assert!(unknown.is_empty(), "docs/semantics.md has no such rules: {unknown:#?}");
}

/// The ids that the document defines, in the groups that must be shown: each begins a row of a table.
fn rules() -> BTreeSet<String> {
    let document = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/semantics.md"));
    let mut rules = BTreeSet::new();
    for row in document.lines().filter_map(|line| line.strip_prefix("| ")) {
        let first = row.split(" |").next().unwrap_or_default();
        if named_in(first).as_slice() == [first] {
            assert!(rules.insert(first.to_owned()), "{first} is defined twice");
        }
    }
    rules
}

/// The ids in a text, of the groups that must be shown.
fn named_in(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let at = |start: usize| {
        let id = bytes.get(start..start + 4)?;
        let begins = start == 0 || !(is_word(bytes.get(start - 1)) || bytes[start - 1] == b'-');
        let formed = GROUPS.as_bytes().contains(&id[0]) && id[1] == b'-' && id[2..].iter().all(u8::is_ascii_digit);
        (begins && formed && !is_word(bytes.get(start + 4))).then(|| String::from_utf8_lossy(id).into_owned())
    };
    (0..bytes.len()).filter_map(at).collect()
}

/// The files below a folder that have this extension; of a file, itself.
fn files(place: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(place);
    if place.is_file() {
        return vec![place];
    }
    let mut folders = vec![place];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}
