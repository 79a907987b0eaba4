//! What is said of a piece of text, drawn as rustc does: message, file, line and column, the text underlined, help.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::error::{is_hidden, tame};
use super::place::{Place, Source};

/// A line longer than this many bytes is shown in part: a document may be one line of megabytes.
const MAX_LINE_BYTES: usize = 4096;

/// How much of such a line is shown before what is meant, and from where it begins.
const SHOWN_BYTES: usize = 80;

/// What is said.
pub(crate) struct Drawing<'a> {
    pub level: Level<'static>,
    /// A code behind the level, as `warning[PC001]`.
    pub code: Option<&'static str>,
    pub message: &'a str,
    /// The text that is meant, and what is said below it.
    pub spot: Spot<'a>,
    pub help: Option<&'a str>,
    /// Other texts that belong to it, each a note of its own.
    pub related: Vec<Spot<'a>>,
}

/// A piece of text, and what is said of it.
#[derive(Clone, Copy)]
pub(crate) struct Spot<'a> {
    pub source: &'a Source,
    pub place: Place,
    /// Of the first byte, counted from 1, the column in characters.
    pub line: usize,
    pub column: usize,
    pub label: Option<&'a str>,
}

impl Drawing<'_> {
    /// The drawing as text; `styled` adds colours as ANSI escapes. No line break at the end.
    pub fn render(&self, styled: bool) -> String {
        let excerpt = Excerpt::of(self.spot);
        let mut title = self.level.clone().primary_title(self.message);
        if let Some(code) = self.code {
            title = title.id(code);
        }
        let mut group = excerpt.draw(Group::with_title(title), self.spot.label);
        if let Some(help) = self.help {
            group = group.element(Level::HELP.message(help));
        }
        let others: Vec<_> = self.related.iter().map(|spot| (Excerpt::of(*spot), spot.label)).collect();
        let notes = others.iter().map(|(excerpt, label)| {
            excerpt.draw(Group::with_title(Level::NOTE.secondary_title(label.unwrap_or_default())), None)
        });
        let report: Vec<_> = std::iter::once(group).chain(notes).collect();
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&report)
    }
}

/// A line as it is drawn.
struct Excerpt {
    name: String,
    line: usize,
    column: usize,
    shown: String,
    within: Range<usize>,
    /// It is the whole line.
    whole: bool,
}

impl Excerpt {
    /// The line that a piece of text begins in, or what is near it in a long one.
    fn of(spot: Spot<'_>) -> Self {
        let Spot { source, place, line, column, .. } = spot;
        let text = source.text();
        let line_start = source.line_start(line);
        let whole_line = text.get(line_start..source.line_start(line + 1)).unwrap_or_default();
        let line_end = line_start + whole_line.trim_end_matches(['\n', '\r']).len();
        let whole = line_end - line_start <= MAX_LINE_BYTES;
        let (mut from, mut to) = (line_start, line_end);
        if !whole {
            from = line_start.max(place.start.saturating_sub(SHOWN_BYTES));
            to = line_end.min(place.start.saturating_add(SHOWN_BYTES));
        }
        while !text.is_char_boundary(from) {
            from += 1;
        }
        while !text.is_char_boundary(to) {
            to -= 1;
        }
        let part = text.get(from..to).unwrap_or_default();
        let start = place.start.saturating_sub(from).min(part.len());
        let end = place.end.saturating_sub(from).clamp(start, part.len());
        let (shown, within) = tamed(part, start..end);
        Self { name: tame(source.name()), line, column, shown, within, whole }
    }

    fn draw<'e>(&'e self, group: Group<'e>, label: Option<&'e str>) -> Group<'e> {
        let annotation = AnnotationKind::Primary.span(self.within.clone()).label(label);
        let snippet = Snippet::source(&self.shown).line_start(self.line).annotation(annotation);
        if self.whole {
            return group.element(snippet.path(&self.name));
        }
        // The column of a part of a line is not the line's.
        group.element(Origin::path(&self.name).line(self.line).char_column(self.column)).element(snippet)
    }
}

/// A line of a document as it may be drawn, and where the offending bytes are then: `�` for every character that
/// [`is_hidden`], so that columns stay. The renderer has signs of its own for ASCII's controls, the tab among them.
fn tamed(line: &str, within: Range<usize>) -> (String, Range<usize>) {
    let sign = |character: char| if is_hidden(character) && !character.is_ascii() { '\u{fffd}' } else { character };
    let part = |range: Range<usize>| line.get(range).unwrap_or_default().chars().map(sign);
    let mut shown: String = part(0..within.start).collect();
    let start = shown.len();
    shown.extend(part(within.clone()));
    let end = shown.len();
    shown.extend(part(within.end..line.len()));
    (shown, start..end)
}
