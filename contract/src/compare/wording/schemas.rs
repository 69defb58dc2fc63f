//! Schemas as a whole: types, properties, constraints.

use super::{Note, Statement, quoted};
use crate::rules;
use serde_json::Value;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match (t.rule, t.note) {
        (rules::REQUEST_TYPE_WIDENED, Note::Listed) => "may now be an array of such values, not only one".to_owned(),
        (rules::REQUEST_TYPE_CHANGED | rules::RESPONSE_TYPE_CHANGED, _) if t.keyword() == "oneOf" => {
            "now described by other alternatives".to_owned()
        }
        (rules::REQUEST_TYPE_CHANGED | rules::RESPONSE_TYPE_CHANGED, _) => types(t, "changed"),
        (rules::REQUEST_TYPE_NARROWED | rules::RESPONSE_TYPE_NARROWED, _) => types(t, "narrowed"),
        (rules::REQUEST_TYPE_WIDENED | rules::RESPONSE_TYPE_WIDENED, _) => types(t, "widened"),
        (rules::REQUEST_BECAME_NULLABLE | rules::RESPONSE_BECAME_NULLABLE, _) => "may now be null".to_owned(),
        (rules::REQUEST_BECAME_NOT_NULLABLE | rules::RESPONSE_BECAME_NOT_NULLABLE, _) => {
            "may no longer be null".to_owned()
        }
        (rules::REQUEST_PROPERTY_ADDED, _) => "added as optional".to_owned(),
        (rules::REQUEST_REQUIRED_PROPERTY_ADDED, _) => "added as required".to_owned(),
        (rules::REQUEST_PROPERTY_REMOVED, Note::Closed) => "removed, and unknown properties are refused".to_owned(),
        (rules::RESPONSE_REQUIRED_PROPERTY_REMOVED, _) => "removed; it was required".to_owned(),
        (rules::REQUEST_PROPERTY_REMOVED, _) => "removed".to_owned(),
        (rules::RESPONSE_PROPERTY_REMOVED, _) => "removed; it was optional".to_owned(),
        (rules::RESPONSE_PROPERTY_ADDED, Note::Closed) => "added, where no unknown properties were allowed".to_owned(),
        (rules::RESPONSE_PROPERTY_ADDED, _) => "added".to_owned(),
        (rules::REQUEST_PROPERTY_BECAME_REQUIRED, _) => "now required".to_owned(),
        (rules::RESPONSE_PROPERTY_BECAME_REQUIRED, _) => "now always present".to_owned(),
        (rules::REQUEST_PROPERTY_BECAME_OPTIONAL, _) => "no longer required".to_owned(),
        (rules::RESPONSE_PROPERTY_BECAME_OPTIONAL, _) => "may now be missing".to_owned(),
        (rules::REQUEST_PROPERTY_BECAME_READ_ONLY, _) => "now read-only; requests can no longer set it".to_owned(),
        (rules::REQUEST_PROPERTY_BECAME_WRITABLE, Note::Required) => {
            "no longer read-only, and required in requests".to_owned()
        }
        (rules::REQUEST_PROPERTY_BECAME_WRITABLE, _) => "no longer read-only; requests may set it".to_owned(),
        (rules::RESPONSE_PROPERTY_BECAME_WRITE_ONLY, _) => "now write-only; responses no longer contain it".to_owned(),
        (rules::RESPONSE_PROPERTY_BECAME_READABLE, _) => "no longer write-only; responses may contain it".to_owned(),
        (rules::REQUEST_PROPERTY_WRITE_ONLY_CHANGED, _) => {
            t.turned("now write-only", "no longer write-only").to_owned()
        }
        (rules::RESPONSE_PROPERTY_READ_ONLY_CHANGED, _) => t.turned("now read-only", "no longer read-only").to_owned(),
        (rules::REQUEST_CONSTRAINT_ADDED | rules::RESPONSE_CONSTRAINT_ADDED, _) => constraint(t, true),
        (rules::REQUEST_CONSTRAINT_REMOVED | rules::RESPONSE_CONSTRAINT_REMOVED, _) => constraint(t, false),
        (rules::REQUEST_CONSTRAINT_CHANGED | rules::RESPONSE_CONSTRAINT_CHANGED, _) => {
            let keyword = t.keyword();
            if t.was().is_some() { t.other(&format!("`{keyword}`")) } else { format!("constraint `{keyword}` changed") }
        }
        (rules::REQUEST_XML_CHANGED | rules::RESPONSE_XML_CHANGED, _) => {
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
