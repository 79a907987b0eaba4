//! The command line, as a script sees it: names, fields, exit codes, and what goes to which stream.
#![expect(clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use tempfile::TempDir;

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "InvokeOneApi", "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
   "Resource": "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*"},
  {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::123412341234:role/dev"}, "Action": "execute-api:Invoke",
   "Resource": "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*/DELETE/*",
   "Condition": {"StringLike": {"aws:UserAgent": "1*3"}}},
  {"Sid": "Again", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:execute-api:*"}]}"#;

const ALLOWED: &str = r#"{"resource":"arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets"}"#;
const NUMBER: &str = r#"{"principal":"arn:aws:sts::123412341234:assumed-role/dev/s","resource":"arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/DELETE/pets","context":{"aws:UserAgent":1e3}}"#;
const SILENT: &str = r#"{"principal":null,"resource":"arn:aws:s3:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets"}"#;

const ALLOWED_ANSWER: &str = r#"{"decision":"allow","reason":"explicit_allow","statements":[{"policy":"policy.json","index":0,"sid":"InvokeOneApi"},{"policy":"policy.json","index":2,"sid":"Again"}]}"#;
const NUMBER_ANSWER: &str =
    r#"{"decision":"deny","reason":"explicit_deny","statements":[{"policy":"policy.json","index":1}]}"#;
const SILENT_ANSWER: &str = r#"{"decision":"deny","reason":"implicit_deny","statements":[]}"#;

/// A folder with `policy.json` and `requests.jsonl` in it, removed at the end.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        folder.write("policy.json", POLICY);
        folder.write("requests.jsonl", &format!("{ALLOWED}\n{NUMBER}\n{SILENT}\n"));
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Runs the program in the folder.
    fn run(&self, args: &[&str], stdin: &str) -> OutputAssert {
        Command::new(cargo_bin!("portcullis")).current_dir(self.0.path()).args(args).stdin(stdin).assert()
    }

    fn compile(&self, options: &[&str]) {
        let args = [&["compile", "policy.json", "-o", "policy.gate"], options].concat();
        self.run(&args, "").success().stdout_eq("").stderr_eq("");
    }
}

fn stdout(done: &OutputAssert) -> String {
    String::from_utf8(done.get_output().stdout.clone()).expect("text")
}

fn stderr(done: &OutputAssert) -> String {
    String::from_utf8(done.get_output().stderr.clone()).expect("text")
}

#[test]
fn a_document_and_its_blob_answer_byte_for_byte_alike() {
    let folder = Folder::new();
    folder.compile(&[]);
    let expected = format!("{ALLOWED_ANSWER}\n{NUMBER_ANSWER}\n{SILENT_ANSWER}\n");
    for input in ["policy.json", "policy.gate"] {
        let done = folder.run(&["eval", input, "--requests", "requests.jsonl"], "").success().stderr_eq("");
        assert_eq!(stdout(&done), expected, "{input}");
    }
}

#[test]
fn what_an_input_is_its_content_says() {
    let folder = Folder::new();
    folder.compile(&[]);
    fs::rename(folder.path("policy.gate"), folder.path("blob.json")).expect("renamed");
    fs::rename(folder.path("policy.json"), folder.path("policy.gate")).expect("renamed");
    let expected = format!("{ALLOWED_ANSWER}\n");
    let done = folder.run(&["eval", "blob.json"], ALLOWED).success();
    assert_eq!(stdout(&done), expected);
    let done = folder.run(&["eval", "policy.gate", "--requests", "-"], ALLOWED).success();
    assert_eq!(stdout(&done), expected.replace("policy.json", "policy.gate"));
}

#[test]
fn standard_input_is_a_dash() {
    let folder = Folder::new();
    let done = folder.run(&["eval", "-", "--requests", "requests.jsonl"], POLICY).success();
    let expected = format!("{ALLOWED_ANSWER}\n{NUMBER_ANSWER}\n{SILENT_ANSWER}\n").replace("policy.json", "-");
    assert_eq!(stdout(&done), expected);
    let done = folder.run(&["eval", "-"], POLICY).code(2).stdout_eq("");
    assert!(stderr(&done).contains("standard input"), "{}", stderr(&done));
}

