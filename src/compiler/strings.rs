//! Texts and globs, each stored once.

use std::collections::HashMap;

use super::limits::{CompileError, number};
use crate::blob::strings::TextRef;

/// The strings section while it grows.
#[derive(Debug, Default)]
pub(super) struct Strings {
    pub bytes: Vec<u8>,
    places: HashMap<Box<[u8]>, TextRef>,
}

impl Strings {
    /// Stores a text or glob, unless it is there.
    pub fn intern(&mut self, bytes: &[u8]) -> Result<TextRef, CompileError> {
        if let Some(place) = self.places.get(bytes) {
            return Ok(*place);
        }
        let end = self.bytes.len().saturating_add(bytes.len());
        number("bytes of text", end)?;
        let place =
            TextRef { start: number("bytes of text", self.bytes.len())?, len: number("bytes of text", bytes.len())? };
        self.bytes.extend_from_slice(bytes);
        self.places.insert(bytes.into(), place);
        Ok(place)
    }
}
