//! Conditions: the context keys that policies name, and the predicates over them.
//!
//! A predicate is one operator, one key and the listed values; equal ones are stored once, and those that most
//! statements share have the lowest numbers. A statement's condition is a list of predicates that must all hold.
//!
//! Listed values are kept in the form that answers fastest whether one of them matches:
//!
//! | operators | values | |
//! |---|---|---|
//! | String, Arn, `BinaryEquals` | `texts` | a hash table of those without wildcards and variables |
//! | String, Arn | `globs` | the others, one by one |
//! | String, Arn | `automata` | the globs without variables as one automaton, where there are many and it stays small |
//! | Numeric, Date | `numbers` | rising |
//! | address | `networks` | rising and apart from one another: a bisection finds the only one that can hold an address |
//! | `Bool`, `Null` | | two bits |
//!
//! Invariant: every number names a record, every value is of the form its operator reads, and each value belongs to
//! one predicate. `compiler::predicates` makes it so, [`validate`] refuses a blob where it is not.

use xxhash_rust::xxh3::xxh3_64_with_seed;
use zerocopy::little_endian::{I128, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::automaton::Automaton;
use super::strings::TextRef;
use super::table::{self, Slot, tag};
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
    /// An [`Operator`] in numbers.
    pub operator: U32,
    /// The key's number.
    pub key: U32,
    /// Listed values: in `texts`, `numbers` or `networks`, as the operator reads them.
    pub values: Span,
    /// Listed globs, in `globs`: those that `automaton` does not hold.
    pub globs: Span,
    /// One more than the number of an automaton in `automata`; 0 for none.
    pub automaton: U32,
}

/// A slot of a hash table of texts. A table of few has no empty slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ListedText {
    /// The low half of the text's hash, its last bit set; 0 where the slot is empty.
    pub tag: U32,
    /// In ASCII lower case where the operator ignores case.
    pub text: TextRef,
}

/// A listed value with wildcards or variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ListedGlob(pub TextRef);

/// A listed number times 10^18, or a listed instant in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ListedNumber(pub I128);

/// A listed block of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Network {
    /// 4 or 6.
    pub version: u8,
    /// The length of the prefix in bits.
    pub prefix: u8,
    /// The first address, host bits zero; of version 4 in the first four bytes, the others zero.
    pub first: [u8; 16],
}

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
impl Record for ListedText {
    const SECTION: SectionId = SectionId::Texts;
}
impl Record for ListedGlob {
    const SECTION: SectionId = SectionId::Globs;
}
impl Record for ListedNumber {
    const SECTION: SectionId = SectionId::Numbers;
}
impl Record for Network {
    const SECTION: SectionId = SectionId::Networks;
}
impl Record for PredicateId {
    const SECTION: SectionId = SectionId::Conditions;
}
impl Slot for ListedText {
    fn is_empty(&self) -> bool {
        self.tag == U32::ZERO
    }
}

/// What an operator makes of one value of the request and one that is listed (the table under C).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Comparison {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Numeric(Relation),
    Date(Relation),
    Bool,
    Binary,
    Address,
    Null,
}

/// How a number of the request must stand to the listed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Which of a key's values must pass (C-05 to C-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Qualifier {
    ForAllValues,
    ForAnyValue,
}

/// An operator: `[ForAllValues:|ForAnyValue:]BASE[IfExists]` (C-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Operator {
    pub qualifier: Option<Qualifier>,
    /// AWS's name of the base.
    pub base: &'static str,
    pub comparison: Comparison,
    /// Holds where no listed value matches (C-02).
    pub negated: bool,
    pub if_exists: bool,
    /// `Bool`, `Null`: `true` is listed.
    pub lists_true: bool,
    /// `Bool`, `Null`: `false` is listed.
    pub lists_false: bool,
}

