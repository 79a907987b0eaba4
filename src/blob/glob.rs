//! Globs as a blob holds them, and the one matcher of them.
//!
//! A glob is UTF-8 text in which bytes that UTF-8 never has stand for what is not text:
//!
//! ```text
//! FF                        `*`: any run of characters, also none
//! FE                        `?`: exactly one character
//! FD key FC                 a variable; `key` is five bytes below 80, its key's number, the low seven bits first
//! FD key FB default FC      a variable with a default (V-03)
//! FA                        at the very start: the glob has variables
//! ```
//!
//! So a literal `*` needs no escape, and the text that is put in for a variable is literal whatever it holds
//! (V-07): a request's text has none of these bytes.

use super::search::Search;
use super::words;

/// `*` in a glob.
pub(crate) const ANY_RUN: u8 = 0xFF;
/// `?` in a glob.
pub(crate) const ANY_ONE: u8 = 0xFE;
/// Begins a variable.
const VARIABLE: u8 = 0xFD;
/// Ends a variable.
const END: u8 = 0xFC;
/// Stands before a variable's default.
const DEFAULT: u8 = 0xFB;
/// Begins a glob that has variables.
const HAS_VARIABLES: u8 = 0xFA;

/// Bytes of a key's number.
const NUMBER_BYTES: u32 = 5;

/// What a glob is read from: byte by byte, and copied where it may be read again.
pub(super) trait Source: Copy {
    /// The next byte, and what follows it.
    fn split_first(self) -> Option<(u8, Self)>;

    /// The next byte where it is text, and what follows it.
    #[inline]
    fn split_text(self) -> Option<(u8, Self)> {
        self.split_first().filter(|(byte, _)| *byte < HAS_VARIABLES)
    }
}

impl Source for &[u8] {
    #[inline]
    fn split_first(self) -> Option<(u8, Self)> {
        <[u8]>::split_first(self).map(|(first, rest)| (*first, rest))
    }
}

/// Whether a glob without variables matches the whole of a text.
///
/// At most a small multiple of `glob.len() * text.len()` steps; of their sum, where the glob has no `?`.
pub(crate) fn matches(glob: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    // Of many globs, most end otherwise than a text does, and a text may be long.
    if glob.last().is_some_and(|byte| !is_mark(*byte) && text.last() != Some(byte)) {
        return false;
    }
    let (glob, text) = without_equal_ends(glob, text);
    let ends_alike = glob.last().is_none_or(|byte| is_mark(*byte) || text.last() == Some(byte));
    ends_alike && walk(glob, text, |byte| byte)
}

/// Without the bytes that both begin and end with, of which none is a wildcard: eight at a time, as most of a glob is
/// text, and most globs that are looked at match. What is cut so may be within a character of both.
fn without_equal_ends<'g, 't>(mut glob: &'g [u8], mut text: &'t [u8]) -> (&'g [u8], &'t [u8]) {
    while let (Some(one), Some(other)) = (glob.first_chunk(), text.first_chunk()) {
        let equal = words::before(u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other));
        (glob, text) = (glob.get(equal..).unwrap_or_default(), text.get(equal..).unwrap_or_default());
        if equal < 8 {
            break;
        }
    }
    while let (Some(one), Some(other)) = (glob.last_chunk(), text.last_chunk()) {
        let equal = words::before((u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other)).swap_bytes());
        let without = |bytes: usize| bytes.saturating_sub(equal);
        (glob, text) =
            (glob.get(..without(glob.len())).unwrap_or_default(), text.get(..without(text.len())).unwrap_or_default());
        if equal < 8 {
            break;
        }
    }
    (glob, text)
}

/// The same without regard to the case of ASCII letters (A-02).
pub(crate) fn matches_ignoring_case(glob: &[u8], text: &str) -> bool {
    walk(glob, text.as_bytes(), |byte| byte.to_ascii_lowercase())
}

/// Whether an ARN pattern matches an ARN, part by part (C-15): see [`matches`] for the steps.
pub(crate) fn matches_arn(glob: &[u8], arn: &str) -> bool {
    walk_arn(glob, arn).unwrap_or_default()
}

/// Stretch by stretch, as `*` cuts the glob: each is taken where it first fits behind the one before, which is
/// enough, because a later place leaves less for the rest; the last must end with the text.
#[inline]
fn walk<S: Source>(glob: S, text: &[u8], fold: impl Fn(u8) -> u8) -> bool {
    let Fit::Until(mut glob, mut rest) = fit(glob, text, text, None, &fold) else { return false };
    loop {
        let Some((_, stretch)) = glob.split_first() else { return rest.is_empty() };
        if stretch.split_first().is_none() {
            return true;
        }
        let Some(next) = find(stretch, rest, &fold) else { return false };
        (glob, rest) = next;
    }
}

