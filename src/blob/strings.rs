//! The strings section: every text and glob of a blob, once, and the references to it.
//!
//! Invariant: a [`TextRef`] lies inside the section. `compiler` makes it so, [`TextRef::validate`] refuses a
//! blob where it is not, and [`View::bytes`] denies all the same: a text that is not there is empty.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Fail, LoadError, SectionId, View};

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
        let bytes = self.bytes.get(self.place(SectionId::Strings, text.start.get(), 1)..);
        bytes.and_then(|bytes| bytes.get(..text.len.get() as usize)).unwrap_or_default()
    }

    /// A text that was loaded as one; what is not UTF-8 is empty.
    pub fn text(&self, text: TextRef) -> &'a str {
        core::str::from_utf8(self.bytes(text)).unwrap_or_default()
    }
}
