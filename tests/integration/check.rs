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
        let found = analysis::check(&bundle, &mut |_, _| {});
        lines.extend(found.iter().filter(|one| one.allowed().is_none()).map(|finding| line(folder, finding)));
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
    let folders: BTreeSet<_> = names(&root("corpus/check")).into_iter().filter(|name| !name.contains('.')).collect();
    assert_eq!(folders, codes, "corpus/check");
    let pages: BTreeSet<_> = names(&root("docs/findings"))
        .into_iter()
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name != "README")
        .collect();
    assert_eq!(pages, codes, "docs/findings");
    for code in Code::all() {
        let page = fs::read_to_string(root(&format!("docs/findings/{code}.md"))).unwrap();
        assert_eq!(code.page(), Some(page.as_str()), "{code}");
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

/// What `check` prints of each flawed folder in a format; files are named as the corpus names them.
fn printed(format: &str) -> impl Iterator<Item = (String, String)> {
    let codes = names(&root("corpus/check")).into_iter().filter(|name| !name.contains('.'));
    codes.map(move |code| {
        let flawed = root("corpus/check").join(&code).join("flawed");
        let inputs = if flawed.join("bundle.json").exists() { vec![".".to_owned()] } else { names(&flawed) };
        let run = |input: &String| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
            let done = command.current_dir(&flawed).args(["check", input, "--format", format]).output().unwrap();
            assert!(done.stderr.is_empty(), "{code}: {}", String::from_utf8_lossy(&done.stderr));
            String::from_utf8(done.stdout).unwrap()
        };
        (code.clone(), inputs.iter().map(run).collect())
    })
}

/// The findings of a folder's `findings.txt`: file, line, column, severity.
fn listed(code: &str) -> Vec<(String, u64, u64, String)> {
    let text = fs::read_to_string(root("corpus/check").join(code).join("findings.txt")).unwrap();
    let of = |line: &str| {
        let mut parts = line.splitn(4, ':').map(str::trim_start);
        let mut part = || parts.next().unwrap().to_owned();
        let (file, line, column) = (part(), part().parse().unwrap(), part().parse().unwrap());
        (file, line, column, part().split_once(' ').unwrap().0.to_owned())
    };
    text.lines().map(of).collect()
}

/// What stands in a flawed file from one line and column to another, the last one not included.
fn piece(code: &str, file: &str, [line, column, end_line, end_column]: [u64; 4]) -> String {
    let text = fs::read_to_string(root("corpus/check").join(code).join("flawed").join(file)).unwrap();
    let at = |line: u64, column: u64| {
        let start: usize = text.split_inclusive('\n').take(usize::try_from(line).unwrap() - 1).map(str::len).sum();
        let rest = text[start..].char_indices().nth(usize::try_from(column).unwrap() - 1);
        start + rest.map_or(text.len() - start, |(at, _)| at)
    };
    text[at(line, column)..at(end_line, end_column)].to_owned()
}

/// Whether it begins and ends as a value, a key or a bracket does.
fn is_whole(piece: &str) -> bool {
    piece.len() == 1 || piece.starts_with(['"', '{', '[']) || piece.chars().all(|char| !char.is_whitespace())
}

#[test]
fn json_has_every_finding_with_its_place() {
    for (code, text) in printed("json") {
        let mut found = Vec::new();
        for line in text.lines() {
            let report: serde_json::Value = serde_json::from_str(line).unwrap();
            let findings = report["findings"].as_array().unwrap();
            for (severity, key) in [("error", "errors"), ("warning", "warnings"), ("info", "infos")] {
                let count = findings.iter().filter(|finding| finding["severity"] == severity).count();
                assert_eq!(report[key], count, "{code}: {key}");
            }
            for finding in findings {
                assert_eq!(finding["code"], *code);
                let number = |key: &str| finding[key].as_u64().unwrap();
                let text = |key: &str| finding[key].as_str().unwrap().trim_start_matches("./").to_owned();
                let range = ["line", "column", "end_line", "end_column"].map(number);
                let piece = piece(&code, &text("file"), range);
                assert!(is_whole(&piece), "{code}: `{piece}`");
                found.push((text("file"), number("line"), number("column"), text("severity")));
            }
        }
        assert_eq!(found, listed(&code), "{code}");
    }
}

