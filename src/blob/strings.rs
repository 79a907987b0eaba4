//! The strings section: every text and glob of a blob, once, and the references to it.
//!
//! Invariant: a [`TextRef`] lies inside the section. `compiler` makes it so, [`TextRef::validate`] refuses a
//! blob where it is not, and [`View::bytes`] denies all the same: a text that is not there is empty.
//!
//! A glob is UTF-8 text in which two bytes that UTF-8 never has stand for the wildcards, so a literal `*` needs
//! no escape.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Fail, LoadError, View};

/// `*` in a glob: any run of characters, also none.
pub(crate) const ANY_RUN: u8 = 0xFF;
/// `?` in a glob: exactly one character.
pub(crate) const ANY_ONE: u8 = 0xFE;

/// A text: its first byte in the strings section, and its length in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct TextRef {
    pub start: U32,
    pub len: U32,
}

impl TextRef {
    /// Checks that the text lies inside the section.
    pub fn validate(self, view: &View<'_>, fail: Fail) -> Result<(), LoadError> {
        let end = u64::from(self.start.get()).saturating_add(u64::from(self.len.get()));
        fail.unless_at_most("end of text", end, view.strings().len() as u64)
    }

    /// Checks that the text lies inside the section and is UTF-8 without wildcards.
    pub fn validate_text(self, view: &View<'_>, fail: Fail) -> Result<(), LoadError> {
        self.validate(view, fail)?;
        match core::str::from_utf8(view.bytes(self)) {
            Ok(_) => Ok(()),
            Err(error) => fail.unless_at_most("first byte that is not UTF-8", error.valid_up_to() as u64, 0),
        }
    }
}

impl<'a> View<'a> {
    /// The bytes of a text or glob.
    #[inline]
    pub fn bytes(&self, text: TextRef) -> &'a [u8] {
        let start = text.start.get() as usize;
        self.strings().get(start..start.saturating_add(text.len.get() as usize)).unwrap_or_default()
    }

    /// A text that was loaded as one; what is not UTF-8 is empty.
    pub fn text(&self, text: TextRef) -> &'a str {
        core::str::from_utf8(self.bytes(text)).unwrap_or_default()
    }
}

/// Whether a glob (see the module) matches the whole of a text.
///
/// At most `glob.len() * text.len()` steps: only the last `*` seen is ever tried again, which is enough,
/// because an earlier one can do nothing for the rest that the last one cannot.
pub(crate) fn glob_matches(glob: &[u8], text: &str) -> bool {
    matches(glob, text.as_bytes(), |byte| byte)
}

/// The same without regard to the case of the text's ASCII letters; the glob's are lower case.
pub(crate) fn glob_matches_ignoring_case(glob: &[u8], text: &str) -> bool {
    matches(glob, text.as_bytes(), |byte| byte.to_ascii_lowercase())
}

#[inline]
fn matches(glob: &[u8], text: &[u8], fold: impl Fn(u8) -> u8) -> bool {
    let (mut at, mut pattern_at) = (0usize, 0usize);
    // Where to go on after the last `*`: in the glob, and in the text.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let step = match (glob.get(pattern_at), text.get(at)) {
            (None, None) => return true,
            (Some(&ANY_RUN), _) => {
                pattern_at = pattern_at.saturating_add(1);
                retry = Some((pattern_at, at));
                continue;
            }
            (Some(&ANY_ONE), Some(_)) => Some(next_character(text, at)),
            (Some(expected), Some(found)) if *expected == fold(*found) => Some(at.saturating_add(1)),
            _ => None,
        };
        match (step, retry) {
            (Some(next), _) => {
                at = next;
                pattern_at = pattern_at.saturating_add(1);
            }
            // The `*` takes one character more. Not one byte: `?` would count the bytes of one character.
            (None, Some((glob_after, text_after))) if text_after < text.len() => {
                let text_after = next_character(text, text_after);
                retry = Some((glob_after, text_after));
                (pattern_at, at) = (glob_after, text_after);
            }
            (None, _) => return false,
        }
    }
}

/// Where the character after the one at `at` begins.
fn next_character(text: &[u8], at: usize) -> usize {
    let mut next = at.saturating_add(1);
    while text.get(next).is_some_and(|byte| byte & 0xC0 == 0x80) {
        next = next.saturating_add(1);
    }
    next
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
            assert_eq!(glob_matches(&glob(pattern), text), expected, "{pattern} on {text}");
        }
    }
}
