//! What an import says of what it could not use.

use std::fmt;

use annotate_snippets::Level;

use crate::policy::draw::{self, Drawing};
use crate::policy::{Columns, Place, Source, tame};

/// Something in an export that did not become a part of the bundle.
#[derive(Debug, Clone)]
pub struct Remark {
    weight: Weight,
    spot: Spot,
    line: usize,
    column: usize,
    message: String,
    help: String,
}

/// How much a [`Remark`] weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It should have become a part of the bundle.
    Error,
    /// It has no place in a bundle.
    Note,
}

impl Remark {
    /// How much it weighs.
    pub fn weight(&self) -> Weight {
        self.weight
    }

    /// The export that it is about.
    pub fn source_text(&self) -> &Source {
        &self.spot.source
    }

    /// The line of what is meant, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Its column, in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What was not used, by name.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// Draws it as rustc does: message, file, line and column, the text that is meant underlined, help.
    ///
    /// `styled` adds colours as ANSI escapes. No line break at the end.
    pub fn render(&self, styled: bool) -> String {
        let drawing = Drawing {
            level: match self.weight {
                Weight::Error => Level::ERROR,
                Weight::Note => Level::NOTE,
            },
            code: None,
            message: &self.message,
            spot: draw::Spot {
                source: &self.spot.source,
                place: self.spot.place,
                line: self.line,
                column: self.column,
                label: None,
            },
            help: Some(&self.help),
            related: Vec::new(),
        };
        drawing.render(styled)
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = tame(self.spot.source.name());
        write!(formatter, "{name}:{}:{}: {}\n  help: {}", self.line, self.column, self.message, self.help)
    }
}

/// A piece of an export.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub source: Source,
    pub place: Place,
}

impl Spot {
    pub fn new(source: &Source, place: impl Into<Place>) -> Self {
        Self { source: source.clone(), place: place.into() }
    }
}

/// The remarks so far.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Remark>);

impl Report {
    /// Says that something is missing in the bundle that should be there.
    pub fn error(&mut self, spot: &Spot, message: impl Into<String>, help: impl Into<String>) {
        self.add(Weight::Error, spot, message.into(), help.into());
    }

    /// Says that something has no place in a bundle.
    pub fn note(&mut self, spot: &Spot, message: impl Into<String>, help: impl Into<String>) {
        self.add(Weight::Note, spot, message.into(), help.into());
    }

    fn add(&mut self, weight: Weight, spot: &Spot, message: String, help: String) {
        self.0.push(Remark { weight, spot: spot.clone(), line: 0, column: 0, message, help });
    }

    /// In the order of the files' names and of their text.
    pub fn into_remarks(self) -> Vec<Remark> {
        let mut remarks = self.0;
        remarks.sort_by(|one, other| {
            let key = |remark: &Remark| (remark.spot.source.shared_name(), remark.spot.place);
            key(one).cmp(&key(other))
        });
        for file in remarks.chunk_by_mut(|one, other| one.spot.source.name() == other.spot.source.name()) {
            let mut columns = Columns::default();
            for remark in file {
                (remark.line, remark.column) = columns.of(&remark.spot.source, remark.spot.place.start);
            }
        }
        remarks
    }
}
