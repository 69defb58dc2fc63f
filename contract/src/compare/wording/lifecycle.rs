//! How long things live, of operations, parameters, schemas and security schemes alike.

use super::{Note, Statement, plain};
use crate::rules;

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
        rules::OPERATION_DEPRECATED
        | rules::PARAMETER_DEPRECATED
        | rules::PROPERTY_DEPRECATED
        | rules::RESPONSE_HEADER_DEPRECATED
        | rules::SECURITY_SCHEME_DEPRECATED => format!("{what}deprecated"),
        rules::OPERATION_UNDEPRECATED
        | rules::PARAMETER_UNDEPRECATED
        | rules::PROPERTY_UNDEPRECATED
        | rules::RESPONSE_HEADER_UNDEPRECATED
        | rules::SECURITY_SCHEME_UNDEPRECATED => format!("{what}no longer deprecated"),
        rules::REMOVED_BEFORE_SUNSET => format!("{what}removed before its sunset, {was}"),
        rules::REMOVED_AFTER_SUNSET => format!("{what}removed after its sunset, {was}"),
        rules::SUNSET_MISSING => match t.note {
            Note::Notice(days) => format!("{what}deprecated without a sunset; {days} days of notice are required"),
            _ => format!("{what}deprecated without a sunset"),
        },
        rules::SUNSET_INVALID if is.is_empty() => format!("{what}removed; its sunset `{was}` is not a valid date"),
        rules::SUNSET_INVALID => format!("sunset `{is}` is not a valid date"),
        rules::SUNSET_REMOVED => format!("sunset {was} removed"),
        rules::SUNSET_MOVED_LATER => format!("sunset moved later, from {was} to {is}"),
        rules::SUNSET_MOVED_EARLIER => format!("sunset moved earlier, from {was} to {is}"),
        rules::SUNSET_ADDED => format!("sunset {is} added"),
        rules::SUNSET_TOO_SOON => match t.note {
            Note::Days(left, asked) => {
                let when = if *left < 0 { "is in the past".to_owned() } else { format!("is in {left} days") };
                let asked = if *asked > 0 { format!("; {asked} days of notice are required") } else { String::new() };
                format!("sunset {is} {when}{asked}")
            }
            _ => format!("sunset {is} is too soon"),
        },
        rules::STABILITY_DECREASED => format!("stability lowered from {was} to {is}"),
        rules::STABILITY_INCREASED => format!("stability raised from {was} to {is}"),
        rules::STABILITY_INVALID => format!("stability `{is}` is not a known level"),
        _ => return None,
    })
}
