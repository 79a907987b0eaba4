//! Why bytes are not a blob.

/// Why a blob was refused. Offsets count bytes from the start of the file.
///
/// Nothing of a refused blob is used: there is no way to load a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes are fewer than a header, a section table and a checksum need.
    #[error("the blob is {found} bytes long, and the shortest there is has {expected}; it was cut short")]
    Short {
        /// The length of the bytes.
        found: usize,
        /// The least length.
        expected: usize,
    },
    /// The first bytes are not those of a blob.
    #[error("the first 8 bytes are not those of a portcullis blob; compile the policy first")]
    Magic,
    /// The blob is of another format version.
    #[error(
        "the blob has format version {found}, and this version of portcullis reads {expected} only; compile the \
         policy again with the version of portcullis that loads it"
    )]
    Version {
        /// The blob's version.
        found: u32,
        /// The version this program reads.
        expected: u32,
    },
    /// The blob uses a feature that this version does not know.
    #[error("the blob uses features {found:#x}, of which this version of portcullis does not know all; update it")]
    Features {
        /// The blob's feature bits.
        found: u32,
    },
    /// The header states another length than the bytes have.
    #[error("the header states {stated} bytes and there are {found}; the blob was cut short or added to")]
    Length {
        /// The length the header states.
        stated: u64,
        /// The length of the bytes.
        found: u64,
    },
    /// The checksum over the bytes is not the one at their end.
    #[error("the checksum is {found:#018x} and the blob states {stated:#018x}; it was damaged")]
    Checksum {
        /// The checksum the blob states.
        stated: u64,
        /// The checksum of the bytes.
        found: u64,
    },
    /// An entry of the section table is not what this version expects there.
    #[error("section table at byte {offset}: {what} is {found}, expected {expected}")]
    Section {
        /// Where the entry stands.
        offset: usize,
        /// The field.
        what: &'static str,
        /// Its value.
        found: u64,
        /// The value it must have.
        expected: u64,
    },
    /// A record refers to something that is not there.
    #[error("section `{section}` at byte {offset}: {what} is {found}, the limit is {limit}")]
    Record {
        /// The section's name.
        section: &'static str,
        /// Where the record stands.
        offset: usize,
        /// The field.
        what: &'static str,
        /// Its value.
        found: u64,
        /// The largest value, or the one value, that it may have.
        limit: u64,
    },
}
