//! Operations, callbacks and webhooks, and the document as a whole.

use super::{Part, Statement};

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    Some(match t.rule {
        "operation-added" => "operation added".to_owned(),
        "operation-removed" => "operation removed without being deprecated first".to_owned(),
        "deprecated-operation-removed" => "operation removed; it was deprecated".to_owned(),
        "unstable-operation-removed" => "operation removed; it was not marked as stable".to_owned(),
        "operation-id-changed" => t.other("`operationId`"),
        "operation-tags-changed" => t.other("tags"),
        // A request of a callback or webhook, or the whole of it.
        "callback-added" | "webhook-added" if t.subject.part == Part::Operation => "now sent".to_owned(),
        "callback-removed" | "webhook-removed" if t.subject.part == Part::Operation => "no longer sent".to_owned(),
        "callback-added" | "webhook-added" => "added".to_owned(),
        "callback-removed" | "webhook-removed" => "removed".to_owned(),
        "schema-dialect-changed" => {
            format!("dialect of schemas changed from {} to {}", t.was_or("OpenAPI's"), t.is_or("OpenAPI's"))
        }
        _ => return None,
    })
}
