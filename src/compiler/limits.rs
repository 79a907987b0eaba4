//! What a blob cannot hold, and the error that says so.

use zerocopy::little_endian::U32;

/// Why a bundle could not be compiled. Policies that were read are well formed: what is left are limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The policies need more of something than a blob can number.
    #[error("the policies need {found} {what}, and a blob holds at most {limit}; compile them in several blobs")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much the policies need.
        found: usize,
        /// How much a blob holds.
        limit: usize,
    },
    /// Names that were chosen to collide: chance does not do it.
    #[error(
        "the {what} that the policies name collide in the blob's hash table, as if chosen to; compile them in several blobs"
    )]
    Collision {
        /// What they name.
        what: &'static str,
    },
    /// A name or `Sid` is longer than a cold record may be.
    #[error(
        "{policy}: statement {statement}: the `Sid` is too long for a record of {limit} bytes; shorten it, or compile with --strip"
    )]
    LongSid {
        /// The policy's name.
        policy: String,
        /// The statement's index in the document, from 0.
        statement: usize,
        /// The longest.
        limit: usize,
    },
    /// A policy's name is longer than a cold record may be.
    #[error(
        "the name of policy {policy} is too long for a record of {limit} bytes; shorten it, or compile with --strip"
    )]
    LongName {
        /// The policy's number.
        policy: usize,
        /// The longest.
        limit: usize,
    },
    /// A method of an API that the bundle's reader lets through and this compiler does not know. The reader refuses each
    /// such method already; this stands behind it.
    #[error("the method `{method}` cannot be compiled yet")]
    UnknownMethod {
        /// The method.
        method: String,
    },
    /// An element that the parser lets through and this compiler does not know. The parser refuses each such
    /// element already; this stands behind it so that none is ever left out.
    #[error("{policy}: statement {statement}: {what} cannot be compiled yet")]
    Unsupported {
        /// The policy's name.
        policy: String,
        /// The statement's index in the document, from 0.
        statement: usize,
        /// What it is.
        what: &'static str,
    },
}

/// A count or place as blobs number them.
pub(super) fn number(what: &'static str, found: usize) -> Result<U32, CompileError> {
    // The largest number stays free: some fields hold one more than a number, and 0 for none.
    let limit = u32::MAX - 1;
    match u32::try_from(found) {
        Ok(number) if number <= limit => Ok(number.into()),
        _ => Err(CompileError::TooMany { what, found, limit: limit as usize }),
    }
}
