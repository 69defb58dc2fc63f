//! Servers and their variables.

use super::Statement;
use crate::rules;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        rules::SERVER_REMOVED if t.subject.name.is_none() => {
            "was the one that the document comes from; others are listed now".to_owned()
        }
        rules::SERVER_REMOVED => "removed".to_owned(),
        rules::SERVER_ADDED => "added".to_owned(),
        rules::SERVER_VARIABLE_CHANGED => match t.keyword().rsplit_once('.') {
            Some((variable, "default")) => t.other(&format!("default of the variable `{variable}`")),
            Some((variable, _)) => {
                let (was, is) = (t.was_or("any"), t.is_or("any"));
                format!("values of the variable `{variable}` changed from {was} to {is}")
            }
            None => return None,
        },
        _ => return None,
    })
}
