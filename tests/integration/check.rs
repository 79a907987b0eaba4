//! The findings of `check`, by the data of `corpus/check`; `corpus/README.md` says how a case is written.
//!
//! To write the expected findings anew, and then to read every line of them:
//!
//! ```sh
//! UPDATE_FINDINGS=1 cargo test --test integration check
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis::analysis::{self, Code, Finding, Severity};
use portcullis::bundle::Bundle;
use portcullis::policy::Source;

use crate::documented::blocks;

/// Codes of the table that are not found yet, and so have neither page nor corpus.
#[rustfmt::skip]
const NOT_YET: &[&str] = &[
    "PC004", "PC005", "PC006", "PC007", "PC008", "PC009", "PC010",
    "PC101", "PC102", "PC103", "PC105", "PC106", "PC107", "PC108", "PC109",
    "PC201", "PC202", "PC204",
    "PC301", "PC302", "PC303", "PC304", "PC305", "PC308", "PC309", "PC310",
    "PC401", "PC402", "PC403", "PC404", "PC405", "PC406", "PC407", "PC408", "PC409", "PC410", "PC411", "PC412", "PC413", "PC414", "PC415", "PC416", "PC418", "PC419",
    "PC501", "PC502", "PC503",
    "PC601", "PC602", "PC603", "PC604", "PC605", "PC606",
];

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What is found in a folder: a bundle, or each of its files a document alone. Files are named without the folder.
fn found(folder: &Path) -> Vec<String> {
    let inputs = match folder.join("bundle.json").exists() {
        true => vec![folder.to_owned()],
        false => names(folder).into_iter().map(|name| folder.join(name)).collect(),
    };
    let mut lines = Vec::new();
    for input in inputs {
        let bundle = Bundle::open(&input).unwrap_or_else(|error| panic!("{}: {error}", input.display()));
        lines.extend(analysis::check(&bundle, &mut |_, _| {}).iter().map(|finding| line(folder, finding)));
    }
    lines
}

/// A finding as `findings.txt` has it. Text over several lines is given to the end of the first.
fn line(folder: &Path, finding: &Finding) -> String {
    let at = finding.at();
    let file = Path::new(at.source_text().name()).strip_prefix(folder).unwrap().display();
    let text = at.source_text().at(at.place()).lines().next().unwrap_or_default();
    let severity = finding.severity().as_str();
    format!("{file}:{}:{}: {severity} {}: {text}", at.line(), at.column(), finding.code())
}

/// The text of a line of `findings.txt`, and what stands in the file where it points to.
fn quoted(folder: &Path, line: &str) -> (String, String) {
    let mut parts = line.splitn(5, ':');
    let mut part = || parts.next().unwrap_or_else(|| panic!("{line}"));
    let (file, row, column, _) = (part(), part(), part(), part());
    let text = part().trim_start().to_owned();
    let whole = fs::read_to_string(folder.join(file)).unwrap();
    let there = whole.lines().nth(row.parse::<usize>().unwrap() - 1).unwrap();
    let rest: String = there.chars().skip(column.parse::<usize>().unwrap() - 1).collect();
    (text, rest)
}

#[test]
fn table_pages_and_corpus_are_one_set() {
    let codes: BTreeSet<_> = Code::all().map(|code| code.as_str().to_owned()).collect();
    let not_yet: BTreeSet<_> = NOT_YET.iter().map(|code| (*code).to_owned()).collect();
    assert!(not_yet.is_subset(&codes));
    let built: BTreeSet<_> = codes.difference(&not_yet).cloned().collect();
    let folders: BTreeSet<_> = names(&root("corpus/check")).into_iter().filter(|name| !name.contains('.')).collect();
    assert_eq!(folders, built, "corpus/check");
    let pages: BTreeSet<_> = names(&root("docs/findings"))
        .into_iter()
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name != "README")
        .collect();
    assert_eq!(pages, built, "docs/findings");
    for code in Code::all() {
        let page = built.contains(code.as_str()).then(|| root(&format!("docs/findings/{code}.md")));
        assert_eq!(code.page().map(str::to_owned), page.map(|page| fs::read_to_string(page).unwrap()), "{code}");
    }
}

