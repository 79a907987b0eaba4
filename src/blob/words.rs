//! Bytes, eight at a time.
//!
//! A word is eight bytes as a little-endian number: the first byte is the lowest. Marks are the high bits of bytes
//! that have a property. Text is looked through so in the decision path: byte by byte it costs three times as much.

use xxhash_rust::xxh3::xxh3_64;

/// A byte, eight times.
pub(crate) const fn eight(byte: u8) -> u64 {
    (byte as u64).wrapping_mul(0x0101_0101_0101_0101)
}

/// The eight bytes from here on; `None` where there are fewer.
#[inline]
pub(crate) fn at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|eight| u64::from_le_bytes(*eight))
}

/// The words of so many bytes.
#[inline(always)]
pub(crate) fn of<const BYTES: usize, const WORDS: usize>(bytes: &[u8; BYTES]) -> [u64; WORDS] {
    const { assert!(BYTES == WORDS * 8) };
    let (words, _) = bytes.as_chunks::<8>();
    core::array::from_fn(|at| words.get(at).map_or(0, |word| u64::from_le_bytes(*word)))
}

/// The first bytes of a text of at most eight, zeros behind it.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a text of at most eight bytes")]
pub(crate) fn short(bytes: &[u8]) -> u64 {
    // Two words that overlap, rather than a loop.
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            let shift = bytes.len().saturating_sub(4).saturating_mul(8) as u32;
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)).wrapping_shl(shift)
        }
        _ => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// Marks the first byte of a word that is this one, if any; others behind it perhaps wrongly.
#[inline]
pub(crate) const fn first(word: u64, byte: u8) -> u64 {
    let word = word ^ eight(byte);
    word.wrapping_sub(eight(1)) & !word & eight(0x80)
}

/// The number of bytes before the first that has a mark, or any bit; 8 where none has.
#[inline]
pub(crate) const fn before(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// Where a byte stands first, at or behind `from`.
#[inline(always)]
pub(crate) fn find(bytes: &[u8], byte: u8, from: usize) -> Option<usize> {
    let mut from = from;
    while let Some(word) = at(bytes, from) {
        let marks = first(word, byte);
        if marks != 0 {
            return Some(from.wrapping_add(before(marks)));
        }
        from = from.wrapping_add(8);
    }
    let rest = bytes.get(from..)?;
    rest.iter().position(|other| *other == byte).map(|found| from.wrapping_add(found))
}

/// An odd number whose product spreads the bits of a word to its high half.
pub(crate) const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A word scaled to be less than this number, or 0: the high half of their product.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "less than a 32-bit number")]
pub(crate) const fn scaled(word: u64, below: u32) -> u32 {
    ((word as u128).wrapping_mul(below as u128) >> 64) as u32
}

/// A hash of a text: of its ends, which of one of at most 16 bytes are all of it, else XXH3-64. No hash decides
/// anything: what is found by one is compared.
#[inline(always)]
pub(crate) fn hash(text: &[u8]) -> u64 {
    let len = text.len() as u64;
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) if text.len() <= 16 => {
            let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            (first ^ last.wrapping_mul(SPREAD).rotate_left(32)).wrapping_mul(SPREAD) ^ len
        }
        (None, None) => (short(text) ^ len << 56).wrapping_mul(SPREAD),
        _ => xxh3_64(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mark_is_exact() {
        for word in [0, u64::MAX, 0x2F2F_2F2F_2F2F_2F2F, 0x2F30_2E2F_0000_2F01, 0x0100_FF80_2FAF_2F7F] {
            for byte in [0, 1, 0x2E, 0x2F, 0x30, 0x7F, 0x80, 0xAF, 0xFF] {
                let expected = word.to_le_bytes().iter().position(|other| *other == byte);
                let marks = first(word, byte);
                assert_eq!((marks != 0).then(|| before(marks)), expected, "{word:x} {byte:x}");
            }
        }
    }

    #[test]
    fn bytes_are_found_where_they_stand_first() {
        let text = b"arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";
        for end in 0..text.len() {
            for from in 0..end + 2 {
                for byte in *b"/:a5\0" {
                    let expected = text[..end].iter().enumerate().find(|(at, other)| *at >= from && **other == byte);
                    assert_eq!(find(&text[..end], byte, from), expected.map(|(at, _)| at));
                }
            }
        }
    }

    #[test]
    fn short_texts_are_words() {
        let text = b"12345678";
        for end in 0..=8 {
            let mut padded = [0; 8];
            padded[..end].copy_from_slice(&text[..end]);
            assert_eq!(short(&text[..end]), u64::from_le_bytes(padded));
        }
    }
}
