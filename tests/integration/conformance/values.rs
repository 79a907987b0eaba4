//! What values of conditions may look like (C-16 to C-20), written apart from the crate's own readers.

/// C-16
pub fn is_number(text: &str) -> bool {
    let digits = |text: &str| (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.strip_prefix(['+', '-']).unwrap_or(text).split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text.strip_prefix(['+', '-']).unwrap_or(text)),
    }
}

/// A number's one spelling.
pub fn decimal(text: &str) -> String {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let number = format!("{}.{}", whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if text.starts_with('-') && number != "." { format!("-{number}") } else { number }
}

/// C-17: seconds since 1970.
pub fn is_epoch(text: &str) -> bool {
    (5..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// C-17: a date, with or without a time.
pub fn is_calendar(text: &str) -> bool {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let number = |text: &str, len: usize| -> Option<u32> {
        (text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let within = |text: &str, most: u32| number(text, 2).is_some_and(|number| number <= most);
    let parts: Vec<&str> = date.split('-').collect();
    let (Some(year), Some(month)) =
        (parts.first().and_then(|part| number(part, 4)), parts.get(1).and_then(|part| number(part, 2)))
    else {
        return false;
    };
    let leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    let Some(time) = time else {
        return match parts.as_slice() {
            [_, _] => true,
            [_, _, day] => number(day, 2).is_some_and(|day| (1..=days).contains(&day)),
            _ => false,
        };
    };
    let day = parts.len() == 3 && number(parts[2], 2).is_some_and(|day| (1..=days).contains(&day));
    let clock = match time.strip_suffix('Z') {
        Some(clock) => Some(clock),
        None => time.rfind(['+', '-']).and_then(|at| {
            let (hours, minutes) = time[at + 1..].split_once(':')?;
            (within(hours, 23) && within(minutes, 59)).then_some(&time[..at])
        }),
    };
    let Some(clock) = clock else { return false };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let fields: Vec<&str> = clock.split(':').collect();
    let fraction_reads = fraction.is_none_or(|digits| {
        fields.len() == 3 && (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    day && fraction_reads
        && matches!(fields.len(), 2 | 3)
        && within(fields[0], 23)
        && fields[1..].iter().all(|field| within(field, 59))
}

/// C-18
pub fn is_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// C-20: base64 in its one form.
pub fn is_binary(text: &str) -> bool {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let content = text.trim_end_matches('=');
    let padding = text.len() - content.len();
    let Some(sextets) = content.bytes().map(|byte| ALPHABET.iter().position(|one| *one == byte)).collect() else {
        return false;
    };
    let sextets: Vec<usize> = sextets;
    // The bits of the last sextet that belong to no byte.
    let unused = match padding {
        0 => 0,
        1 => 0b11,
        2 => 0b1111,
        _ => return false,
    };
    text.len().is_multiple_of(4) && sextets.last().is_none_or(|last| last & unused == 0)
}

#[test]
fn values_are_told_apart() {
    for text in ["0", "-1", "+1.50", "123456789012345678.000000000000000001"] {
        assert!(is_number(text), "{text}");
    }
    for text in ["", ".5", "5.", "1e3", "0x1", " 1", "1234567890123456789", "--1"] {
        assert!(!is_number(text), "{text}");
    }
    assert_eq!(decimal("+001.50"), decimal("1.5"));
    assert_eq!(decimal("-0"), decimal("0.0"));
    assert_ne!(decimal("-1"), decimal("1"));
    for text in ["2026-02", "2024-02-29", "2026-01-01T00:00Z", "2026-01-01T23:59:59.123456789+05:30"] {
        assert!(is_calendar(text), "{text}");
    }
    for text in ["2026", "2026-13", "2026-02-29", "2026-01-01T00:00", "2026-01-01T24:00Z", "2026-01T00:00Z", "é"] {
        assert!(!is_calendar(text), "{text}");
    }
    assert!(
        is_epoch("12345")
            && is_epoch("17672256000")
            && !is_epoch("2026")
            && !is_epoch("-17672256")
            && !is_epoch("176722560000")
    );
    for text in ["", "QQ==", "QUI=", "QUJD"] {
        assert!(is_binary(text), "{text}");
    }
    for text in ["Q", "QQ", "QR==", "QUJ=", "QQ=\n", "QQ== ", "===="] {
        assert!(!is_binary(text), "{text}");
    }
}
