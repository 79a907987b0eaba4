//! `explain`: why a request is allowed or denied, for a person.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use portcullis::gateway::{Authorization, Call, HttpFault, Response};
use portcullis::policy::tame;
use portcullis::{CalledMethod, Evaluation, Explanation, Gate, Layer, Outcome, Refusal, Request, StatementReport};

use super::answer::decision;
use super::failure::Failure;
use super::http::{self, Keys};
use super::input::{Bytes, Input, one_stdin};
use super::request::{Asked, Line};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(help = super::INPUT_HELP)]
    input: PathBuf,
    /// The request, as a line of `eval`
    #[arg(long, value_name = "JSON")]
    request: String,
    #[arg(long, value_name = "FILE", help = http::CREDENTIALS_HELP)]
    credentials: Option<PathBuf>,
}

/// Explains one request. The exit code says whether that could be done, not what was decided.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    if let Some(credentials) = &args.credentials {
        one_stdin(&[&args.input, credentials], "name a file with --credentials")?;
    }
    let keys = Keys::open(args.credentials.as_deref())?;
    let gate = Input::open(&args.input)?.gate()?;
    let text = Line::read(args.request.as_bytes(), Asked::of(&gate))
        .and_then(|line| match line {
            Line::Stated(line) => line.ask(|request| {
                let mut text = String::new();
                route(&mut text, &gate, request.resource);
                text + &explained(&gate, request, |refusal| Response::to(request, refusal))
            }),
            Line::Http(line) => line.ask(&gate, &keys, |call| call_explained(&gate, call)),
        })
        .map_err(|reason| Failure::Refused(format!("the request cannot be read: {reason}")))?;
    anstream::stdout().write_all(text.as_bytes()).map_err(|error| Failure::output(&error))?;
    Ok(ExitCode::SUCCESS)
}

/// An HTTP request: what was found from it, and the explanation of that.
fn call_explained(gate: &Gate<Bytes>, call: &Result<Call<'_>, HttpFault>) -> String {
    let call = match call {
        Ok(call) => call,
        Err(fault) => {
            let mut text = "decision: deny\nreason:   implicit_deny\n".to_owned();
            respond(&mut text, fault.response());
            line(&mut text, format_args!("\nThe HTTP request is refused before any policy is asked: {fault}."));
            return text;
        }
    };
    let mut text = String::new();
    line(&mut text, format_args!("resource: {}", tame(call.resource())));
    route(&mut text, gate, call.resource());
    line(&mut text, format_args!("caller:   {}", caller(call.authorization())));
    text + &call.ask(|request| explained(gate, request, |refusal| call.response(request, refusal)))
}

/// Who calls, or why that is not known.
fn caller(authorization: &Authorization) -> String {
    match authorization {
        Authorization::Absent => {
            "anonymous, there is no `Authorization` header and no signature in the query".to_owned()
        }
        Authorization::Valid(signer) => tame(&signer.principal),
        Authorization::Incomplete(_) => "not known, the signature has not all of its parts".to_owned(),
        Authorization::Invalid(invalid) => format!("not known, {invalid}"),
        Authorization::Bearer(_) => {
            "anonymous, the `Authorization` header has another scheme than a signature's".to_owned()
        }
    }
}

/// The explanation of a request, as text.
fn explained<'r>(gate: &Gate<Bytes>, request: &Request<'r>, response: impl FnOnce(Refusal) -> Response<'r>) -> String {
    let explanation = gate.explain(request);
    let response = explanation.evaluation.refusal.map(response);
    describe(gate, request, &explanation, response)
}

/// Which method a resource is a call of, in a bundle with APIs.
fn route(text: &mut String, gate: &Gate<Bytes>, resource: &str) {
    if let Some(CalledMethod { stage, method, path, authorization }) = gate.called_method(resource) {
        let (stage, path) = (tame(&stage), tame(&path));
        line(text, format_args!("route:    {stage} {method} {path}, authorization {authorization}"));
    }
}

/// What the caller is told.
fn respond(text: &mut String, response: Response<'_>) {
    line(text, format_args!("response: {} {}", response.status(), response.errortype()));
}

/// The whole explanation as text.
fn describe(
    gate: &Gate<Bytes>,
    request: &Request<'_>,
    explanation: &Explanation,
    response: Option<Response<'_>>,
) -> String {
    let Explanation { evaluation, statements } = explanation;
    let mut text = format!("decision: {}\nreason:   {}\n", decision(evaluation.reason), evaluation.reason.as_str());
    for (layer, reason) in &evaluation.layers {
        line(&mut text, format_args!("layer:    {} {}", layer.as_str(), reason.as_str()));
    }
    if let Some(response) = response {
        respond(&mut text, response);
    }
    if let Err(fault) = request.check() {
        line(&mut text, format_args!("\nThe request cannot be read, so nothing was asked: {fault}."));
    } else if gate.is_bundle() {
        let silent = evaluation.layers.iter().filter(|(layer, _)| statements.iter().all(|of| of.layer != Some(*layer)));
        let notes = silent.filter_map(|(layer, _)| without_policy(*layer));
        for note in notes.chain(why_no_further(request, evaluation)) {
            line(&mut text, format_args!("\n{note}."));
        }
    }
    for report in statements {
        statement(&mut text, gate, report);
    }
    text
}

/// What a layer says by no policy; an authorizer has none.
fn without_policy(layer: Layer) -> Option<&'static str> {
    match layer {
        Layer::Endpoint => Some("The endpoint has the default policy, which allows everything"),
        Layer::Resource => Some("The API has no resource policy, so nobody may call it"),
        Layer::Identity => Some("The caller has no identity policies"),
        _ => None,
    }
}

/// What refused a request to a bundle where no layer did.
fn why_no_further(request: &Request<'_>, evaluation: &Evaluation) -> Option<&'static str> {
    let has_stated_signer = matches!(request.authorization, None | Some(portcullis::Authorization::Valid));
    let was_asked = |asked| evaluation.layers.iter().any(|(layer, _)| *layer == asked);
    match (evaluation.refusal?, was_asked(Layer::Endpoint)) {
        (Refusal::NotAuthorized { .. }, false) => {
            Some("No endpoint of the bundle was found for the request, so no policy was asked")
        }
        (Refusal::MissingToken, false) => Some(
            "No method of the bundle was found for the request, or it is not signed as its method asks, so no policy was asked",
        ),
        // S-08
        (Refusal::InvalidSignature, false) if has_stated_signer => Some(
            "Nobody signs as this caller, so no policy was asked: a role signs through its sessions, a service not at all",
        ),
        (_, false) => Some("The `Authorization` header does not say who the caller is, so no policy was asked"),
        // S-07
        (Refusal::MissingToken | Refusal::IncompleteSignature, true) => {
            Some("The method asks for a signature, which the request has not, so no other policy was asked")
        }
        (Refusal::Unauthorized, true) if !was_asked(Layer::Authorizer) => {
            Some("The method has an authorizer, and the request does not state its answer")
        }
        _ => None,
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
    let layer = report.layer.map(|layer| format!(" ({})", layer.as_str())).unwrap_or_default();
    line(text, format_args!("\n{policy}{place} statement {}{sid}: {effect}, {applies}{layer}", report.statement.index));
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
