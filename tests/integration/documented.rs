//! What README.md and docs/cli.md show of the program, run as it stands there.
//!
//! A block whose first line is ```` ```json NAME ```` is a file of that name. A `console` block that shows answers is run
//! in a folder of these files, one after another: of its commands those of `portcullis`, with the lines below each as
//! standard output. `…` in such a line stands for anything. A command is to end with 1 where a line could not be read.

use std::fs;
use std::path::Path;

use snapbox::cmd::{Command, cargo_bin};

#[test]
fn the_command_lines_description_holds() {
    assert_eq!(run(include_str!("../../docs/cli.md")), 9);
}

#[test]
fn the_import_that_is_described_holds() {
    let folder = tempfile::tempdir().unwrap();
    let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/import/account/exports");
    fs::create_dir(folder.path().join("exports")).unwrap();
    for file in fs::read_dir(exports).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join("exports").join(file.file_name())).unwrap();
    }
    assert_eq!(run_in(include_str!("../../docs/import.md"), folder.path()), 3);
}

#[test]
fn the_readmes_example_holds() {
    assert_eq!(run(include_str!("../../README.md")), 2);
}

/// A fenced block: what stands behind the fence, and the lines inside.
pub fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            blocks.push((info, lines.by_ref().take_while(|line| *line != "```").collect()));
        }
    }
    blocks
}

/// Runs the commands of a text; returns how many.
fn run(text: &str) -> usize {
    run_in(text, tempfile::tempdir().unwrap().path())
}

/// The same in a folder that may hold something already.
fn run_in(text: &str, folder: &Path) -> usize {
    let mut count = 0;
    for (info, lines) in blocks(text) {
        if let Some(name) = info.strip_prefix("json ") {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, lines.join("\n") + "\n").unwrap();
        } else if info == "console" && lines.iter().any(|line| !line.starts_with("$ ") || line.contains(" compile ")) {
            for lines in lines.chunk_by(|_, next| !next.starts_with("$ ")) {
                count += usize::from(command(folder, lines));
            }
        }
    }
    count
}

/// Runs one command, if it is the program's; the first line is the command.
pub fn command(folder: &Path, lines: &[&str]) -> bool {
    let (line, expected) = lines.split_first().unwrap();
    let Some(line) = line.strip_prefix("$ portcullis ") else { return false };
    // What stands between two `'` is one argument.
    let parts = line.split('\'').enumerate();
    let args = parts.flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() });
    let code = i32::from(expected.iter().any(|line| line.starts_with("{\"error\"")));
    let done = Command::new(cargo_bin!("portcullis")).current_dir(folder).args(args).assert().code(code);
    let done = String::from_utf8(done.stderr_eq("").get_output().stdout.clone()).unwrap();
    assert_eq!(done.lines().count(), expected.len(), "{line}:\n{done}");
    for (found, expected) in done.lines().zip(expected) {
        assert!(fits(found, expected), "{line}:\n{found}\n{expected}");
    }
    true
}

/// Whether a line is another, in which `…` stands for anything.
fn fits(found: &str, expected: &str) -> bool {
    let Some((head, rest)) = expected.split_once('…') else { return found == expected };
    let Some(mut found) = found.strip_prefix(head) else { return false };
    let mut parts: Vec<_> = rest.split('…').collect();
    let tail = parts.pop().unwrap();
    for part in parts {
        let Some((_, behind)) = found.split_once(part) else { return false };
        found = behind;
    }
    found.ends_with(tail)
}
