//! Numbers and texts against the keywords that bound them.

use super::{Verdict, format, value::Value};
use crate::{
    compare::value::Decimal,
    tree::{NodeId, Tree},
};
use regex_lite::{Regex, RegexBuilder};

/// What a text in a URL can be read as; the text itself comes last.
pub(super) fn readings(text: &str) -> Vec<Value> {
    let mut readings = Vec::new();
    match text {
        "true" => readings.push(Value::Bool(true)),
        "false" => readings.push(Value::Bool(false)),
        _ if is_number(text) => readings.push(Value::number(text)),
        _ => {}
    }
    readings.push(Value::text(text));
    readings
}

/// JSON's grammar of a number.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && digits(fraction) && digits(exponent)
}

/// Bytes that a compiled pattern may take.
const MAX_PATTERN: usize = 256 * 1024;

/// A pattern as JSON Schema means it (unanchored), if it keeps to what ECMA 262 and this library have in common.
pub(crate) fn regex(pattern: &str) -> Option<Regex> {
    // Flags in the pattern, and classes within classes, mean something else or nothing in ECMA 262.
    let foreign = ["(?i", "(?m", "(?s", "(?x", "(?U", "(?R", "(?-", "(?P", "[[", "&&", "\\A", "\\z", "\\<", "\\>"];
    if foreign.iter().any(|part| pattern.contains(part)) {
        return None;
    }
    RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build().ok()
}

/// A keyword about numbers.
pub(super) fn number(tree: &Tree, schema: NodeId, key: &str, node: NodeId, text: &str) -> Verdict {
    if key == "format" {
        return tree.as_str(node).map_or(Verdict::Fits, |format| integer_format(node, format, text));
    }
    let Some(bound) = tree.as_number(node) else { return Verdict::Fits };
    let order = || Decimal::parse(text).cmp(&Decimal::parse(bound));
    // 3.0 writes an exclusive bound as a flag beside it.
    let flag = |key| tree.flag(schema, key);
    let (good, words) = match key {
        "minimum" if flag("exclusiveMinimum") => (order().is_gt(), "must be more than"),
        "minimum" => (order().is_ge(), "must be at least"),
        "exclusiveMinimum" => (order().is_gt(), "must be more than"),
        "maximum" if flag("exclusiveMaximum") => (order().is_lt(), "must be less than"),
        "maximum" => (order().is_le(), "must be at most"),
        "exclusiveMaximum" => (order().is_lt(), "must be less than"),
        "multipleOf" => {
            // Binary fractions are compared with a tolerance that validators don't share.
            let whole = |text: &str| Decimal::parse(text).is_integer() && text.len() < 16;
            match (Decimal::is_multiple_of(text, bound), whole(text) && whole(bound)) {
                (true, true) => return Verdict::Fits,
                (false, _) => (false, "must be a multiple of"),
                (true, false) => return Verdict::Unknown("multiples of fractions are checked in different ways"),
            }
        }
        _ => return Verdict::Fits,
    };
    if good { Verdict::Fits } else { Verdict::fails(node, format!("{words} {}", crate::text::cut(bound, 60))) }
}

fn integer_format(node: NodeId, format: &str, text: &str) -> Verdict {
    let Some((_, least, most)) = format::INTEGERS.iter().find(|(name, ..)| *name == format) else {
        return Verdict::Fits;
    };
    let number = Decimal::parse(text);
    if number < Decimal::parse(least) || number > Decimal::parse(most) {
        return Verdict::fails(node, format!("must have the format `{format}`, so be from {least} to {most}"));
    }
    Verdict::Fits
}

/// How a count compares to the number of a counting keyword.
pub(super) fn count(tree: &Tree, node: NodeId, count: usize) -> std::cmp::Ordering {
    Decimal::parse(&count.to_string()).cmp(&Decimal::parse(tree.as_number(node).unwrap_or("0")))
}

/// `minLength` and `maxLength`, which count characters.
pub(super) fn length(tree: &Tree, key: &str, node: NodeId, text: &str) -> Verdict {
    let order = || count(tree, node, text.chars().count());
    let bound = crate::text::cut(tree.as_number(node).unwrap_or_default(), 60);
    match key {
        "minLength" if order().is_lt() => Verdict::fails(node, format!("must have at least {bound} characters")),
        "maxLength" if order().is_gt() => Verdict::fails(node, format!("must have at most {bound} characters")),
        _ => Verdict::Fits,
    }
}
