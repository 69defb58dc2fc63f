//! How the parts of a multipart body or a form are encoded, each by itself.

use super::{
    Comparison, Scope,
    collect::{Where, upper_first},
    findings::quoted,
    parameters::structure_of,
    value::canonical,
};
use crate::{
    document::Document,
    tree::{Kind, NodeId},
    version::OpenApi,
    views,
};
use shared::Level;
use std::collections::{BTreeMap, BTreeSet};

/// Parts by name, and since 3.2 by position.
const KEYS: [&str; 3] = ["encoding", "prefixEncoding", "itemEncoding"];

/// What is said about a part.
const FIELDS: [&str; 8] =
    ["contentType", "style", "explode", "allowReserved", "headers", "encoding", "prefixEncoding", "itemEncoding"];

/// One part of a media type on one side: what is said about it, and its schema.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    node: Option<NodeId>,
    schema: Option<NodeId>,
}

impl Comparison<'_> {
    pub(super) fn encodings(&mut self, scope: &Scope, request: bool, place: &Where, old: NodeId, new: NodeId) {
        // Operations share media types by reference: where nothing changed, each pair is looked at once.
        if self.same_encodings.contains(&(old, new)) {
            return;
        }
        let (before, after) = (parts(self.base, old), parts(self.revision, new));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        if !self.spend(names.len()) {
            return;
        }
        let mut same = true;
        for name in names {
            // A part that one side doesn't mention is encoded by default.
            let alone = |document, media| Part { node: None, schema: schema_of(document, media, name) };
            let b = before.get(name).copied().unwrap_or_else(|| alone(self.base, old));
            let r = after.get(name).copied().unwrap_or_else(|| alone(self.revision, new));
            for field in FIELDS {
                let (was, is) = (said(self.base, b, field), said(self.revision, r, field));
                if was == is {
                    continue;
                }
                same = false;
                let level = self.level(field, request != scope.reversed, (b, was.as_deref()), (r, is.as_deref()));
                let subject = format!("{}{}", upper_first(&place.to_string()), scope.prefix);
                let (was, is) = (shown(self.base, b, field), shown(self.revision, r, field));
                let message = format!("{subject} has its part `{}` encoded with {is} now; it had {was}.", quoted(name));
                let places = (b.node.or(Some(old)), r.node.or(Some(new)));
                self.add_at(level, "encoding-changed", Some(scope), Some(scope.direction(request)), message, places);
            }
        }
        if same {
            self.same_encodings.insert((old, new));
        }
    }

    fn level(
        &self,
        field: &str,
        request: bool,
        (b, was): (Part, Option<&str>),
        (r, is): (Part, Option<&str>),
    ) -> Level {
        let structured = |document: &Document, part: Part| {
            let schema = part.schema.map(|schema| document.references.resolve(schema));
            schema.is_some_and(|schema| structure_of(document, schema).any())
        };
        match field {
            // As with parameters, lists and objects are read by their style.
            "style" | "explode" if structured(self.base, b) && structured(self.revision, r) => Level::Breaking,
            "contentType" => {
                let types = |list: Option<&str>| -> BTreeSet<String> {
                    list.into_iter().flat_map(|list| list.split(',')).map(|name| name.trim().to_owned()).collect()
                };
                let (had, have) = (types(was), types(is));
                let harmless = if request { had.is_subset(&have) } else { have.is_subset(&had) };
                if harmless && was.is_some() && is.is_some() { Level::Safe } else { Level::Risky }
            }
            _ => Level::Risky,
        }
    }
}

/// The parts about which something is said.
fn parts(document: &Document, media: NodeId) -> BTreeMap<String, Part> {
    let tree = &document.tree;
    let mut all = BTreeMap::new();
    for key in KEYS.into_iter().take(if document.version >= OpenApi::V32 { 3 } else { 1 }) {
        let Some(written) = tree.get(media, key) else { continue };
        match (key, tree.kind(written)) {
            ("encoding", _) => {
                for (name, node) in tree.entries(written) {
                    all.insert(name.to_owned(), Part { node: Some(node), schema: schema_of(document, media, name) });
                }
            }
            (_, Kind::Array) => {
                for (index, node) in tree.items(written).iter().enumerate() {
                    all.insert(format!("{key} {index}"), Part { node: Some(*node), schema: None });
                }
            }
            _ => {
                all.insert(key.to_owned(), Part { node: Some(written), schema: None });
            }
        }
    }
    all
}

/// The schema of the part with a name.
fn schema_of(document: &Document, media: NodeId, name: &str) -> Option<NodeId> {
    let schema = document.get(media, "schema")?;
    let properties = document.tree.get(schema, "properties")?;
    document.tree.get(properties, name)
}

/// What is said in a field, or else what it is by default; nothing where that isn't known.
fn said(document: &Document, part: Part, field: &str) -> Option<String> {
    let tree = &document.tree;
    let written = part.node.and_then(|node| tree.get(node, field));
    match (field, written) {
        ("contentType", Some(written)) => Some(tree.as_str(written)?.to_lowercase().replace(' ', "")),
        ("contentType", None) => default_type(document, part.schema?).map(str::to_owned),
        ("style", None) => Some("\"form\"".to_owned()),
        ("explode", None) => {
            // As with parameters, `form` alone explodes unless it says otherwise.
            let style = part.node.and_then(|node| tree.text_of(node, "style"));
            Some(style.is_none_or(|style| style == "form").to_string())
        }
        ("allowReserved", None) => Some("false".to_owned()),
        (_, written) => written.map(|written| canonical(tree, written)),
    }
}

fn shown(document: &Document, part: Part, field: &str) -> String {
    match part.node.and_then(|node| document.tree.get(node, field)) {
        Some(written) => {
            let text = document.tree.as_str(written).map(|text| quoted(text).into_owned());
            format!("`{field}: {}`", text.unwrap_or_else(|| views::compact(&document.tree, written, 60)))
        }
        None => said(document, part, field).map_or_else(
            || format!("no `{field}`"),
            |default| format!("`{field}: {}` by default", default.trim_matches('"')),
        ),
    }
}

/// The content type of a part for which none is written (OpenAPI 3.1.0, Encoding Object).
fn default_type(document: &Document, schema: NodeId) -> Option<&'static str> {
    let schema = document.references.resolve(schema);
    let text = |key| document.tree.text_of(schema, key);
    match text("type")? {
        "object" => Some("application/json"),
        "string" if text("contentEncoding").is_some() || text("format") == Some("binary") => {
            Some("application/octet-stream")
        }
        "string" | "number" | "integer" | "boolean" => Some("text/plain"),
        _ => None,
    }
}
