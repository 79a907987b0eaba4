//! The format that both halves share: header, section table, typed views in place, and what is checked on load.
//!
//! ```text
//! header, 64 bytes        magic, version, features, length, number of sections, digest
//! section table           for each section: id, record size, offset, length
//! sections                in the order of SECTIONS, each at a multiple of 64 bytes, zeros between
//! checksum, 8 bytes       XXH3-64 of everything before it
//! ```
//!
//! All integers are little-endian and read at any alignment. FORMAT.md is the whole story for people; a test
//! compares its table with [`SECTIONS`].
//!
//! Invariant: a [`View`] comes from [`Layout::read`] alone, which has checked everything that deciding relies on.
//! What is looked up in a view all the same goes through `get`, and what is not there denies.

pub(crate) mod apis;
pub(crate) mod automaton;
pub(crate) mod block;
#[cfg(feature = "explain")]
pub(crate) mod cold;
mod error;
pub(crate) mod glob;
pub(crate) mod grams;
pub(crate) mod identities;
pub(crate) mod index;
pub(crate) mod keyed;
pub(crate) mod predicates;
pub(crate) mod principals;
pub(crate) mod routes;
mod search;
pub(crate) mod sets;
pub(crate) mod statements;
pub(crate) mod strings;
mod table;
pub(crate) mod tokens;
pub(crate) mod words;
#[cfg(feature = "compiler")]
pub(crate) mod write;

pub use error::LoadError;

use xxhash_rust::xxh3::xxh3_64;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The first bytes of every blob. The first is no text, the last two show a transfer that rewrites line ends.
pub const MAGIC: [u8; 8] = *b"\x89PCGATE\n";
/// The format version this program writes and reads.
pub const FORMAT_VERSION: u32 = 7;

/// Bits of the header's features.
pub(crate) mod feature {
    /// The blob is a bundle: the endpoint of a request picks the first policy. Else it is one document.
    pub const BUNDLE: u32 = 1 << 0;
    /// Names, Sids and lines are there.
    pub const COLD: u32 = 1 << 1;
    /// All of them.
    pub const ALL: u32 = BUNDLE | COLD;
}

/// A section of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Section {
    pub id: SectionId,
    pub name: &'static str,
    pub record_bytes: usize,
}

/// Which section; the number stands in the section table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SectionId {
    Policies = 1,
    Statements,
    Principals,
    PrincipalPilots,
    PrincipalSlots,
    PrincipalSets,
    ActionSets,
    ActionPatterns,
    Heads,
    Resources,
    Sets,
    Endpoints,
    EndpointContext,
    EndpointValues,
    Profile,
    Apis,
    Stages,
    Hosts,
    Routes,
    Methods,
    Identities,
    IdentityPolicies,
    IndexPilots,
    Index,
    Blocks,
    Entries,
    Finals,
    GramTables,
    GramFilters,
    GramSlots,
    Candidates,
    Keys,
    Predicates,
    Texts,
    Globs,
    Numbers,
    Networks,
    Automata,
    Transitions,
    Conditions,
    Strings,
    ColdOffsets,
    Cold,
}

