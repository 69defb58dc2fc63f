//! Schemas as a whole: types, properties, constraints.

use super::{Note, Statement, quoted};
use serde_json::Value;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match (t.rule, t.note) {
        ("request-type-widened", Note::Listed) => "may now be an array of such values, not only one".to_owned(),
        ("request-type-changed" | "response-type-changed", _) if t.keyword() == "oneOf" => {
            "now described by other alternatives".to_owned()
        }
        ("request-type-changed" | "response-type-changed", _) => types(t, "changed"),
        ("request-type-narrowed" | "response-type-narrowed", _) => types(t, "narrowed"),
        ("request-type-widened" | "response-type-widened", _) => types(t, "widened"),
        ("request-became-nullable" | "response-became-nullable", _) => "may now be null".to_owned(),
        ("request-became-not-nullable" | "response-became-not-nullable", _) => "may no longer be null".to_owned(),
        ("request-property-added", _) => "added as optional".to_owned(),
        ("request-required-property-added", _) => "added as required".to_owned(),
        ("request-property-removed", Note::Closed) => "removed, and unknown properties are refused".to_owned(),
        ("response-required-property-removed", _) => "removed; it was required".to_owned(),
        ("request-property-removed", _) => "removed".to_owned(),
        ("response-property-removed", _) => "removed; it was optional".to_owned(),
        ("response-property-added", Note::Closed) => "added, where no unknown properties were allowed".to_owned(),
        ("response-property-added", _) => "added".to_owned(),
        ("request-property-became-required", _) => "now required".to_owned(),
        ("response-property-became-required", _) => "now always present".to_owned(),
        ("request-property-became-optional", _) => "no longer required".to_owned(),
        ("response-property-became-optional", _) => "may now be missing".to_owned(),
        ("request-property-became-read-only", _) => "now read-only; requests can no longer set it".to_owned(),
        ("request-property-became-writable", Note::Required) => {
            "no longer read-only, and required in requests".to_owned()
        }
        ("request-property-became-writable", _) => "no longer read-only; requests may set it".to_owned(),
        ("response-property-became-write-only", _) => "now write-only; responses no longer contain it".to_owned(),
        ("response-property-became-readable", _) => "no longer write-only; responses may contain it".to_owned(),
        ("request-property-write-only-changed", _) => t.turned("now write-only", "no longer write-only").to_owned(),
        ("response-property-read-only-changed", _) => t.turned("now read-only", "no longer read-only").to_owned(),
        ("request-constraint-added" | "response-constraint-added", _) => constraint(t, true),
        ("request-constraint-removed" | "response-constraint-removed", _) => constraint(t, false),
        ("request-constraint-changed" | "response-constraint-changed", _) => {
            let keyword = t.keyword();
            if t.was().is_some() { t.other(&format!("`{keyword}`")) } else { format!("constraint `{keyword}` changed") }
        }
        ("request-xml-changed" | "response-xml-changed", _) => {
            let none = "an element of its own name";
            format!("XML form changed from {} to {}", t.was_or(none), t.is_or(none))
        }
        _ => return None,
    })
}

/// "type widened from integer to number".
fn types(t: &Statement<'_>, how: &str) -> String {
    format!("type {how} from {} to {}", type_names(t.was()), type_names(t.is()))
}

/// "string or null", of a schema's `type`.
pub(super) fn type_names(types: Option<&Value>) -> String {
    match types {
        None => "any type".to_owned(),
        Some(Value::Array(names)) if names.is_empty() => "nothing".to_owned(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        Some(name) => name.as_str().unwrap_or_default().to_owned(),
    }
}

fn constraint(t: &Statement<'_>, added: bool) -> String {
    match (t.keyword(), added) {
        ("oneOf" | "anyOf", true) => "must now match one of several alternatives".to_owned(),
        ("oneOf" | "anyOf", false) => "no longer has to match one of several alternatives".to_owned(),
        (keyword, added) => {
            let keyword = quoted(keyword);
            let value = if added { t.is() } else { t.was() }.map(|value| format!(": {}", super::plain(value)));
            let verb = if added { "added" } else { "removed" };
            format!("constraint `{keyword}{}` {verb}", value.unwrap_or_default().replace('`', ""))
        }
    }
}
