//! The writer: sections to the bytes of a file. It stands opposite [`super::Layout::read`].

use xxhash_rust::xxh3::xxh3_64;
use zerocopy::{IntoBytes, little_endian::U64};

use super::keyed::{Keyed, Table};
use super::{ALIGNMENT, CHECKSUM_BYTES, FORMAT_VERSION, Header, MAGIC, Record, SECTIONS, SectionEntry, SectionId};

/// The bytes of every section.
#[derive(Debug)]
pub(crate) struct Sections {
    bytes: [Vec<u8>; SECTIONS.len()],
}

impl Default for Sections {
    fn default() -> Self {
        Self { bytes: [const { Vec::new() }; SECTIONS.len()] }
    }
}

impl Sections {
    /// Fills a section with records.
    pub fn put<T: Record>(&mut self, records: &[T]) {
        self.put_bytes(T::SECTION, records.as_bytes().to_vec());
    }

    /// Fills the two sections of a table.
    pub fn put_table<T: Keyed>(&mut self, (pilots, slots): &Table<T>) {
        self.put_bytes(T::PILOTS, pilots.as_bytes().to_vec());
        self.put(slots);
    }

    /// Fills a section with bytes.
    pub fn put_bytes(&mut self, id: SectionId, bytes: Vec<u8>) {
        if let Some(section) = self.bytes.get_mut(id.index()) {
            *section = bytes;
        }
    }

    /// The file. `digest` is given the section table and the sections, and returns their BLAKE3.
    pub fn into_file(self, features: u32, digest: impl FnOnce(&[u8]) -> [u8; 32]) -> Vec<u8> {
        let mut table = Vec::new();
        let mut end = size_of::<Header>().saturating_add(SECTIONS.len().saturating_mul(size_of::<SectionEntry>()));
        for (section, bytes) in SECTIONS.iter().zip(&self.bytes) {
            let start = end.next_multiple_of(ALIGNMENT);
            table.push(SectionEntry {
                id: (section.id as u32).into(),
                record_bytes: u32::try_from(section.record_bytes).unwrap_or_default().into(),
                offset: (start as u64).into(),
                len_bytes: (bytes.len() as u64).into(),
            });
            end = start.saturating_add(bytes.len());
        }
        let mut body = table.as_bytes().to_vec();
        for (entry, bytes) in table.iter().zip(&self.bytes) {
            let start = usize::try_from(entry.offset.get()).unwrap_or_default();
            body.resize(start.saturating_sub(size_of::<Header>()), 0);
            body.extend_from_slice(bytes);
        }
        let header = Header {
            magic: MAGIC,
            version: FORMAT_VERSION.into(),
            features: features.into(),
            len_bytes: (end.saturating_add(CHECKSUM_BYTES) as u64).into(),
            sections: u32::try_from(SECTIONS.len()).unwrap_or_default().into(),
            reserved: 0.into(),
            digest: digest(&body),
        };
        let mut file = header.as_bytes().to_vec();
        file.append(&mut body);
        let checksum = U64::from(xxh3_64(&file));
        file.extend_from_slice(checksum.as_bytes());
        file
    }
}
