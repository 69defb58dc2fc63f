//! Request bodies, responses, their headers, links, media types and parts.

use super::Statement;
use crate::rules;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        rules::REQUIRED_REQUEST_BODY_ADDED => "added as required".to_owned(),
        rules::OPTIONAL_REQUEST_BODY_ADDED => "added as optional".to_owned(),
        rules::REQUEST_BODY_REMOVED
        | rules::RESPONSE_REMOVED
        | rules::SUCCESS_RESPONSE_REMOVED
        | rules::RESPONSE_HEADER_REMOVED
        | rules::RESPONSE_LINK_REMOVED => "removed".to_owned(),
        rules::RESPONSE_REQUIRED_HEADER_REMOVED => "removed; it was required".to_owned(),
        rules::RESPONSE_ADDED
        | rules::SUCCESS_RESPONSE_ADDED
        | rules::RESPONSE_HEADER_ADDED
        | rules::RESPONSE_LINK_ADDED => "added".to_owned(),
        rules::REQUEST_BODY_BECAME_REQUIRED => "now required".to_owned(),
        rules::REQUEST_BODY_BECAME_OPTIONAL if t.reversed => "may now be missing".to_owned(),
        rules::REQUEST_BODY_BECAME_OPTIONAL => "no longer required".to_owned(),
        rules::REQUEST_MEDIA_TYPE_REMOVED | rules::RESPONSE_MEDIA_TYPE_REMOVED => {
            format!("media type {} removed", t.was_or("any"))
        }
        rules::REQUEST_MEDIA_TYPE_ADDED | rules::RESPONSE_MEDIA_TYPE_ADDED => {
            format!("media type {} added", t.is_or("any"))
        }
        rules::RESPONSE_MEDIA_TYPE_SPECIALIZED => {
            format!("media type changed from {} to the more specific {}", t.was_or("any"), t.is_or("any"))
        }
        rules::REQUEST_SCHEMA_ADDED | rules::RESPONSE_SCHEMA_ADDED => {
            "now described; before, it could be anything".to_owned()
        }
        rules::REQUEST_SCHEMA_REMOVED | rules::RESPONSE_SCHEMA_REMOVED => {
            "no longer described; it may now be anything".to_owned()
        }
        rules::RESPONSE_HEADER_BECAME_OPTIONAL => "may now be missing".to_owned(),
        rules::RESPONSE_HEADER_BECAME_REQUIRED if t.reversed => "now required".to_owned(),
        rules::RESPONSE_HEADER_BECAME_REQUIRED => "now always present".to_owned(),
        rules::RESPONSE_HEADER_SERIALIZATION_CHANGED if t.keyword() == "explode" => {
            format!("`explode` changed from {} to {}", t.was_or(""), t.is_or(""))
        }
        rules::RESPONSE_HEADER_SERIALIZATION_CHANGED => {
            format!("serialization changed from {} to {}", t.was_or("plain text"), t.is_or("plain text"))
        }
        rules::RESPONSE_LINK_CHANGED => "now leads elsewhere".to_owned(),
        rules::REQUEST_PART_MEDIA_TYPE_REMOVED => {
            format!("may be sent as {}, and no longer as {}", t.is_or("any"), t.was_or("any"))
        }
        rules::ENCODING_CHANGED => t.other(&format!("encoding `{}`", t.keyword())),
        _ => return None,
    })
}
