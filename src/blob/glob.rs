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

/// What a glob is read from: byte by byte, and copied where a `*` may come back to.
trait Source: Copy {
    /// The next byte, and what follows it.
    fn split_first(self) -> Option<(u8, Self)>;
}

impl Source for &[u8] {
    #[inline]
    fn split_first(self) -> Option<(u8, Self)> {
        <[u8]>::split_first(self).map(|(first, rest)| (*first, rest))
    }
}

/// Whether a glob without variables matches the whole of a text.
///
/// At most `glob.len() * text.len()` steps: only the last `*` seen is ever tried again, which is enough,
/// because an earlier one can do nothing for the rest that the last one cannot.
pub(crate) fn matches(glob: &[u8], text: &str) -> bool {
    walk(glob, text.as_bytes(), |byte| byte)
}

/// The same without regard to the case of ASCII letters (A-02).
pub(crate) fn matches_ignoring_case(glob: &[u8], text: &str) -> bool {
    walk(glob, text.as_bytes(), |byte| byte.to_ascii_lowercase())
}

/// Whether an ARN pattern matches an ARN, part by part (C-15): see [`matches`] for the steps.
pub(crate) fn matches_arn(glob: &[u8], arn: &str) -> bool {
    walk_arn(glob, arn).unwrap_or_default()
}

#[inline]
fn walk<S: Source>(mut glob: S, mut text: &[u8], fold: impl Fn(u8) -> u8) -> bool {
    // Where to go on after the last `*`: in the glob, and in the text.
    let mut retry: Option<(S, &[u8])> = None;
    loop {
        let step = match glob.split_first() {
            None if text.is_empty() => return true,
            None => None,
            Some((ANY_RUN, after)) => {
                if after.split_first().is_none() {
                    return true;
                }
                glob = after;
                retry = Some((after, text));
                continue;
            }
            Some((ANY_ONE, after)) => behind_character(text).map(|rest| (after, rest)),
            Some((byte, after)) => match text.split_first() {
                Some((found, rest)) if fold(byte) == fold(*found) => Some((after, rest)),
                _ => None,
            },
        };
        (glob, text) = match (step, retry) {
            (Some(step), _) => step,
            // The `*` takes one character more.
            (None, Some((after, from))) => {
                let Some(from) = behind_character(from) else { return false };
                retry = Some((after, from));
                (after, from)
            }
            (None, None) => return false,
        };
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
        let mut rest = Some(self.0);
        core::iter::from_fn(move || {
            let text = rest.take()?;
            let at = text.iter().position(|byte| *byte == VARIABLE)?;
            let variable = text.get(at..).and_then(variable);
            rest = variable.map(|(_, after)| after);
            Some(variable.map(|(variable, _)| variable).ok_or(Unreadable))
        })
    }

    /// Whether the glob that `value` completes matches the whole of a text; `value` gives what stands for a
    /// variable. The steps are those of [`matches`] with the completed glob, times those of `value`: a `*` before a
    /// variable asks for its value, and reads its default, again wherever it tries.
    pub fn matches(self, text: &str, value: Values<'a, '_>) -> bool {
        walk(self.completed(value), text.as_bytes(), |byte| byte)
    }

    /// The same without regard to the case of ASCII letters (C-13).
    pub fn matches_ignoring_case(self, text: &str, value: Values<'a, '_>) -> bool {
        walk(self.completed(value), text.as_bytes(), |byte| byte.to_ascii_lowercase())
    }

    /// The same for an ARN: the completed pattern is cut at its colons, whoever brought them (C-15).
    pub fn matches_arn(self, arn: &str, value: Values<'a, '_>) -> bool {
        walk_arn(self.completed(value), arn).unwrap_or_default()
    }

    const fn completed<'f>(self, value: Values<'a, 'f>) -> Completed<'a, 'f> {
        Completed { inner: &[], glob: self.0, value }
    }
}

/// A variable that is not written as the module says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

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

/// A template with its variables' values put in.
#[derive(Clone, Copy)]
struct Completed<'a, 'f> {
    /// What is left of the value being read.
    inner: &'a [u8],
    /// The glob behind it.
    glob: &'a [u8],
    value: Values<'a, 'f>,
}