/// Bases by their numbers: name, comparison, whether negated.
const BASES: [(&str, Comparison, bool); 27] = [
    ("StringEquals", Comparison::Equals, false),
    ("StringNotEquals", Comparison::Equals, true),
    ("StringEqualsIgnoreCase", Comparison::EqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::EqualsIgnoreCase, true),
    ("StringLike", Comparison::Like, false),
    ("StringNotLike", Comparison::Like, true),
    ("NumericEquals", Comparison::Numeric(Relation::Equal), false),
    ("NumericNotEquals", Comparison::Numeric(Relation::Equal), true),
    ("NumericLessThan", Comparison::Numeric(Relation::Less), false),
    ("NumericLessThanEquals", Comparison::Numeric(Relation::LessOrEqual), false),
    ("NumericGreaterThan", Comparison::Numeric(Relation::Greater), false),
    ("NumericGreaterThanEquals", Comparison::Numeric(Relation::GreaterOrEqual), false),
    ("DateEquals", Comparison::Date(Relation::Equal), false),
    ("DateNotEquals", Comparison::Date(Relation::Equal), true),
    ("DateLessThan", Comparison::Date(Relation::Less), false),
    ("DateLessThanEquals", Comparison::Date(Relation::LessOrEqual), false),
    ("DateGreaterThan", Comparison::Date(Relation::Greater), false),
    ("DateGreaterThanEquals", Comparison::Date(Relation::GreaterOrEqual), false),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::Binary, false),
    ("IpAddress", Comparison::Address, false),
    ("NotIpAddress", Comparison::Address, true),
    ("ArnEquals", Comparison::Arn, false),
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotLike", Comparison::Arn, true),
    ("Null", Comparison::Null, false),
];

/// The bits of [`Predicate::operator`]: the number of the base in the lowest eight, then these.
mod bit {
    pub const BASE: u32 = 0xFF;
    pub const FOR_ALL_VALUES: u32 = 1 << 8;
    pub const FOR_ANY_VALUE: u32 = 1 << 9;
    pub const IF_EXISTS: u32 = 1 << 10;
    pub const LISTS_TRUE: u32 = 1 << 11;
    pub const LISTS_FALSE: u32 = 1 << 12;
    pub const ALL: u32 = (1 << 13) - 1;
}

impl Operator {
    /// Reads an operator; `None` for bits that no loaded blob holds.
    #[inline]
    fn read(bits: u32) -> Option<Self> {
        let (base, comparison, negated) = *BASES.get((bits & bit::BASE) as usize)?;
        let has = |bit| bits & bit != 0;
        let qualifier = match (has(bit::FOR_ALL_VALUES), has(bit::FOR_ANY_VALUE)) {
            (false, false) => None,
            (true, false) => Some(Qualifier::ForAllValues),
            (false, true) => Some(Qualifier::ForAnyValue),
            (true, true) => return None,
        };
        let (if_exists, lists_true, lists_false) = (has(bit::IF_EXISTS), has(bit::LISTS_TRUE), has(bit::LISTS_FALSE));
        let whole = Self { qualifier, base, comparison, negated, if_exists, lists_true, lists_false };
        (bits & !bit::ALL == 0).then_some(whole)
    }

    /// The operator of this base, without qualifier and suffix; `None` where there is no such base.
    #[cfg(feature = "compiler")]
    pub fn of_base(name: &str) -> Option<Self> {
        let number = BASES.iter().position(|(base, ..)| *base == name)?;
        Self::read(u32::try_from(number).ok()?)
    }

    /// The operator as [`Predicate::operator`] has it.
    #[cfg(feature = "compiler")]
    pub fn bits(self) -> u32 {
        let number = (0u32..).zip(BASES).find(|(_, (base, ..))| *base == self.base).map_or(u32::MAX, |(at, _)| at);
        let qualifier = match self.qualifier {
            None => 0,
            Some(Qualifier::ForAllValues) => bit::FOR_ALL_VALUES,
            Some(Qualifier::ForAnyValue) => bit::FOR_ANY_VALUE,
        };
        let flags = [
            (self.if_exists, bit::IF_EXISTS),
            (self.lists_true, bit::LISTS_TRUE),
            (self.lists_false, bit::LISTS_FALSE),
        ];
        flags.into_iter().filter(|(set, _)| *set).fold(number | qualifier, |bits, (_, bit)| bits | bit)
    }
}

