//! A glob cut at its stars: the first piece stands at the start, the last at the end, the others in between,
//! each as far left as it can. No return: what a `*` gives up, the next one can take.

use portcullis::policy::{Piece, Template};

/// A glob, cut.
pub struct Glob {
    first: Chunk,
    /// What follows each star; empty where there is none.
    after: Vec<Chunk>,
}

/// What stands between stars: text, and characters that may be any.
struct Chunk(Vec<Part>);

enum Part {
    Text(String),
    AnyOne,
}

impl Glob {
    /// Cuts a template; `None` where it has variables.
    pub fn new(template: &Template) -> Option<Self> {
        Self::cut(template, str::to_owned)
    }

    /// Cuts a template, its letters in lower case.
    pub fn new_folded(template: &Template) -> Option<Self> {
        Self::cut(template, str::to_ascii_lowercase)
    }

    /// A text without wildcards.
    pub fn literal(text: &str) -> Self {
        Self { first: Chunk(vec![Part::Text(text.to_owned())]), after: Vec::new() }
    }

    fn cut(template: &Template, fold: fn(&str) -> String) -> Option<Self> {
        let mut glob = Self { first: Chunk(Vec::new()), after: Vec::new() };
        for piece in &template.pieces {
            let part = match piece {
                Piece::Text(text) => Part::Text(fold(text)),
                Piece::AnyOne => Part::AnyOne,
                Piece::AnyRun => {
                    glob.after.push(Chunk(Vec::new()));
                    continue;
                }
                Piece::Variable { .. } => return None,
            };
            glob.after.last_mut().unwrap_or(&mut glob.first).0.push(part);
        }
        Some(glob)
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let Some(mut text) = self.first.strip_start(text) else { return false };
        let Some((last, between)) = self.after.split_last() else { return text.is_empty() };
        for chunk in between {
            let Some(rest) = chunk.find(text) else { return false };
            text = rest;
        }
        last.ends(text)
    }
}

impl Chunk {
    /// What follows the chunk at the start of a text.
    fn strip_start<'t>(&self, mut text: &'t str) -> Option<&'t str> {
        for part in &self.0 {
            text = match part {
                Part::Text(wanted) => text.strip_prefix(wanted.as_str())?,
                Part::AnyOne => {
                    let mut letters = text.chars();
                    letters.next()?;
                    letters.as_str()
                }
            };
        }
        Some(text)
    }

    /// What follows the first place where the chunk stands.
    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self.0.as_slice() {
            [] => Some(text),
            [Part::Text(wanted)] => text.get(text.find(wanted.as_str())? + wanted.len()..),
            _ => text.char_indices().find_map(|(at, _)| self.strip_start(text.get(at..)?)),
        }
    }

    fn ends(&self, text: &str) -> bool {
        match self.0.as_slice() {
            [] => true,
            [Part::Text(wanted)] => text.ends_with(wanted.as_str()),
            parts => {
                let letters = |part: &Part| match part {
                    Part::Text(text) => text.chars().count(),
                    Part::AnyOne => 1,
                };
                let count: usize = parts.iter().map(letters).sum();
                let start = text.char_indices().rev().nth(count.saturating_sub(1)).map(|(at, _)| at);
                start.and_then(|start| self.strip_start(text.get(start..)?)).is_some_and(str::is_empty)
            }
        }
    }
}
