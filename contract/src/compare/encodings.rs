//! How the parts of a multipart body or a form are encoded, each by itself.

use super::{
    Comparison, Scope,
    collect::Where,
    evidence::{Evidence, Fact},
    findings::quoted,
    parameters::structure_of,
    value::canonical,
};
use crate::{
    document::Document,
    exchange::{covers, essence, listed},
    rules::{self, RuleId},
    sort,
    tree::{Kind, NodeId},
    version::OpenApi,
};
use shared::{
    Level,
    subject::{Step, StepKind},
};
use std::{collections::BTreeMap, rc::Rc};

/// Parts by name, and since 3.2 by position.
const KEYS: [&str; 3] = ["encoding", "prefixEncoding", "itemEncoding"];

/// What is said about a part.
const FIELDS: [&str; 8] =
    ["contentType", "style", "explode", "allowReserved", "headers", "encoding", "prefixEncoding", "itemEncoding"];

/// What is said in a URL's words.
const OF_FORMS: [&str; 3] = ["style", "explode", "allowReserved"];

/// One part of a media type on one side: what is said about it, and its schema.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    node: Option<NodeId>,
    schema: Option<NodeId>,
    /// Whether it has a place and no name.
    unnamed: bool,
}

/// A part that is encoded in another way, told for each operation that has it.
#[derive(Debug)]
pub(super) struct Difference {
    rule: RuleId,
    level: Level,
    part: Step,
    evidence: Evidence,
    places: (NodeId, NodeId),
}

impl Comparison<'_> {
    pub(super) fn encodings(&mut self, scope: &Scope, request: bool, place: &Where, old: NodeId, new: NodeId) {
        // Operations share media types by reference: each pair is looked at once.
        let sent = request != scope.reversed();
        let known = self.encodings.get(&(old, new, sent)).cloned();
        let differences = known.unwrap_or_else(|| {
            let found = Rc::new(self.differences(sent, old, new));
            self.encodings.insert((old, new, sent), Rc::clone(&found));
            found
        });
        if !self.spend(differences.len()) {
            return;
        }
        for difference in differences.iter() {
            let mut subject = scope.within.place(place.subject());
            subject.path.push(difference.part.clone());
            let about = (subject, difference.evidence.clone());
            let places = (Some(difference.places.0), Some(difference.places.1));
            let direction = Some(scope.direction(request));
            self.add_at(difference.level, difference.rule, Some(scope), direction, about, places);
        }
    }

    fn differences(&mut self, sent: bool, old: NodeId, new: NodeId) -> Vec<Difference> {
        let (before, after) = (parts(self.base, old), parts(self.revision, new));
        let names = sort::set(before.keys().chain(after.keys()));
        let mut all = Vec::new();
        if !self.spend(names.len()) {
            return all;
        }
        // Before 3.1, these are about forms in a URL's spelling only; other bodies ignore them.
        let ignores = |document: &Document, media: NodeId| {
            let name = document.tree.key_of(media).unwrap_or_default();
            document.version == OpenApi::V30 && name.to_lowercase().starts_with("multipart/")
        };
        let ignored = ignores(self.base, old) && ignores(self.revision, new);
        let of_parts = essence(self.base.tree.key_of(old).unwrap_or_default()).starts_with("multipart/");
        for name in names {
            // A part that one side doesn't mention is encoded by default.
            let alone = |document, media| Part { schema: schema_of(document, media, name), ..Part::default() };
            let b = before.get(name).copied().unwrap_or_else(|| alone(self.base, old));
            let r = after.get(name).copied().unwrap_or_else(|| alone(self.revision, new));
            let fields = FIELDS.into_iter().filter(|field| !(ignored && OF_FORMS.contains(field)));
            for field in fields {
                let (was, is) = (said(self.base, b, field), said(self.revision, r, field));
                if was == is {
                    continue;
                }
                let level = self.level((field, of_parts), sent, (b, was.as_deref()), (r, is.as_deref()));
                let (was, is) = (shown(self.base, b, field), shown(self.revision, r, field));
                // Those without a name are told by their place.
                let kind = if b.unnamed || r.unnamed { StepKind::Keyword } else { StepKind::Property };
                let part = Step { kind, name: Some(quoted(name).into_owned()) };
                let evidence = Evidence::of(field, was, is);
                let shown = field == "contentType" && level == Level::Breaking;
                let rule = if shown { rules::REQUEST_PART_MEDIA_TYPE_REMOVED } else { rules::ENCODING_CHANGED };
                all.push(Difference {
                    rule,
                    level,
                    part,
                    evidence,
                    places: (b.node.unwrap_or(old), r.node.unwrap_or(new)),
                });
            }
        }
        all
    }

    fn level(
        &self,
        (field, of_parts): (&str, bool),
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
                let (Some(was), Some(is)) = (was, is) else { return Level::Risky };
                let (given, taken) = if request { (was, is) } else { (is, was) };
                if listed(given).all(|name| covers(taken, &name)) {
                    return Level::Safe;
                }
                // What is sent by default depends on who sends it, and the parts of a form in a URL's spelling show no
                // media type.
                let written = |document: &Document, part: Part| {
                    part.node.is_some_and(|node| !part.unnamed && document.tree.get(node, "contentType").is_some())
                };
                let shown = request && of_parts && written(self.base, b) && written(self.revision, r);
                if shown { Level::Breaking } else { Level::Risky }
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
                    let schema = schema_of(document, media, name);
                    all.insert(name.to_owned(), Part { node: Some(node), schema, unnamed: false });
                }
            }
            (_, Kind::Array) => {
                for (index, node) in tree.items(written).iter().enumerate() {
                    all.insert(format!("{key} {index}"), Part { node: Some(*node), schema: None, unnamed: true });
                }
            }
            _ => {
                all.insert(key.to_owned(), Part { node: Some(written), schema: None, unnamed: true });
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
        ("headers", Some(written)) => Some(headers(document, written)),
        (_, written) => written.map(|written| canonical(tree, written)),
    }
}

/// Headers of a part, wherever they are described, without their prose.
fn headers(document: &Document, map: NodeId) -> String {
    let tree = &document.tree;
    let header = |(name, node): (&str, NodeId)| {
        let node = document.references.resolve(node);
        let prose = ["description", "example", "examples", "deprecated"];
        let says = tree.entries(node).filter(|(key, _)| !prose.contains(key) && !key.starts_with("x-"));
        let mut says: Vec<String> = says.map(|(key, value)| format!("{key} {}", canonical(tree, value))).collect();
        sort::plain(&mut says);
        format!("{} {}", name.to_lowercase(), says.join(" "))
    };
    let mut all: Vec<String> = tree.entries(map).map(header).collect();
    sort::plain(&mut all);
    all.join(" ")
}

/// What is written in a field, or else what it is by default.
fn shown(document: &Document, part: Part, field: &str) -> Fact {
    match part.node.and_then(|node| document.tree.get(node, field)) {
        Some(written) => Fact::Node(written),
        None => Fact::text(said(document, part, field).as_deref().map(|default| default.trim_matches('"'))),
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
