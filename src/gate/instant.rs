//! Instants as requests write them (C-17), without a clock or a calendar library: the runtime half has neither.

/// Nanoseconds in a second.
const NANOSECONDS: i128 = 1_000_000_000;
const SECONDS_A_DAY: i64 = 86_400;

/// Reads `YYYY-MM`, `YYYY-MM-DD`, `YYYY-MM-DDThh:mm[:ss[.f]]` with a zone, or 5 to 11 digits of epoch seconds.
///
/// Returns nanoseconds since 1970-01-01T00:00:00Z; `None` for every other text, the year alone, milliseconds
/// and leap seconds among them.
pub(crate) fn read_instant(text: &str) -> Option<i128> {
    let bytes = text.as_bytes();
    if bytes.iter().all(u8::is_ascii_digit) {
        return (5..=11)
            .contains(&bytes.len())
            .then(|| text.parse::<i64>().ok())
            .flatten()
            .map(|seconds| i128::from(seconds).saturating_mul(NANOSECONDS));
    }
    let mut rest = Cursor(bytes);
    let year = rest.digits(4)?;
    rest.expect(b'-')?;
    let month = rest.digits(2)?;
    let day = if rest.0.is_empty() { 1 } else { rest.expect(b'-').and_then(|()| rest.digits(2))? };
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let midnight = days_from_civil(year, month, day).checked_mul(SECONDS_A_DAY)?;
    if rest.0.is_empty() {
        return Some(i128::from(midnight).saturating_mul(NANOSECONDS));
    }
    rest.expect(b'T')?;
    let (hour, minute) = rest.clock_time()?;
    let mut second = 0;
    let mut fraction = 0;
    if rest.expect(b':').is_some() {
        second = rest.digits(2).filter(|second| *second < 60)?;
        if rest.expect(b'.').is_some() {
            fraction = rest.fraction()?;
        }
    }
    let offset = match rest.next()? {
        b'Z' => 0,
        sign @ (b'+' | b'-') => {
            let (hours, minutes) = rest.clock_time()?;
            let seconds = hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?;
            if sign == b'+' { seconds } else { seconds.checked_neg()? }
        }
        _ => return None,
    };
    if !rest.0.is_empty() {
        return None;
    }
    let of_day = hour.checked_mul(3_600)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    let seconds = midnight.checked_add(of_day)?.checked_sub(offset)?;
    i128::from(seconds).checked_mul(NANOSECONDS)?.checked_add(fraction)
}

/// The whole seconds of an instant, rounded down.
pub(crate) fn whole_seconds(nanoseconds: i128) -> Option<i64> {
    i64::try_from(nanoseconds.div_euclid(NANOSECONDS)).ok()
}

/// Year, month, day, hour, minute and second of epoch seconds; `None` outside the years 1 to 9999 (K-10).
pub(crate) fn civil_time(seconds: i64) -> Option<[i64; 6]> {
    let (days, of_day) = (seconds.div_euclid(SECONDS_A_DAY), seconds.rem_euclid(SECONDS_A_DAY));
    let (year, month, day) = civil_from_days(days)?;
    (1..=9999).contains(&year).then_some([year, month, day, of_day / 3_600, of_day / 60 % 60, of_day % 60])
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, of a valid date of the years 0 to 9999.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is a year's last; `400 * 365 + 97` days make one era.
    let year = if month <= 2 { year.saturating_sub(1) } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month = month.saturating_add(9) % 12;
    let of_year = month.saturating_mul(153).saturating_add(2) / 5;
    let days = of_era
        .saturating_mul(365)
        .saturating_add(of_era / 4)
        .saturating_sub(of_era / 100)
        .saturating_add(of_year)
        .saturating_add(day)
        .saturating_sub(1);
    era.saturating_mul(146_097).saturating_add(days).saturating_sub(719_468)
}

/// The reverse of [`days_from_civil`]; `None` for days so far off that the sum overflows.
fn civil_from_days(days: i64) -> Option<(i64, i64, i64)> {
    let days = days.checked_add(719_468)?;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year =
        of_era.saturating_sub(of_era / 1_460).saturating_add(of_era / 36_524).saturating_sub(of_era / 146_096) / 365;
    let of_year = of_era.saturating_sub(year.saturating_mul(365).saturating_add(year / 4).saturating_sub(year / 100));
    let month = of_year.saturating_mul(5).saturating_add(2) / 153;
    let day = of_year.saturating_sub(month.saturating_mul(153).saturating_add(2) / 5).saturating_add(1);
    let month = if month < 10 { month.saturating_add(3) } else { month.saturating_sub(9) };
    let year = era.checked_mul(400)?.checked_add(year)?.checked_add(i64::from(month <= 2))?;
    Some((year, month, day))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// What is still to be read.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        core::str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_digit))?.parse().ok()
    }

    /// `hh:mm`.
    fn clock_time(&mut self) -> Option<(i64, i64)> {
        let hour = self.digits(2).filter(|hour| *hour < 24)?;
        self.expect(b':')?;
        let minute = self.digits(2).filter(|minute| *minute < 60)?;
        Some((hour, minute))
    }

    /// 1 to 9 digits after the point, as nanoseconds.
    fn fraction(&mut self) -> Option<i128> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let scale = 9u32.checked_sub(u32::try_from(count).ok()?)?;
        let digits = (count > 0).then(|| self.digits(count)).flatten()?;
        i128::from(digits).checked_mul(10i128.pow(scale))
    }
}

#[cfg(test)]
mod tests;
