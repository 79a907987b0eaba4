//! `bench`: decisions per second of every engine, in one run, on the same requests.
//!
//! Every answer is compared before anything is timed: a wrong engine's speed says nothing. Requests are read and
//! their contexts built beforehand, once, for all engines alike.

mod baselines;
#[cfg(test)]
mod glob_tests;
mod measure;

use std::cell::RefCell;
use std::fs;
use std::hint::black_box;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, Table, presets};
use indicatif::ProgressBar;
use portcullis::bundle::{Attachments, Bundle};
use portcullis::policy::Source;
use portcullis::reference::Reference;
use portcullis::{Compiler, Decision, Request};
use serde::Serialize;

use super::failure::Failure;
use super::input::{Input, is_stdin, load};
use super::request::{Asked, RequestLine};
use super::workload::{Plan, Shape};
use baselines::agreement::{Agreement, Prepared, compare};
use baselines::floor::Floor;
use baselines::index::Index;
use measure::Engine;

/// Requests of a workload that the program makes itself.
const MADE_REQUESTS: usize = 10_000;
/// How long each engine is measured, all rounds together.
const SHARE: Duration = Duration::from_millis(500);
/// How long the naive evaluator may take to check the others' answers.
const CHECK: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A policy document or a bundle folder (it holds `bundle.json`); `-` is standard input
    #[arg(required_unless_present = "shape", requires = "requests")]
    input: Option<PathBuf>,
    /// Requests, one JSON object a line; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "input")]
    requests: Option<PathBuf>,
    /// A workload of this shape, made here, in place of INPUT and --requests
    #[arg(long, value_name = "NAME", requires = "statements", conflicts_with_all = ["input", "requests"])]
    shape: Option<Shape>,
    /// Statements of that workload
    #[arg(long, value_name = "N", requires = "shape", value_parser = clap::value_parser!(u32).range(1..))]
    statements: Option<u32>,
    /// The share of its role callers that come as an assumed-role session, 0 to 1
    #[arg(long, value_name = "S", requires = "shape", default_value_t = 0.7)]
    sessions: f64,
    /// The seed of that workload
    #[arg(long, value_name = "SEED", requires = "shape", default_value_t = 7)]
    seed: u64,
    /// Rounds; each figure is the median of them
    #[arg(long, value_name = "N", default_value_t = 11, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// What `--json` prints: names and order are a promise to scripts.
#[derive(Debug, Serialize)]
struct Report {
    statements: usize,
    requests: usize,
    policy_bytes: usize,
    blob_bytes: usize,
    json_parse_ns: u64,
    compile_ns: u64,
    load_ns: u64,
    ns_per_decision: Speeds,
    worst_request_ns: u64,
    disagreements: usize,
}

/// Nanoseconds for each decision; `None` for an engine that does not know the policies.
#[derive(Debug, Serialize)]
struct Speeds {
    naive: Option<f64>,
    index: Option<f64>,
    decide: Option<f64>,
    prepared: Option<f64>,
    batch: Option<f64>,
    floor: Option<f64>,
}

/// The policies, and how to read them again from their text.
struct Policies {
    bundle: Bundle,
    /// The folder of a bundle; a document is read again from memory.
    folder: Option<PathBuf>,
}

