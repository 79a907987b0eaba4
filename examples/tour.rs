//! The whole way, on three policies: compile each, write the blob to a file, load it from there, put requests to
//! it, and print every decision with its reason. `cargo run --release --example tour`
//!
//! The policies, the requests and the right answers are those of `corpus/endpoint-examples/`. An answer that is
//! not the right one ends the tour with exit code 1.

use std::{env, error::Error, fs, path::Path, process::ExitCode};

use portcullis::{Caller, Compiler, Context, Evaluation, Gate, Reason, Request, Value, bundle::Bundle};
use serde_json::{Value as Json, json};

type Failure = Box<dyn Error>;

/// What most resources and principals begin with; shown as `…`.
const USUAL: [&str; 3] =
    ["arn:aws:execute-api:us-east-1:123412341234", "arn:aws:iam::123412341234", "arn:aws:sts::123412341234"];

fn main() -> ExitCode {
    match tour() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("{wrong} answers are not the ones that were expected");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Shows every example; returns how many answers were wrong.
fn tour() -> Result<usize, Failure> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/endpoint-examples");
    let blobs = tempfile::tempdir()?;
    println!("`…` stands for {}", USUAL.map(|usual| format!("`{usual}`")).join(" or "));
    let (mut asked, mut wrong) = (0, 0);
    for name in ["example-1", "example-2", "example-3"] {
        let gate = compiled(&corpus.join(format!("{name}.json")), &blobs.path().join(format!("{name}.gate")))?;
        let requests = fs::read_to_string(corpus.join(format!("{name}.requests.jsonl")))?;
        let expected = fs::read_to_string(corpus.join(format!("{name}.expected.jsonl")))?;
        if requests.lines().count() != expected.lines().count() {
            return Err(format!("{name}: not as many expected answers as requests").into());
        }
        println!("\n{:<5}  {:<14}  {:<48}  {:<29}  {:<46}  BY", "", "WHY", "WHO", "ASKS TO", "ON");
        for (request, expected) in requests.lines().zip(expected.lines()) {
            asked += 1;
            if !put(&gate, &serde_json::from_str(request)?, &serde_json::from_str(expected)?)? {
                wrong += 1;
            }
        }
    }
    println!("\n{asked} requests, {} answers as expected", asked - wrong);
    Ok(wrong)
}

/// Compiles a policy to a blob in a file, and loads the file.
fn compiled(policy: &Path, blob: &Path) -> Result<Gate<Vec<u8>>, Failure> {
    let bundle = Bundle::open(policy)?;
    fs::write(blob, Compiler::new().compile(&bundle)?.as_bytes())?;
    let gate = Gate::load(fs::read(blob)?)?;
    let counts = gate.counts();
    println!(
        "\n{}: {} statement, {} resource patterns; blob of {} bytes, digest {}…",
        gate.policy_name(0).unwrap_or("?"),
        counts.statements,
        counts.resources,
        fs::metadata(blob)?.len(),
        gate.digest().iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>(),
    );
    Ok(gate)
}

/// Puts one request to the gate and prints the answer; returns whether it is the expected one.
fn put(gate: &Gate<Vec<u8>>, line: &Json, expected: &Json) -> Result<bool, Failure> {
    let text = |name: &str| line.get(name).and_then(Json::as_str);
    let caller = match line.get("principal") {
        None | Some(Json::Null) => Caller::Anonymous,
        Some(Json::String(arn)) => Caller::Arn(arn),
        Some(other) => Caller::Service(other.get("Service").and_then(Json::as_str).ok_or("a principal of two kinds")?),
    };
    let mut pairs = Vec::new();
    for (key, value) in line.get("context").and_then(Json::as_object).into_iter().flatten() {
        pairs.push((key.as_str(), Value::text(value.as_str().ok_or("the tour reads contexts of texts only")?)));
    }
    let resource = text("resource").ok_or("a request without a resource")?;
    let action = text("action").unwrap_or("execute-api:Invoke");
    let request = Request { action, ..Request::invoke(caller, resource) }.with_context(Context::new(&pairs));
    let evaluation = gate.evaluate(&request);
    let is_right = answer(gate, &evaluation) == *expected && gate.decide(&request).reason() == evaluation.reason;
    print(gate, &request, &evaluation);
    if !is_right {
        println!("       WRONG: expected {expected}");
    }
    Ok(is_right)
}

/// The answer as `portcullis eval` writes it.
fn answer(gate: &Gate<Vec<u8>>, evaluation: &Evaluation) -> Json {
    let mut statements = Vec::new();
    for (_, reference) in &evaluation.statements {
        let mut statement = json!({"policy": gate.policy_name(reference.policy), "index": reference.index});
        if let (Some(fields), Some(sid)) = (statement.as_object_mut(), gate.sid(*reference)) {
            fields.insert("sid".to_owned(), sid.into());
        }
        statements.push(statement);
    }
    let decision = if evaluation.reason == Reason::ExplicitAllow { "allow" } else { "deny" };
    json!({"decision": decision, "reason": evaluation.reason.as_str(), "statements": statements})
}

/// One line of the table.
fn print(gate: &Gate<Vec<u8>>, request: &Request<'_>, evaluation: &Evaluation) {
    let decision = if evaluation.reason == Reason::ExplicitAllow { "ALLOW" } else { "DENY" };
    let who = match request.caller {
        Caller::Anonymous => "anonymous".to_owned(),
        Caller::Arn(arn) => shortened(arn),
        Caller::Service(name) => format!("service {name}"),
    };
    // The second part of `stage/METHOD/path`, where the resource has one and the action is the usual one.
    let method = request.resource.split('/').nth(2).unwrap_or("?");
    let asks_to = if request.action == "execute-api:Invoke" { method } else { request.action };
    let by: Vec<String> = evaluation
        .statements
        .iter()
        .map(|(_, statement)| match gate.sid(*statement) {
            Some(sid) => format!("`{sid}`"),
            None => format!("statement {}", statement.index),
        })
        .collect();
    let by = match (request.check(), by.is_empty()) {
        (Err(fault), _) => fault.to_string(),
        (Ok(()), true) => "no statement applies".to_owned(),
        (Ok(()), false) => by.join(", "),
    };
    let (why, on) = (evaluation.reason.as_str(), shortened(request.resource));
    println!("{decision:<5}  {why:<14}  {who:<48}  {asks_to:<29}  {on:<46}  {by}");
}

/// An ARN, its usual beginning left out.
fn shortened(arn: &str) -> String {
    let rest = USUAL.iter().find_map(|usual| arn.strip_prefix(usual)?.strip_prefix(':'));
    rest.map_or_else(|| arn.to_owned(), |rest| format!("…:{rest}"))
}
