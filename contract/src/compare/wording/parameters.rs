//! Parameters.

use super::Statement;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        "required-parameter-added" => "added as required".to_owned(),
        "optional-parameter-added" => "added as optional".to_owned(),
        "parameter-removed" => "removed".to_owned(),
        "parameter-moved" => format!("now sent in {} instead of {}", t.is_or("another place"), t.was_or("its place")),
        "parameter-became-required" => "now required".to_owned(),
        "parameter-became-optional" => "no longer required".to_owned(),
        "parameter-characters-restricted" => format!("{} no longer allowed (`{}`)", characters(t), t.keyword()),
        "parameter-characters-allowed" => format!("{} now allowed (`{}`)", characters(t), t.keyword()),
        "parameter-serialization-changed" => {
            let none = "plain text";
            format!("serialization changed from {} to {}", t.was_or(none), t.is_or(none))
        }
        "parameter-default-changed" => t.other("default"),
        _ => return None,
    })
}

fn characters(t: &Statement<'_>) -> &'static str {
    if t.keyword() == "allowEmptyValue" { "empty values are" } else { "unencoded reserved characters are" }
}
