//! The other form of a context: values without names, in the order of a gate's keys.
//!
//! They carry the gate's names with them, so that whoever asks by name, as the reference does, finds them too.

use super::request::Value;
use crate::blob::View;
use crate::blob::predicates::Key;

/// A value, or none, for each key that the policies of a gate name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slots<'a> {
    values: &'a [Option<Value<'a>>],
    view: View<'a>,
}

impl<'a> Slots<'a> {
    pub fn new(view: View<'a>, values: &'a [Option<Value<'a>>]) -> Self {
        Self { values, view }
    }

    /// Whether there is one for each key.
    pub fn are_whole(&self) -> bool {
        self.values.len() == self.view.count::<Key>() as usize
    }

    /// Those that say something.
    pub fn values(&self) -> impl Iterator<Item = &'a Value<'a>> + use<'a> {
        self.values.iter().flatten()
    }

    /// The value of the key of this name, without regard to ASCII case.
    pub fn named(&self, name: &[u8]) -> Option<Value<'a>> {
        let mut keys = self.view.records::<Key>().iter();
        *self.values.get(keys.position(|key| self.view.bytes(key.name).eq_ignore_ascii_case(name))?)?
    }

    /// The value of the key of this number and name in a blob: by the number, if it is the blob that they are made for.
    #[inline]
    pub fn of_key(&self, view: &View<'_>, number: u32, name: &[u8]) -> Option<Value<'a>> {
        if self.view.is(view) { *self.values.get(number as usize)? } else { self.named(name) }
    }
}
