//! The cold section: names, Sids and lines, for people. The one module that knows bincode.
//!
//! One record for each policy, then one for each statement, in the order of their numbers, and in front of them
//! a table of offsets. The hot path never reads either; `--strip` leaves both empty.
//!
//! Invariant: offsets rise and end at the section's end. [`validate`] refuses a blob where they do not, and
//! decodes every record once, so that a record found later is whole: its bytes are all consumed, it is within
//! the limit, and it encodes to the same bytes again.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Fail, LoadError, Record, SectionId, View};

/// Longest record in bytes.
pub(crate) const RECORD_LIMIT: usize = 65_536;

const CONFIG: Configuration<LittleEndian, Varint, Limit<RECORD_LIMIT>> =
    bincode::config::standard().with_little_endian().with_variable_int_encoding().with_limit::<RECORD_LIMIT>();

/// What people call a policy or a statement. Text stays where it is: reading a record allocates nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, bincode::Encode, bincode::BorrowDecode)]
pub(crate) struct ColdRecord<'a> {
    /// A policy's name, a statement's `Sid`.
    pub name: Option<&'a str>,
    /// The line of its text that a statement begins on, from 1; 0 for a policy.
    pub line: u32,
}

/// Where a record begins in the cold section; one more offset than there are records.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ColdOffset(pub U32);

impl Record for ColdOffset {
    const SECTION: SectionId = SectionId::ColdOffsets;
}

/// The record of a policy, or, counted on from the last policy, of a statement; `None` in a stripped blob.
pub(crate) fn record<'a>(view: &View<'a>, number: usize) -> Option<ColdRecord<'a>> {
    let offsets = view.records::<ColdOffset>();
    let start = offsets.get(number)?.0.get() as usize;
    let end = offsets.get(number.checked_add(1)?)?.0.get() as usize;
    let bytes = view.cold().get(start..end)?;
    let (record, used) = bincode::borrow_decode_from_slice::<ColdRecord<'a>, _>(bytes, CONFIG).ok()?;
    let mut encoded_again = Same(bytes);
    bincode::encode_into_writer(record, &mut encoded_again, CONFIG).ok()?;
    (used == bytes.len() && encoded_again.0.is_empty()).then_some(record)
}

/// A writer that takes only the bytes it expects.
struct Same<'a>(&'a [u8]);

impl Writer for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0 = self.0.strip_prefix(bytes).ok_or(EncodeError::UnexpectedEnd)?;
        Ok(())
    }
}

/// A record's bytes; `None` where it is longer than the limit.
#[cfg(feature = "compiler")]
pub(crate) fn encode(record: &ColdRecord<'_>) -> Option<Vec<u8>> {
    bincode::encode_to_vec(record, CONFIG).ok().filter(|bytes| bytes.len() <= RECORD_LIMIT)
}

/// Checks offsets, then every record; where the header says that there are none, that there are none.
pub(crate) fn validate(view: &View<'_>, records: usize, present: bool) -> Result<(), LoadError> {
    let offsets = view.records::<ColdOffset>();
    let end = Fail::at::<ColdOffset>(view, offsets.len());
    let expected = if present { (records as u64).saturating_add(1) } else { 0 };
    end.unless_equal("offsets", offsets.len() as u64, expected)?;
    let first = offsets.first().map_or(0, |offset| offset.0.get().into());
    Fail::at::<ColdOffset>(view, 0).unless_equal("first offset", first, 0)?;
    let mut last = 0;
    for (at, offset) in offsets.iter().enumerate() {
        Fail::at::<ColdOffset>(view, at).unless_at_most("the offset before", last, offset.0.get().into())?;
        last = offset.0.get().into();
    }
    end.unless_equal("end of records", last, view.cold().len() as u64)?;
    for number in 0..offsets.len().saturating_sub(1) {
        let whole = record(view, number).is_some();
        Fail::at::<ColdOffset>(view, number).unless_equal("whole records", whole.into(), 1)?;
    }
    Ok(())
}
