//! One media type of a body on both sides: its schema, the schema of its items, how its parts are encoded.

use super::{
    Comparison, Scope,
    collect::Where,
    evidence::Evidence,
    messages::Media,
    schema::{Medium, is_binary},
};
use crate::{document::Document, rules, tree::NodeId, version::OpenApi};
use shared::subject::{Step, StepKind};

/// What a media type is described by: its content as a whole, or each item of the sequence that it is.
#[derive(Clone, Copy)]
struct Described {
    whole: Option<NodeId>,
    items: Option<NodeId>,
}

fn described(document: &Document, media: NodeId) -> Described {
    let whole = document.tree.get(media, "schema");
    Described { whole, items: document.tree.get(media, "itemSchema").filter(|_| document.version >= OpenApi::V32) }
}

/// The schema of the items where the whole is described as a list of such, or where, before 3.2, there was no other
/// place to describe an item of a stream.
fn items_of(document: &Document, whole: NodeId) -> Option<NodeId> {
    let schema = document.references.resolve(whole);
    let is_list = document.tree.text_of(schema, "type") == Some("array");
    match document.tree.get(schema, "items").filter(|_| is_list) {
        Some(items) => Some(items),
        None => (document.version < OpenApi::V32).then_some(whole),
    }
}

/// A 2.0 document that names no media type: what it says holds for whichever the other document names.
pub(super) fn unnamed(document: &Document, content: &[Media<'_>]) -> bool {
    document.version == OpenApi::V20 && matches!(content, [only] if only.name == "*/*")
}

impl Comparison<'_> {
    pub(super) fn media_type(
        &mut self,
        scope: &Scope,
        (request, medium): (bool, Medium),
        place: &Where,
        old: NodeId,
        new: NodeId,
    ) {
        let (mut b, mut r) = (described(self.base, old), described(self.revision, new));
        // A stream described as a list of items is one described by its items.
        if let (Some(whole), None, None, Some(_)) = (b.whole, b.items, r.whole, r.items)
            && let Some(items) = items_of(self.base, whole)
        {
            b = Described { whole: None, items: Some(items) };
        }
        if let (None, Some(_), Some(whole), None) = (b.whole, b.items, r.whole, r.items)
            && let Some(items) = items_of(self.revision, whole)
        {
            r = Described { whole: None, items: Some(items) };
        }
        if !(b.whole.is_none() && r.whole.is_none()) {
            self.media_schema(scope, (request, medium), (place.clone(), false), (old, b.whole), (new, r.whole));
        }
        if !(b.items.is_none() && r.items.is_none()) {
            self.media_schema(scope, (request, medium), (place.clone(), true), (old, b.items), (new, r.items));
        }
        // Elsewhere `encoding` has no effect (OpenAPI 3.1, 4.8.14.1). 3.2's media types may stand under a name of their own.
        if medium == Medium::Form || is_in_parts(self.revision, new) {
            self.encodings(scope, request, place, old, new);
        }
    }

    fn media_schema(
        &mut self,
        scope: &Scope,
        (request, medium): (bool, Medium),
        (place, each_item): (Where, bool),
        (old, b): (NodeId, Option<NodeId>),
        (new, r): (NodeId, Option<NodeId>),
    ) {
        let mode = scope.mode(request, medium);
        let direction = Some(mode.direction);
        let mut subject = scope.within.place(place.subject());
        if each_item {
            subject.path.push(Step { kind: StepKind::Items, name: None });
        }
        let about = (subject, Evidence::none());
        match (b, r) {
            (Some(b), Some(r)) => self.compare_each(scope, (place, each_item), mode, b, r),
            // Bytes, which 3.0 describes as a string of the format `binary`, are described by no schema since 3.1.
            (None, Some(r)) if self.base.version.has_json_schema() && is_binary(self.revision, r) => {}
            (Some(b), None) if self.revision.version.has_json_schema() && is_binary(self.base, b) => {}
            (None, Some(r)) if self.schemas.revision.says_nothing(r) => {}
            (Some(b), None) if self.schemas.base.says_nothing(b) => {}
            (None, Some(r)) => {
                let rule = mode.pick(rules::REQUEST_SCHEMA_ADDED, rules::RESPONSE_SCHEMA_ADDED);
                self.add(rule, Some(scope), direction, about, (Some(old), Some(r)));
            }
            (Some(b), None) => {
                let rule = mode.pick(rules::REQUEST_SCHEMA_REMOVED, rules::RESPONSE_SCHEMA_REMOVED);
                self.add(rule, Some(scope), direction, about, (Some(b), Some(new)));
            }
            (None, None) => {}
        }
    }
}

/// Whether a media type has parts that can be encoded each in its way, by the name that it stands under.
fn is_in_parts(document: &Document, media: NodeId) -> bool {
    let name = document.tree.key_of(media).unwrap_or_default().to_lowercase();
    name.starts_with("multipart/") || name.starts_with("application/x-www-form-urlencoded") || name.contains('*')
}