/// AWS's name of the operator, with qualifier and suffix.
#[cfg(feature = "explain")]
impl core::fmt::Display for Operator {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let qualifier = match self.qualifier {
            None => "",
            Some(Qualifier::ForAllValues) => "ForAllValues:",
            Some(Qualifier::ForAnyValue) => "ForAnyValue:",
        };
        write!(formatter, "{qualifier}{}{}", self.base, if self.if_exists { "IfExists" } else { "" })
    }
}

impl Predicate {
    /// The operator; `None` for one that no loaded blob holds.
    #[inline]
    pub fn operator(&self) -> Option<Operator> {
        Operator::read(self.operator.get())
    }
}

/// XXH3-64 of a text, 64 bytes at a time, each seeded with the hash of those before it, so that letters can be
/// folded without a copy of the text.
fn hash(text: &[u8], fold: bool) -> u64 {
    let mut buffer = [0; 64];
    text.chunks(buffer.len()).fold(0, |seed, chunk| {
        if !fold {
            return xxh3_64_with_seed(chunk, seed);
        }
        for (to, from) in buffer.iter_mut().zip(chunk) {
            *to = from.to_ascii_lowercase();
        }
        xxh3_64_with_seed(buffer.get(..chunk.len()).unwrap_or_default(), seed)
    })
}

/// The tag of a text's slot: never 0.
const fn tag_of(hash: u64) -> u32 {
    tag(hash) | 1
}

/// Whether a table of texts holds this one; `fold` compares without regard to the case of ASCII letters.
#[inline]
pub(crate) fn lists(view: &View<'_>, texts: &[ListedText], text: &[u8], fold: bool) -> bool {
    if texts.is_empty() {
        return false;
    }
    let hash = hash(text, fold);
    let is = |slot: &ListedText| {
        let listed = view.bytes(slot.text);
        slot.tag.get() == tag_of(hash) && if fold { listed.eq_ignore_ascii_case(text) } else { listed == text }
    };
    table::find(texts, hash, is).is_some()
}

/// Builds a table over texts; those are different, and in lower case where they are to be compared so.
#[cfg(feature = "compiler")]
pub(crate) fn texts(texts: &[(TextRef, &[u8])]) -> Vec<ListedText> {
    /// So few are found as soon by their tags alone.
    const FEW: usize = 8;
    let slot = |(text, bytes): &(TextRef, &[u8])| {
        let hash = hash(bytes, false);
        (hash, ListedText { tag: tag_of(hash).into(), text: *text })
    };
    let slots = texts.iter().map(slot);
    if texts.len() <= FEW { slots.map(|(_, slot)| slot).collect() } else { table::build(slots.collect()) }
}

impl Network {
    /// Whether the prefix fits the version, and no bit is set behind it.
    fn is_block(&self) -> bool {
        let mask = u128::MAX.checked_shr(self.prefix.into()).unwrap_or_default();
        let longest = match self.version {
            4 => 32,
            6 => 128,
            _ => return false,
        };
        self.prefix <= longest && self.bits() & mask == 0
    }

    /// The first address, in the highest bits.
    pub const fn bits(&self) -> u128 {
        u128::from_be_bytes(self.first)
    }

    /// The last address, in the highest bits; those below the version's length are set.
    fn last(&self) -> u128 {
        self.bits() | u128::MAX.checked_shr(self.prefix.into()).unwrap_or_default()
    }
}

