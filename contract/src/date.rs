//! Days of the calendar: what a sunset names, and what today is.

use std::{fmt, str::FromStr};

/// A day in the Gregorian calendar, from year 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Days since 1970-01-01.
    days: i64,
}

/// The text is neither a date (`2027-03-31`) nor a date with a time (`2027-03-31T12:00:00Z`) of RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a date is written as 2027-03-31 or 2027-03-31T12:00:00Z (RFC 3339)")]
pub struct InvalidDate;

const MINUTES_PER_DAY: i64 = 24 * 60;

impl Date {
    /// The day on which so many seconds have passed since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self { days: seconds.div_euclid(60 * MINUTES_PER_DAY) }
    }

    /// The day so many days later.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self { days: self.days + i64::from(days) }
    }

    /// Days from `self` to `later`; negative when `later` is earlier.
    #[must_use]
    pub const fn days_until(self, later: Self) -> i64 {
        later.days - self.days
    }

    /// The day with this number in its month; `None` for the 30th of February.
    fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if !(1..=12).contains(&month) || !(1..=length).contains(&day) {
            return None;
        }
        // Counted from March, so that the leap day is the year's last one.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let in_year = (153 * month + 2) / 5 + day - 1;
        let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        Some(Self { days: 365 * year + leaps + in_year - 719_468 })
    }
}

/// Takes so many digits off the front.
fn number(text: &mut &str, digits: usize) -> Option<i64> {
    let (head, rest) = text.split_at_checked(digits)?;
    *text = rest;
    head.bytes().all(|byte| byte.is_ascii_digit()).then(|| head.parse().ok())?
}

fn skip(text: &mut &str, separators: &[char]) -> Option<char> {
    let first = text.chars().next().filter(|c| separators.contains(c))?;
    *text = &text[first.len_utf8()..];
    Some(first)
}

/// Minutes from the day's start to the time in UTC, which may be on the day before or after.
fn time(mut text: &str) -> Option<i64> {
    let hour = number(&mut text, 2)?;
    skip(&mut text, &[':'])?;
    let minute = number(&mut text, 2)?;
    skip(&mut text, &[':'])?;
    let second = number(&mut text, 2)?;
    if skip(&mut text, &['.']).is_some() {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        number(&mut text, digits.clamp(1, 18))?;
    }
    let offset = match skip(&mut text, &['Z', 'z', '+', '-'])? {
        sign @ ('+' | '-') => {
            let hours = number(&mut text, 2)?;
            skip(&mut text, &[':'])?;
            let minutes = number(&mut text, 2)?;
            let offset = hours * 60 + minutes;
            if hours > 23 || minutes > 59 {
                return None;
            }
            if sign == '+' { offset } else { -offset }
        }
        _ => 0,
    };
    // 60 is a leap second.
    (hour < 24 && minute < 60 && second <= 60 && text.is_empty()).then_some(hour * 60 + minute - offset)
}

impl FromStr for Date {
    type Err = InvalidDate;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = |mut text: &str| {
            let year = number(&mut text, 4)?;
            skip(&mut text, &['-'])?;
            let month = number(&mut text, 2)?;
            skip(&mut text, &['-'])?;
            let date = Self::new(year, month, number(&mut text, 2)?)?;
            if text.is_empty() {
                return Some(date);
            }
            skip(&mut text, &['T', 't', ' '])?;
            Some(Self { days: date.days + time(text)?.div_euclid(MINUTES_PER_DAY) })
        };
        parse(text.trim()).ok_or(InvalidDate)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.days + 719_468;
        let era = days.div_euclid(146_097);
        let in_era = days.rem_euclid(146_097);
        let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
        let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * in_year + 2) / 153;
        let day = in_year - (153 * month + 2) / 5 + 1;
        let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        write!(f, "{:04}-{month:02}-{day:02}", year_of_era + era * 400 + carry)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn dates_are_read_and_written() {
        for (text, days, written) in [
            ("1970-01-01", 0, "1970-01-01"),
            ("1969-12-31", -1, "1969-12-31"),
            ("2000-02-29", 11_016, "2000-02-29"),
            ("2027-03-31", 20_908, "2027-03-31"),
            ("0000-01-01", -719_528, "0000-01-01"),
            ("9999-12-31", 2_932_896, "9999-12-31"),
            ("2027-03-31T12:00:00Z", 20_908, "2027-03-31"),
            ("2027-03-31t23:30:00.25-01:00", 20_909, "2027-04-01"),
            (" 2027-03-31T00:30:00+01:00 ", 20_907, "2027-03-30"),
        ] {
            let date: Date = text.parse().expect(text);
            assert_eq!((date.days, date.to_string().as_str()), (days, written), "{text}");
        }
        assert_eq!(Date::from_unix_seconds(-1).to_string(), "1969-12-31");
        assert_eq!(Date::from_unix_seconds(86_400 * 20_908 + 5).to_string(), "2027-03-31");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "soon",
            "2027",
            "2027-3-1",
            "2027-13-01",
            "2027-00-10",
            "2027-02-29",
            "2027-04-31",
            "2027-03-31T",
            "2027-03-31T12:00:00",
            "2027-03-31T24:00:00Z",
            "2027-03-31T12:00:00.Z",
            "2027-03-31T12:00:00+24:00",
            "2027-03-31 soon",
            "२०२७-०३-३१",
            "+027-03-31",
            "2027-03-31T12:00:00Zz",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
