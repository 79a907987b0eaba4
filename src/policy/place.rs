//! Places in a text: byte ranges, and the lines and columns they mean to a person.

use std::ops::Range;
use std::sync::Arc;

/// A range of bytes in the text of one [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<Range<usize>> for Place {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// A value, and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place in the text, quotes included.
    pub place: Place,
}

/// A named text. Cloning shares the text.
#[derive(Debug, Clone)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    line_starts: Arc<[usize]>,
}

impl Source {
    /// Takes a text and the name that diagnostics give it: a file's path, or `-` for standard input.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text: Arc<str> = text.into();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Self { name: name.into(), text, line_starts }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name, shared.
    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text at a place; empty where the place is not in this text.
    pub fn at(&self, place: Place) -> &str {
        self.text.get(place.start..place.end).unwrap_or_default()
    }

    /// The line of a byte, counted from 1. A binary search, where [`Source::line_column`] also walks the line.
    pub fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at).max(1)
    }

    /// Where a line begins; the end of the text where there is no such line.
    pub(crate) fn line_start(&self, line: usize) -> usize {
        let index = line.saturating_sub(1);
        self.line_starts.get(index).copied().unwrap_or(self.text.len())
    }

    /// Line and column of a byte, both counted from 1, the column in characters.
    pub fn line_column(&self, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let column = self.text.get(self.line_start(line)..at).map_or(1, |before| before.chars().count() + 1);
        (line, column)
    }
}

/// Lines and columns of places of one text that come in order: counted on from the place before on the same line, since a
/// document may be one line with many.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// Line, byte and column of the place before.
    before: Option<(usize, usize, usize)>,
}

impl Columns {
    /// What [`Source::line_column`] says; `at` is not before the last one.
    pub fn of(&mut self, source: &Source, at: usize) -> (usize, usize) {
        let line = source.line(at);
        let (from, column) = match self.before {
            Some((other, from, column)) if other == line && from <= at => (from, column),
            _ => (source.line_start(line), 1),
        };
        let column = column + source.text().get(from..at).map_or(0, |between| between.chars().count());
        self.before = Some((line, at, column));
        (line, column)
    }
}