#[test]
fn a_stripped_blob_leaves_names_out() {
    let folder = Folder::new();
    folder.compile(&[]);
    let whole = fs::metadata(folder.path("policy.gate")).expect("a blob").len();
    folder.compile(&["--strip"]);
    assert!(fs::metadata(folder.path("policy.gate")).expect("a blob").len() < whole);
    let done = folder.run(&["eval", "policy.gate", "--requests", "requests.jsonl"], "").success();
    let expected = format!(
        "{}\n{}\n{SILENT_ANSWER}\n",
        r#"{"decision":"allow","reason":"explicit_allow","statements":[{"index":0},{"index":2}]}"#,
        r#"{"decision":"deny","reason":"explicit_deny","statements":[{"index":1}]}"#,
    );
    assert_eq!(stdout(&done), expected);
    folder.run(&["explain", "policy.gate", "--request", ALLOWED], "").success();
    let report = json(&folder.run(&["inspect", "policy.gate", "--json"], "").success());
    assert_eq!(report["stripped"], true);
}

#[test]
fn a_line_that_cannot_be_read_is_an_error_in_its_place() {
    let folder = Folder::new();
    // What is wrong, each in the place of an answer; blank lines before them count.
    let wrong = [
        "{",
        "[]",
        "{\"principal\":null}",
        "{\"resource\":\"a\",\"resource\":\"a\"}",
        "{\"resource\":\"a\",\"subject\":\"b\"}",
        "{\"resource\":null}",
        "{\"resource\":\"a\",\"action\":\"Invoke\"}",
        "{\"resource\":\"a\",\"context\":{\"a:b\":\"x\",\"A:B\":\"y\"}}",
        "{\"resource\":\"a\",\"context\":{\"a:b\":null}}",
        "{\"resource\":\"a\",\"context\":{\"a:b\":\"\\ud800\"}}",
        "\u{feff}{\"resource\":\"a\"}",
        "{\"resource\":\"a\"} x",
        "{\"resource\":\"a\",\"endpoint\":\"vpce-1\"}",
        "{\"resource\":\"a\",\"principal\":{\"AWS\":\"*\"}}",
    ];
    for wrong in wrong {
        let done = folder.run(&["eval", "policy.json"], &format!("\n \t\r\n{ALLOWED}\n{wrong}\n{ALLOWED}")).code(1);
        let text = stdout(&done);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[2]), (3, ALLOWED_ANSWER, ALLOWED_ANSWER), "{wrong}");
        let error: Value = serde_json::from_str(lines[1]).expect("JSON");
        assert!(lines[1].starts_with("{\"error\":{\"line\":4,\"message\":\""), "{wrong}: {}", lines[1]);
        assert!(!error["error"]["message"].as_str().expect("a message").is_empty());
        done.stderr_eq("");
    }
}

#[test]
fn a_line_that_is_not_utf_8_is_an_error_in_its_place() {
    let folder = Folder::new();
    let mut requests = b"{\"resource\":\"\xff\"}\n".to_vec();
    requests.extend_from_slice(ALLOWED.as_bytes());
    fs::write(folder.path("requests.jsonl"), requests).expect("a file");
    let done = folder.run(&["eval", "policy.json", "--requests", "requests.jsonl"], "").code(1);
    let error = "{\"error\":{\"line\":1,\"message\":\"not UTF-8 at column 14: expected JSON text\"}}";
    assert_eq!(stdout(&done), format!("{error}\n{ALLOWED_ANSWER}\n"));
}

#[test]
fn other_faults_are_ordinary_denies() {
    let folder = Folder::new();
    let long = "x".repeat(70_000);
    for request in [
        "{\"resource\":\"no-arn\"}".to_owned(),
        ALLOWED.replace("{\"", "{\"principal\":\"arn:aws:iam::123412341234:group/x\",\""),
        ALLOWED.replace("{\"", &format!("{{\"context\":{{\"a:b\":\"{long}\"}},\"")),
        ALLOWED.replace("pets", &long),
    ] {
        let done = folder.run(&["eval", "policy.json"], &request).success();
        assert_eq!(stdout(&done), format!("{SILENT_ANSWER}\n"));
    }
}

