//! Condition values, each read as its operator reads it (C-03, C-13 to C-20).

use std::net::{IpAddr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use jiff::civil::DateTime;

use super::error::{Problem, quote};
use super::template::{Wildcards, read_template, refuse_variable};
use super::{BaseOperator, ConditionValue, Piece, Template, Version};

/// The longest a number may be on each side of its point (C-16).
const MAX_DIGITS: usize = 18;

/// Nanoseconds in a second.
const NANOSECONDS: i128 = 1_000_000_000;

/// Reads a policy value as `operator` reads it.
pub(super) fn read_value(operator: BaseOperator, text: &str, version: Version) -> Result<ConditionValue, Problem> {
    use BaseOperator as Op;
    let value = match operator {
        Op::StringEquals | Op::StringNotEquals => {
            return read_template(text, Wildcards::Literal, version).map(ConditionValue::Text);
        }
        Op::StringLike | Op::StringNotLike => {
            return read_template(text, Wildcards::Wild, version).map(ConditionValue::Text);
        }
        Op::StringEqualsIgnoreCase | Op::StringNotEqualsIgnoreCase => {
            return read_ascii(operator, text, version).map(ConditionValue::Text);
        }
        Op::ArnEquals | Op::ArnLike | Op::ArnNotEquals | Op::ArnNotLike => {
            return read_arn(operator, text, version).map(ConditionValue::Text);
        }
        _ => {
            refuse_variable(text, version, &format!("a value of `{}`", operator.name()))?;
            match operator {
                Op::Bool | Op::Null => read_bool(text).map(ConditionValue::Bool),
                Op::BinaryEquals => read_bytes(text).map(ConditionValue::Bytes),
                Op::IpAddress | Op::NotIpAddress => read_network(text).map(ConditionValue::Network),
                Op::DateEquals
                | Op::DateNotEquals
                | Op::DateLessThan
                | Op::DateLessThanEquals
                | Op::DateGreaterThan
                | Op::DateGreaterThanEquals => {
                    read_instant(text).map(|nanoseconds| ConditionValue::Instant { nanoseconds })
                }
                _ => read_number(text).map(|scaled| ConditionValue::Number { scaled }),
            }
        }
    };
    value.ok_or_else(|| unreadable(operator, text))
}

/// What an operator's values look like, said to an author who wrote another one.
fn unreadable(operator: BaseOperator, text: &str) -> Problem {
    use BaseOperator as Op;
    let (expected, help) = match operator {
        Op::Bool => ("expected `true` or `false`, in lower case", bool_hint(text)),
        Op::Null => (
            "expected `true` or `false`, in lower case",
            "`true` asks that the key be absent, `false` that it be present".to_owned(),
        ),
        Op::BinaryEquals => (
            "expected base64 in its canonical form",
            "use `+`, `/` and the padding `=`, no white space, and leave unused bits zero".to_owned(),
        ),
        Op::IpAddress | Op::NotIpAddress => {
            ("expected an address or a block, as `10.0.0.0/8` or `2001:db8::/32`", network_hint(text).to_owned())
        }
        Op::DateEquals
        | Op::DateNotEquals
        | Op::DateLessThan
        | Op::DateLessThanEquals
        | Op::DateGreaterThan
        | Op::DateGreaterThanEquals => {
            ("expected a date, as `2026-01-31` or `2026-01-31T12:00:00Z`, or seconds since 1970", instant_hint(text))
        }
        _ => (
            "expected a whole or decimal number, as `5` or `0.5`",
            "write digits and one point at most: up to 18 digits on each side, at least one, no exponent, no unit"
                .to_owned(),
        ),
    };
    Problem::new(format!("`{}` cannot read {}", operator.name(), quote(text)), expected).help(help)
}

fn bool_hint(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        known @ ("true" | "false") => format!("write `{known}`"),
        _ => "write one of the two; `Null` asks whether the key is there".to_owned(),
    }
}

