//! The values that a schema takes: enumerations, formats, bounds, patterns, items, alternatives, defaults.

use super::{Note, Statement, schemas::type_names, shown};
use crate::rules;
use serde_json::Value;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        rules::REQUEST_VALUE_ADDED | rules::RESPONSE_VALUE_ADDED => format!("{} added", t.members("value", "values")),
        rules::REQUEST_VALUE_REMOVED | rules::RESPONSE_VALUE_REMOVED => {
            format!("{} removed", t.members("value", "values"))
        }
        rules::REQUEST_VALUES_RESTRICTED | rules::RESPONSE_VALUES_RESTRICTED => {
            format!("restricted to {}", t.is_or("no value"))
        }
        rules::REQUEST_VALUES_UNRESTRICTED | rules::RESPONSE_VALUES_UNRESTRICTED | rules::RESPONSE_CONSTANT_REMOVED => {
            format!("no longer restricted to {}", t.was_or("no value"))
        }
        rules::REQUEST_CONSTANT_CHANGED | rules::RESPONSE_CONSTANT_CHANGED => t.other("constant"),
        rules::REQUEST_FORMAT_CHANGED | rules::RESPONSE_FORMAT_CHANGED => t.other("format"),
        rules::REQUEST_FORMAT_NARROWED | rules::RESPONSE_FORMAT_NARROWED => t.other("format"),
        rules::REQUEST_FORMAT_WIDENED | rules::RESPONSE_FORMAT_WIDENED => t.other("format"),
        rules::REQUEST_BOUND_ADDED | rules::REQUEST_BOUND_TIGHTENED | rules::RESPONSE_BOUND_TIGHTENED => bound(t, true),
        rules::REQUEST_BOUND_LOOSENED | rules::RESPONSE_BOUND_LOOSENED => bound(t, false),
        rules::REQUEST_PATTERN_ADDED | rules::RESPONSE_PATTERN_ADDED => match t.was() {
            None => format!("pattern {} added", t.is_or("")),
            Some(_) => t.other("pattern"),
        },
        rules::REQUEST_PATTERN_REMOVED | rules::RESPONSE_PATTERN_REMOVED => t.other("pattern"),
        rules::REQUEST_PATTERN_CHANGED | rules::RESPONSE_PATTERN_CHANGED => t.other("pattern"),
        rules::REQUEST_ITEMS_DESCRIBED | rules::RESPONSE_ITEMS_DESCRIBED => {
            "items are now described; before, they could be anything".to_owned()
        }
        rules::REQUEST_ITEMS_UNDESCRIBED | rules::RESPONSE_ITEMS_UNDESCRIBED => {
            "items are no longer described; they may now be anything".to_owned()
        }
        rules::REQUEST_ADDITIONAL_PROPERTIES_CLOSED
        | rules::RESPONSE_ADDITIONAL_PROPERTIES_CLOSED
        | rules::REQUEST_ADDITIONAL_PROPERTIES_OPENED
        | rules::RESPONSE_ADDITIONAL_PROPERTIES_OPENED => additional(t),
        rules::REQUEST_ALTERNATIVE_ADDED | rules::RESPONSE_ALTERNATIVE_ADDED => {
            format!("{} added", alternative(t.is()))
        }
        rules::REQUEST_ALTERNATIVE_REMOVED | rules::RESPONSE_ALTERNATIVE_REMOVED => {
            format!("{} removed", alternative(t.was()))
        }
        rules::REQUEST_ALTERNATIVES_OVERLAP if *t.note == Note::Doubled => {
            format!(
                "must match exactly one alternative, and what matches {} now matches another too",
                alternative(t.is())
            )
        }
        rules::REQUEST_ALTERNATIVES_OVERLAP => {
            format!("must now match exactly one alternative, and may also match {}", alternative(t.is()))
        }
        rules::REQUEST_ALTERNATIVES_CHANGED | rules::RESPONSE_ALTERNATIVES_CHANGED => {
            let word = |keyword: Option<&Value>| match keyword.and_then(Value::as_str) {
                Some("oneOf") => "exactly one",
                _ => "any",
            };
            format!("matches {} of its alternatives instead of {}", word(t.is()), word(t.was()))
        }
        rules::REQUEST_DEFAULT_CHANGED | rules::RESPONSE_DEFAULT_CHANGED => t.other("default"),
        rules::REQUEST_DISCRIMINATOR_CHANGED | rules::RESPONSE_DISCRIMINATOR_CHANGED => match t.note {
            Note::Mapping(property, value) => {
                let value = if value.is_empty() { "any other value".to_owned() } else { format!("`{value}`") };
                let (was, is) = (t.was_or(""), t.is_or(""));
                match (was.as_str(), is.as_str()) {
                    ("", is) => format!("discriminator `{property}`: {value} now leads to {is}"),
                    (was, "") => format!("discriminator `{property}`: {value} no longer leads to {was}"),
                    (was, is) => format!("discriminator `{property}`: {value} now leads to {is} instead of {was}"),
                }
            }
            _ => t.other("discriminator"),
        },
        _ => return None,
    })
}

