//! Conditions: the context keys that policies name, and the predicates over them.
//!
//! A predicate is one operator, one key and the listed values; equal ones are stored once. A statement's
//! condition is a list of predicates that must all hold.
//!
//! Invariant: every number names a record, every value is of the form its operator reads.
//! `compiler::predicates` makes it so, [`validate`] refuses a blob where it is not.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::strings::TextRef;
use super::{Fail, LoadError, Record, SectionId, Span, View};

/// A context key that some policy names.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Key {
    /// In ASCII lower case.
    pub name: TextRef,
}

/// One operator over one key.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Predicate {
    /// [`Operator`] as a number.
    pub operator: U32,
    /// The key's number.
    pub key: U32,
    /// The listed values, in `values`.
    pub values: Span,
}

/// A listed value.
///
/// String operators: a text, or a glob where the operator has wildcards. `IpAddress`: the prefix length in one
/// byte, then the 4 or 16 bytes of the address, host bits zero. `Bool` and `Null`: `true` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ListedValue(pub TextRef);

/// A member of a statement's condition: a predicate's number.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct PredicateId(pub U32);

impl Record for Key {
    const SECTION: SectionId = SectionId::Keys;
}
impl Record for Predicate {
    const SECTION: SectionId = SectionId::Predicates;
}
impl Record for ListedValue {
    const SECTION: SectionId = SectionId::Values;
}
impl Record for PredicateId {
    const SECTION: SectionId = SectionId::Conditions;
}

/// The operators that are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    StringEquals,
    StringLike,
    IpAddress,
    Bool,
    Null,
}

/// Operators by their numbers.
const OPERATORS: [(Operator, &str); 5] = [
    (Operator::StringEquals, "StringEquals"),
    (Operator::StringLike, "StringLike"),
    (Operator::IpAddress, "IpAddress"),
    (Operator::Bool, "Bool"),
    (Operator::Null, "Null"),
];

impl Predicate {
    /// The operator; `None` for a number that no loaded blob holds.
    pub fn operator(&self) -> Option<Operator> {
        OPERATORS.get(self.operator.get() as usize).map(|(operator, _)| *operator)
    }
}

impl Operator {
    /// AWS's name for it.
    #[cfg(feature = "explain")]
    pub fn name(self) -> &'static str {
        OPERATORS.iter().find(|(operator, _)| *operator == self).map_or("", |(_, name)| name)
    }

    /// Its number in a blob.
    #[cfg(feature = "compiler")]
    pub fn number(self) -> u32 {
        (0..).zip(OPERATORS).find(|(_, (operator, _))| *operator == self).map_or(u32::MAX, |(number, _)| number)
    }
}

/// Whether an address of either family has no bits behind so long a prefix.
fn is_block(prefix: u8, address: &[u8]) -> bool {
    let mut bits = (0u8..128).filter(|bit| {
        let byte = address.get(usize::from(bit / 8)).copied().unwrap_or_default();
        byte & (0x80 >> (bit % 8)) != 0
    });
    let fits = matches!(address.len(), 4 | 16) && usize::from(prefix) <= address.len().saturating_mul(8);
    fits && bits.next_back().is_none_or(|last| last < prefix)
}

/// Checks numbers, names, and the form of every value.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    for (at, key) in view.records::<Key>().iter().enumerate() {
        key.name.validate_text(view, Fail::at::<Key>(view, at))?;
    }
    // Values before predicates: a predicate's check reads the bytes of its values.
    for (at, value) in view.records::<ListedValue>().iter().enumerate() {
        value.0.validate(view, Fail::at::<ListedValue>(view, at))?;
    }
    let mut next = 0;
    for (at, predicate) in view.records::<Predicate>().iter().enumerate() {
        let fail = Fail::at::<Predicate>(view, at);
        fail.unless_below("operator", predicate.operator.get().into(), OPERATORS.len() as u64)?;
        fail.unless_below("key", predicate.key.get().into(), view.records::<Key>().len() as u64)?;
        // Each value belongs to one predicate, so that this loop is linear whatever the counts say.
        fail.unless_equal("first value", predicate.values.start.get().into(), next)?;
        predicate.values.validate::<ListedValue>(view, fail)?;
        next = next.saturating_add(predicate.values.len.get().into());
        for value in view.span::<ListedValue>(predicate.values) {
            let bytes = view.bytes(value.0);
            let well_formed = match predicate.operator() {
                Some(Operator::StringEquals) => core::str::from_utf8(bytes).is_ok(),
                Some(Operator::StringLike) => true,
                Some(Operator::IpAddress) => match bytes {
                    [prefix, address @ ..] => is_block(*prefix, address),
                    [] => false,
                },
                Some(Operator::Bool | Operator::Null) => matches!(bytes, b"true" | b"false"),
                None => false,
            };
            fail.unless_equal("values of the operator's form", well_formed.into(), 1)?;
        }
    }
    let end = Fail::at::<Predicate>(view, view.records::<Predicate>().len());
    end.unless_equal("values of all predicates", next, view.records::<ListedValue>().len() as u64)?;
    let count = view.records::<Predicate>().len() as u64;
    for (at, member) in view.records::<PredicateId>().iter().enumerate() {
        Fail::at::<PredicateId>(view, at).unless_below("predicate", member.0.get().into(), count)?;
    }
    Ok(())
}
