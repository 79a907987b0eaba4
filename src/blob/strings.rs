//! The strings section: every text and glob of a blob, once, and the references to it.
//!
//! Invariant: the section is whole characters and what stands in globs between them; a [`TextRef`] lies inside it and
//! cuts no character in two. `compiler` makes it so, [`validate`] and [`TextRef::validate`] refuse a blob where it is
//! not, and [`View::bytes`] denies all the same: a text that is not there is empty.
//!
//! References may share bytes, so the bytes are looked through once, for all of them: a look at each reference's own
//! would take the product of their number and their length.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::glob;
use super::predicates::Key;
use super::{Fail, LoadError, SectionId, View};

/// A text: its first byte in the strings section, and its length in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct TextRef {
    pub start: U32,
    pub len: U32,
}

impl TextRef {
    /// Checks that the text lies inside the section, and begins and ends between two characters.
    pub fn validate(self, view: &View<'_>, fail: Fail) -> Result<(), LoadError> {
        let strings = view.strings();
        let end = u64::from(self.start.get()).saturating_add(u64::from(self.len.get()));
        fail.unless_at_most("end of text", end, strings.len() as u64)?;
        for place in [self.start.get().into(), end] {
            let byte = usize::try_from(place).ok().and_then(|place| strings.get(place));
            let is_inside = byte.is_some_and(|byte| matches!(byte, 0x80..=0xBF));
            fail.unless_equal("place inside a character", u64::from(is_inside), 0)?;
        }
        Ok(())
    }
}

/// Checks all texts and globs at once: that their text is UTF-8, that the variables among it can be read, and that those
/// name keys.
pub(super) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let strings = view.strings();
    let at = |place: usize| Fail {
        section: SectionId::Strings,
        offset: view.place(SectionId::Strings, 0, 1).saturating_add(place),
    };
    let mut place = 0usize;
    for text in strings.split(|byte| glob::is_mark(*byte)) {
        if let Err(error) = core::str::from_utf8(text) {
            let wrong = place.saturating_add(error.valid_up_to());
            return at(wrong).unless_equal(
                "byte that is not UTF-8",
                strings.get(wrong).copied().unwrap_or_default().into(),
                0,
            );
        }
        place = place.saturating_add(text.len()).saturating_add(1);
    }
    let keys = view.records::<Key>().len() as u64;
    for variable in glob::variables(strings) {
        at(0).unless_below("key of a variable", variable.map_or(u64::MAX, |variable| variable.key.into()), keys)?;
    }
    Ok(())
}

impl<'a> View<'a> {
    /// The bytes of a text or glob.
    #[inline]
    pub fn bytes(&self, text: TextRef) -> &'a [u8] {
        let bytes = self.bytes.get(self.place(SectionId::Strings, text.start.get(), 1)..);
        bytes.and_then(|bytes| bytes.get(..text.len.get() as usize)).unwrap_or_default()
    }

    /// A text; empty where what is referred to has bytes of globs, which no compiler puts there.
    pub fn text(&self, text: TextRef) -> &'a str {
        core::str::from_utf8(self.bytes(text)).unwrap_or_default()
    }
}
