//! C-17 by hand, and against a calendar library where there is one.

use super::{civil_time, read_instant, whole_seconds};

#[track_caller]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
fn reads(text: &str, seconds: i64, nanoseconds: i64) {
    let expected = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    assert_eq!(read_instant(text), Some(expected), "{text}");
}

#[test]
fn readable() {
    reads("1970-01", 0, 0);
    reads("1970-01-01", 0, 0);
    reads("1970-01-01T00:00Z", 0, 0);
    reads("1970-01-01T00:00:00Z", 0, 0);
    reads("2026-12", 1_796_083_200, 0);
    reads("2024-02-29", 1_709_164_800, 0);
    reads("2000-02-29", 951_782_400, 0);
    reads("2026-01-01T23:59:59Z", 1_767_311_999, 0);
    reads("2026-01-01T00:00:00+00:00", 1_767_225_600, 0);
    reads("2026-01-01T00:00:00-00:00", 1_767_225_600, 0);
    reads("2026-01-01T00:00:00+01:30", 1_767_220_200, 0);
    reads("2026-01-01T00:00:00-01:30", 1_767_231_000, 0);
    reads("2026-01-01T00:00+23:59", 1_767_139_260, 0);
    reads("2026-01-01T00:00:00.5Z", 1_767_225_600, 500_000_000);
    reads("2026-01-01T00:00:00.000000001Z", 1_767_225_600, 1);
    reads("2026-01-01T00:00:00.123456789-00:01", 1_767_225_660, 123_456_789);
    reads("1969-12-31T23:59:59.25Z", -1, 250_000_000);
    reads("0001-01-01", -62_135_596_800, 0);
    reads("9999-12-31T23:59:59Z", 253_402_300_799, 0);
}

#[test]
fn readable_epochs_have_5_to_11_digits() {
    reads("10000", 10_000, 0);
    reads("00000", 0, 0);
    // No date in the basic form: seconds.
    reads("20260101", 20_260_101, 0);
    reads("1767225600", 1_767_225_600, 0);
    reads("99999999999", 99_999_999_999, 0);
}

#[test]
fn unreadable() {
    for text in [
        // Neither a year nor seconds; milliseconds; other numbers.
        "",
        "0",
        "2026",
        "1767225600000",
        "100000000000",
        "-10000",
        "+10000",
        "10000.0",
        "1e5",
        "10 000",
        "１００００",
        // Parts missing, cut short, or of another width.
        "2026-",
        "2026-1",
        "2026-01-",
        "2026-01-1",
        "26-01-01",
        "02026-01-01",
        "2026-001",
        "2026-01T00:00Z",
        "2026-01-01T",
        "2026-01-01T00",
        "2026-01-01T00Z",
        "2026-01-01T00:",
        "2026-01-01T00:00:",
        "2026-01-01T00:00:0Z",
        "2026-01-01T0:00Z",
        "2026-W01",
        "2026-001T00:00Z",
        // A time without a zone; zones of other forms.
        "2026-01-01T00:00",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+01",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+01:0",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+00:60",
        "2026-01-01Z",
        "2026-01-01T00:00:00ZZ",
        "2026-01-01T00:00:00Z+00:00",
        "2026-01-01T00:00:00 Z",
        "2026-01-01T00:00:00UTC",
        "2026-01-01T00:00:00[UTC]",
        "2026-01-01T00:00:00+01:00:00",
        // Lower case, blanks, other separators.
        "2026-01-01t00:00:00Z",
        "2026-01-01T00:00:00z",
        "2026-01-01 00:00:00Z",
        " 2026-01-01",
        "2026-01-01 ",
        "2026/01/01",
        "2026-01-01T00.00Z",
        "2026\u{2010}01\u{2010}01",
        // Out of range: months, days, hours, minutes, leap seconds.
        "2026-00",
        "2026-13",
        "2026-01-00",
        "2026-01-32",
        "2026-04-31",
        "2026-02-29",
        "1900-02-29",
        "2100-02-29",
        "2026-01-01T24:00Z",
        "2026-01-01T00:60Z",
        "2026-01-01T23:59:60Z",
        // Fractions: of none or more than 9 digits, with a comma, of a minute.
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00.5Z",
        // Signs of a year.
        "-2026-01-01",
        "+2026-01-01",
        "+002026-01-01",
        "-0001-01",
        "10000-01-01",
        // Signs within a part.
        "2026-+1-01",
        "2026-01-01T+1:00Z",
        "2026-01-01T00:00:00.+5Z",
        "2026-01-01T00:00:00.-5Z",
    ] {
        assert_eq!(read_instant(text), None, "{text:?}");
    }
}

#[test]
fn whole_seconds_round_down_on_both_sides_of_the_epoch() {
    for (nanoseconds, seconds) in [
        (0, 0),
        (1, 0),
        (999_999_999, 0),
        (1_000_000_000, 1),
        (-1, -1),
        (-999_999_999, -1),
        (-1_000_000_000, -1),
        (-1_000_000_001, -2),
    ] {
        assert_eq!(whole_seconds(nanoseconds), Some(seconds), "{nanoseconds}");
    }
    assert_eq!(whole_seconds(i128::MAX), None);
    assert_eq!(whole_seconds(i128::MIN), None);
}

#[test]
fn civil_time_within_its_years() {
    assert_eq!(civil_time(0), Some([1970, 1, 1, 0, 0, 0]));
    assert_eq!(civil_time(-1), Some([1969, 12, 31, 23, 59, 59]));
    assert_eq!(civil_time(951_868_799), Some([2000, 2, 29, 23, 59, 59]));
    assert_eq!(civil_time(-62_135_596_800), Some([1, 1, 1, 0, 0, 0]));
    assert_eq!(civil_time(-62_135_596_801), None);
    assert_eq!(civil_time(253_402_300_799), Some([9999, 12, 31, 23, 59, 59]));
    assert_eq!(civil_time(253_402_300_800), None);
    assert_eq!(civil_time(i64::MAX), None);
    assert_eq!(civil_time(i64::MIN), None);
}

/// Every day of 400 years, after which the calendar repeats itself, there and back.
#[test]
fn every_day_comes_back() {
    let first = -5_333_126_400i64;
    let mut before = [1800, 12, 31];
    for day in 0..146_097 {
        let [year, month, day_of_month, hour, minute, second] = civil_time(first + day * 86_400).unwrap();
        assert_eq!([hour, minute, second], [0, 0, 0]);
        let today = [year, month, day_of_month];
        assert!(today > before, "{today:?} after {before:?}");
        before = today;
        let midnight = super::days_from_civil(year, month, day_of_month) * 86_400;
        assert_eq!(midnight, first + day * 86_400, "{today:?}");
        assert!(day_of_month <= super::days_in_month(year, month));
    }
    assert_eq!(before, [2200, 12, 31]);
}

/// The calendar library that policies are read with has the same calendar.
#[cfg(feature = "compiler")]
#[test]
fn as_jiff_reads_it() {
    for text in [
        "0001-01-01T00:00:00Z",
        "1582-10-10T12:00:00Z",
        "1900-02-28T23:59:59Z",
        "1900-03-01T00:00:00Z",
        "1969-12-31T23:59:59.999999999Z",
        "2000-02-29T06:07:08.9Z",
        "2024-12-31T23:59:59+05:45",
        "2038-01-19T03:14:08Z",
        "2100-02-28T00:00:00-11:00",
        "9999-12-30T22:00:00Z",
    ] {
        let timestamp: jiff::Timestamp = text.parse().unwrap();
        assert_eq!(read_instant(text), Some(timestamp.as_nanosecond()), "{text}");
    }
}