/// Sections in file order. FORMAT.md prints this table; a test compares them.
pub(crate) const SECTIONS: [Section; 43] = [
    section(SectionId::Policies, "policies", 8),
    section(SectionId::Statements, "statements", 32),
    section(SectionId::Principals, "principals", 12),
    section(SectionId::PrincipalPilots, "principal-pilots", keyed::PILOT_BYTES),
    section(SectionId::PrincipalSlots, "principal-slots", 64),
    section(SectionId::PrincipalSets, "principal-sets", 4),
    section(SectionId::ActionSets, "action-sets", 8),
    section(SectionId::ActionPatterns, "action-patterns", 16),
    section(SectionId::Heads, "heads", 32),
    section(SectionId::Resources, "resources", 12),
    section(SectionId::Sets, "sets", 4),
    section(SectionId::Endpoints, "endpoints", 20),
    section(SectionId::EndpointContext, "endpoint-context", 12),
    section(SectionId::EndpointValues, "endpoint-values", 8),
    section(SectionId::Profile, "profile", 4),
    section(SectionId::Apis, "apis", 28),
    section(SectionId::Stages, "stages", 8),
    section(SectionId::Hosts, "hosts", 24),
    section(SectionId::Routes, "routes", 40),
    section(SectionId::Methods, "methods", 8),
    section(SectionId::Identities, "identities", 12),
    section(SectionId::IdentityPolicies, "identity-policies", 4),
    section(SectionId::IndexPilots, "index-pilots", keyed::PILOT_BYTES),
    section(SectionId::Index, "index", 64),
    section(SectionId::Blocks, "blocks", 84),
    section(SectionId::Entries, "entries", 16),
    section(SectionId::Finals, "finals", 12),
    section(SectionId::GramTables, "gram-tables", 16),
    section(SectionId::GramFilters, "gram-filters", 8),
    section(SectionId::GramSlots, "gram-slots", 12),
    section(SectionId::Candidates, "candidates", 20),
    section(SectionId::Keys, "keys", 8),
    section(SectionId::Predicates, "predicates", 28),
    section(SectionId::Texts, "texts", 12),
    section(SectionId::Globs, "globs", 8),
    section(SectionId::Numbers, "numbers", 16),
    section(SectionId::Networks, "networks", 18),
    section(SectionId::Automata, "automata", 268),
    section(SectionId::Transitions, "transitions", 2),
    section(SectionId::Conditions, "conditions", 4),
    section(SectionId::Strings, "strings", 1),
    section(SectionId::ColdOffsets, "cold-offsets", 4),
    section(SectionId::Cold, "cold", 1),
];

const fn section(id: SectionId, name: &'static str, record_bytes: usize) -> Section {
    Section { id, name, record_bytes }
}

impl SectionId {
    /// Its place in [`SECTIONS`].
    const fn index(self) -> usize {
        (self as usize).saturating_sub(1)
    }
}

/// The first bytes of the file.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Header {
    pub magic: [u8; 8],
    pub version: U32,
    pub features: U32,
    /// The length of the file in bytes.
    pub len_bytes: U64,
    pub sections: U32,
    /// Zero.
    pub reserved: U32,
    /// BLAKE3 of everything between the header and the checksum: the blob's name, not a signature.
    pub digest: [u8; 32],
}

/// An entry of the section table.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct SectionEntry {
    pub id: U32,
    pub record_bytes: U32,
    pub offset: U64,
    pub len_bytes: U64,
}

/// Sections begin at multiples of this.
pub(crate) const ALIGNMENT: usize = 64;
/// Bytes of the checksum at the end.
pub(crate) const CHECKSUM_BYTES: usize = size_of::<u64>();

/// A record type, and the section that holds it.
pub(crate) trait Record: FromBytes + IntoBytes + Immutable + KnownLayout + Unaligned {
    const SECTION: SectionId;
}

/// A run of records: of which section, the field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Span {
    pub start: U32,
    pub len: U32,
}

impl Span {
    /// No records.
    pub const EMPTY: Self = Self { start: U32::ZERO, len: U32::ZERO };

    /// Checks that the run lies inside its section.
    fn validate<T: Record>(self, view: &View<'_>, fail: Fail) -> Result<(), LoadError> {
        let end = u64::from(self.start.get()).saturating_add(self.len.get().into());
        fail.unless_at_most("end of run", end, view.records::<T>().len() as u64)
    }
}

/// Where a section lies, and how many records it has.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    /// Its first byte, in units of [`ALIGNMENT`]. As 32 bits, so that no sum of places overflows, and the compiler knows:
    /// then one comparison checks a range.
    unit: u32,
    records: u32,
}

impl Extent {
    /// The place of its first byte.
    #[inline(always)]
    const fn start(self) -> usize {
        (self.unit as usize).wrapping_mul(ALIGNMENT)
    }
}

/// Where the sections of a blob lie, and what its header says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    sections: [Extent; SECTIONS.len()],
    pub features: u32,
    /// The kinds of the names that policies list, by their bits: a caller is not looked up by others.
    kinds: u32,
    /// The classes of the first set, which is the only one of a document.
    classes: u32,
    pub digest: [u8; 32],
}

