//! Operations, callbacks and webhooks, and the document as a whole.

use super::{Part, Statement};
use crate::rules;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        rules::OPERATION_ADDED => "operation added".to_owned(),
        rules::OPERATION_REMOVED => "operation removed without being deprecated first".to_owned(),
        rules::DEPRECATED_OPERATION_REMOVED => "operation removed; it was deprecated".to_owned(),
        rules::UNSTABLE_OPERATION_REMOVED => "operation removed; it was not marked as stable".to_owned(),
        rules::OPERATION_ID_CHANGED => t.other("`operationId`"),
        rules::OPERATION_TAGS_CHANGED => t.other("tags"),
        // A request of a callback or webhook, or the whole of it.
        rules::CALLBACK_ADDED | rules::WEBHOOK_ADDED if t.subject.part == Part::Operation => "now sent".to_owned(),
        rules::CALLBACK_REMOVED | rules::WEBHOOK_REMOVED if t.subject.part == Part::Operation => {
            "no longer sent".to_owned()
        }
        rules::CALLBACK_ADDED | rules::WEBHOOK_ADDED => "added".to_owned(),
        rules::CALLBACK_REMOVED | rules::WEBHOOK_REMOVED => "removed".to_owned(),
        rules::SCHEMA_DIALECT_CHANGED => {
            format!("dialect of schemas changed from {} to {}", t.was_or("OpenAPI's"), t.is_or("OpenAPI's"))
        }
        _ => return None,
    })
}
