//! Context keys to numbers, and templates to globs, in which variables are numbers of keys.

use std::collections::HashMap;

use super::limits::{CompileError, number};
use super::strings::Strings;
use crate::blob::glob::Writer;
use crate::blob::predicates::Key;
use crate::policy::{Piece, Template};

/// The keys while they grow.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub records: Vec<Key>,
    numbers: HashMap<String, u32>,
}

impl Keys {
    /// The number of a context key; names are equal when ASCII case is ignored (C-21).
    pub fn number(&mut self, name: &str, strings: &mut Strings) -> Result<u32, CompileError> {
        let name = name.to_ascii_lowercase();
        if let Some(number) = self.numbers.get(&name) {
            return Ok(*number);
        }
        let number = number("context keys", self.records.len())?.get();
        self.records.push(Key { name: strings.intern(name.as_bytes())? });
        self.numbers.insert(name, number);
        Ok(number)
    }

    /// A template as the strings section holds globs.
    pub fn glob(&mut self, template: &Template, strings: &mut Strings) -> Result<Vec<u8>, CompileError> {
        let mut glob = Writer::default();
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => glob.text(text),
                Piece::AnyRun => glob.any_run(),
                Piece::AnyOne => glob.any_one(),
                Piece::Variable { key, default } => glob.variable(self.number(key, strings)?, default.as_deref()),
            }
        }
        Ok(glob.finish())
    }
}