impl Layout {
    /// Reads and checks a whole blob: no copy, no allocation, any alignment; time linear in its length.
    ///
    /// The order matters, as a check may read only what has been checked: magic, version, length,
    /// checksum, features; then the section table; then the sections, those that others point into first.
    pub fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        let expected = size_of::<Header>().saturating_add(CHECKSUM_BYTES);
        let short = LoadError::Short { found: bytes.len(), expected };
        // The magic first: to a person, another file is not a blob that was cut short.
        if bytes.get(..MAGIC.len()).is_some_and(|magic| magic != MAGIC) {
            return Err(LoadError::Magic);
        }
        let (body, checksum) =
            bytes.len().checked_sub(CHECKSUM_BYTES).and_then(|at| bytes.split_at_checked(at)).ok_or(short)?;
        let (header, _) = Header::read_from_prefix(body).map_err(|_| short)?;
        let version = header.version.get();
        if version != FORMAT_VERSION {
            return Err(LoadError::Version { found: version, expected: FORMAT_VERSION });
        }
        let (stated, found) = (header.len_bytes.get(), bytes.len() as u64);
        if stated != found {
            return Err(LoadError::Length { stated, found });
        }
        let stated = U64::read_from_bytes(checksum).map_err(|_| short)?.get();
        let found = xxh3_64(body);
        if stated != found {
            return Err(LoadError::Checksum { stated, found });
        }
        let features = header.features.get();
        if features & !feature::ALL != 0 {
            return Err(LoadError::Features { found: features });
        }
        unless_equal(0, "reserved", header.reserved.get().into(), 0)?;
        unless_equal(0, "number of sections", header.sections.get().into(), SECTIONS.len() as u64)?;

        let layout = Self { sections: section_table(body)?, features, kinds: 0, classes: 0, digest: header.digest };
        let view = layout.view(bytes);
        view.validate(features)?;
        let classes = view.record::<sets::Set>(0).map_or(0, |set| set.classes.get());
        Ok(Self { kinds: principals::kinds(&view), classes, ..layout })
    }

    /// The sections of the bytes this layout was read from.
    #[inline]
    pub fn view<'a>(&'a self, bytes: &'a [u8]) -> View<'a> {
        View { bytes, sections: &self.sections, kinds: self.kinds, classes: self.classes }
    }
}

/// Reads the section table, and checks that the sections follow one another with nothing but zeros between.
fn section_table(body: &[u8]) -> Result<[Extent; SECTIONS.len()], LoadError> {
    let mut table = [Extent::default(); SECTIONS.len()];
    let mut entry_at = size_of::<Header>();
    let mut end = entry_at.saturating_add(SECTIONS.len().saturating_mul(size_of::<SectionEntry>()));
    for (section, place) in SECTIONS.iter().zip(&mut table) {
        let short = LoadError::Short { found: body.len(), expected: end };
        let (entry, _) =
            body.get(entry_at..).and_then(|rest| SectionEntry::read_from_prefix(rest).ok()).ok_or(short)?;
        unless_equal(entry_at, "id", entry.id.get().into(), section.id as u64)?;
        unless_equal(entry_at, "record size", entry.record_bytes.get().into(), section.record_bytes as u64)?;
        let start = end.checked_next_multiple_of(ALIGNMENT).ok_or(short)?;
        unless_equal(entry_at, "offset", entry.offset.get(), start as u64)?;
        let len = entry.len_bytes.get();
        let room = body.len().saturating_sub(start);
        let len = usize::try_from(len).ok().filter(|len| *len <= room).ok_or(LoadError::Section {
            offset: entry_at,
            what: "length",
            found: len,
            expected: room as u64,
        })?;
        let records = len.checked_div(section.record_bytes).unwrap_or_default();
        let partial = len.saturating_sub(records.saturating_mul(section.record_bytes));
        unless_equal(entry_at, "bytes of a partial record", partial as u64, 0)?;
        let padding = body.get(end..start).ok_or(short)?;
        unless_equal(end, "padding that is zero", padding.iter().all(|byte| *byte == 0).into(), 1)?;
        end = start.saturating_add(len);
        let fits = |what, number: usize| {
            let most = u64::from(u32::MAX);
            let error = LoadError::Section { offset: entry_at, what, found: number as u64, expected: most };
            u32::try_from(number).map_err(|_| error)
        };
        let unit = fits("place in units", start.checked_div(ALIGNMENT).unwrap_or_default())?;
        *place = Extent { unit, records: fits("number of records", records)? };
        entry_at = entry_at.saturating_add(size_of::<SectionEntry>());
    }
    unless_equal(end, "bytes behind the last section", body.len().saturating_sub(end) as u64, 0)?;
    Ok(table)
}