fn network_hint(text: &str) -> &'static str {
    let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
    if text.contains('*') {
        "write a block by the length of its prefix: `10.0.0.0/16` is what `10.0.*` would be"
    } else if address.contains('-') {
        "a range is written as blocks, as `10.0.0.0/24`"
    } else if prefix.contains('.') {
        "write the length of the prefix: `/8` is the mask `255.0.0.0`, `/24` is `255.255.255.0`"
    } else if !address.contains(':') && address.contains(|character: char| character.is_ascii_alphabetic()) {
        "names are not looked up: write the addresses themselves"
    } else if address.parse::<IpAddr>().is_ok() {
        "a prefix is 0 to 32 for IPv4 and 0 to 128 for IPv6, without leading zeros; on `::ffff:10.0.0.0` 96 to 128"
    } else {
        "an address has no leading zeros, no zone and no port"
    }
}

fn instant_hint(text: &str) -> String {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && text.len() == 4 {
        return format!("a year alone could be seconds: write `{text}-01-01`");
    }
    if digits && text.len() > 11 {
        return "write seconds, not milliseconds: 5 to 11 digits".to_owned();
    }
    if read_instant(&format!("{text}Z")).is_some() {
        return format!("a time needs a zone: write `{text}Z` for UTC, or end it in `+hh:mm` or `-hh:mm`");
    }
    "write `YYYY-MM-DD`, a day there is, and a time as `T12:00:00Z`, with a zone; seconds have 5 to 11 digits"
        .to_owned()
}

/// Text that folds ASCII letters, and so may hold nothing else (C-13).
fn read_ascii(operator: BaseOperator, text: &str, version: Version) -> Result<Template, Problem> {
    if let Some((at, character)) = text.char_indices().find(|(_, character)| !character.is_ascii()) {
        let problem = Problem::new(
            format!("{} holds {}, which is not ASCII", quote(text), quote(character.encode_utf8(&mut [0; 4]))),
            format!("expected ASCII under `{}`", operator.name()),
        );
        let help =
            "only the case of ASCII letters is ignored; list the spellings under an operator that compares exactly";
        return Err(problem.at(at..at + character.len_utf8()).help(help));
    }
    read_template(text, Wildcards::Literal, version)
}

/// An ARN pattern (C-15). It is cut at its colons after substitution, so one with variables stays whole.
fn read_arn(operator: BaseOperator, text: &str, version: Version) -> Result<Template, Problem> {
    let template = read_template(text, Wildcards::Wild, version)?;
    let mut colons = 0;
    for piece in &template.pieces {
        match piece {
            Piece::Text(literal) => colons += literal.matches(':').count(),
            Piece::Variable { .. } => return Ok(template),
            Piece::AnyRun | Piece::AnyOne => {}
        }
    }
    if colons < 5 {
        let problem = Problem::new(
            format!("`{}` cannot read {}", operator.name(), quote(text)),
            "expected an ARN pattern of six parts between colons",
        );
        return Err(problem.help("write `*` for each part that does not matter, as `arn:aws:iam::*:role/*`"));
    }
    Ok(template)
}

/// `true` or `false` (C-18).
fn read_bool(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The bytes behind base64 in its canonical form (C-20); a request's value reads the same.
pub(crate) fn read_bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A decimal number (C-16), times 10^18; a request's value reads the same.
pub(crate) fn read_number(text: &str) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let digits = |text: &str| {
        let readable = (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        readable.then(|| text.parse::<i128>().ok()).flatten()
    };
    let scale = 10i128.pow(18);
    let below_point = match fraction {
        Some(fraction) => digits(fraction)? * 10i128.pow(u32::try_from(MAX_DIGITS - fraction.len()).ok()?),
        None => 0,
    };
    let scaled = digits(whole)? * scale + below_point;
    Some(if negative { -scaled } else { scaled })
}

/// An address block (C-19), host bits cleared.
fn read_network(text: &str) -> Option<IpNet> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(read_prefix(prefix)?)),
        None => (text, None),
    };
    // Rust reads addresses to the letter of C-19: no zones, and no leading zeros in IPv4 parts.
    let (address, prefix) = match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => (IpAddr::V4(address), prefix.unwrap_or(32)),
        IpAddr::V6(address) => read_mapped(address, prefix.unwrap_or(128))?,
    };
    IpNet::new(address, prefix).ok().map(|network| network.trunc())
}

