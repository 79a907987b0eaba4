//! Tokens: a resource cut at slashes, and the word that each token is compared by.
//!
//! All slashes of 64 bytes are found at once, and a token's word is one load of the eight bytes *before* its end: no
//! loop over bytes, no branch on where a token ends, and no load outside the resource, since the ARN stands before every
//! token. Measured, a token costs half of what it does when it is searched for its end eight bytes at a time.

use wide::u8x16;

/// Where the tokens of a text end, in order: at each slash, and at the end of the text. An end is known by the place of the
/// eight bytes before it, which a token's word is made of; an end that fewer stand before is not given.
///
/// Places are 32-bit numbers: the compiler sees that none overflows, and checks each range with one comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends<'a> {
    bytes: &'a [u8],
    /// The slashes that were found and not given yet, from [`WORD`] bytes behind `base` on; and the end, where it is near.
    marks: u64,
    base: u32,
}

/// The bytes of a token's word.
pub(crate) const WORD: usize = 8;

/// So many bytes are looked through at once, a bit for each.
pub(crate) const WINDOW: usize = 64;
const HALF: usize = WINDOW / 2;

impl<'a> Ends<'a> {
    /// The ends at or behind this byte, or behind the first eight.
    #[inline(always)]
    pub fn from(text: &'a str, from: usize) -> Self {
        let bytes = text.as_bytes();
        let base = u32::try_from(from.saturating_sub(WORD)).unwrap_or(u32::MAX);
        Self { bytes, marks: marks(bytes, (base as usize).wrapping_add(WORD)), base }
    }
}

impl Iterator for Ends<'_> {
    type Item = u32;

    #[inline(always)]
    fn next(&mut self) -> Option<u32> {
        while self.marks == 0 {
            self.base = self.base.saturating_add(u64::BITS);
            let from = (self.base as usize).wrapping_add(WORD);
            if from > self.bytes.len() {
                return None;
            }
            self.marks = marks(self.bytes, from);
        }
        let end = self.base.wrapping_add(self.marks.trailing_zeros());
        self.marks &= self.marks.wrapping_sub(1);
        Some(end)
    }
}

/// The end that a tail stands behind, which begins at this byte.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a place in a resource, of which there are few")]
pub(crate) const fn end_before(tail: usize) -> u32 {
    tail.wrapping_sub(WORD + 1) as u32
}

/// The slashes of the window that begins here, and the end of the text where it is in it.
#[inline(always)]
fn marks(bytes: &[u8], from: usize) -> u64 {
    let is = |part: u8x16| part.simd_eq(u8x16::splat(b'/'));
    let Some(left) = bytes.len().checked_sub(from) else { return 0 };
    // Of the last window, the highest bit is the end, and the bits below are what stands before it: all but what stands
    // before the window is shifted out.
    let last = if let Some(last) = bytes.last_chunk::<WINDOW>() {
        if left >= WINDOW {
            return bytes.get(from..).and_then(<[u8]>::first_chunk).map_or(0, |whole: &[u8; WINDOW]| bits(whole, is));
        }
        bits(last, is) >> 1
    } else if let Some(last) = bytes.last_chunk::<HALF>().filter(|_| left < HALF) {
        bits(last, is) << (HALF - 1)
    } else {
        bits(&padded(bytes, from), is) << (WINDOW - 1).wrapping_sub(left)
    };
    (last | 1 << (WINDOW - 1)) >> (WINDOW - 1).wrapping_sub(left)
}

/// A bit for each byte that `is` marks, of up to [`WINDOW`] from this one on.
///
/// In the last window, which is not whole, as many bytes before the text's end are looked through, and what stands before
/// the window is shifted out.
#[inline(always)]
pub(crate) fn window(bytes: &[u8], from: usize, is: impl Fn(u8x16) -> u8x16) -> u64 {
    if let Some(whole) = bytes.get(from..).and_then(<[u8]>::first_chunk::<WINDOW>) {
        return bits(whole, is);
    }
    let left = bytes.len().saturating_sub(from);
    let last = if let Some(last) = bytes.last_chunk::<WINDOW>() {
        bits(last, is)
    } else if let Some(last) = bytes.last_chunk::<HALF>().filter(|_| left <= HALF) {
        bits(last, is) << HALF
    } else {
        return bits(&padded(bytes, from), is);
    };
    // By one bit less and one more, as all bits are one too many.
    last >> (WINDOW - 1).wrapping_sub(left) >> 1
}

/// A bit for each byte that `is` marks.
#[inline(always)]
fn bits<const N: usize>(bytes: &[u8; N], is: impl Fn(u8x16) -> u8x16) -> u64 {
    let (parts, _) = bytes.as_chunks::<16>();
    parts.iter().rev().fold(0, |all, part| all << 16 | u64::from(is(u8x16::new(*part)).to_bitmask()))
}