fn unless_equal(offset: usize, what: &'static str, found: u64, expected: u64) -> Result<(), LoadError> {
    if found == expected { Ok(()) } else { Err(LoadError::Section { offset, what, found, expected }) }
}

/// The sections of a blob that has been checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    bytes: &'a [u8],
    sections: &'a [Extent; SECTIONS.len()],
    /// The kinds of the names that policies list, by their bits.
    pub kinds: u32,
    /// The classes of the first set, as a mask.
    pub classes: u32,
}

impl<'a> View<'a> {
    /// Whether this is the view of the same blob, of the same gate.
    #[inline]
    pub fn is(&self, other: &View<'_>) -> bool {
        core::ptr::eq(self.sections, other.sections)
    }

    #[inline(always)]
    fn extent(&self, id: SectionId) -> Extent {
        self.sections.get(id.index()).copied().unwrap_or_default()
    }

    /// The bytes of a section whose records have one.
    #[inline]
    fn bytes_of(&self, id: SectionId) -> &'a [u8] {
        let extent = self.extent(id);
        self.bytes.get(extent.start()..extent.start().wrapping_add(extent.records as usize)).unwrap_or_default()
    }

    /// All records of a section.
    #[inline]
    pub fn records<T: Record>(&self) -> &'a [T] {
        self.span(Span { start: 0.into(), len: self.extent(T::SECTION).records.into() })
    }

    /// How many records a section has.
    #[inline(always)]
    pub fn count<T: Record>(&self) -> u32 {
        self.extent(T::SECTION).records
    }

    /// Where a record of a section stands in the file.
    ///
    /// By its number alone: loading has checked that what is numbered is inside its section, and to ask again at each
    /// look would cost as much as the look. What is not in the file at all is not there.
    #[inline(always)]
    fn place(&self, id: SectionId, number: u32, record_bytes: usize) -> usize {
        self.extent(id).start().wrapping_add((number as usize).wrapping_mul(record_bytes))
    }

    /// One record, by its number.
    #[inline]
    pub fn record<T: Record>(&self, number: u32) -> Option<&'a T> {
        let start = self.place(T::SECTION, number, size_of::<T>());
        T::ref_from_bytes(self.bytes.get(start..start.wrapping_add(size_of::<T>()))?).ok()
    }

    /// A run of records.
    #[inline]
    pub fn span<T: Record>(&self, span: Span) -> &'a [T] {
        let start = self.place(T::SECTION, span.start.get(), size_of::<T>());
        let records = span.len.get() as usize;
        let bytes = self.bytes.get(start..start.wrapping_add(records.wrapping_mul(size_of::<T>()))).unwrap_or_default();
        <[T]>::ref_from_bytes_with_elems(bytes, records).unwrap_or_default()
    }

    fn strings(&self) -> &'a [u8] {
        self.bytes_of(SectionId::Strings)
    }

    #[cfg(feature = "explain")]
    fn cold(&self) -> &'a [u8] {
        self.bytes_of(SectionId::Cold)
    }

    /// Names and lengths in bytes of the sections, in file order.
    #[cfg(feature = "explain")]
    pub fn section_sizes(&self) -> impl Iterator<Item = (&'static str, usize)> + use<'a> {
        let sections = *self.sections;
        SECTIONS
            .into_iter()
            .zip(sections)
            .map(|(section, extent)| (section.name, (extent.records as usize).saturating_mul(section.record_bytes)))
    }

    /// Checks every section; strings first, so that what refers to them has its ends to check and no more.
    fn validate(&self, features: u32) -> Result<(), LoadError> {
        strings::validate(self)?;
        principals::validate(self)?;
        predicates::validate(self)?;
        automaton::validate(self)?;
        statements::validate(self)?;
        sets::validate(self)?;
        routes::validate(self)?;
        apis::validate(self)?;
        identities::validate(self)?;
        block::validate(self)?;
        grams::validate(self)?;
        index::validate(self)?;
        #[cfg(feature = "explain")]
        {
            let policies = self.records::<statements::Policy>().len();
            let records = policies.saturating_add(self.records::<statements::Statement>().len());
            cold::validate(self, records, features & feature::COLD != 0)?;
        }
        let bundle = features & feature::BUNDLE != 0;
        let fail = Fail::at::<statements::Policy>(self, 0);
        let policies = self.records::<statements::Policy>().len() as u64;
        if bundle {
            return Ok(());
        }
        fail.unless_equal("policies of a document", policies, 1)?;
        fail.unless_equal("endpoints of a document", self.records::<sets::Endpoint>().len() as u64, 0)?;
        fail.unless_equal("profile of a document", self.records::<apis::ProfileRecord>().len() as u64, 0)?;
        let identities = self.records::<identities::IdentityRecord>().len() as u64;
        fail.unless_equal("identities of a document", identities, 0)
    }
}