/// An IPv6 block, read as IPv4 where it is a mapped one.
fn read_mapped(address: Ipv6Addr, prefix: u8) -> Option<(IpAddr, u8)> {
    match address.to_ipv4_mapped() {
        Some(mapped) => Some((IpAddr::V4(mapped), prefix.checked_sub(96)?)),
        None => Some((IpAddr::V6(address), prefix)),
    }
}

/// A prefix length: digits without leading zeros.
fn read_prefix(text: &str) -> Option<u8> {
    let canonical = text == "0" || !text.starts_with('0');
    (canonical && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// An instant (C-17), in nanoseconds since 1970-01-01T00:00:00Z; a request's value reads the same.
pub(crate) fn read_instant(text: &str) -> Option<i128> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = (5..=11).contains(&text.len()).then(|| text.parse::<i128>().ok()).flatten()?;
        return Some(seconds * NANOSECONDS);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let (year, month, day) = match date.split('-').collect::<Vec<_>>().as_slice() {
        // A month alone has no time of day.
        [year, month] if time.is_none() => (*year, *month, "01"),
        [year, month, day] => (*year, *month, *day),
        _ => return None,
    };
    let (hour, minute, second, fraction, offset) = match time {
        Some(time) => read_time(time)?,
        None => (0, 0, 0, 0, 0),
    };
    let year = i16::from(digits(year.get(..2)?, 2)?) * 100 + i16::from(digits(year.get(2..)?, 2)?);
    // jiff knows the calendar; the syntax is C-17's, which is narrower than any that jiff reads.
    let civil = DateTime::new(year, digits(month, 2)?, digits(day, 2)?, hour, minute, second, fraction).ok()?;
    let since_epoch = civil.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    Some(since_epoch.as_nanos() - i128::from(offset) * NANOSECONDS)
}

/// `hh:mm[:ss[.f]]` and a zone: hour, minute, second, nanoseconds, and the zone's offset in seconds.
fn read_time(text: &str) -> Option<(i8, i8, i8, i32, i32)> {
    let (clock, offset) = match text.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let sign = text.rfind(['+', '-'])?;
            let (clock, zone) = text.split_at(sign);
            let (hour, minute) = read_clock(zone.get(1..)?)?;
            let seconds = i32::from(hour) * 3_600 + i32::from(minute) * 60;
            (clock, if zone.starts_with('-') { -seconds } else { seconds })
        }
    };
    let (hour, minute) = read_clock(clock.get(..5)?)?;
    let after = clock.get(5..)?;
    if after.is_empty() {
        return Some((hour, minute, 0, 0, offset));
    }
    let after = after.strip_prefix(':')?;
    let (second, fraction) = match after.split_once('.') {
        Some((second, fraction)) => (second, Some(fraction)),
        None => (after, None),
    };
    let nanoseconds = match fraction {
        Some(fraction) => {
            let readable = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
            let scale = 10i32.pow(u32::try_from(9usize.checked_sub(fraction.len())?).ok()?);
            readable.then(|| fraction.parse::<i32>().ok()).flatten()? * scale
        }
        None => 0,
    };
    let second = digits(second, 2).filter(|second| *second < 60)?;
    Some((hour, minute, second, nanoseconds, offset))
}

/// `hh:mm`.
fn read_clock(text: &str) -> Option<(i8, i8)> {
    let (hour, minute) = text.split_once(':')?;
    let hour = digits(hour, 2).filter(|hour| *hour < 24)?;
    let minute = digits(minute, 2).filter(|minute| *minute < 60)?;
    Some((hour, minute))
}