/// Measures, and prints.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let (policies, requests) = inputs(args)?;
    let lines = read(&requests, &policies)?;
    let texts: Vec<_> = lines.iter().map(RequestLine::texts).collect();
    let pairs: Vec<_> = lines.iter().zip(&texts).map(|(line, texts)| line.pairs(texts)).collect();
    let asked = lines.iter().zip(&pairs).map(|(line, pairs)| line.request(pairs));
    let asked: Vec<_> = asked.collect::<Result<_, _>>().map_err(Failure::Refused)?;
    let report = measure(&policies, &asked, args.rounds)?;
    let text = if args.json {
        serde_json::to_string(&report).map_err(|error| Failure::Refused(error.to_string()))?
    } else {
        table(&report)
    };
    writeln!(anstream::stdout(), "{text}").map_err(|error| Failure::output(&error))?;
    // A decision that is wrong is worse than one that is slow.
    Ok(if report.disagreements == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The policies and the text of the requests, read or made.
fn inputs(args: &Args) -> Result<(Policies, Vec<u8>), Failure> {
    if let (Some(shape), Some(statements)) = (args.shape, args.statements) {
        if !(0.0..=1.0).contains(&args.sessions) {
            return Err(Failure::Usage("--sessions is a share: a number from 0 to 1".to_owned()));
        }
        let statements = statements as usize;
        let plan = Plan { shape, statements, requests: MADE_REQUESTS, sessions: args.sessions, seed: args.seed };
        let made = plan.make();
        let bundle = Bundle::from_source(Source::new("policy.json", made.policy))?;
        return Ok((Policies { bundle, folder: None }, made.requests.into_bytes()));
    }
    let (Some(input), Some(requests)) = (&args.input, &args.requests) else {
        return Err(Failure::Usage("give INPUT and --requests, or --shape and --statements".to_owned()));
    };
    if is_stdin(input) && is_stdin(requests) {
        return Err(Failure::Usage("INPUT and the requests cannot both come from standard input".to_owned()));
    }
    let Input::Policies(bundle) = Input::open(input)? else {
        let reason = format!("`{}` is a blob: there is no source to compare with, give the policies", input.display());
        return Err(Failure::Usage(reason));
    };
    let folder = input.is_dir().then(|| input.clone());
    Ok((Policies { bundle, folder }, read_all(requests)?))
}

fn read_all(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if is_stdin(path) { io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes) } else { fs::read(path) };
    read.map_err(|error| Failure::io(format_args!("cannot read `{}`", path.display()), &error))
}

/// The request lines; one that cannot be read ends the command, since a decision less would be measured.
fn read<'t>(text: &'t [u8], policies: &Policies) -> Result<Vec<RequestLine<'t>>, Failure> {
    let asked = match policies.bundle.attachments() {
        Attachments::Document => Asked::Document,
        Attachments::Layers(layers) if layers.apis.is_none() => Asked::Bundle,
        Attachments::Layers(_) => Asked::Layers,
    };
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        if line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
            continue;
        }
        let line = RequestLine::read(line, asked)
            .and_then(|line| line.ask(|_| ()).map(|()| line))
            .map_err(|message| Failure::Refused(format!("line {number} of the requests: {message}")))?;
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(Failure::Refused("there are no requests to measure with: give at least one".to_owned()));
    }
    Ok(lines)
}

