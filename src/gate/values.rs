//! Values of a request, read as condition operators read them (C-16 to C-20). Addresses and instants have readers of
//! their own: `request` and `instant`.

/// The longest a number may be on each side of its point (C-16).
const MAX_DIGITS: usize = 18;

/// Reads a decimal number (C-16), times 10^18; `None` for every other text.
pub(super) fn read_number(text: &str) -> Option<i128> {
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("-", digits)) => (-1, digits),
        Some(("+", digits)) => (1, digits),
        _ => (1, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (digits, "0"),
    };
    // Eighteen digits on either side stay far below the largest number.
    let scale = 10i128.checked_pow(u32::try_from(MAX_DIGITS).ok()?)?;
    let unit = 10i128.checked_pow(u32::try_from(MAX_DIGITS.checked_sub(fraction.len())?).ok()?)?;
    let scaled = read_digits(whole)?.checked_mul(scale)?.checked_add(read_digits(fraction)?.checked_mul(unit)?)?;
    scaled.checked_mul(sign)
}

fn read_digits(text: &str) -> Option<i128> {
    let readable = (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if readable { text.parse().ok() } else { None }
}

/// Reads `true` or `false` in any case (C-18).
pub(super) fn read_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Whether a text is base64 in its one canonical form (C-20): padded, unused bits zero, nothing else in it.
pub(super) fn is_canonical_base64(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = match bytes {
        [digits @ .., b'=', b'='] | [digits @ .., b'='] => digits,
        digits => digits,
    };
    let unused_bits = match bytes.len().saturating_sub(digits.len()) {
        0 => 0,
        1 => 0b11,
        _ => 0b1111,
    };
    let last = match digits.last() {
        Some(last) => sextet(*last),
        None => return bytes.is_empty(),
    };
    bytes.len().is_multiple_of(4)
        && digits.iter().all(|digit| sextet(*digit).is_some())
        && last.is_some_and(|bits| bits & unused_bits == 0)
}

/// The six bits of a base64 digit.
const fn sextet(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit.wrapping_sub(b'A'),
        b'a'..=b'z' => digit.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => digit.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Whether a text has the six parts of an ARN (C-15).
pub(super) fn has_six_parts(text: &str) -> bool {
    text.bytes().filter(|byte| *byte == b':').nth(4).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        const ONE: i128 = 1_000_000_000_000_000_000;
        let readable = [
            ("0", 0),
            ("-0", 0),
            ("+1", ONE),
            ("-1.5", -ONE - ONE / 2),
            ("007", 7 * ONE),
            ("1.000000000000000001", ONE + 1),
            ("999999999999999999.999999999999999999", ONE * ONE - 1),
            ("-999999999999999999", ONE - ONE * ONE),
        ];
        for (text, scaled) in readable {
            assert_eq!(read_number(text), Some(scaled), "{text}");
        }
        let unreadable = [
            "",
            "+",
            "-",
            ".",
            "5.",
            ".5",
            "1.2.3",
            "1e3",
            "0x1",
            " 1",
            "1 ",
            "--1",
            "+-1",
            "1,5",
            "٣",
            "é1",
            "1000000000000000000",
            "0.0000000000000000001",
            "1.",
            "NaN",
        ];
        for text in unreadable {
            assert_eq!(read_number(text), None, "{text}");
        }
    }

    #[test]
    fn booleans() {
        assert_eq!(
            ["true", "TRUE", "False", "", "1", "yes"].map(read_bool),
            [Some(true), Some(true), Some(false), None, None, None]
        );
    }

    #[test]
    fn arns_have_six_parts() {
        assert_eq!(["a:b:c:d:e:f", ":::::", "a:b:c:d:e:f:g"].map(has_six_parts), [true; 3]);
        assert_eq!(["", "a:b:c:d:e", "::::"].map(has_six_parts), [false; 3]);
    }

    #[test]
    fn base64() {
        let canonical = ["", "AA==", "AAA=", "AAAA", "AQ==", "AAE=", "+/+/", "aGVsbG8="];
        for text in canonical {
            assert!(is_canonical_base64(text), "{text}");
        }
        let other = [
            "A", "AA", "AAA", "AA=", "A===", "====", "=", "AB==", "AAB=", "AA==AA==", "AA A", "AA\n=", "-_-_", "AAAAA",
            "é==", "=AAA",
        ];
        for text in other {
            assert!(!is_canonical_base64(text), "{text}");
        }
    }

    #[cfg(feature = "compiler")]
    proptest::proptest! {
        /// The same texts as a well-kept library reads.
        #[test]
        fn base64_as_the_library_reads_it(text in "[A-Da-c8-9+/=]{0,12}") {
            use ::base64::Engine;
            let read = ::base64::engine::general_purpose::STANDARD.decode(&text).is_ok();
            proptest::prop_assert_eq!(is_canonical_base64(&text), read);
        }
    }
}