/// A record that is being checked, for the error that names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fail {
    section: SectionId,
    offset: usize,
}

impl Fail {
    /// The record of this type at this place in its section.
    fn at<T: Record>(view: &View<'_>, at: usize) -> Self {
        let start = view.extent(T::SECTION).start();
        Self { section: T::SECTION, offset: start.saturating_add(at.saturating_mul(size_of::<T>())) }
    }

    fn unless_at_most(self, what: &'static str, found: u64, limit: u64) -> Result<(), LoadError> {
        if found <= limit { Ok(()) } else { Err(self.error(what, found, limit)) }
    }

    fn unless_below(self, what: &'static str, found: u64, count: u64) -> Result<(), LoadError> {
        if found < count { Ok(()) } else { Err(self.error(what, found, count.saturating_sub(1))) }
    }

    fn unless_equal(self, what: &'static str, found: u64, expected: u64) -> Result<(), LoadError> {
        if found == expected { Ok(()) } else { Err(self.error(what, found, expected)) }
    }

    fn error(self, what: &'static str, found: u64, limit: u64) -> LoadError {
        let section = SECTIONS.get(self.section.index()).map_or("", |section| section.name);
        LoadError::Record { section, offset: self.offset, what, found, limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that records point with is refused from the first that points at nothing.
    #[test]
    fn numbers_are_refused_from_their_limit_on() {
        let fail = || Fail { section: SectionId::Sets, offset: 64 };
        let refused = |result: Result<(), LoadError>| match result {
            Ok(()) => None,
            Err(LoadError::Record { offset: 64, what: "a", found, limit, .. }) => Some((found, limit)),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(
            [3, 4, 5].map(|found| refused(fail().unless_below("a", found, 4))),
            [None, Some((4, 3)), Some((5, 3))]
        );
        assert_eq!([3, 4, 5].map(|found| refused(fail().unless_at_most("a", found, 4))), [None, None, Some((5, 4))]);
        assert_eq!(
            [3, 4, 5].map(|found| refused(fail().unless_equal("a", found, 4))),
            [Some((3, 4)), None, Some((5, 4))]
        );
    }

    /// The lines of the one table in FORMAT.md that has this header, after it, each cut into its cells.
    fn rows(header: &str) -> Vec<Vec<&'static str>> {
        let text = include_str!("../../FORMAT.md");
        assert_eq!(text.lines().filter(|line| line.starts_with(header)).count(), 1, "{header}");
        let rows = text.lines().skip_while(|line| !line.starts_with(header)).skip(2);
        let cells = |line: &'static str| line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
        rows.take_while(|line| line.starts_with('|')).map(cells).collect()
    }

    #[test]
    fn format_md_names_every_section() {
        let written: Vec<_> = rows("| id | name | record bytes |").into_iter().map(|row| row[..3].join(" ")).collect();
        let read: Vec<_> =
            SECTIONS.iter().map(|one| format!("{} {} {}", one.id as u32, one.name, one.record_bytes)).collect();
        assert_eq!(written, read, "FORMAT.md says the left, SECTIONS the right");
    }

    #[test]
    fn sections_stand_at_their_ids_and_records_have_their_size() {
        for (at, section) in SECTIONS.iter().enumerate() {
            assert_eq!(section.id.index(), at, "{}", section.name);
        }
        let sizes = [
            size::<statements::Policy>(),
            size::<statements::Statement>(),
            size::<principals::Principal>(),
            (SectionId::PrincipalPilots, keyed::PILOT_BYTES),
            size::<principals::PrincipalSlot>(),
            size::<principals::PrincipalId>(),
            size::<statements::ActionSet>(),
            size::<statements::ActionPattern>(),
            size::<statements::ArnHead>(),
            size::<statements::Resource>(),
            size::<sets::Set>(),
            size::<sets::Endpoint>(),
            size::<sets::EndpointContext>(),
            size::<sets::EndpointValue>(),
            size::<apis::ProfileRecord>(),
            size::<apis::ApiSlot>(),
            size::<apis::Stage>(),
            size::<apis::HostSlot>(),
            size::<routes::RouteNode>(),
            size::<routes::Method>(),
            size::<identities::IdentityRecord>(),
            size::<identities::IdentityPolicy>(),
            (SectionId::IndexPilots, keyed::PILOT_BYTES),
            size::<index::IndexSlot>(),
            size::<block::Block>(),
            size::<block::Entry>(),
            size::<block::Final>(),
            size::<grams::GramTable>(),
            size::<grams::FilterWord>(),
            size::<grams::GramSlot>(),
            size::<grams::Candidate>(),
            size::<predicates::Key>(),
            size::<predicates::Predicate>(),
            size::<predicates::ListedText>(),
            size::<predicates::ListedGlob>(),
            size::<predicates::ListedNumber>(),
            size::<predicates::Network>(),
            size::<automaton::Automaton>(),
            size::<automaton::Transition>(),
            size::<predicates::PredicateId>(),
            // Strings are bytes.
            (SectionId::Strings, 1),
            #[cfg(feature = "explain")]
            size::<cold::ColdOffset>(),
            #[cfg(not(feature = "explain"))]
            (SectionId::ColdOffsets, 4),
            // Cold records differ in length.
            (SectionId::Cold, 1),
        ];
        assert_eq!(sizes, SECTIONS.map(|section| (section.id, section.record_bytes)));
    }

    fn size<T: Record>() -> (SectionId, usize) {
        (T::SECTION, size_of::<T>())
    }

    #[test]
    fn format_md_knows_the_header_and_the_table() {
        assert_eq!((size_of::<Header>(), size_of::<SectionEntry>()), (64, 24));
        let [first, ..] = SECTIONS;
        assert_eq!(
            (first.id, size_of::<Header>() + SECTIONS.len() * size_of::<SectionEntry>()),
            (SectionId::Policies, 1096)
        );
        let text = include_str!("../../FORMAT.md");
        for (written, read) in [
            ("# The `.gate` format, version ", FORMAT_VERSION as usize),
            ("section table, 43 entries of ", size_of::<SectionEntry>()),
            ("1096     sections, in the order of the table below, each at a multiple of ", ALIGNMENT),
            ("| 24 | 4 | sections | ", SECTIONS.len()),
            ("There are at least ", size_of::<Header>() + CHECKSUM_BYTES),
        ] {
            assert!(text.contains(&format!("{written}{read}")), "FORMAT.md says otherwise: {written}{read}");
        }
    }
}
