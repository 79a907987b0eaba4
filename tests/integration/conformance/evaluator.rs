//! The other evaluator, in a process of its own: lines of JSON in, lines of JSON out, in order.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::generate::case;
use crate::lines::RequestLine;

/// How long an answer may take. A glob with many stars takes it more than a lifetime.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the other evaluator says of one pair.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Theirs {
    Answer(Answer),
    Error { error: String },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub reason: String,
    pub deciding: Vec<u32>,
    pub statements: Vec<TheirStatement>,
    /// The context it saw, derived keys included, by lower-case name.
    pub context: BTreeMap<String, TheirValue>,
}

/// One statement: what it makes of each element.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TheirStatement {
    pub applies: bool,
    pub principal: bool,
    pub action: bool,
    pub resource: bool,
    pub condition: Vec<TheirTest>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TheirTest {
    /// As the policy writes it.
    pub operator: String,
    pub key: String,
    pub matches: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum TheirValue {
    One(String),
    List(Vec<String>),
}

impl TheirValue {
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text],
            Self::List(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

/// The process that reads pairs; closed when dropped.
pub struct Asking(ChildStdin);

/// The same process, where it answers.
pub struct Answers {
    child: Child,
    lines: Receiver<String>,
}

/// Starts the evaluator.
pub fn start() -> (Asking, Answers) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    assert!(
        folder.join("node_modules").is_dir(),
        "the other evaluator is not installed: run `npm ci --prefix tests/conformance`"
    );
    let mut command = Command::new("node");
    command.arg(folder.join("evaluate.mjs")).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("node does not start: {error}"));
    let asking = Asking(child.stdin.take().unwrap());
    let (sender, lines) = mpsc::sync_channel(1_000);
    let output = child.stdout.take().unwrap();
    // A thread of its own, so that one can stop to wait. It ends with the process or with `Answers`.
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    (asking, Answers { child, lines })
}

impl Asking {
    /// Puts one pair.
    pub fn put(&mut self, policy: &str, request: &RequestLine) {
        // One line for each pair, however the document is laid out.
        let policy: Value = serde_json::from_str(policy).unwrap();
        let pair = case(&policy, request);
        writeln!(self.0, "{pair}").unwrap_or_else(|error| panic!("the other evaluator takes no more: {error}"));
    }
}

impl Answers {
    /// The next answer; `None` where none comes.
    pub fn next(&mut self) -> Option<Theirs> {
        let line = self.lines.recv_timeout(PATIENCE).ok()?;
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
