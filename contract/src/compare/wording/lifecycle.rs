//! How long things live, of operations, parameters, schemas and security schemes alike.

use super::{Note, Statement, plain};

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    let (was, is) = (t.was().map(plain).unwrap_or_default(), t.is().map(plain).unwrap_or_default());
    // Of an operation the sentence begins with it.
    let what =
        if t.subject.part == super::Part::Operation && t.subject.callback.is_none() && t.subject.webhook.is_none() {
            "operation "
        } else {
            ""
        };
    Some(match t.rule {
        "operation-deprecated"
        | "parameter-deprecated"
        | "property-deprecated"
        | "response-header-deprecated"
        | "security-scheme-deprecated" => format!("{what}deprecated"),
        "operation-undeprecated"
        | "parameter-undeprecated"
        | "property-undeprecated"
        | "response-header-undeprecated"
        | "security-scheme-undeprecated" => format!("{what}no longer deprecated"),
        "removed-before-sunset" => format!("{what}removed before its sunset, {was}"),
        "removed-after-sunset" => format!("{what}removed after its sunset, {was}"),
        "sunset-missing" => match t.note {
            Note::Notice(days) => format!("{what}deprecated without a sunset; {days} days of notice are required"),
            _ => format!("{what}deprecated without a sunset"),
        },
        "sunset-invalid" if is.is_empty() => format!("{what}removed; its sunset `{was}` is not a valid date"),
        "sunset-invalid" => format!("sunset `{is}` is not a valid date"),
        "sunset-removed" => format!("sunset {was} removed"),
        "sunset-moved-later" => format!("sunset moved later, from {was} to {is}"),
        "sunset-moved-earlier" => format!("sunset moved earlier, from {was} to {is}"),
        "sunset-added" => format!("sunset {is} added"),
        "sunset-too-soon" => match t.note {
            Note::Days(left, asked) => {
                let when = if *left < 0 { "is in the past".to_owned() } else { format!("is in {left} days") };
                let asked = if *asked > 0 { format!("; {asked} days of notice are required") } else { String::new() };
                format!("sunset {is} {when}{asked}")
            }
            _ => format!("sunset {is} is too soon"),
        },
        "stability-decreased" => format!("stability lowered from {was} to {is}"),
        "stability-increased" => format!("stability raised from {was} to {is}"),
        "stability-invalid" => format!("stability `{is}` is not a known level"),
        _ => return None,
    })
}