/// Whether a stretch fits at a place.
enum Fit<'t, S> {
    /// It does: what follows it, in the glob and in the text.
    Until(S, &'t [u8]),
    /// Not here.
    Not,
    /// Neither here nor later.
    Never,
}

/// Fits a stretch to the beginning of `from`, the end of `text`. With `long`, every call is for the same stretch and
/// text, and never for a place before the last call's.
#[inline]
fn fit<'t, S: Source>(
    stretch: S,
    text: &[u8],
    from: &'t [u8],
    long: Option<&mut LongRuns<S>>,
    fold: &impl Fn(u8) -> u8,
) -> Fit<'t, S> {
    let (mut glob, mut rest, mut ordinal) = (stretch, from, 0usize);
    let mut runs = long.map(|long| long.0.iter_mut().flatten().peekable());
    loop {
        if let Some(run) = runs.as_mut().and_then(|runs| runs.next_if(|run| run.ordinal == ordinal)) {
            let place = text.len().saturating_sub(rest.len());
            match run.search.occurs_at(text, place, fold) {
                Some(true) => (glob, rest) = (run.after, rest.get(run.search.length()..).unwrap_or_default()),
                Some(false) => return Fit::Not,
                None => return Fit::Never,
            }
        }
        (glob, rest) = match glob.split_first() {
            None | Some((ANY_RUN, _)) => return Fit::Until(glob, rest),
            Some((ANY_ONE, after)) => match behind_character(rest) {
                Some(behind) => {
                    ordinal = ordinal.saturating_add(1);
                    (after, behind)
                }
                None => return Fit::Never,
            },
            Some((byte, after)) => match rest.split_first() {
                Some((found, behind)) if fold(byte) == fold(*found) => (after, behind),
                Some(_) => return Fit::Not,
                None => return Fit::Never,
            },
        };
    }
}

/// Finds the first place in a text where a stretch fits, and if it is the glob's last, ends with the text.
#[inline]
fn find<'t, S: Source>(stretch: S, text: &'t [u8], fold: &impl Fn(u8) -> u8) -> Option<(S, &'t [u8])> {
    if is_longer(stretch, text.len()) {
        return None;
    }
    let mut long = if is_longer(stretch, LONG - 1) { LongRuns::new(stretch, fold) } else { None };
    let mut from = text;
    loop {
        match fit(stretch, text, from, long.as_mut(), fold) {
            Fit::Until(glob, rest) if rest.is_empty() || glob.split_first().is_some() => return Some((glob, rest)),
            Fit::Until(..) | Fit::Not => from = behind_character(from)?,
            Fit::Never => return None,
        }
    }
}

/// Whether a stretch has more bytes than this, so that it fits no text of that length. Asked before a search is made
/// ready, which reads the whole stretch: a key may have many short values, and a variable a long one.
fn is_longer<S: Source>(mut stretch: S, most: usize) -> bool {
    for _ in 0..=most {
        stretch = match stretch.split_first() {
            None | Some((ANY_RUN, _)) => return false,
            Some((_, after)) => after,
        };
    }
    true
}

/// Text of a stretch from this length is searched for; shorter text is compared wherever it is tried.
const LONG: usize = 32;

/// So many long runs of text in one stretch are searched for; those behind them are compared. `?` stands between them,
/// so only a glob with nine of `LONG` bytes, `?` and no `*` between them, and all of them repetitive, notices.
const SEARCHES: usize = 8;

/// The long runs of text in a stretch. Together they are found in time linear in text and stretch: where the
/// stretch is tried further on, each of them is too, so none is ever looked for twice in the same place: values and
/// text are whole characters, so a later place of the stretch is a later one of each run.
struct LongRuns<S>([Option<LongRun<S>>; SEARCHES]);

/// A run of text of at least [`LONG`] bytes.
#[derive(Clone, Copy)]
struct LongRun<S> {
    /// Which of the stretch's runs it is.
    ordinal: usize,
    search: Search<S>,
    /// What follows it in the glob.
    after: S,
}

impl<S: Source> LongRuns<S> {
    /// `None` where there are none.
    #[inline]
    fn new(stretch: S, fold: &impl Fn(u8) -> u8) -> Option<Self> {
        let mut runs = Self([None; SEARCHES]);
        let (mut ordinal, mut used) = (0usize, 0usize);
        let mut glob = stretch;
        loop {
            let (start, mut length) = (glob, 0usize);
            while let Some((_, after)) = glob.split_text() {
                (glob, length) = (after, length.saturating_add(1));
            }
            if length >= LONG
                && let Some(place) = runs.0.get_mut(used)
            {
                *place = Some(LongRun { ordinal, search: Search::new(start, length, fold), after: glob });
                used = used.saturating_add(1);
            }
            match glob.split_first() {
                Some((ANY_ONE, after)) => (glob, ordinal) = (after, ordinal.saturating_add(1)),
                _ => return Some(runs).filter(|_| used > 0),
            }
        }
    }
}

