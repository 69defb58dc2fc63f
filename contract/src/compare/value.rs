//! Values and numbers compared exactly, whatever their spelling.

use crate::tree::{Kind, NodeId, Tree};
use std::cmp::Ordering;

/// A JSON number as sign, digits and exponent: compared without rounding, however large or long it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// Without leading and trailing zeros; empty for zero.
    digits: Vec<u8>,
    /// The power of ten of the first digit's place, plus one.
    magnitude: i64,
}

impl Decimal {
    pub(crate) fn parse(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // An exponent beyond 64 bits stays ordered: it saturates.
        let far = if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
        let exponent = exponent.parse::<i64>().unwrap_or(far).clamp(i64::MIN / 4, i64::MAX / 4);
        let all = whole.bytes().chain(fraction.bytes());
        let zeros = all.clone().take_while(|digit| *digit == b'0').count();
        let mut digits: Vec<u8> = all.skip(zeros).collect();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Self { negative: false, digits, magnitude: 0 };
        }
        let place = |n: usize| i64::try_from(n).unwrap_or(i64::MAX / 4);
        Self { negative, digits, magnitude: exponent + place(whole.len()) - place(zeros) }
    }

    /// Whether it has no fraction: `1.0` and `1e2` have none.
    pub(crate) fn is_integer(&self) -> bool {
        self.digits.is_empty() || i64::try_from(self.digits.len()).is_ok_and(|digits| digits <= self.magnitude)
    }

    /// Whether it is a whole multiple of another: exactly, as long as both have at most 18 digits.
    pub(crate) fn is_multiple_of(text: &str, of: &str) -> bool {
        let (number, of) = (Self::parse(text), Self::parse(of));
        match (number.parts(), of.parts()) {
            (_, Some((0, _))) | (None, _) | (_, None) => false,
            (Some((0, _)), _) => true,
            (Some((a, a_exponent)), Some((b, b_exponent))) => {
                let shift = a_exponent - b_exponent;
                let power = |places: i64| u32::try_from(places).ok().and_then(|places| 10_i128.checked_pow(places));
                if shift >= 0 {
                    // Only the rest counts, so that the power of ten may be any.
                    (0..shift.min(64)).fold(a % b, |rest, _| rest * 10 % b) == 0
                } else {
                    power(-shift).and_then(|power| b.checked_mul(power)).is_some_and(|b| a % b == 0)
                }
            }
        }
    }

    /// The digits as a whole number, without sign, and the power of ten that it is to be multiplied with.
    fn parts(&self) -> Option<(i128, i64)> {
        if self.digits.len() > 18 {
            return None;
        }
        let digits = self.digits.iter().fold(0_i128, |sum, digit| 10 * sum + i128::from(digit - b'0'));
        Some((digits, self.magnitude - i64::try_from(self.digits.len()).ok()?))
    }

    /// The number without an exponent, as most people write it; `None` where that would be long.
    fn plain(&self) -> Option<String> {
        let (digits, exponent) = self.parts()?;
        let sign = if self.negative { "-" } else { "" };
        let digits = digits.to_string();
        Some(match usize::try_from(exponent) {
            Ok(zeros) if zeros <= 20 => {
                format!("{sign}{digits}{}", if digits == "0" { String::new() } else { "0".repeat(zeros) })
            }
            Ok(_) => return None,
            Err(_) => {
                let places = usize::try_from(-exponent).ok().filter(|places| *places <= 20)?;
                let digits = format!("{digits:0>width$}", width = places + 1);
                let (whole, fraction) = digits.split_at(digits.len() - places);
                format!("{sign}{whole}.{fraction}")
            }
        })
    }

    /// The nearest whole number that isn't above (or else below) it; `None` for numbers of more than 30 digits.
    pub(crate) fn whole(&self, down: bool) -> Option<i128> {
        if self.magnitude > 30 {
            return None;
        }
        let places = usize::try_from(self.magnitude.max(0)).ok()?;
        let digit = |place: usize| i128::from(self.digits.get(place).map_or(0, |digit| digit - b'0'));
        let size = (0..places).fold(0_i128, |sum, place| 10 * sum + digit(place));
        let fraction = self.digits.len() > places || self.magnitude < 0 && !self.digits.is_empty();
        let size = if self.negative { -size } else { size };
        // Cutting the fraction off rounds towards zero.
        Some(match (fraction, self.negative, down) {
            (true, true, true) => size - 1,
            (true, false, false) => size + 1,
            _ => size,
        })
    }

    fn canonical(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let digits: String = self.digits.iter().map(|digit| char::from(*digit)).collect();
        format!("{sign}.{digits}e{}", self.magnitude)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |n: &Self| {
            if n.digits.is_empty() {
                0
            } else if n.negative {
                -1
            } else {
                1
            }
        };
        let by_sign = sign(self).cmp(&sign(other));
        if by_sign != Ordering::Equal || self.digits.is_empty() {
            return by_sign;
        }
        let by_size = self.magnitude.cmp(&other.magnitude).then_with(|| self.digits.cmp(&other.digits));
        if self.negative { by_size.reverse() } else { by_size }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A text that two values share exactly when JSON Schema calls them equal: keys sorted, numbers by value.
pub(crate) fn canonical(tree: &Tree, node: NodeId) -> String {
    let mut out = String::new();
    write(tree, node, &mut out);
    out
}

/// What a scalar looks like where types don't show: `20` and `"20"` are the same, `"20"` and `"20.0"` are not.
pub(crate) fn spelled(tree: &Tree, node: NodeId) -> String {
    let number = || tree.as_number(node).and_then(|text| Decimal::parse(text).plain());
    match tree.as_str(node) {
        Some(text) => text.to_owned(),
        None => number().unwrap_or_else(|| canonical(tree, node)),
    }
}

fn write(tree: &Tree, node: NodeId, out: &mut String) {
    match tree.kind(node) {
        Kind::Null => out.push_str("null"),
        Kind::Bool => out.push_str(if tree.as_bool(node) == Some(true) { "true" } else { "false" }),
        Kind::Number => out.push_str(&Decimal::parse(tree.as_number(node).unwrap_or_default()).canonical()),
        Kind::String => quote(tree.as_str(node).unwrap_or_default(), out),
        Kind::Array => {
            out.push('[');
            for item in tree.items(node) {
                write(tree, *item, out);
                out.push(',');
            }
            out.push(']');
        }
        Kind::Object => {
            let mut entries: Vec<_> = tree.entries(node).collect();
            entries.sort_unstable();
            out.push('{');
            for (key, value) in entries {
                quote(key, out);
                write(tree, value, out);
                out.push(',');
            }
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use std::cmp::Ordering;

    #[test]
    fn numbers_compare_exactly() {
        for (a, b, order) in [
            ("1", "1.0", Ordering::Equal),
            ("100", "1e2", Ordering::Equal),
            ("0.001", "1E-3", Ordering::Equal),
            ("-0", "0.0", Ordering::Equal),
            ("9223372036854775807", "9223372036854775808", Ordering::Less),
            ("1e400", "1e399", Ordering::Greater),
            ("-2", "-10", Ordering::Greater),
            ("-1", "0", Ordering::Less),
            ("0.5", "0.45", Ordering::Greater),
            ("1e99999999999999999999", "1e5", Ordering::Greater),
            ("1e-99999999999999999999", "0", Ordering::Greater),
        ] {
            assert_eq!(Decimal::parse(a).cmp(&Decimal::parse(b)), order, "{a} {b}");
            assert_eq!(Decimal::parse(b).cmp(&Decimal::parse(a)), order.reverse(), "{b} {a}");
        }
        for (text, down, up) in
            [("3", 3, 3), ("3.2", 3, 4), ("-3.2", -4, -3), ("0.05", 0, 1), ("-0.05", -1, 0), ("1e3", 1000, 1000)]
        {
            let number = Decimal::parse(text);
            assert_eq!((number.whole(true), number.whole(false)), (Some(down), Some(up)), "{text}");
            assert_eq!(number.is_integer(), down == up, "{text}");
        }
        assert_eq!(Decimal::parse("1e31").whole(true), None);
        assert!(Decimal::is_multiple_of("0.3", "0.1"));
        assert!(!Decimal::is_multiple_of("0.35", "0.1"));
        for (a, b, holds) in [
            ("1e-18", "0.5", false),
            ("0.5", "1e-18", true),
            ("10000000001", "10000000000", false),
            ("1e400", "4", true),
            ("1e-400", "4", false),
            ("-9", "3", true),
            ("0", "7", true),
            ("7", "0", false),
            ("1.5", "0.25", true),
            ("1", "3", false),
            ("1e30", "3", false),
        ] {
            assert_eq!(Decimal::is_multiple_of(a, b), holds, "{a} {b}");
        }
        for (text, plain) in
            [("20", "20"), ("20.0", "20"), ("2e1", "20"), ("-0.50", "-0.5"), ("0", "0"), ("0.001", "0.001")]
        {
            assert_eq!(Decimal::parse(text).plain().as_deref(), Some(plain), "{text}");
        }
    }
}