/// A number of exactly so many digits, at most two.
fn digits(text: &str, count: usize) -> Option<i8> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(operator: BaseOperator, text: &str) -> Option<ConditionValue> {
        read_value(operator, text, Version::V2012).ok()
    }

    #[test]
    fn numbers() {
        const ONE: i128 = 1_000_000_000_000_000_000;
        for (text, scaled) in [
            ("0", 0),
            ("-0", 0),
            ("007", 7 * ONE),
            ("+1.50", ONE + ONE / 2),
            ("-1.5", -ONE - ONE / 2),
            ("0.000000000000000001", 1),
            ("999999999999999999.999999999999999999", ONE * ONE - 1),
            ("-999999999999999999.999999999999999999", 1 - ONE * ONE),
        ] {
            assert_eq!(read(BaseOperator::NumericEquals, text), Some(ConditionValue::Number { scaled }), "C-16 {text}");
        }
        for text in [
            "",
            "-",
            "+",
            ".",
            "5.",
            ".5",
            "-.5",
            "1e3",
            "1E3",
            "1,5",
            " 1",
            "1 ",
            "--1",
            "+-1",
            "1.2.3",
            "0x1",
            "1_0",
            "٣",
            "NaN",
            "1000000000000000000",
            "0.0000000000000000001",
        ] {
            assert_eq!(read(BaseOperator::NumericLessThan, text), None, "C-16 {text}");
        }
    }

    #[test]
    fn instants() {
        const SECOND: i128 = 1_000_000_000;
        // The seconds are what `date -u -d … +%s` says.
        for (text, nanoseconds) in [
            ("1970-01", 0),
            ("1970-01-01", 0),
            ("1969-12-31T23:59:59Z", -SECOND),
            ("2026-11-25T12:30Z", 1_795_609_800 * SECOND),
            ("2026-11-25T12:30:15.25Z", 1_795_609_815 * SECOND + SECOND / 4),
            ("2026-11-25T12:30:00.000000001Z", 1_795_609_800 * SECOND + 1),
            ("2026-11-25T12:30:00+02:00", 1_795_602_600 * SECOND),
            ("2026-11-25T12:30:00-23:59", 1_795_696_140 * SECOND),
            ("2024-02-29", 1_709_164_800 * SECOND),
            ("9999-12-31T23:59:59-23:59", 253_402_387_139 * SECOND),
            ("0001-01-01", -62_135_596_800 * SECOND),
            ("12345", 12_345 * SECOND),
            ("00000", 0),
            ("99999999999", 99_999_999_999 * SECOND),
        ] {
            assert_eq!(
                read(BaseOperator::DateEquals, text),
                Some(ConditionValue::Instant { nanoseconds }),
                "C-17 {text}"
            );
        }
        for text in [
            "",
            "2026",
            "1234",
            "123456789012",
            "-12345",
            "+12345",
            "12345.0",
            "2026-1",
            "2026-1-01",
            "2026-13",
            "2026-00",
            "2026-02-29",
            "2026-04-31",
            "26-01-01",
            "2026-01-01T",
            "2026-01T00:00Z",
            "2026-01-01T00Z",
            "2026-01-01T00:00",
            "2026-01-01T00:00:00",
            "2026-01-01t00:00Z",
            "2026-01-01T00:00z",
            "2026-01-01 00:00Z",
            "2026-01-01T24:00Z",
            "2026-01-01T23:60Z",
            "2026-01-01T23:59:60Z",
            "2026-01-01T00:00:0Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.0000000001Z",
            "2026-01-01T00:00.5Z",
            "2026-01-01T00:00:00,5Z",
            "2026-01-01T00:00+0200",
            "2026-01-01T00:00+02",
            "2026-01-01T00:00+24:00",
            "2026-01-01T00:00+00:60",
            "2026-01-01T00:00ZZ",
            "2026-01-01T00:00Z+00:00",
            "20260101T000000Z",
            "2026-W01-1",
            "+002026-01-01",
            "tomorrow",
            "2026-01-01Z",
            "2026-01-01T00:00+-1:00",
            "2026-01-01T-1:00Z",
            "٢026-01-01",
            "20é-01-01",
        ] {
            assert_eq!(read(BaseOperator::DateLessThan, text), None, "C-17 {text}");
        }
    }

    #[test]
    fn networks() {
        for (text, network) in [
            ("10.0.0.1", "10.0.0.1/32"),
            ("123.4.5.6/24", "123.4.5.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("255.255.255.255/1", "128.0.0.0/1"),
            ("::", "::/128"),
            ("::/0", "::/0"),
            ("2001:DB8:0000::1/32", "2001:db8::/32"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304/128"),
            ("::ffff:10.1.2.3", "10.1.2.3/32"),
            ("::FFFF:a01:203/104", "10.0.0.0/8"),
            ("0:0:0:0:0:ffff:a01:203/96", "0.0.0.0/0"),
            ("::10.1.2.3", "::a01:203/128"),
        ] {
            let expected = network.parse().map(ConditionValue::Network).unwrap();
            assert_eq!(read(BaseOperator::IpAddress, text), Some(expected), "C-19 {text}");
        }
        for text in [
            "",
            "10.0.0",
            "10.0.0.256",
            "10.0.0.01",
            "010.0.0.1",
            "10.0.0.1/",
            "10.0.0.1/33",
            "10.0.0.1/08",
            "10.0.0.1/+8",
            "10.0.0.1/-1",
            "10.0.0.1/8/8",
            "10.0.0.1 ",
            " 10.0.0.1",
            "10.0.0.1:80",
            "10.0.0.0/255.0.0.0",
            "::/129",
            "::/0128",
            "::1%eth0",
            "[::1]",
            "00001::",
            ":::",
            "1::2::3",
            "::ffff:10.0.0.0/95",
            "::ffff:10.0.0.0/8",
            "::ffff:10.0.0.0/129",
            "::ffff:10.0.0.01",
            "1.2.3.4.5",
            "0x0a.0.0.1",
            "167772161",
            "10.*",
            "g::",
        ] {
            assert_eq!(read(BaseOperator::NotIpAddress, text), None, "C-19 {text}");
        }
    }

    #[test]
    fn booleans_and_bytes() {
        for operator in [BaseOperator::Bool, BaseOperator::Null] {
            assert_eq!(read(operator, "true"), Some(ConditionValue::Bool(true)), "C-18");
            assert_eq!(read(operator, "false"), Some(ConditionValue::Bool(false)), "C-18");
            for text in ["", "True", "FALSE", "1", "0", "yes", " true"] {
                assert_eq!(read(operator, text), None, "C-18 {text}");
            }
        }
        for (text, bytes) in
            [("", &b""[..]), ("YQ==", b"a"), ("YWI=", b"ab"), ("YWJj", b"abc"), ("+/+/", b"\xfb\xff\xbf")]
        {
            assert_eq!(
                read(BaseOperator::BinaryEquals, text),
                Some(ConditionValue::Bytes(bytes.to_vec())),
                "C-20 {text}"
            );
        }
        for text in ["YQ", "YQ=", "YR==", "YWJ=", "YQ==YQ==", "YQ==\n", "Y Q==", "-_-_", "=", "====", "YQ===", "é"] {
            assert_eq!(read(BaseOperator::BinaryEquals, text), None, "C-20 {text}");
        }
    }

    #[test]
    fn arn_patterns() {
        for text in [
            "a:b:c:d:e:f",
            "*:*:*:*:*:*",
            "arn:aws:iam::*:role/a:b*",
            ":::::",
            "${*}:::::",
            "${aws:username}",
            "arn:${aws:PrincipalArn}*",
        ] {
            assert!(read(BaseOperator::ArnEquals, text).is_some(), "C-15 {text}");
        }
        for text in ["", "*", "a:b:c:d:e", "arn:aws:iam:*", "${$}:a"] {
            assert_eq!(read(BaseOperator::ArnNotLike, text), None, "C-15 {text}");
        }
    }

    #[test]
    fn folded_text_is_ascii_and_wildcards_are_where_the_operator_has_them() {
        let text = |text: &str| Some(ConditionValue::Text(Template { pieces: vec![Piece::Text(text.to_owned())] }));
        assert_eq!(read(BaseOperator::StringEqualsIgnoreCase, "a*?"), text("a*?"), "C-14");
        assert_eq!(read(BaseOperator::StringNotEqualsIgnoreCase, "5 €"), None, "C-13");
        assert_eq!(read(BaseOperator::StringEqualsIgnoreCase, "${aws:a, 'é'}"), None, "C-13");
        assert_eq!(read(BaseOperator::StringEquals, "é*${?}"), text("é*?"), "C-14");
        let glob = ConditionValue::Text(Template { pieces: vec![Piece::AnyRun, Piece::Text("?".into())] });
        assert_eq!(read(BaseOperator::StringNotLike, "*${?}"), Some(glob), "C-14");
    }
}