#[test]
fn five_mistakes_are_five_diagnostics_and_no_blob() {
    let folder = Folder::new();
    folder.write(
        "wrong.json",
        r#"{"Version": "2012-10-18", "Statement": [
  {"Effect": "allow", "Principal": "*", "Action": "Invoke", "Resource": "*"},
  {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "a1b2c3d4e5/*",
   "Condition": {"StringsLike": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}]}"#,
    );
    folder.write("old.gate", "as it was");
    let before = folder.names();
    for output in ["new.gate", "old.gate"] {
        let done = folder.run(&["compile", "wrong.json", "-o", output], "").code(1).stdout_eq("");
        let errors = stderr(&done);
        assert_eq!(errors.matches("error: ").count(), 5, "{errors}");
        for place in ["wrong.json:1:13", "wrong.json:2:14", "wrong.json:2:51", "wrong.json:3:68", "wrong.json:4:18"] {
            assert!(errors.contains(place), "{place}: {errors}");
        }
        assert!(!errors.contains('\u{1b}'), "no colours where there is no terminal: {errors}");
        assert_eq!(folder.names(), before, "nothing is written, no temporary file is left");
    }
    assert_eq!(fs::read_to_string(folder.path("old.gate")).expect("the old file"), "as it was");
    folder.run(&["eval", "wrong.json"], ALLOWED).code(1).stdout_eq("");
}

#[test]
fn a_blob_is_replaced_as_a_whole() {
    let folder = Folder::new();
    folder.compile(&[]);
    let first = fs::read(folder.path("policy.gate")).expect("a blob");
    folder.write("policy.gate", "as it was");
    folder.compile(&[]);
    assert_eq!(fs::read(folder.path("policy.gate")).expect("a blob"), first);
    assert_eq!(folder.names(), ["policy.gate", "policy.json", "requests.jsonl"], "no temporary file is left");
    folder.run(&["compile", "policy.json", "-o", "missing/policy.gate"], "").code(1).stdout_eq("");
    #[cfg(unix)]
    {
        folder.run(&["compile", "policy.json", "-o", "/dev/null"], "").success();
        assert!(!fs::metadata("/dev/null").expect("the device").is_file(), "a device is not replaced");
    }
}