/// What is left of a text, zeros behind it.
#[inline(never)]
fn padded(bytes: &[u8], from: usize) -> [u8; WINDOW] {
    let mut window = [0; WINDOW];
    window.iter_mut().zip(bytes.get(from..).unwrap_or_default()).for_each(|(place, byte)| *place = *byte);
    window
}

/// The word of the token that stands between these two ends: of a slash, or of what else the tail stands behind.
///
/// Of less than eight bytes: zeros, the byte before the token, and the token. Of eight: the token. Of more: a zero, and the
/// token's last seven. Behind slashes two tokens of at most eight bytes have one word only if they are equal, as no token
/// holds a slash; and only one of eight bytes that begins with a zero has that of a longer one.
#[inline(always)]
pub(crate) fn word(bytes: &[u8], before: u32, end: u32) -> u64 {
    let at = end as usize;
    let last =
        bytes.get(at..at.wrapping_add(WORD)).and_then(<[u8]>::first_chunk).map_or(0, |last| u64::from_le_bytes(*last));
    // A length beyond the table is that of a long token. No branch: tokens come long and short in no order.
    let len = (end.wrapping_sub(before).wrapping_sub(1) as usize).min(LONG);
    KEPT.get(len).map_or(0, |kept| last & kept)
}

/// The length that a longer token's is taken for.
const LONG: usize = WORD + 1;

/// What is kept of the eight bytes before the end of a token, by its length: of a long one all but the first.
const KEPT: [u64; LONG + 1] = {
    let mut kept = [u64::MAX << 8; LONG + 1];
    let (mut rest, mut byte) = (kept.as_mut_slice(), 0);
    while let Some((first, others)) = rest.split_first_mut()
        && byte <= WORD
    {
        *first = u64::MAX << if byte < WORD { u64::BITS as usize - 8 - 8 * byte } else { 0 };
        (rest, byte) = (others, byte + 1);
    }
    kept
};

/// The word of a token behind a slash.
#[cfg(feature = "compiler")]
pub(crate) fn word_of(token: &str) -> u64 {
    let mut bytes = b"_______/".to_vec();
    bytes.extend_from_slice(token.as_bytes());
    let end = u32::try_from(token.len()).unwrap_or(u32::MAX);
    word(&bytes, u32::MAX, end)
}

/// Whether a token's word tells it from every other token.
#[cfg(feature = "compiler")]
pub(crate) fn is_exact(token: &str) -> bool {
    token.len() < WORD || token.len() == WORD && !token.starts_with('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_tells_short_tokens_apart() {
        let tokens = [
            "",
            "\0",
            "\0\0\0\0\0\0\0\0",
            "\0\0",
            "G",
            "GET",
            "\0GET",
            "GET\0",
            "POST",
            "pets",
            "1234567",
            "12345678",
            "\x001234567",
            "2345678",
            "é",
            "日本",
            "éé34567",
            "éé345678",
        ];
        for one in tokens {
            for other in tokens {
                assert_eq!(word_of(one) == word_of(other), one == other, "{one:?} and {other:?}");
            }
            for longer in ["a token of more than eight bytes", &format!("a{one}"), &format!("a token{one}")] {
                let is_other = longer.len() <= WORD || !is_exact(one) || word_of(one) != word_of(longer);
                assert!(is_other, "{one:?} and {longer:?}");
            }
        }
        assert_ne!(word_of("a token of more than 8 bytes"), word_of("a token of more than eight bytes"));
    }

    /// Every length of the text before the tail and of the tail, so that every end of a window is met.
    #[test]
    fn the_tokens_of_a_tail_are_those_between_slashes() {
        let tokens =
            ["prod", "GET", "", "12345678", "123456789", "\0", "é", "日本語", "", "", "a-token-of-its-own", "x"];
        let tail = tokens.join("/").repeat(4);
        for before in 9..150 {
            let before = format!("arn:::::{:_>1$}", "/", before - 8);
            for tail in (0..tail.len()).filter_map(|len| tail.get(..len)) {
                let text = format!("{before}{tail}");
                let mut start = before.len();
                let mut found = Vec::new();
                for before in Ends::from(&text, start) {
                    let end = before as usize + WORD;
                    let previous = u32::try_from(start - 1 - WORD).unwrap();
                    found.push((text.get(start..end).unwrap(), word(text.as_bytes(), previous, before)));
                    start = end + 1;
                }
                let expected: Vec<_> = tail.split('/').map(|token| (token, word_of(token))).collect();
                assert_eq!(found, expected, "{text}");
            }
        }
    }

    #[test]
    fn behind_the_end_there_is_no_token() {
        for text in ["arn:::::", &"a".repeat(64), &"a".repeat(200)] {
            assert_eq!(Ends::from(text, text.len() + 1).count(), 0);
            assert_eq!(Ends::from(text, text.len() + 100).count(), 0);
            assert_eq!(Ends::from(text, text.len()).map(|end| end as usize).collect::<Vec<_>>(), [text.len() - WORD]);
        }
    }
}
