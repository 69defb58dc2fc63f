//! Request bodies, responses, their headers, links, media types and parts.

use super::Statement;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        "required-request-body-added" => "added as required".to_owned(),
        "optional-request-body-added" => "added as optional".to_owned(),
        "request-body-removed"
        | "response-removed"
        | "success-response-removed"
        | "response-header-removed"
        | "response-link-removed" => "removed".to_owned(),
        "response-required-header-removed" => "removed; it was required".to_owned(),
        "response-added" | "success-response-added" | "response-header-added" | "response-link-added" => {
            "added".to_owned()
        }
        "request-body-became-required" => "now required".to_owned(),
        "request-body-became-optional" if t.reversed => "may now be missing".to_owned(),
        "request-body-became-optional" => "no longer required".to_owned(),
        "request-media-type-removed" | "response-media-type-removed" => {
            format!("media type {} removed", t.was_or("any"))
        }
        "request-media-type-added" | "response-media-type-added" => format!("media type {} added", t.is_or("any")),
        "response-media-type-specialized" => {
            format!("media type changed from {} to the more specific {}", t.was_or("any"), t.is_or("any"))
        }
        "request-schema-added" | "response-schema-added" => "now described; before, it could be anything".to_owned(),
        "request-schema-removed" | "response-schema-removed" => {
            "no longer described; it may now be anything".to_owned()
        }
        "response-header-became-optional" => "may now be missing".to_owned(),
        "response-header-became-required" if t.reversed => "now required".to_owned(),
        "response-header-became-required" => "now always present".to_owned(),
        "response-header-serialization-changed" if t.keyword() == "explode" => {
            format!("`explode` changed from {} to {}", t.was_or(""), t.is_or(""))
        }
        "response-header-serialization-changed" => {
            format!("serialization changed from {} to {}", t.was_or("plain text"), t.is_or("plain text"))
        }
        "response-link-changed" => "now leads elsewhere".to_owned(),
        "encoding-changed" => t.other(&format!("encoding `{}`", t.keyword())),
        _ => return None,
    })
}
