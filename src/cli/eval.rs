//! `eval`: JSON Lines of requests in, JSON Lines of decisions out, in the same order.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use portcullis::Gate;
use serde::Serialize;

use super::answer::{Answer, ErrorAnswer};
use super::failure::Failure;
use super::http::{self, Keys};
use super::input::{Bytes, Input, is_stdin, one_stdin};
use super::lines::{self, Lines, MAX_LINE_BYTES};
use super::request::{Asked, Line};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(help = super::INPUT_HELP)]
    input: PathBuf,
    /// Requests, one JSON object a line; `-` is standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    requests: PathBuf,
    #[arg(long, value_name = "FILE", help = http::CREDENTIALS_HELP)]
    credentials: Option<PathBuf>,
}

/// Answers every line; an unreadable one with an error in its place.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let inputs = [Some(&args.input), Some(&args.requests), args.credentials.as_ref()].into_iter().flatten();
    let inputs: Vec<_> = inputs.map(PathBuf::as_path).collect();
    one_stdin(&inputs, "name a file with --requests")?;
    let keys = Keys::open(args.credentials.as_deref())?;
    let gate = Input::open(&args.input)?.gate()?;
    let from = open(&args.requests)?;
    let all_read = answer(&gate, &keys, from, &args.requests, io::stdout().lock())?;
    Ok(if all_read { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Opens a file of requests, or standard input.
fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if is_stdin(path) {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).map_err(|error| cannot_read(path, &error))?;
    Ok(Box::new(file))
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::io(format_args!("cannot read `{}`", path.display()), error)
}

/// Answers line by line; whether every line could be read.
fn answer(gate: &Gate<Bytes>, keys: &Keys, from: Box<dyn Read>, path: &Path, to: impl Write) -> Result<bool, Failure> {
    let asked = Asked::of(gate);
    let mut lines = Lines::new(BufReader::with_capacity(1 << 16, from));
    let mut to = BufWriter::with_capacity(1 << 16, to);
    let mut all_read = true;
    while let Some(line) = lines.next().map_err(|error| cannot_read(path, &error))? {
        let number = line.number;
        let written = read(&line, asked)
            .and_then(|line| match line {
                Line::Stated(line) => line.ask(|request| write_line(&mut to, &Answer::of(gate, request))),
                Line::Http(line) => line.ask(gate, keys, |call| write_line(&mut to, &Answer::to_call(gate, call))),
            })
            .unwrap_or_else(|message| {
                all_read = false;
                write_line(&mut to, &ErrorAnswer::new(number, &message))
            });
        written.map_err(|error| Failure::output(&error))?;
        // Whoever asks line by line waits for the answer; whoever sends a file does not.
        if lines.get_ref().buffer().is_empty() {
            to.flush().map_err(|error| Failure::output(&error))?;
        }
    }
    to.flush().map_err(|error| Failure::output(&error))?;
    Ok(all_read)
}

fn read<'a>(line: &lines::Line<'a>, asked: Asked) -> Result<Line<'a>, String> {
    match line.bytes {
        Some(bytes) => Line::read(bytes, asked),
        None => Err(format!("the line is longer than {MAX_LINE_BYTES} bytes")),
    }
}

fn write_line(to: &mut impl Write, answer: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *to, answer)?;
    to.write_all(b"\n")
}