#[test]
fn a_policy_is_not_written_over_by_its_own_blob() {
    let folder = Folder::new();
    folder.run(&["compile", "policy.json", "-o", "./policy.json"], "").code(2);
    assert_eq!(fs::read_to_string(folder.path("policy.json")).expect("the policy"), POLICY);
    folder.write("bundle/bundle.json", r#"{"format": 1, "endpoints": {"vpce-1": {"policy": "one.json"}}}"#);
    folder.write("bundle/one.json", POLICY);
    for name in ["bundle/bundle.json", "bundle/one.json"] {
        let before = fs::read(folder.path(name)).expect("a file");
        folder.run(&["compile", "bundle", "-o", name], "").code(2);
        assert_eq!(fs::read(folder.path(name)).expect("a file"), before);
    }
}

#[test]
fn a_damaged_blob_is_refused() {
    let folder = Folder::new();
    folder.compile(&[]);
    let mut bytes = fs::read(folder.path("policy.gate")).expect("a blob");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(folder.path("policy.gate"), bytes).expect("a file");
    for command in [
        vec!["eval", "policy.gate"],
        vec!["inspect", "policy.gate"],
        vec!["explain", "policy.gate", "--request", ALLOWED],
    ] {
        let done = folder.run(&command, ALLOWED).code(1).stdout_eq("");
        assert!(stderr(&done).starts_with("error: the blob does not load: "), "{}", stderr(&done));
    }
}

#[test]
fn a_wrong_command_line_is_2() {
    let folder = Folder::new();
    folder.compile(&[]);
    for args in [
        &[][..],
        &["evaluate", "policy.json"],
        &["compile", "policy.json"],
        &["compile", "policy.json", "-o", "-"],
        &["compile", "policy.gate", "-o", "new.gate"],
        &["eval"],
        &["explain", "policy.json"],
        &["bench", "policy.json"],
        &["bench", "policy.gate", "--requests", "requests.jsonl"],
        &["bench", "--shape", "gateway"],
        &["bench", "--shape", "spiral", "--statements", "10"],
        &["bench", "policy.json", "--shape", "gateway", "--statements", "10"],
    ] {
        folder.run(args, "").code(2).stdout_eq("");
    }
    folder.run(&["eval", "nowhere.json"], "").code(1).stdout_eq("");
}

/// The one JSON object on standard output.
fn json(done: &OutputAssert) -> Value {
    serde_json::from_str(&stdout(done)).expect("JSON")
}

#[test]
fn a_bundle_answers_with_layers_and_a_response() {
    let folder = Folder::new();
    folder
        .write("bundle/bundle.json", r#"{"format": 1, "endpoints": {"vpce-1": {"policy": "one.json"}, "vpce-2": {}}}"#);
    folder.write("bundle/one.json", POLICY);
    folder.run(&["compile", "bundle", "-o", "bundle.gate"], "").success();
    let requests = [
        NUMBER.replacen('{', "{\"endpoint\":\"vpce-1\",", 1),
        SILENT.replacen('{', "{\"endpoint\":\"vpce-2\",", 1),
        SILENT.replacen('{', "{\"endpoint\":\"vpce-3\",", 1),
        ALLOWED.replacen('}', ",\"context\":{\"aws:SourceVpce\":\"vpce-1\"}}", 1),
    ];
    let message = "User: arn:aws:sts::123412341234:assumed-role/dev/s is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********1234:a1b2c3d4e5/prod/DELETE/pets with an explicit deny";
    let nobody = "User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:s3:us-east-1:********1234:a1b2c3d4e5/prod/GET/pets";
    let response = |message: &str| {
        format!(
            r#""response":{{"status":403,"errortype":"AccessDeniedException","message":"{message}","body":"{{\"Message\":\"{message}\"}}"}}"#
        )
    };
    let expected = [
        format!(r#"{{"decision":"deny","reason":"explicit_deny","statements":[{{"policy":"one.json","index":1,"layer":"endpoint"}}],"layers":{{"endpoint":"explicit_deny"}},{}}}"#, response(message)),
        r#"{"decision":"allow","reason":"explicit_allow","statements":[],"layers":{"endpoint":"explicit_allow"}}"#.to_owned(),
        format!(r#"{{"decision":"deny","reason":"implicit_deny","statements":[],"layers":{{}},{}}}"#, response(nobody)),
        r#"{"decision":"allow","reason":"explicit_allow","statements":[{"policy":"one.json","index":0,"sid":"InvokeOneApi","layer":"endpoint"},{"policy":"one.json","index":2,"sid":"Again","layer":"endpoint"}],"layers":{"endpoint":"explicit_allow"}}"#.to_owned(),
    ];
    for input in ["bundle", "bundle.gate"] {
        let done = folder.run(&["eval", input], &requests.join("\n")).success();
        assert_eq!(stdout(&done).lines().collect::<Vec<_>>(), expected, "{input}");
    }
    for field in ["authorization", "authorizer", "http"] {
        let request = ALLOWED.replacen('{', &format!("{{\"{field}\":\"valid\","), 1);
        let done = folder.run(&["eval", "bundle"], &request).code(1);
        assert!(stdout(&done).contains("needs a bundle with `apis`"), "{}", stdout(&done));
    }
}

#[test]
fn explain_shows_every_statement() {
    let folder = Folder::new();
    let done = folder.run(&["explain", "policy.json", "--request", NUMBER], "").success().stderr_eq("");
    done.stdout_eq(
        "decision: deny
reason:   explicit_deny

policy.json:2 statement 0 `InvokeOneApi`: Allow, applies
  principal  matched
  action     matched
  resource   matched
  condition  none

policy.json:4 statement 1: Deny, applies
  principal  matched
  action     matched
  resource   matched
  condition  matched      StringLike on aws:useragent

policy.json:7 statement 2 `Again`: Allow, applies
  principal  matched
  action     matched
  resource   matched
  condition  none
",
    );
    let done = folder.run(&["explain", "policy.json", "--request", "{}"], "").code(1).stdout_eq("");
    assert!(stderr(&done).contains("missing field `resource`"), "{}", stderr(&done));
}

/// The folder of a bundle of the corpus.
fn corpus_bundle(name: &str) -> String {
    format!("{}/corpus/bundles/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_bundle_is_explained_layer_by_layer() {
    let folder = Folder::new();
    let bundle = corpus_bundle("apis");
    folder.run(&["compile", &bundle, "-o", "apis.gate"], "").success();
    let user = r#""principal":"arn:aws:iam::123412341234:user/Other","#;
    let resource = r#""resource":"arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets""#;
    let ask = |fields: &str, resource: &str| {
        let request = format!("{{{fields}{resource}}}");
        let said = stdout(&folder.run(&["explain", &bundle, "--request", &request], "").success());
        assert_eq!(said, stdout(&folder.run(&["explain", "apis.gate", "--request", &request], "").success()));
        said
    };
    let said = ask(&format!(r#""endpoint":"vpce-1a2b3c4d",{user}"#), resource);
    let head = "route:    prod GET /pets, authorization AWS_IAM\ndecision: deny\nreason:   implicit_deny\nlayer:    endpoint explicit_allow\nlayer:    resource explicit_allow\nlayer:    identity implicit_deny\nresponse: 403 AccessDeniedException\n";
    assert!(said.starts_with(head), "{said}");
    assert!(said.contains("policies/pets.json:5 statement 1 `Team`: Allow, applies (resource)"), "{said}");
    assert!(said.contains("\nThe caller has no identity policies.\n"), "{said}");
    for (fields, resource, why) in [
        (r#""endpoint":"vpce-9","#, resource, "\nNo endpoint of the bundle was found"),
        (
            r#""endpoint":"vpce-0000ffff","#,
            r#""resource":"arn:aws:execute-api:a:b:c/d/e/f""#,
            "\nNo method of the bundle",
        ),
        (r#""endpoint":"vpce-0000ffff","authorization":"invalid","#, resource, "\nThe `Authorization` header"),
        (r#""endpoint":"vpce-0000ffff","#, r#""resource":"x""#, "\nThe request cannot be read"),
        (r#""endpoint":"vpce-0000ffff","#, resource, "\nThe endpoint has the default policy"),
        (r#""endpoint":"vpce-0000ffff","#, resource, "\nThe method asks for a signature"),
        (
            r#""endpoint":"vpce-0000ffff","#,
            r#""resource":"arn:aws:execute-api:eu-west-1:123412341234:a1b2c3d4e5/prod/GET/""#,
            "\nThe API has no resource policy",
        ),
        (
            r#""endpoint":"vpce-0000ffff","#,
            r#""resource":"arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/POST/pets/1""#,
            "\nThe method has an authorizer",
        ),
        (
            r#""endpoint":"vpce-0000ffff","principal":"arn:aws:iam::123412341234:role/R","#,
            resource,
            "\nNobody signs as this caller",
        ),
    ] {
        let said = ask(fields, resource);
        assert!(said.contains("response: 40") && said.contains(why), "{fields}: {said}");
    }
}

#[test]
fn bench_measures_a_bundle() {
    let folder = Folder::new();
    let (bundle, requests) = (corpus_bundle("apis"), corpus_bundle("apis.requests.jsonl"));
    let done = folder.run(&["bench", &bundle, "--requests", &requests, "--rounds", "1", "--json"], "").success();
    let report = json(&done);
    assert_eq!((&report["disagreements"], &report["statements"]), (&Value::from(0), &Value::from(13)), "{report}");
    assert!(report["ns_per_decision"]["decide"].is_f64() && report["ns_per_decision"]["index"].is_null(), "{report}");
    let done = folder.run(&["inspect", &bundle, "--json"], "").success();
    let counts = &json(&done)["counts"];
    assert_eq!([&counts["apis"], &counts["methods"], &counts["identities"]], [3, 8, 3].map(Value::from).each_ref());
}

#[test]
fn inspect_says_what_a_blob_holds() {
    let folder = Folder::new();
    folder.compile(&[]);
    let blob = fs::metadata(folder.path("policy.gate")).expect("a blob").len();
    let document = json(&folder.run(&["inspect", "policy.json", "--json"], "").success());
    let report = json(&folder.run(&["inspect", "policy.gate", "--json"], "").success());
    assert_eq!(report, document);
    assert_eq!((&report["kind"], &report["bytes"]), (&"document".into(), &blob.into()));
    assert_eq!((&report["counts"]["statements"], &report["counts"]["policies"]), (&3.into(), &1.into()));
    assert_eq!(report["context_keys"], serde_json::json!(["aws:useragent"]));
    assert_eq!(report["digest"].as_str().expect("a digest").len(), 64);
    assert_eq!(report["stripped"], false);
    let sections = report["sections"].as_array().expect("sections");
    assert!(sections.iter().any(|section| section["name"] == "statements"), "{sections:?}");
    let done = folder.run(&["inspect", "policy.gate"], "").success();
    assert!(stdout(&done).contains(report["digest"].as_str().expect("a digest")));
}

#[test]
fn bench_has_its_fields_and_its_engines_agree() {
    let folder = Folder::new();
    let fields = [
        "statements",
        "requests",
        "policy_bytes",
        "blob_bytes",
        "json_parse_ns",
        "compile_ns",
        "load_ns",
        "ns_per_decision",
        "worst_request_ns",
        "disagreements",
    ];
    let done =
        folder.run(&["bench", "policy.json", "--requests", "requests.jsonl", "--json", "--rounds", "1"], "").success();
    let text = stdout(&done);
    let places: Vec<_> = fields.iter().map(|field| text.find(&format!("\"{field}\":")).expect("the field")).collect();
    assert!(places.is_sorted(), "in the promised order: {text}");
    let report = json(&done);
    assert_eq!(report.as_object().expect("an object").len(), fields.len());
    assert_eq!(
        (&report["statements"], &report["requests"], &report["disagreements"]),
        (&3.into(), &3.into(), &0.into())
    );
    for engine in ["naive", "index", "decide", "prepared", "batch", "floor"] {
        assert!(report["ns_per_decision"][engine].as_f64().expect(engine) > 0.0, "{text}");
    }
    folder.write("one.jsonl", ALLOWED);
    let table =
        stdout(&folder.run(&["bench", "policy.json", "--requests", "one.jsonl", "--rounds", "1"], "").success());
    assert!(table.contains(" 3 statements (") && table.contains(" 1 request, "), "{table}");
    let rows: Vec<_> = table.lines().skip(4).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(rows, ["naive", "index", "decide", "prepared", "batch", "floor"], "{table}");
}

#[test]
fn what_is_no_input_is_told_from_a_policy() {
    let folder = Folder::new();
    fs::write(folder.path("cut.gate"), b"\x89PCG").unwrap();
    fs::write(folder.path("zeros.gate"), [0; 100]).unwrap();
    folder.write("by/bundle.json", r#"{"format": 1, "endpoints": {}}"#);
    for (input, expected) in [
        ("cut.gate", "`cut.gate` is neither a policy nor a whole blob"),
        ("zeros.gate", "`zeros.gate` is neither a policy nor a whole blob"),
        ("by/bundle.json", "give its folder, `by`"),
    ] {
        let done = folder.run(&["inspect", input], "").failure().code(1);
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn identities_that_nothing_asks_are_warned_of() {
    let folder = Folder::new();
    folder.write("deny.json", r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#);
    let bundle = r#"{"format": 1, "endpoints": {"vpce-1": {}},
        "identities": {"arn:aws:iam::123412341234:user/MyUser": {"policies": ["deny.json"]}}}"#;
    folder.write("bundle.json", bundle);
    let done = folder.run(&["compile", ".", "-o", "b.gate"], "").success();
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(said.contains("warning: without `apis` no identity policy is asked"), "{said}");
}

#[test]
fn a_crowd_is_warned_of_by_name() {
    let folder = Folder::new();
    let pattern = |at: usize| format!("\"arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/*{at}*b*\"");
    let policy = |count: usize, more: &str| {
        let patterns: Vec<_> = (0..count).map(pattern).collect();
        format!(
            "{{\"Statement\": [\n{{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": \"*\"}},\n\
             {{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": [{}{more}]}}]}}",
            patterns.join(", ")
        )
    };
    let said = |text: &str| {
        folder.write("policy.json", text);
        let done = folder.run(&["compile", "policy.json", "-o", "p.gate"], "").success();
        String::from_utf8_lossy(&done.get_output().stderr).into_owned()
    };
    let warning = said(&policy(257, ""));
    let expected = "warning: 257 patterns of `arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5` spell out no four";
    assert!(warning.contains(expected) && warning.contains("--> policy.json:3 is the first"), "{warning}");
    // What a gram is found for does not count, and fewer are no crowd.
    let listed: String =
        (0..500).map(|at| pattern(at).replace("*b", "orders")).map(|text| format!(", {text}")).collect();
    assert_eq!(said(&policy(256, &listed)), "");
}

#[test]
fn bench_makes_workloads_on_which_all_engines_agree() {
    let folder = Folder::new();
    for shape in ["crosscut", "wild-api", "conditions"] {
        let args = ["bench", "--shape", shape, "--statements", "10", "--rounds", "1", "--json"];
        let report = json(&folder.run(&args, "").success());
        let counts = ["statements", "requests", "disagreements"].map(|field| &report[field]);
        assert_eq!(counts, [&Value::from(10), &Value::from(10_000), &Value::from(0)], "{shape}");
        assert!(report["ns_per_decision"]["index"].is_number(), "{shape}: the index knows every workload");
    }
}