#[test]
fn sarif_is_valid_and_points_at_the_text() {
    let schema = fs::read_to_string(root("corpus/sarif/sarif-schema-2.1.0.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for (code, text) in printed("sarif") {
        let mut found = Vec::new();
        for log in serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>() {
            let log = log.unwrap();
            let mistakes: Vec<_> = schema.iter_errors(&log).map(|error| error.to_string()).collect();
            assert!(mistakes.is_empty(), "{code}: {mistakes:#?}");
            let run = &log["runs"][0];
            for result in run["results"].as_array().unwrap() {
                let place = &result["locations"][0]["physicalLocation"];
                let number = |key: &str| place["region"][key].as_u64().unwrap();
                let file = place["artifactLocation"]["uri"].as_str().unwrap().trim_start_matches("./").to_owned();
                let piece = piece(&code, &file, ["startLine", "startColumn", "endLine", "endColumn"].map(number));
                assert!(is_whole(&piece), "{code}: `{piece}`");
                let rule =
                    &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
                assert_eq!((&rule["id"], &result["ruleId"]), (&code.as_str().into(), &code.as_str().into()));
                assert_eq!(rule["help"]["markdown"].as_str(), Code::read(&code).unwrap().page());
                let level = match result["level"].as_str().unwrap() {
                    "note" => "info",
                    level => level,
                };
                found.push((file, number("startLine"), number("startColumn"), level.to_owned()));
            }
        }
        assert_eq!(found, listed(&code), "{code}");
    }
}

#[test]
fn github_annotations_have_every_finding_with_its_place() {
    for (code, text) in printed("github") {
        let listed = listed(&code);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), listed.len(), "{code}: {text}");
        for (line, (file, row, column, severity)) in lines.iter().zip(listed) {
            let command = if severity == "info" { "notice" } else { &severity };
            let start = format!("::{command} file=");
            let rest = line.strip_prefix(&start).unwrap_or_else(|| panic!("{line}")).trim_start_matches("./");
            assert!(rest.starts_with(&format!("{file},line={row},endLine=")), "{line}");
            assert!(!rest.contains(",col=") || rest.contains(&format!(",col={column},")), "{line}");
            assert!(rest.contains(&format!(",title={code}::")), "{line}");
        }
    }
}

/// What a bundle allows is marked in every format, and counts for nothing.
#[test]
fn what_a_bundle_allows_is_said_and_does_not_count() {
    let twin = root("corpus/check/PC010/twin").display().to_string();
    let (code, text, _) = run(&[&twin, "--deny", "warning"]);
    assert_eq!((code, text.as_str()), (Some(0), "no findings, and 1 that the bundle allows\n"));
    let (_, text, _) = run(&[&twin, "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&report["warnings"], &report["allowed"]), (&0.into(), &1.into()));
    assert_eq!(report["findings"][0]["allowed"], "the VPC holds nothing but the shop");
    let (_, text, _) = run(&[&twin, "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let suppression = &log["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(suppression["justification"], "the VPC holds nothing but the shop");
    assert_eq!(run(&[&twin, "--format", "github"]).1, "");
}

/// `where` names a file or a piece of it; what it names and is not there is said.
#[test]
fn an_allowed_finding_stands_where_the_bundle_says() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*-api:Invoke", "Resource": "*"}]}"#;
    for (place, said) in [
        ("endpoint.json", None),
        ("endpoint.json#", None),
        ("endpoint.json#/Statement/0", None),
        ("endpoint.json#/Statement/0/Action", None),
        ("endpoint.json#/Statement/0/Resource", Some("no finding `PC203` stands in")),
        ("endpoint.json#/Statement/1", Some("nothing stands at `1`")),
        ("endpoint.json#Statement", Some("a pointer begins with `/`")),
        ("other.json", Some("the bundle has no file `other.json`")),
        ("bundle.json", Some("no finding `PC203` stands in")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let allow = serde_json::json!([{"code": "PC203", "where": place, "because": "it is so"}]);
        let bundle =
            serde_json::json!({"format": 1, "endpoints": {"vpce-1": {"policy": "endpoint.json"}}, "allow": allow});
        fs::write(folder.path().join("endpoint.json"), policy).unwrap();
        fs::write(folder.path().join("bundle.json"), bundle.to_string()).unwrap();
        let bundle = Bundle::open(folder.path()).unwrap();
        let found = analysis::check(&bundle, &mut |_, _| {});
        let wild = found.iter().find(|finding| finding.code() == Code::PC203).unwrap();
        assert_eq!(wild.allowed(), said.is_none().then_some("it is so"), "{place}");
        let stale = found.iter().find(|finding| finding.code() == Code::PC010).map(Finding::message);
        assert_eq!(stale.is_some(), said.is_some(), "{place}");
        assert!(said.is_none_or(|said| stale.unwrap().contains(said)), "{place}: {stale:?}");
    }
}

/// The commands of the example for a CI service, in a folder with a bundle that has nothing wrong.
#[test]
fn the_workflow_example_runs() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    fs::create_dir(&policies).unwrap();
    for name in names(&root("corpus/check/PC601/twin")) {
        fs::copy(root("corpus/check/PC601/twin").join(&name), policies.join(&name)).unwrap();
    }
    let workflow = fs::read_to_string(root("examples/github-actions/portcullis.yml")).unwrap();
    let mut commands = Vec::new();
    for line in workflow.lines().filter_map(|line| line.split_once("run: portcullis ").map(|(_, rest)| rest)) {
        let (arguments, file) =
            line.split_once(" > ").map_or((line, None), |(arguments, file)| (arguments, Some(file)));
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        let done = command.current_dir(folder.path()).args(arguments.split_whitespace()).output().unwrap();
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
        let is_log = serde_json::from_slice::<serde_json::Value>(&done.stdout).is_ok();
        assert_eq!(is_log, file.is_some(), "{line}");
        commands.push(arguments.split_whitespace().next().unwrap().to_owned());
    }
    assert_eq!(commands, ["check", "check", "compile"]);
    assert!(policies.with_extension("gate").exists());
}
