//! Tokens: a resource cut at slashes, and the word that each token is compared by.
//!
//! All slashes of 64 bytes are found at once, and a token's word is one load of the eight bytes *before* its end: no
//! loop over bytes, no branch on where a token ends, and no load outside the resource, since the ARN stands before every
//! token. Measured, a token costs half of what it does when it is searched for its end eight bytes at a time.

use core::hint::select_unpredictable;

use wide::u8x16;

const SLASH: u64 = b'/' as u64;

/// Where the tokens of a text end, in order: at each slash, and at the end of the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends<'a> {
    bytes: &'a [u8],
    /// The slashes that were found and not given yet, from `base` on; and the end, where it is near.
    marks: u64,
    base: usize,
}

/// So many bytes are looked through at once.
pub(crate) const WINDOW: usize = 64;

impl<'a> Ends<'a> {
    /// The ends at or behind this byte.
    #[inline(always)]
    pub fn from(text: &'a str, from: usize) -> Self {
        let bytes = text.as_bytes();
        Self { bytes, marks: marks(bytes, from), base: from }
    }
}

impl Iterator for Ends<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.marks == 0 {
            self.base = self.base.saturating_add(WINDOW);
            if self.base > self.bytes.len() {
                return None;
            }
            self.marks = marks(self.bytes, self.base);
        }
        let end = self.base.wrapping_add(self.marks.trailing_zeros() as usize);
        self.marks &= self.marks.wrapping_sub(1);
        Some(end)
    }
}

/// The slashes of the window that begins here, and the end of the text where it is in it.
#[inline(always)]
fn marks(bytes: &[u8], from: usize) -> u64 {
    let found = window(bytes, from, |part| part.simd_eq(u8x16::splat(b'/')));
    let end = bytes.len().checked_sub(from).filter(|left| *left < WINDOW);
    found | end.map_or(0, |left| 1u64 << left)
}

/// A bit for each byte that `is` marks, of up to [`WINDOW`] from this one on.
///
/// In the last window, which is not whole, as many bytes before the text's end are looked through, and what stands before
/// the window is shifted out.
#[inline(always)]
pub(crate) fn window(bytes: &[u8], from: usize, is: impl Fn(u8x16) -> u8x16) -> u64 {
    const HALF: usize = WINDOW / 2;
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

/// The word of the token that stands between these two places: of a slash, or of what else the tail stands behind.
///
/// Of less than eight bytes: zeros, the byte before the token, and the token. Of eight: the token. Of more: a slash, the
/// length's low six bits as a byte that no character begins with, and the token's last six bytes. Behind slashes two
/// tokens of at most eight bytes have one word only if they are equal, and none has that of a longer one, as no token holds
/// a slash.
///
/// All are worked out and one is taken: tokens come long and short in no order, and a wrong guess costs more.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the low bits of a shift")]
pub(crate) fn word(bytes: &[u8], start: usize, end: usize) -> u64 {
    let len = end.wrapping_sub(start);
    let last = bytes.get(..end).and_then(<[u8]>::last_chunk).map_or(0, |last| u64::from_le_bytes(*last));
    // Seven bytes less the token's length, modulo eight.
    let short = last & u64::MAX.wrapping_shl((start.wrapping_sub(end).wrapping_sub(1) as u32).wrapping_mul(8));
    let long = last & !0xFFFF | SLASH | 0x80 << 8 | (len as u64 & 0x3F) << 8;
    select_unpredictable(len < 8, short, select_unpredictable(len == 8, last, long))
}

/// The word of a token behind a slash.
#[cfg(feature = "compiler")]
pub(crate) fn word_of(token: &str) -> u64 {
    let mut bytes = b"_______/".to_vec();
    bytes.extend_from_slice(token.as_bytes());
    word(&bytes, 8, bytes.len())
}

/// Whether a token's word tells it from every other token.
#[cfg(feature = "compiler")]
pub(crate) const fn is_exact(token: &str) -> bool {
    token.len() <= 8
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
            assert_ne!(word_of(one), word_of("a token of more than eight bytes"));
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
                for end in Ends::from(&text, start) {
                    found.push((text.get(start..end).unwrap(), word(text.as_bytes(), start, end)));
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
            assert_eq!(Ends::from(text, text.len()).collect::<Vec<_>>(), [text.len()]);
        }
    }
}
