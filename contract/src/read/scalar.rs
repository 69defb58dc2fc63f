//! YAML 1.2's core schema: what a plain scalar means. `yes`, `on` and `1:30` are strings there, unlike in YAML 1.1.

use crate::tree::Kind;

/// What a plain scalar is: its kind, and for numbers their JSON spelling when it differs from what is written.
#[derive(Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    /// A number that JSON would spell the same way.
    Number,
    /// A number in a spelling that JSON doesn't have: `0x1F`, `+1`, `.5`, `01`.
    Respelled(String),
    /// `.inf` and `.nan`, which JSON doesn't have.
    NotFinite,
    String,
}

impl Plain {
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Number | Self::Respelled(_) | Self::NotFinite => Kind::Number,
            Self::String => Kind::String,
        }
    }
}

pub(super) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" => Plain::Bool(true),
        "false" | "False" | "FALSE" => Plain::Bool(false),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) => number(text),
        _ => Plain::String,
    }
}

fn number(text: &str) -> Plain {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            // Beyond 128 bits nobody means a number.
            let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            return match u128::from_str_radix(digits, radix) {
                Ok(value) if plain => Plain::Respelled(value.to_string()),
                _ => Plain::String,
            };
        }
    }
    let (sign, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest),
        None => ("", text),
    };
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Plain::NotFinite;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let is_number = digits(whole)
        && digits(fraction.unwrap_or_default())
        && (!whole.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty()))
        && exponent_digits.is_none_or(|exponent| !exponent.is_empty() && digits(exponent));
    if !is_number {
        return Plain::String;
    }
    spelled_as_json(text, sign, whole, fraction, exponent)
}

fn spelled_as_json(text: &str, sign: &str, whole: &str, fraction: Option<&str>, exponent: Option<&str>) -> Plain {
    let trimmed = whole.trim_start_matches('0');
    let whole_json = if trimmed.is_empty() { "0" } else { trimmed };
    let mut json = format!("{sign}{whole_json}");
    if let Some(fraction) = fraction.filter(|fraction| !fraction.is_empty()) {
        json.push('.');
        json.push_str(fraction);
    }
    if let Some(exponent) = exponent {
        json.push('e');
        json.push_str(exponent);
    }
    if json.eq_ignore_ascii_case(text) { Plain::Number } else { Plain::Respelled(json) }
}

#[cfg(test)]
mod tests {
    use super::{Plain, resolve};

    #[test]
    fn core_schema() {
        let respelled = |text: &str| Plain::Respelled(text.to_owned());
        for (text, plain) in [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("NULL", Plain::Null),
            ("nULL", Plain::String),
            ("yes", Plain::String),
            ("on", Plain::String),
            ("No", Plain::String),
            ("True", Plain::Bool(true)),
            ("tRUE", Plain::String),
            ("0", Plain::Number),
            ("-12.50e+3", Plain::Number),
            ("1e400", Plain::Number),
            ("123456789012345678901234567890", Plain::Number),
            ("007", respelled("7")),
            ("0o17", respelled("15")),
            ("0x1F", respelled("31")),
            ("0o8", Plain::String),
            ("0x", Plain::String),
            ("0x+1", Plain::String),
            ("+1", respelled("1")),
            (".5", respelled("0.5")),
            ("5.", respelled("5")),
            (".", Plain::String),
            ("-", Plain::String),
            ("1_000", Plain::String),
            ("1:30", Plain::String),
            ("3.1.0", Plain::String),
            ("1e", Plain::String),
            ("2024-01-01", Plain::String),
            ("-.INF", Plain::NotFinite),
            (".nan", Plain::NotFinite),
            ("-.nan", Plain::String),
        ] {
            assert_eq!(resolve(text), plain, "{text:?}");
        }
    }
}