impl Source for Completed<'_, '_> {
    fn split_first(mut self) -> Option<(u8, Self)> {
        loop {
            if let Some((first, rest)) = Source::split_first(self.inner) {
                return Some((first, Self { inner: rest, ..self }));
            }
            match Source::split_first(self.glob)? {
                (VARIABLE, _) => {
                    let (variable, after) = variable(self.glob)?;
                    self = Self { inner: (self.value)(variable), glob: after, ..self };
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
mod tests {
    use super::*;

    /// Writes a glob with `*` and `?` as the section holds it.
    fn glob(text: &str) -> Vec<u8> {
        text.bytes()
            .map(|byte| match byte {
                b'*' => ANY_RUN,
                b'?' => ANY_ONE,
                byte => byte,
            })
            .collect()
    }

    #[test]
    fn globs() {
        let cases = [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "a/b:c", true),
            ("a*", "a", true),
            ("a*b", "ab", true),
            ("a*b", "a/x/b", true),
            ("a*b", "a/x/bc", false),
            ("*b*", "abc", true),
            ("a*b*c", "a-b-b-c", true),
            ("?", "", false),
            ("?", "/", true),
            ("?", "é", true),
            ("??", "é", false),
            ("*??", "€", false),
            ("*?x", "éx", true),
            ("v?", "v", false),
            ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches(&glob(pattern), text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn arns() {
        let cases = [
            ("a:b:c:d:e:f", "a:b:c:d:e:f", true),
            ("a:b:c:d:e:f", "a:b:c:d:e:g", false),
            ("*:*:*:*:*:*", "a:b:c:d:e:f:g", true),
            ("a*f:b:c:d:e:*", "a:f:b:c:d:e", false),
            ("a:*:d:e:f:g", "a:b:c:d:e:f", false),
            ("a:b:c:d:e:*g", "a:b:c:d:e:f:g", true),
            ("a:b::d:e:f", "a:b::d:e:f", true),
            ("a:b:c:d:e", "a:b:c:d:e:", false),
            ("a:b:c:d:e:", "a:b:c:d:e", false),
            ("a:b:c:d:?:f", "a:b:c:d::f", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(matches_arn(&glob(pattern), text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn variables() {
        let mut writer = Writer::default();
        writer.any_run();
        writer.text("a");
        writer.variable(7, None);
        writer.variable(u32::MAX, Some(""));
        writer.variable(1 << 20, Some("d*"));
        let bytes = writer.finish();
        let template = Template::of(&bytes).unwrap();
        let found: Vec<_> = template.variables().map(Result::unwrap).collect();
        let expected = [
            Variable { key: 7, default: None },
            Variable { key: u32::MAX, default: Some(b"") },
            Variable { key: 1 << 20, default: Some(b"d*") },
        ];
        assert_eq!(found, expected);
        // `*` of the glob is wild, that of a value or a default is not.
        fn value<'a>(variable: Variable<'a>) -> &'a [u8] {
            variable.default.unwrap_or(b"x*")
        }
        assert!(template.matches("bax*d*", &value));
        assert!(!template.matches("bax*dd", &value));
        assert!(!template.matches("baxxd*", &value));
        assert!(template.matches_ignoring_case("BAX*D*", &value));
        assert!(Template::of(b"a").is_none());
    }

    #[test]
    fn broken_variables_are_the_last_and_unreadable() {
        for broken in [
            &[HAS_VARIABLES, VARIABLE][..],
            &[HAS_VARIABLES, VARIABLE, 0, 0, 0, 0, 0],
            &[HAS_VARIABLES, VARIABLE, 0, 0, 0, 0, 0x7F, END],
            &[HAS_VARIABLES, VARIABLE, 0, 0, 0x80, 0, 0, END],
            &[HAS_VARIABLES, VARIABLE, 0, 0, 0, 0, 0, b'a', END],
            &[HAS_VARIABLES, VARIABLE, 0, 0, 0, 0, 0, DEFAULT, ANY_RUN, END],
        ] {
            let template = Template::of(broken).unwrap();
            assert_eq!(template.variables().collect::<Vec<_>>(), [Err(Unreadable)], "{broken:X?}");
            assert!(!template.matches("a", &|_| b"a"));
        }
    }
}