/// "maximum lowered from 8 to 4". `stricter` is whether fewer values fit.
fn bound(t: &Statement<'_>, stricter: bool) -> String {
    let keyword = t.keyword();
    let what = match keyword {
        "uniqueItems" => return t.turned("items must now be unique", "items no longer have to be unique").to_owned(),
        "minimum" | "maximum" => keyword.to_owned(),
        "minLength" => "minimum length".to_owned(),
        "maxLength" => "maximum length".to_owned(),
        "minItems" => "minimum number of items".to_owned(),
        "maxItems" => "maximum number of items".to_owned(),
        "minProperties" => "minimum number of properties".to_owned(),
        "maxProperties" => "maximum number of properties".to_owned(),
        keyword => format!("`{keyword}`"),
    };
    let limit = |value: &Value| match value {
        // One that is out of bounds itself.
        Value::Object(members) => members.values().next().map(|limit| format!("{} (exclusive)", shown(limit))),
        other => Some(shown(other)),
    };
    match (t.was().and_then(limit), t.is().and_then(limit)) {
        (Some(was), Some(is)) => {
            let verb = match (keyword.get(..3), stricter) {
                (Some("min"), true) | (Some("max"), false) => "raised",
                (Some("min" | "max"), _) => "lowered",
                _ => "changed",
            };
            format!("{what} {verb} from {was} to {is}")
        }
        (None, Some(is)) => format!("{what} {is} added"),
        (Some(was), None) => format!("{what} {was} removed"),
        (None, None) => format!("{what} changed"),
    }
}

fn additional(t: &Statement<'_>) -> String {
    if t.keyword() == "patternProperties" {
        let verb = t.turned("now", "no longer");
        return format!("properties whose names match a pattern are {verb} allowed");
    }
    if *t.note == Note::Narrow {
        let verb = t.turned("no longer refuses", "now refuses");
        return format!("`additionalProperties` {verb}, by the letter, properties that other parts describe");
    }
    let is = |value: Option<&Value>| value.and_then(Value::as_bool);
    match (is(t.was()), is(t.is())) {
        (Some(true), Some(_)) => "unknown properties are no longer allowed",
        (Some(true), None) => "unknown properties now have to match a schema",
        (None, Some(false)) => "additional properties are no longer allowed",
        (Some(false), Some(_)) => "unknown properties are now allowed",
        (Some(false), None) => "unknown properties that match a schema are now allowed",
        (None, _) => "additional properties no longer have to match a schema",
    }
    .to_owned()
}

/// "alternative `Cat`", or by its type, which stands in an object where it has no name.
fn alternative(value: Option<&Value>) -> String {
    match value {
        Some(Value::Object(members)) => format!("alternative of {}", type_phrase(members.get("type"))),
        other => format!("alternative {}", other.map(shown).unwrap_or_default()),
    }
}

fn type_phrase(types: Option<&Value>) -> String {
    if types.is_none() { type_names(types) } else { format!("type {}", type_names(types)) }
}