#[test]
fn what_is_flawed_is_found_whole_and_its_twin_is_silent() {
    for code in names(&root("corpus/check")).iter().filter(|name| !name.contains('.')) {
        let folder = root("corpus/check").join(code);
        let (flawed, expected) = (folder.join("flawed"), folder.join("findings.txt"));
        let found = found(&flawed);
        if std::env::var_os("UPDATE_FINDINGS").is_some() {
            fs::write(&expected, found.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(found, expected.lines().collect::<Vec<_>>(), "{code}");
        assert!(!found.is_empty(), "{code} has findings");
        for line in expected.lines() {
            assert!(line.contains(&format!(" {code}: ")), "{code}: another code: {line}");
            let (text, there) = quoted(&flawed, line);
            assert!(!text.is_empty() && there.starts_with(&text), "{line}: there stands `{there}`");
        }
        let twin = super::check::found(&folder.join("twin"));
        assert!(twin.is_empty(), "{code}: the twin has none: {twin:#?}");
    }
}

/// What a page shows is a piece of the corpus: of the flawed files first, then of their twins.
#[test]
fn pages_show_pieces_of_the_corpus() {
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    for code in Code::all() {
        let Some(page) = code.page() else { continue };
        let mut lines = page.lines();
        assert_eq!(lines.next(), Some(format!("# {code}: {}", code.what()).as_str()));
        let head = format!("*{}*: {}.", code.severity().as_str(), code.why());
        assert!(page.split_whitespace().collect::<Vec<_>>().join(" ").contains(&head), "{code} has the line `{head}`");
        let shown = blocks(page);
        assert!(!shown.is_empty() && shown.len().is_multiple_of(2), "{code} shows a mistake and its mend");
        for (index, (info, lines)) in shown.iter().enumerate() {
            assert_eq!(*info, "json", "{code}");
            let kind = ["flawed", "twin"][index % 2];
            let folder = root("corpus/check").join(code.as_str()).join(kind);
            let piece = squeeze(&lines.join("\n"));
            let stands = names(&folder)
                .iter()
                .any(|name| squeeze(&fs::read_to_string(folder.join(name)).unwrap()).contains(&piece));
            assert!(stands, "{code}: `{}` stands in {kind}", lines.join("\n"));
        }
    }
}

/// AWS's own examples, and the bundles of other tests: nothing is an error or a warning but what `true.txt` lists with the
/// reason why it is one.
#[test]
fn nothing_wrong_is_said_of_what_others_wrote() {
    let corpus = root("corpus");
    let mut inputs = Vec::new();
    for folder in ["aws", "endpoint-examples", "guide", "bundles"] {
        for name in names(&corpus.join(folder)) {
            let path = corpus.join(folder).join(&name);
            if path.join("bundle.json").exists() || (name.ends_with(".json") && folder != "guide") {
                inputs.push(path);
            }
        }
    }
    assert!(inputs.len() >= 30, "{} inputs", inputs.len());
    let mut seen = BTreeSet::new();
    for input in inputs {
        let bundle = Bundle::open(&input).unwrap();
        let found = analysis::check(&bundle, &mut |_, _| {});
        seen.extend(found.iter().filter(|one| one.severity() != Severity::Info).map(|one| line(&corpus, one)));
    }
    let listed = fs::read_to_string(root("corpus/check/true.txt")).unwrap();
    let mut known = BTreeSet::new();
    let mut lines = listed.lines().filter(|line| !line.starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        known.insert(line.to_owned());
        let reason = lines.next().unwrap_or_default();
        assert!(reason.starts_with("  ") && reason.len() > 20, "the reason of {line}");
    }
    let wrong: Vec<_> = seen.difference(&known).collect();
    let gone: Vec<_> = known.difference(&seen).collect();
    assert!(wrong.is_empty() && gone.is_empty(), "said and not listed: {wrong:#?}\nlisted and not said: {gone:#?}");
}

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_portcullis")).arg("check").args(args).output().unwrap();
    (run.status.code(), String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap())
}

#[test]
fn exit_codes_say_whether_an_error_was_found() {
    let path = |path: &str| root("corpus/check").join(path).display().to_string();
    let (warning, error, silent) =
        (path("PC001/flawed/policy.json"), path("PC002/flawed/policy.json"), path("PC001/twin/policy.json"));
    for (args, code) in [
        (vec![warning.as_str()], 0),
        (vec![warning.as_str(), "--deny", "warning"], 1),
        (vec![error.as_str()], 1),
        (vec![silent.as_str(), "--deny", "warning"], 0),
        (vec!["--deny", "warning"], 2),
        (vec!["--explain", "PC001"], 0),
        (vec!["--explain", "pc001"], 0),
        (vec!["--explain", "PC000"], 2),
        (vec!["--explain", "PC001", silent.as_str()], 2),
        (vec!["no such file"], 1),
    ] {
        let (found, stdout, stderr) = run(&args);
        assert_eq!(found, Some(code), "{args:?}: {stdout}{stderr}");
        assert_eq!(stderr.is_empty(), !stdout.is_empty(), "{args:?}: findings go to standard output, refusals do not");
    }
    let (_, page, _) = run(&["--explain", "PC001"]);
    assert_eq!(Some(page.as_str()), Code::PC001.page());
}

#[test]
fn text_shows_where_what_and_how_to_mend_it() {
    let run = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .current_dir(root("corpus/check"))
        .args(["check", "PC307/flawed"])
        .output()
        .unwrap();
    insta::assert_snapshot!("check_text", String::from_utf8(run.stdout).unwrap());
    let (_, silent, _) = self::run(&[root("corpus/check/PC001/twin/policy.json").to_str().unwrap()]);
    assert_eq!(silent, "no findings\n");
}

/// Places are counted in characters, and in a document of one line without walking it again for each finding.
#[test]
fn places_are_right_behind_any_text() {
    let statement = r#"{"Sid":"é😀","Effect":"Deny","Principal":"*","Action":"*-api:Invoke","Resource":"*"}"#;
    let text = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}", vec![statement; 500].join(","));
    let bundle = Bundle::from_source(Source::new("-", text.as_str())).unwrap();
    let found = analysis::check(&bundle, &mut |_, _| {});
    let wild: Vec<_> = found.iter().filter(|finding| finding.code() == Code::PC203).collect();
    assert_eq!(wild.len(), 500);
    for finding in wild {
        let at = finding.at();
        assert_eq!((at.line(), at.column()), at.source_text().line_column(at.place().start));
        assert_eq!(at.source_text().at(at.place()), "\"*-api:Invoke\"");
    }
}

#[test]
fn progress_is_told_of_every_statement() {
    let bundle = Bundle::open(root("corpus/check/PC003/flawed/policy.json")).unwrap();
    let mut told = Vec::new();
    analysis::check(&bundle, &mut |done, of| told.push((done, of)));
    assert_eq!(told, [(1, 2), (2, 2)]);
}