/// Checks numbers, names, and the form of every value.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    for (at, key) in view.records::<Key>().iter().enumerate() {
        key.name.validate(view, Fail::at::<Key>(view, at))?;
    }
    for (at, slot) in view.records::<ListedText>().iter().enumerate() {
        slot.text.validate(view, Fail::at::<ListedText>(view, at))?;
    }
    for (at, glob) in view.records::<ListedGlob>().iter().enumerate() {
        glob.0.validate(view, Fail::at::<ListedGlob>(view, at))?;
    }
    for (at, network) in view.records::<Network>().iter().enumerate() {
        Fail::at::<Network>(view, at).unless_equal("block of addresses", network.is_block().into(), 1)?;
    }
    // Each value belongs to one predicate, so that this loop is linear whatever the counts say.
    let (mut texts, mut numbers, mut networks, mut globs, mut automata) = (0, 0, 0, 0, 0);
    for (at, predicate) in view.records::<Predicate>().iter().enumerate() {
        let fail = Fail::at::<Predicate>(view, at);
        let Some(operator) = predicate.operator() else {
            return fail.unless_at_most("operator", predicate.operator.get().into(), 0);
        };
        fail.unless_below("key", predicate.key.get().into(), view.records::<Key>().len() as u64)?;
        match operator.comparison {
            Comparison::Numeric(_) | Comparison::Date(_) => {
                let listed = owned::<ListedNumber>(view, predicate.values, &mut numbers, fail)?;
                let rising = listed.is_sorted_by(|one, next| one.0.get() < next.0.get());
                fail.unless_equal("numbers that rise", rising.into(), 1)?;
            }
            Comparison::Address => {
                let listed = owned::<Network>(view, predicate.values, &mut networks, fail)?;
                let apart = listed.is_sorted_by(|one, next| (one.version, one.last()) < (next.version, next.bits()));
                fail.unless_equal("blocks that are apart", apart.into(), 1)?;
            }
            Comparison::Bool | Comparison::Null => {
                fail.unless_equal("values", predicate.values.len.get().into(), 0)?;
            }
            Comparison::Equals
            | Comparison::EqualsIgnoreCase
            | Comparison::Like
            | Comparison::Arn
            | Comparison::Binary => {
                owned::<ListedText>(view, predicate.values, &mut texts, fail)?;
            }
        }
        owned::<ListedGlob>(view, predicate.globs, &mut globs, fail)?;
        if let Some(number) = predicate.automaton.get().checked_sub(1) {
            fail.unless_equal("automaton", number.into(), automata)?;
            automata = automata.saturating_add(1);
        }
    }
    let end = Fail::at::<Predicate>(view, view.records::<Predicate>().len());
    for (what, owned, all) in [
        ("texts of all predicates", texts, view.records::<ListedText>().len()),
        ("numbers of all predicates", numbers, view.records::<ListedNumber>().len()),
        ("blocks of all predicates", networks, view.records::<Network>().len()),
        ("globs of all predicates", globs, view.records::<ListedGlob>().len()),
        ("automata of all predicates", automata, view.records::<Automaton>().len()),
    ] {
        end.unless_equal(what, owned, all as u64)?;
    }
    let count = view.records::<Predicate>().len() as u64;
    for (at, member) in view.records::<PredicateId>().iter().enumerate() {
        Fail::at::<PredicateId>(view, at).unless_below("predicate", member.0.get().into(), count)?;
    }
    Ok(())
}

/// The records of a run that begins where the one before it ended.
fn owned<'a, T: Record>(view: &View<'a>, span: Span, next: &mut u64, fail: Fail) -> Result<&'a [T], LoadError> {
    fail.unless_equal("first value", span.start.get().into(), *next)?;
    span.validate::<T>(view, fail)?;
    *next = next.saturating_add(span.len.get().into());
    Ok(view.span(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_come_back_from_their_bits() {
        for (number, (base, ..)) in (0u32..).zip(BASES) {
            for flags in 0..32 {
                let bits = number | flags << 8;
                match Operator::read(bits) {
                    Some(operator) => {
                        assert_eq!(operator.base, base);
                        #[cfg(feature = "compiler")]
                        assert_eq!(operator.bits(), bits);
                    }
                    None => assert_eq!(flags & 3, 3, "both qualifiers"),
                }
            }
        }
        assert_eq!(Operator::read(27), None);
        assert_eq!(Operator::read(1 << 13), None);
    }

    #[test]
    fn blocks_have_no_bits_behind_their_prefix() {
        let block = |version, prefix, first: [u8; 4]| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&first);
            Network { version, prefix, first: bytes }.is_block()
        };
        assert!(block(4, 0, [0; 4]));
        assert!(block(4, 8, [10, 0, 0, 0]));
        assert!(!block(4, 7, [11, 0, 0, 0]));
        assert!(block(4, 32, [10, 0, 0, 1]));
        assert!(!block(4, 33, [10, 0, 0, 1]));
        assert!(block(6, 128, [1, 2, 3, 4]));
        assert!(!block(6, 129, [1, 2, 3, 4]));
        assert!(!block(5, 8, [10, 0, 0, 0]));
    }
}
