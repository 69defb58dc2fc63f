//! The values that a schema takes: enumerations, formats, bounds, patterns, items, alternatives, defaults.

use super::{Note, Statement, schemas::type_names, shown};
use serde_json::Value;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        "request-value-added" | "response-value-added" => format!("{} added", t.members("value", "values")),
        "request-value-removed" | "response-value-removed" => format!("{} removed", t.members("value", "values")),
        "request-values-restricted" | "response-values-restricted" => format!("restricted to {}", t.is_or("no value")),
        "request-values-unrestricted" | "response-values-unrestricted" | "response-constant-removed" => {
            format!("no longer restricted to {}", t.was_or("no value"))
        }
        "request-constant-changed" | "response-constant-changed" => t.other("constant"),
        "request-format-changed" | "response-format-changed" => t.other("format"),
        "request-format-narrowed" | "response-format-narrowed" => t.other("format"),
        "request-format-widened" | "response-format-widened" => t.other("format"),
        "request-bound-added" | "request-bound-tightened" | "response-bound-tightened" => bound(t, true),
        "request-bound-loosened" | "response-bound-loosened" => bound(t, false),
        "request-pattern-added" | "response-pattern-added" => match t.was() {
            None => format!("pattern {} added", t.is_or("")),
            Some(_) => t.other("pattern"),
        },
        "request-pattern-removed" | "response-pattern-removed" => t.other("pattern"),
        "request-pattern-changed" | "response-pattern-changed" => t.other("pattern"),
        "request-items-described" | "response-items-described" => {
            "items are now described; before, they could be anything".to_owned()
        }
        "request-items-undescribed" | "response-items-undescribed" => {
            "items are no longer described; they may now be anything".to_owned()
        }
        "request-additional-properties-closed"
        | "response-additional-properties-closed"
        | "request-additional-properties-opened"
        | "response-additional-properties-opened" => additional(t),
        "request-alternative-added" | "response-alternative-added" => format!("{} added", alternative(t.is())),
        "request-alternative-removed" | "response-alternative-removed" => format!("{} removed", alternative(t.was())),
        "request-alternatives-overlap" if *t.note == Note::Doubled => {
            format!(
                "must match exactly one alternative, and what matches {} now matches another too",
                alternative(t.is())
            )
        }
        "request-alternatives-overlap" => {
            format!("must now match exactly one alternative, and may also match {}", alternative(t.is()))
        }
        "request-alternatives-changed" | "response-alternatives-changed" => {
            let word = |keyword: Option<&Value>| match keyword.and_then(Value::as_str) {
                Some("oneOf") => "exactly one",
                _ => "any",
            };
            format!("matches {} of its alternatives instead of {}", word(t.is()), word(t.was()))
        }
        "request-default-changed" | "response-default-changed" => t.other("default"),
        "request-discriminator-changed" | "response-discriminator-changed" => match t.note {
            Note::Mapping(property, value) => {
                let value = if value.is_empty() { "any other value".to_owned() } else { format!("`{value}`") };
                let (was, is) = (t.was_or("no other schema"), t.is_or("no other schema"));
                format!("discriminator `{property}`: {value} now leads to {is} instead of {was}")
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
