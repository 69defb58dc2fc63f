//! What the well-known formats mean, as far as a text can be told to break them.
//!
//! JSON Schema leaves it to the validator whether formats are checked, and unknown ones are never an error. Checked
//! here are those whose grammar is short and beyond dispute; the rest is taken as it is.

/// Whether a text keeps to a format; nothing when the format isn't one of those that are checked.
pub(crate) fn keeps(format: &str, text: &str) -> Option<bool> {
    Some(match format {
        "date" => is_date(text),
        "date-time" => is_date_time(text),
        "time" => is_time(text),
        "uuid" => is_uuid(text),
        "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<std::net::Ipv6Addr>().is_ok(),
        "email" => is_email(text),
        "uri" => is_uri(text),
        _ => return None,
    })
}

/// A text of a format, for those that are checked.
pub(crate) fn example(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "2026-01-31",
        "date-time" => "2026-01-31T12:00:00Z",
        "time" => "12:00:00Z",
        "uuid" => "0197c2a0-7c1e-7000-8000-000000000001",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "email" => "ada@example.com",
        "uri" => "https://example.com/",
        "uri-reference" => "/example",
        "hostname" => "example.com",
        "byte" => "aGVsbG8=",
        "duration" => "P1D",
        _ => return None,
    })
}

/// The bounds of the integer formats of OpenAPI's registry, `(format, least, greatest)`.
pub(crate) const INTEGERS: [(&str, &str, &str); 7] = [
    ("int8", "-128", "127"),
    ("uint8", "0", "255"),
    ("int16", "-32768", "32767"),
    ("uint16", "0", "65535"),
    ("int32", "-2147483648", "2147483647"),
    ("uint32", "0", "4294967295"),
    ("int64", "-9223372036854775808", "9223372036854775807"),
];

fn digits(text: &str, count: usize, range: std::ops::RangeInclusive<u32>) -> bool {
    text.len() == count
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|n| range.contains(&n))
}

/// RFC 3339's `full-date`.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    if !digits(year, 4, 0..=9999) || !digits(month, 2, 1..=12) || !digits(day, 2, 1..=31) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>()) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let most = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    day <= most
}

/// RFC 3339's `full-time`.
fn is_time(text: &str) -> bool {
    let Some(clock) = text.get(..8) else { return false };
    let mut parts = clock.split(':');
    let (Some(hour), Some(minute), Some(second), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    if !digits(hour, 2, 0..=23) || !digits(minute, 2, 0..=59) || !digits(second, 2, 0..=60) {
        return false;
    }
    let rest = text.get(8..).unwrap_or_default();
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let after = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if after.len() == fraction.len() {
                return false;
            }
            after
        }
        None => rest,
    };
    match rest {
        "Z" | "z" => true,
        offset => offset
            .strip_prefix(['+', '-'])
            .and_then(|offset| offset.split_once(':'))
            .is_some_and(|(hours, minutes)| digits(hours, 2, 0..=23) && digits(minutes, 2, 0..=59)),
    }
}

fn is_date_time(text: &str) -> bool {
    text.split_once(['T', 't', ' ']).is_some_and(|(date, time)| is_date(date) && is_time(time))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// What nobody would call an address is refused; what some mail server may take is not.
fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace) && !domain.contains('@')
    })
}

/// RFC 3986's scheme and a rest without blanks.
fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
            && !text.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::{example, keeps};

    #[test]
    fn formats_are_told_from_others() {
        for (format, good, bad) in [
            ("date", "2024-02-29", "2023-02-29"),
            ("date", "0001-01-01", "2024-1-1"),
            ("date-time", "2024-01-01T00:00:00.5+01:00", "2024-01-01T00:00:00"),
            ("time", "23:59:60Z", "24:00:00Z"),
            ("uuid", "00000000-0000-0000-0000-00000000000F", "00000000-0000-0000-0000-00000000000G"),
            ("ipv4", "127.0.0.1", "127.0.0.256"),
            ("ipv6", "::1", "::g"),
            ("email", "a@b", "a b@c"),
            ("uri", "urn:a", "/a"),
        ] {
            assert_eq!(keeps(format, good), Some(true), "{format} {good}");
            assert_eq!(keeps(format, bad), Some(false), "{format} {bad}");
            assert_eq!(keeps(format, example(format).expect("it has one")), Some(true), "{format}");
        }
        assert_eq!(keeps("price", "1"), None);
    }
}
