//! Nanoseconds for each decision of portcullis, its baselines and other engines, on the gateway workload in growing
//! sizes: a table in Markdown on standard output, a plot in `peers.svg` beside this package.
//!
//! Every peer is set up as its own users would set it up for speed, its requests built beforehand, and its answers
//! are compared with those of portcullis before it is timed. How each was translated, and where it differs, is in
//! README.md.

#[path = "../../../src/cli/bench/baselines/mod.rs"]
mod baselines;
mod casbin;
mod cedar;
mod iam_rs;
#[path = "../../../src/cli/bench/measure.rs"]
#[expect(dead_code, reason = "the slowest request is the command's to print")]
mod measure;
mod plot;
mod regorus;
mod work;
#[path = "../../../src/cli/workload.rs"]
mod workload;

use std::path::Path;
use std::time::{Duration, Instant};

use baselines::floor::Floor;
use baselines::index::Index;
use clap::Parser;
use measure::{Engine, interleaved};
use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis::reference::Reference;
use portcullis::{Caller, Compiler, Context, Gate, Request, Value};
use work::{Peer, Work};
use workload::{Plan, Shape};

#[derive(Parser)]
struct Args {
    /// Statements of the policies
    #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 1_000, 10_000])]
    statements: Vec<usize>,
    /// Seconds that each engine is measured, and that each peer's answers are checked, for each size
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// The seed of the workload
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

/// Rounds; each figure is the median of them.
const ROUNDS: u32 = 11;

/// What was measured at one size.
struct Column {
    statements: usize,
    /// Nanoseconds for each decision, by engine.
    speeds: Vec<(&'static str, f64)>,
    /// Answers that were compared and those that differed, by peer.
    differences: Vec<(&'static str, usize, usize)>,
}

fn main() {
    let args = Args::parse();
    let columns: Vec<_> = args.statements.iter().map(|statements| measure_size(*statements, &args)).collect();
    println!("{}", table(&columns));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers.svg");
    match plot::draw(&file, &columns) {
        Ok(()) => eprintln!("plotted in {}", file.display()),
        Err(error) => eprintln!("error: cannot plot in {}: {error}", file.display()),
    }
}

fn measure_size(statements: usize, args: &Args) -> Column {
    let made = Plan { shape: Shape::Gateway, statements, requests: 10_000, sessions: 0.7, seed: args.seed }.make();
    let work = Work::read(&made);
    let share = Duration::from_secs_f64(args.seconds);

    let bundle = Bundle::endpoint(Policy::from_json(&made.policy).expect("the workload is well formed"));
    let blob = Compiler::new().compile(&bundle).expect("the workload compiles").into_bytes();
    let gate = Gate::load(blob.as_slice()).expect("the blob loads");
    let reference = Reference::new(&bundle);
    let index = Index::new(&bundle).expect("the index knows all that a workload has");
    let pairs: Vec<Vec<_>> = work
        .requests
        .iter()
        .map(|asked| asked.context.iter().map(|(key, value)| (key.as_str(), Value::address(value))).collect())
        .collect();
    let request = |(asked, pairs)| {
        let asked: &work::Asked = asked;
        Request::invoke(Caller::Arn(&asked.principal), &asked.resource).with_context(Context::new(pairs))
    };
    let requests: Vec<_> = work.requests.iter().zip(pairs.iter().map(Vec::as_slice)).map(request).collect();
    let found = baselines::agreement::compare(&gate, &reference, Some(&index), &requests, share);
    assert_eq!(found.disagreements, 0, "portcullis and its own baselines differ: their speed says nothing");
    let allowed: Vec<_> = requests.iter().map(|request| gate.decide(request).is_allowed()).collect();

    let peers: [(&'static str, Peer); 4] = [
        ("cedar-policy", cedar::set_up(&work)),
        ("regorus", regorus::set_up(&work)),
        ("casbin", casbin::set_up(&work)),
        ("iam-rs", iam_rs::set_up(&work)),
    ];
    let differences = peers.iter().map(|(name, peer)| {
        let (checked, differ) = differing(peer, &allowed, share);
        eprintln!("{statements} statements: {name} differs from portcullis on {differ} of {checked} requests");
        (*name, checked, differ)
    });
    let differences = differences.collect();

    let floor = Floor::new(&requests, |request| gate.decide(request));
    let (keys, map) = (floor.keys(), floor.map());
    let numbers: Vec<usize> = (0..requests.len()).collect();
    let decide = |request: &Request<'_>| gate.decide(request);
    let by_hand = |request: &Request<'_>| index.decide(request);
    let naive = |request: &Request<'_>| reference.decide(request);
    let look_up = |key: &&[u8]| map.get(*key).copied();
    let answers: Vec<_> = peers.iter().map(|(_, peer)| |number: &usize| peer(*number)).collect();
    let mut engines = vec![
        Engine::one_by_one("floor", &keys, &look_up),
        Engine::one_by_one("portcullis", &requests, &decide),
        Engine::one_by_one("index by hand", &requests, &by_hand),
        Engine::one_by_one("naive", &requests, &naive),
    ];
    engines.extend(peers.iter().zip(&answers).map(|((name, _), answer)| Engine::one_by_one(name, &numbers, answer)));
    let speeds = interleaved(&engines, ROUNDS, share, || {});
    Column { statements, speeds, differences }
}

/// How many answers were compared, in an order that is spread over all requests, and how many differed.
fn differing(peer: &Peer, allowed: &[bool], budget: Duration) -> (usize, usize) {
    let begin = Instant::now();
    let (mut checked, mut differ) = (0, 0);
    for start in 0..16 {
        for number in (start..allowed.len()).step_by(16) {
            if begin.elapsed() > budget {
                return (checked, differ);
            }
            checked += 1;
            differ += usize::from(peer(number) != allowed[number]);
        }
    }
    (checked, differ)
}

fn table(columns: &[Column]) -> String {
    let mut lines = vec!["| engine |".to_owned(), "|---|".to_owned()];
    for column in columns {
        lines[0] += &format!(" {} statements |", column.statements);
        lines[1] += "---:|";
    }
    lines[0] += " answers that differ |";
    lines[1] += "---:|";
    for (row, (name, _)) in columns[0].speeds.iter().enumerate() {
        let mut line = format!("| {name} |");
        for column in columns {
            let (speed, floor) = (column.speeds[row].1, column.speeds[0].1);
            line += &format!(" {} ns, {:.1} floors |", thousands(speed), speed / floor);
        }
        let of = columns.iter().flat_map(|column| &column.differences).filter(|(peer, ..)| peer == name);
        let (checked, differ) = of.fold((0, 0), |(checked, differ), one| (checked + one.1, differ + one.2));
        line += &if checked == 0 { " |".to_owned() } else { format!(" {differ} of {checked} |") };
        lines.push(line);
    }
    lines.join("\n")
}

/// `12,345`; a decimal below a hundred.
fn thousands(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
