//! Servers and their variables.

use super::Statement;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        "server-removed" if t.subject.name.is_none() => {
            "was the one that the document comes from; others are listed now".to_owned()
        }
        "server-removed" => "removed".to_owned(),
        "server-added" => "added".to_owned(),
        "server-variable-changed" => match t.keyword().rsplit_once('.') {
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