/// The text after its first character.
#[inline]
fn behind_character(text: &[u8]) -> Option<&[u8]> {
    let (_, mut rest) = text.split_first()?;
    while let Some((0x80..=0xBF, after)) = Source::split_first(rest) {
        rest = after;
    }
    Some(rest)
}

/// Cuts pattern and text at their first five colons; `None` where one of them has fewer.
fn walk_arn<S: Source>(mut glob: S, mut arn: &str) -> Option<bool> {
    for _ in 0..5 {
        let (part, rest) = arn.split_once(':')?;
        if !walk(Part(glob), part.as_bytes(), |byte| byte) {
            return Some(false);
        }
        glob = behind_colon(glob)?;
        arn = rest;
    }
    Some(walk(glob, arn.as_bytes(), |byte| byte))
}

/// A glob up to its first colon.
#[derive(Clone, Copy)]
struct Part<S>(S);

impl<S: Source> Source for Part<S> {
    #[inline]
    fn split_first(self) -> Option<(u8, Self)> {
        self.0.split_first().filter(|(byte, _)| *byte != b':').map(|(byte, rest)| (byte, Self(rest)))
    }
}

fn behind_colon<S: Source>(mut glob: S) -> Option<S> {
    loop {
        let (byte, rest) = glob.split_first()?;
        if byte == b':' {
            return Some(rest);
        }
        glob = rest;
    }
}

/// A glob that has variables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Template<'a>(&'a [u8]);

/// A variable of a [`Template`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variable<'a> {
    /// The number of its key.
    pub key: u32,
    /// What it stands for where its key has no value.
    pub default: Option<&'a [u8]>,
}

/// What stands for each variable.
pub(crate) type Values<'a, 'f> = &'f dyn Fn(Variable<'a>) -> &'a [u8];

impl<'a> Template<'a> {
    /// The glob as a template, where it has variables.
    #[inline]
    pub fn of(glob: &'a [u8]) -> Option<Self> {
        glob.strip_prefix(&[HAS_VARIABLES]).map(Self)
    }

    /// Its variables, from left to right. One that cannot be read is `Err`, and the last.
    pub fn variables(self) -> impl Iterator<Item = Result<Variable<'a>, Unreadable>> {
        variables(self.0)
    }

    /// The same, each with the glob behind it.
    fn variables_and_rests(self) -> impl Iterator<Item = Result<(Variable<'a>, &'a [u8]), Unreadable>> {
        let mut rest = Some(self.0);
        core::iter::from_fn(move || {
            let text = rest.take()?;
            let at = text.iter().position(|byte| *byte == VARIABLE)?;
            let variable = text.get(at..).and_then(variable);
            rest = variable.map(|(_, after)| after);
            Some(variable.ok_or(Unreadable))
        })
    }

    /// Whether the glob that `value` completes matches the whole of a text; `value` gives what stands for a
    /// variable, and is asked once for each of the first [`KEPT`]. The steps are those of [`matches`], but what
    /// variables bring is no part of the product, as long as [`SEARCHES`] suffice: a long value is searched for, so
    /// it counts as the text does.
    pub fn matches(self, text: &str, value: Values<'a, '_>) -> bool {
        walk(Completed::new(self, &Kept::new(self, value)), text.as_bytes(), |byte| byte)
    }

    /// The same without regard to the case of ASCII letters (C-13).
    pub fn matches_ignoring_case(self, text: &str, value: Values<'a, '_>) -> bool {
        walk(Completed::new(self, &Kept::new(self, value)), text.as_bytes(), |byte| byte.to_ascii_lowercase())
    }

    /// The same for an ARN: the completed pattern is cut at its colons, whoever brought them (C-15).
    pub fn matches_arn(self, arn: &str, value: Values<'a, '_>) -> bool {
        walk_arn(Completed::new(self, &Kept::new(self, value)), arn).unwrap_or_default()
    }
}

/// A variable that is not written as the module says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Whether a byte is none of a text's.
pub(super) const fn is_mark(byte: u8) -> bool {
    byte >= HAS_VARIABLES
}

