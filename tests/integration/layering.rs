//! Which room of `src/` may know which: every path that leaves a room is an arrow, and the table has them all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, and what of ours each may import.
const ROOMS: [(&str, &[&str]); 11] = [
    ("policy", &[]),
    ("bundle", &["policy"]),
    ("reference", &["policy", "bundle", "gate"]),
    ("compiler", &["policy", "bundle", "blob"]),
    ("blob", &[]),
    ("gate", &["blob"]),
    // Of the policies it takes the reader of JSON alone, for the file of access keys.
    ("gateway", &["policy", "gate", "blob"]),
    ("analysis", &["policy", "bundle", "reference", "compiler", "gate"]),
    ("import", &["policy", "bundle"]),
    ("include", &[]),
    ("cli", &["policy", "bundle", "reference", "compiler", "analysis", "blob", "gate"]),
];

/// What the reference may use of the gate: the question and the answer. A shared matcher would hide a shared
/// mistake.
const QUESTION_AND_ANSWER: [&str; 23] = [
    "Account",
    "Authorization",
    "Authorizer",
    "Caller",
    "Context",
    "Decision",
    "DerivedKey",
    "Evaluation",
    "Fault",
    "Identity",
    "Layer",
    "MAX_CONTEXT_VALUE_BYTES",
    "MAX_PRINCIPAL_BYTES",
    "MAX_RESOURCE_BYTES",
    "Question",
    "Reason",
    "Refusal",
    "Request",
    "Resource",
    "Scratch",
    "StatementRef",
    "Value",
    "self",
];

/// Files that import nothing of ours at all.
const ALONE: [&str; 2] = ["gate/request.rs", "gate/decision.rs"];

#[test]
fn every_arrow_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in sources(&root) {
        let modules = modules(file.strip_prefix(&root).unwrap());
        let Some(room) = modules.first().cloned() else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: `{room}` is no room of the table", file.display()));
            continue;
        };
        for path in leaving(&fs::read_to_string(&file).unwrap(), modules.len()) {
            let target = path[0].as_str();
            if target == room {
                continue;
            }
            seen.insert((room.clone(), target.to_owned()));
            if !allowed.contains(&target) {
                wrong.push(format!("{}: `{}` goes from {room} to {target}", file.display(), path.join("::")));
            }
            if room == "reference" && target == "gate" && !QUESTION_AND_ANSWER.contains(&path[1].as_str()) {
                wrong.push(format!("{}: `{}` is more than question and answer", file.display(), path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for arrow in [("bundle", "policy"), ("reference", "gate"), ("compiler", "blob"), ("gate", "blob")] {
        assert!(seen.contains(&(arrow.0.to_owned(), arrow.1.to_owned())), "{arrow:?} is found");
    }
}

#[test]
fn the_question_and_the_answer_import_nothing() {
    for file in ALONE {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        let text = fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        // A context may be values without names, which ask a gate for them.
        let code = code(text).replace("use super::slots::Slots;", "");
        for word in ["crate::", "super::"] {
            assert!(!code.contains(word), "{file} has `{word}`");
        }
    }
}

#[test]
fn paths_are_found_in_all_their_spellings() {
    let text = "use crate::{blob::{View, wire}, policy};\n// crate::cli::x\nfn f() { super::super::gate::g(); crate::bundle::h() }\n\
                use super::sibling;";
    let found: Vec<String> = leaving(text, 2).iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["blob::View", "blob::wire", "policy", "bundle::h", "gate::g"]);
    // In a room of one file, and from the tests within a file.
    assert_eq!(leaving("use super::policy::Policy;", 1)[0].join("::"), "policy::Policy");
    assert_eq!(leaving("use super::super::super::policy::Policy;", 2)[0].join("::"), "policy::Policy");
    // What the root lets out again belongs to some room, and that is to be named.
    assert_eq!(leaving("use crate::Gate;", 1)[0].join("::"), "Gate");
}

/// The files under a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The modules a file is in: `gate/keys.rs` is `gate`, `keys`. The crate's roots are in none.
fn modules(file: &Path) -> Vec<String> {
    let mut modules: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if matches!(modules.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        modules.pop();
    }
    modules
}

/// The paths of a text that go through the root of the crate, from there on, in a module of this depth.
fn leaving(text: &str, depth: usize) -> Vec<Vec<String>> {
    let text = code(text);
    let mut found = Vec::new();
    for (at, start) in text.match_indices("crate::") {
        // `$crate::` in a macro is the user's path.
        if !text[..at].ends_with(|before: char| before.is_alphanumeric() || "_$".contains(before)) {
            tree(&text[at + start.len()..], &mut Vec::new(), &mut found);
        }
    }
    let outward = "super::".repeat(depth);
    let mut rest = text.as_str();
    while let Some(at) = rest.find(&outward) {
        rest = rest[at + outward.len()..].trim_start_matches("super::");
        let mut paths = Vec::new();
        tree(rest, &mut Vec::new(), &mut paths);
        // Tests within a file are a module deeper, so a path that seems to leave may end in the file itself.
        found.extend(paths.into_iter().filter(|path| ROOMS.iter().any(|(room, _)| *room == path[0])));
    }
    found
}

/// Reads one tree of a `use` declaration, or a path; returns what follows it.
fn tree<'t>(text: &'t str, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if let Some(rest) = rest.strip_prefix('}') {
                return rest;
            }
            let before = rest.len();
            rest = tree(rest, path, found);
            if rest.len() == before {
                return rest;
            }
        }
    }
    let end = text.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    path.push(if name.is_empty() { text.chars().take(1).collect() } else { name.to_owned() });
    if let Some(inner) = rest.strip_prefix("::") {
        rest = tree(inner, path, found);
    } else {
        found.push(path.clone());
        if let Some(renamed) = rest.strip_prefix(" as ") {
            rest = renamed.trim_start_matches(|character: char| character.is_alphanumeric() || character == '_');
        }
    }
    path.pop();
    rest
}

/// The text without its comments.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}