/// The median time of some runs, in nanoseconds, and the last result.
fn timed<T>(mut run: impl FnMut() -> Result<T, Failure>) -> Result<(u64, T), Failure> {
    let begin = Instant::now();
    let mut times = Vec::new();
    loop {
        let start = Instant::now();
        let done = run()?;
        times.push(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
        if times.len() >= 5 || begin.elapsed() > SHARE {
            times.sort_unstable();
            return Ok((times.get(times.len() / 2).copied().unwrap_or_default(), done));
        }
    }
}

fn measure(policies: &Policies, requests: &[Request<'_>], rounds: u32) -> Result<Report, Failure> {
    let bundle = &policies.bundle;
    // Each text once: many policies may stand in one.
    let mut sources: Vec<_> = bundle.policies().iter().map(|named| &named.policy.source).collect();
    sources.sort_by_key(|source| source.text().as_ptr());
    sources.dedup_by_key(|source| source.text().as_ptr());
    let (json_parse_ns, ()) = timed(|| {
        for source in &sources {
            let parsed = serde_json::from_slice::<serde_json::Value>(source.text().as_bytes());
            black_box(&parsed);
        }
        Ok(())
    })?;
    let (compile_ns, blob) = timed(|| Ok(Compiler::new().compile(&policies.read_again()?)?.into_bytes()))?;
    let (load_ns, _) = timed(|| load(blob.as_slice()).map(|_| ()))?;
    let gate = load(blob.as_slice())?;
    let reference = Reference::new(bundle);
    let index = Index::new(bundle);
    let Agreement { disagreements, unchecked } = compare(&gate, &reference, index.as_ref(), requests, CHECK);
    if unchecked > 0 {
        let checked = requests.len().saturating_sub(unchecked);
        anstream::eprintln!("note: the naive evaluator checked {checked} of {} requests, in {CHECK:?}", requests.len());
    }

    let floor = Floor::new(requests, |request| gate.decide(request));
    let (keys, map) = (floor.keys(), floor.map());
    let naive = |request: &Request<'_>| reference.decide(request);
    let decide = |request: &Request<'_>| gate.decide(request);
    let handles: Vec<_> = requests.iter().map(|request| Prepared::new(&gate, request)).collect();
    let prepared = |Prepared { request, principal, api }: &Prepared<'_>| gate.decide_prepared(principal, api, request);
    let decisions = RefCell::new(vec![Decision::default(); requests.len()]);
    let batch = |requests: &[Request<'_>]| {
        let mut decisions = decisions.borrow_mut();
        let places = decisions.get_mut(..requests.len()).unwrap_or_default();
        let _ = black_box(gate.decide_batch(black_box(requests), places));
    };
    let by_hand = index.as_ref().map(|index| |request: &Request<'_>| index.decide(request));
    let look_up = |key: &&[u8]| map.get(*key);
    let mut engines =
        vec![Engine::one_by_one("naive", requests, &naive), Engine::one_by_one("decide", requests, &decide)];
    if let Some(by_hand) = &by_hand {
        engines.push(Engine::one_by_one("index", requests, by_hand));
    }
    engines.push(Engine::one_by_one("prepared", &handles, &prepared));
    engines.push(Engine::together("batch", requests, batch));
    engines.push(Engine::one_by_one("floor", &keys, &look_up));
    let bar = if super::shows_progress() { ProgressBar::new(rounds.into()) } else { ProgressBar::hidden() };
    let speeds = measure::interleaved(&engines, rounds, SHARE, || bar.inc(1));
    bar.finish_and_clear();
    let speed = |name: &str| speeds.iter().find(|(engine, _)| *engine == name).map(|(_, speed)| *speed);
    Ok(Report {
        statements: bundle.policies().iter().map(|named| named.policy.statements.len()).sum(),
        requests: requests.len(),
        policy_bytes: sources.iter().map(|source| source.text().len()).sum(),
        blob_bytes: blob.len(),
        json_parse_ns,
        compile_ns,
        load_ns,
        ns_per_decision: Speeds {
            naive: speed("naive"),
            index: speed("index"),
            decide: speed("decide"),
            prepared: speed("prepared"),
            batch: speed("batch"),
            floor: speed("floor"),
        },
        worst_request_ns: measure::worst(&decide, requests),
        disagreements,
    })
}

impl Policies {
    /// The bundle, from its text again.
    fn read_again(&self) -> Result<Bundle, Failure> {
        match (&self.folder, self.bundle.policies()) {
            (Some(folder), _) => Ok(Bundle::open(folder)?),
            (None, [named]) => Ok(Bundle::from_source(named.policy.source.clone())?),
            (None, _) => Err(Failure::Refused("a document is one policy".to_owned())),
        }
    }
}

/// The report for a person.
fn table(report: &Report) -> String {
    let Report { statements, requests, policy_bytes, blob_bytes, ns_per_decision: speeds, .. } = report;
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(["engine", "ns per decision", "million a second", "floors"]);
    let Speeds { naive, index, decide, prepared, batch, floor } = speeds;
    let rows = [
        ("naive", naive),
        ("index", index),
        ("decide", decide),
        ("prepared", prepared),
        ("batch", batch),
        ("floor", floor),
    ];
    // What was not measured has no row.
    for (name, speed) in rows.into_iter().filter_map(|(name, speed)| Some((name, (*speed)?))) {
        let floors = floor.map_or_else(String::new, |floor| format!("{:.1}", speed / floor));
        table.add_row([name, &format!("{speed:.1}"), &format!("{:.2}", 1000.0 / speed), &floors]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let milliseconds = |nanoseconds: u64| nanoseconds as f64 / 1e6;
    format!(
        " {} ({policy_bytes} bytes), {}, a blob of {blob_bytes} bytes\n \
         JSON alone {:.2} ms, compile {:.2} ms, load {:.3} ms, slowest request {} ns, {}\n\n{table}",
        counted(*statements, "statement"),
        counted(*requests, "request"),
        milliseconds(report.json_parse_ns),
        milliseconds(report.compile_ns),
        milliseconds(report.load_ns),
        report.worst_request_ns,
        counted(report.disagreements, "disagreement"),
    )
}

/// A count and what is counted.
fn counted(count: usize, of: &str) -> String {
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}