/// The variables of globs, one behind another. One that cannot be read is `Err`, and the last.
pub(super) fn variables<'a>(globs: &'a [u8]) -> impl Iterator<Item = Result<Variable<'a>, Unreadable>> {
    Template(globs).variables_and_rests().map(|variable| variable.map(|(variable, _)| variable))
}

/// Reads a variable that begins here, and what follows it.
fn variable(text: &[u8]) -> Option<(Variable<'_>, &[u8])> {
    let inner = text.strip_prefix(&[VARIABLE])?;
    let (number, inner) = inner.split_at_checked(NUMBER_BYTES as usize)?;
    let mut key = 0u64;
    for (at, byte) in (0u32..).zip(number) {
        key |= u64::from((*byte < 0x80).then_some(*byte)?) << at.checked_mul(7)?;
    }
    let key = u32::try_from(key).ok()?;
    let end = inner.iter().position(|byte| *byte >= HAS_VARIABLES && *byte != DEFAULT)?;
    let (between, after) = inner.split_at_checked(end)?;
    let after = after.strip_prefix(&[END])?;
    let default = match between.split_first() {
        None => None,
        Some((&DEFAULT, default)) => Some(default),
        Some(_) => return None,
    };
    Some((Variable { key, default }, after))
}

/// So many of a template's values are kept while it is matched. No template in use has more; of one that has, the
/// others are read again wherever they are passed.
const KEPT: usize = 8;

/// What stands for the variables of a template.
struct Kept<'a, 'f> {
    /// The value of each of the first variables, and the glob behind it.
    first: [(&'a [u8], &'a [u8]); KEPT],
    /// How many variables those are.
    count: usize,
    value: Values<'a, 'f>,
}

impl<'a, 'f> Kept<'a, 'f> {
    fn new(template: Template<'a>, value: Values<'a, 'f>) -> Self {
        let mut kept = Self { first: [(&[], &[]); KEPT], count: 0, value };
        for (place, (variable, after)) in kept.first.iter_mut().zip(template.variables_and_rests().flatten()) {
            *place = (value(variable), after);
            kept.count = kept.count.saturating_add(1);
        }
        kept
    }

    /// What stands for the variable of this ordinal, which begins `glob`, and what follows it.
    fn get(&self, ordinal: usize, glob: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        if ordinal < self.count {
            return self.first.get(ordinal).copied();
        }
        let (variable, after) = variable(glob)?;
        Some(((self.value)(variable), after))
    }
}

/// A template with its variables' values put in.
#[derive(Clone, Copy)]
struct Completed<'a, 'k> {
    /// What is left of the value being read.
    inner: &'a [u8],
    /// The glob behind it.
    glob: &'a [u8],
    /// How many variables have been passed.
    passed: usize,
    kept: &'k Kept<'a, 'k>,
}

impl<'a, 'k> Completed<'a, 'k> {
    const fn new(template: Template<'a>, kept: &'k Kept<'a, 'k>) -> Self {
        Self { inner: &[], glob: template.0, passed: 0, kept }
    }
}

impl Source for Completed<'_, '_> {
    #[inline]
    fn split_first(mut self) -> Option<(u8, Self)> {
        loop {
            if let Some((first, rest)) = Source::split_first(self.inner) {
                return Some((first, Self { inner: rest, ..self }));
            }
            match Source::split_first(self.glob)? {
                (VARIABLE, _) => {
                    let (inner, glob) = self.kept.get(self.passed, self.glob)?;
                    self = Self { inner, glob, passed: self.passed.saturating_add(1), ..self };
                }
                (first, after) => return Some((first, Self { glob: after, ..self })),
            }
        }
    }
}

/// Writes the glob of a template, piece by piece.
#[cfg(feature = "compiler")]
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    has_variables: bool,
}

#[cfg(feature = "compiler")]
impl Writer {
    pub fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub fn any_run(&mut self) {
        self.bytes.push(ANY_RUN);
    }

    pub fn any_one(&mut self) {
        self.bytes.push(ANY_ONE);
    }

    pub fn variable(&mut self, key: u32, default: Option<&str>) {
        self.has_variables = true;
        self.bytes.push(VARIABLE);
        self.bytes.extend((0..NUMBER_BYTES).map(|at| {
            let bits = (key >> at.saturating_mul(7)) & 0x7F;
            u8::try_from(bits).unwrap_or_default()
        }));
        if let Some(default) = default {
            self.bytes.push(DEFAULT);
            self.bytes.extend_from_slice(default.as_bytes());
        }
        self.bytes.push(END);
    }

    pub fn finish(mut self) -> Vec<u8> {
        if self.has_variables {
            self.bytes.insert(0, HAS_VARIABLES);
        }
        self.bytes
    }
}

#[cfg(test)]
pub(super) mod tests;
