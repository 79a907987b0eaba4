//! `explain`: why a request is allowed or denied, for a person.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use portcullis::gateway::Response;
use portcullis::policy::tame;
use portcullis::{Explanation, Gate, Outcome, Refusal, Request, StatementReport};

use super::answer::decision;
use super::failure::Failure;
use super::input::{Bytes, Input};
use super::request::{Asked, RequestLine};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(help = super::INPUT_HELP)]
    input: PathBuf,
    /// The request, as a line of `eval`
    #[arg(long, value_name = "JSON")]
    request: String,
}

/// Explains one request. The exit code says whether that could be done, not what was decided.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let gate = Input::open(&args.input)?.gate()?;
    let text = RequestLine::read(args.request.as_bytes(), Asked::of(&gate))
        .and_then(|line| {
            line.ask(|request| {
                let fault = request.check().err().map(|fault| fault.to_string());
                describe(&gate, request, &gate.explain(request), fault)
            })
        })
        .map_err(|reason| Failure::Refused(format!("the request cannot be read: {reason}")))?;
    anstream::stdout().write_all(text.as_bytes()).map_err(|error| Failure::output(&error))?;
    Ok(ExitCode::SUCCESS)
}

/// The whole explanation as text.
fn describe(gate: &Gate<Bytes>, request: &Request<'_>, explanation: &Explanation, fault: Option<String>) -> String {
    let evaluation = &explanation.evaluation;
    let mut text = format!("decision: {}\nreason:   {}\n", decision(evaluation.reason), evaluation.reason.as_str());
    for (layer, reason) in &evaluation.layers {
        line(&mut text, format_args!("layer:    {} {}", layer.as_str(), reason.as_str()));
    }
    if let Some(refusal) = evaluation.refusal {
        let response = Response::to(request, refusal);
        line(&mut text, format_args!("response: {} {}", response.status(), response.errortype()));
    }
    let nothing_asked = explanation.statements.is_empty();
    match fault {
        Some(fault) => line(&mut text, format_args!("\nThe request cannot be read, so nothing was asked: {fault}.")),
        None if nothing_asked && gate.is_bundle() && evaluation.layers.is_empty() => {
            line(&mut text, format_args!("\n{}, so no policy was asked.", why_unasked(evaluation.refusal)));
        }
        None if nothing_asked => {
            line(&mut text, format_args!("\nThe endpoint has the default policy, which allows everything."))
        }
        None => {}
    }
    for report in &explanation.statements {
        statement(&mut text, gate, report);
    }
    text
}

/// Why a request to a bundle, which can be read, came to no policy.
fn why_unasked(refusal: Option<Refusal>) -> &'static str {
    match refusal {
        Some(Refusal::MissingToken) => {
            "No method of the bundle was found for the request, or it is not signed as its method asks"
        }
        Some(Refusal::NotAuthorized { .. }) | None => "No endpoint of the bundle was found for the request",
        Some(_) => "The `Authorization` header does not say who the caller is",
    }
}

/// One statement: what it is, and what each element makes of the request.
fn statement(text: &mut String, gate: &Gate<Bytes>, report: &StatementReport) {
    let effect = if report.is_deny { "Deny" } else { "Allow" };
    let policy = gate.policy_name(report.statement.policy).map(tame);
    let policy = policy.unwrap_or_else(|| format!("policy {}", report.statement.policy));
    let place = gate.line(report.statement).map(|line| format!(":{line}")).unwrap_or_default();
    let sid = gate.sid(report.statement).map(|sid| format!(" `{}`", tame(sid))).unwrap_or_default();
    let applies = if report.applies { "applies" } else { "does not apply" };
    line(text, format_args!("\n{policy}{place} statement {}{sid}: {effect}, {applies}", report.statement.index));
    for (name, outcome) in [("principal", report.principal), ("action", report.action), ("resource", report.resource)] {
        line(text, format_args!("  {name:<10} {}", word(outcome)));
    }
    if report.condition.is_empty() {
        line(text, format_args!("  condition  none"));
    }
    for test in &report.condition {
        line(text, format_args!("  condition  {:<12} {} on {}", word(test.outcome), test.operator, tame(&test.key)));
    }
    if report.applies && report.condition.iter().any(|test| test.outcome == Outcome::Undefined) {
        line(text, format_args!("  An undefined condition counts against the caller: in a Deny as true."));
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Matched => "matched",
        Outcome::NotMatched => "not matched",
        Outcome::Undefined => "undefined",
    }
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{words}");
}
