//! Parameters.

use super::Statement;
use crate::rules;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        rules::REQUIRED_PARAMETER_ADDED => "added as required".to_owned(),
        rules::OPTIONAL_PARAMETER_ADDED => "added as optional".to_owned(),
        rules::PARAMETER_REMOVED => "removed".to_owned(),
        rules::PARAMETER_MOVED => {
            format!("now sent in {} instead of {}", t.is_or("another place"), t.was_or("its place"))
        }
        rules::PARAMETER_BECAME_REQUIRED => "now required".to_owned(),
        rules::PARAMETER_BECAME_OPTIONAL => "no longer required".to_owned(),
        rules::PARAMETER_CHARACTERS_RESTRICTED => format!("{} no longer allowed (`{}`)", characters(t), t.keyword()),
        rules::PARAMETER_CHARACTERS_ALLOWED => format!("{} now allowed (`{}`)", characters(t), t.keyword()),
        rules::PARAMETER_SERIALIZATION_CHANGED => {
            let none = "plain text";
            format!("serialization changed from {} to {}", t.was_or(none), t.is_or(none))
        }
        rules::PARAMETER_DEFAULT_CHANGED => t.other("default"),
        _ => return None,
    })
}

fn characters(t: &Statement<'_>) -> &'static str {
    if t.keyword() == "allowEmptyValue" { "empty values are" } else { "unencoded reserved characters are" }
}
