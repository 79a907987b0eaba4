//! A finding: what was found where, and what to do about it; and the report that the passes write into.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use annotate_snippets::Level;

use super::code::{Code, Severity};
use crate::policy::draw::{Drawing, Spot};
use crate::policy::{Columns, Place, Source, tame};

/// Something in a policy or a bundle that compiles, and may not do what it seems to.
#[derive(Debug, Clone)]
pub struct Finding {
    code: Code,
    at: Position,
    message: String,
    advice: Option<String>,
    related: Vec<Related>,
    allowed: Option<String>,
}

/// Another place that belongs to a finding, and what is to be seen there.
#[derive(Debug, Clone)]
pub struct Related {
    at: Position,
    message: String,
}

/// A piece of a text, with its line and column.
#[derive(Debug, Clone)]
pub struct Position {
    source: Source,
    place: Place,
    /// 0 until the report is done.
    line: usize,
    column: usize,
}

impl Position {
    /// The text that it is a piece of.
    pub fn source_text(&self) -> &Source {
        &self.source
    }

    /// The bytes of that text that are meant.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The line of the first of them, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column of the first of them, in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Line and column one past the last of them, counted from 1 and in characters.
    pub fn end(&self) -> (usize, usize) {
        let text = self.source.at(self.place);
        let last = text.rsplit('\n').next().unwrap_or_default().chars().count();
        match text.matches('\n').count() {
            0 => (self.line, self.column + last),
            more => (self.line + more, last + 1),
        }
    }

    fn new(source: &Source, place: Place) -> Self {
        Self { source: source.clone(), place, line: 0, column: 0 }
    }

    fn spot<'a>(&'a self, label: Option<&'a str>) -> Spot<'a> {
        Spot { source: &self.source, place: self.place, line: self.line, column: self.column, label }
    }
}

impl Finding {
    /// What was found at a place: `message` says it of the text that stands there, lower case and without a full stop.
    pub(crate) fn new(code: Code, source: &Source, place: Place, message: impl Into<String>) -> Self {
        let at = Position::new(source, place);
        Self { code, at, message: message.into(), advice: None, related: Vec::new(), allowed: None }
    }

    /// How to mend it.
    pub(crate) fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// Adds another place that belongs to it.
    pub(crate) fn related(mut self, source: &Source, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Related { at: Position::new(source, place), message: message.into() });
        self
    }

    /// Says that it is right as it is.
    pub(crate) fn allow(&mut self, because: &str) {
        self.allowed.get_or_insert_with(|| because.to_owned());
    }

    /// Why it is right as it is, where the bundle says so under `allow`.
    pub fn allowed(&self) -> Option<&str> {
        self.allowed.as_deref()
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// How much it matters: its code's severity.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Where it stands.
    pub fn at(&self) -> &Position {
        &self.at
    }

    /// What was found.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How to mend it, where that can be said.
    pub fn help(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Other places that belong to it.
    pub fn related_places(&self) -> &[Related] {
        &self.related
    }

    /// Draws the finding as rustc does: code, message, file, line and column, the text underlined, advice.
    ///
    /// `styled` adds colours as ANSI escapes. No line break at the end.
    pub fn render(&self, styled: bool) -> String {
        let drawing = Drawing {
            level: match self.severity() {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
                Severity::Info => Level::INFO,
            },
            code: Some(self.code.as_str()),
            message: &self.message,
            spot: self.at.spot(None),
            help: self.advice.as_deref(),
            related: self.related.iter().map(|related| related.at.spot(Some(&related.message))).collect(),
        };
        drawing.render(styled)
    }
}

/// One line: `orders.json:3:14: warning PC103: …`.
impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = tame(self.at.source.name());
        let severity = self.severity().as_str();
        write!(formatter, "{name}:{}:{}: {severity} {}: {}", self.at.line, self.at.column, self.code, self.message)
    }
}

impl Related {
    /// Where it stands.
    pub fn at(&self) -> &Position {
        &self.at
    }

    /// What is to be seen there.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The findings so far, in any order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    found: Vec<Finding>,
}

impl Report {
    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// Those so far.
    pub fn found_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.found.iter_mut()
    }

    /// All of them by file and place, each once: a file that is read as several policies has the mistakes of its text once,
    /// and what else belongs to them together.
    pub fn finish(mut self) -> Vec<Finding> {
        let key = |finding: &Finding| (finding.at.place, finding.code);
        self.found.sort_by(|one, other| {
            let names = one.at.source.name().cmp(other.at.source.name());
            names.then_with(|| key(one).cmp(&key(other)))
        });
        self.found.dedup_by(|again, first| {
            let same = again.at.source.name() == first.at.source.name() && key(again) == key(first);
            if same {
                for related in again.related.drain(..) {
                    if !first.related.iter().any(|known| known.is(&related)) {
                        first.related.push(related);
                    }
                }
            }
            same
        });
        locate(&mut self.found);
        self.found
    }
}

impl Related {
    fn is(&self, other: &Self) -> bool {
        self.at.source.name() == other.at.source.name()
            && self.at.place == other.at.place
            && self.message == other.message
    }
}

/// Fills in lines and columns, file by file in the order of the text.
fn locate(found: &mut [Finding]) {
    let mut files: HashMap<Arc<str>, Vec<&mut Position>> = HashMap::new();
    for finding in found {
        let related = finding.related.iter_mut().map(|related| &mut related.at);
        for at in std::iter::once(&mut finding.at).chain(related) {
            files.entry(at.source.shared_name()).or_default().push(at);
        }
    }
    for positions in files.values_mut() {
        positions.sort_by_key(|at| at.place.start);
        let mut columns = Columns::default();
        for at in positions {
            (at.line, at.column) = columns.of(&at.source, at.place.start);
        }
    }
}
