//! Parameters and headers, which in 2.0 have what in 3 is their schema beside their name.

use super::convert::Converter;
use crate::tree::{Member, NodeId};

/// The words of a schema that stand in a parameter itself.
pub(super) const KEYWORDS: [&str; 16] = [
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "nullable",
];

/// How a list is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Serialization {
    style: &'static str,
    explode: bool,
}

impl Converter<'_, '_> {
    /// Gives a parameter that is no part of a body its schema, and its style where it is a list.
    pub(super) fn parameter(&mut self, node: NodeId, header: bool) {
        let tree = &self.overlay.tree;
        let in_query = !header && tree.text_of(node, "in") == Some("query");
        let mut new = Vec::new();
        if let Some(schema) = self.value_schema(node, false) {
            new.push(self.member("schema", schema));
        }
        if let Some((at, serialization)) = self.serialization(node, in_query) {
            let style = self.overlay.text(serialization.style, at);
            let explode = self.overlay.flag(serialization.explode, at);
            new.push(self.member("style", style));
            new.push(self.member("explode", explode));
        }
        if !new.is_empty() {
            self.overlay.set(node, new);
        }
    }

    /// A schema of what a parameter or header says of its value; nothing when it says nothing.
    pub(super) fn value_schema(&mut self, node: NodeId, described: bool) -> Option<NodeId> {
        if let Some(known) = self.schemas.get(&node) {
            return Some(*known);
        }
        let mut members = Vec::new();
        let tree = &self.overlay.tree;
        let is_file = tree.text_of(node, "type") == Some("file");
        let kept = |member: &&Member| {
            let key = tree.str(member.key);
            (key == "type" && !is_file)
                || (KEYWORDS.contains(&key) && !(is_file && key == "format"))
                || (described && key == "description")
        };
        members.extend(tree.members(node).iter().filter(kept).copied());
        if let Some(nullable) = tree.get(node, "x-nullable").filter(|value| tree.as_bool(*value).is_some()) {
            members.push(self.member("nullable", nullable));
        }
        if is_file {
            let at = self.overlay.tree.get(node, "type").unwrap_or(node);
            members.extend(self.file(at));
        }
        if members.is_empty() {
            return None;
        }
        let schema = self.overlay.object(members, node);
        self.schemas.insert(node, schema);
        Some(schema)
    }

    /// What 3.0 says of a file.
    pub(super) fn file(&mut self, at: NodeId) -> [Member; 2] {
        let (string, binary) = (self.overlay.text("string", at), self.overlay.text("binary", at));
        [self.member("type", string), self.member("format", binary)]
    }

    /// Style and explosion of a list, with the node that says so.
    fn serialization(&self, node: NodeId, in_query: bool) -> Option<(NodeId, Serialization)> {
        let tree = &self.overlay.tree;
        if tree.text_of(node, "type") != Some("array") {
            return None;
        }
        let written = tree.get(node, "collectionFormat");
        let serialization = |style, explode| Serialization { style, explode };
        let serialization = match written.and_then(|node| tree.as_str(node)).unwrap_or("csv") {
            "ssv" => serialization("spaceDelimited", false),
            "pipes" => serialization("pipeDelimited", false),
            // 3 has no word for it; what matters is that it is none of the others.
            "tsv" => serialization("tabDelimited", false),
            "multi" => serialization("form", true),
            _ if in_query => serialization("form", false),
            // In paths and headers, commas are the default of both.
            _ => return None,
        };
        Some((written.unwrap_or(node), serialization))
    }

    /// The encoding of a list in a form: nothing where it is the default of 3, which repeats the name.
    pub(super) fn encoding(&mut self, node: NodeId) -> Option<NodeId> {
        let (at, serialization) = self.serialization(node, true)?;
        if serialization.explode {
            return None;
        }
        let style = self.overlay.text(serialization.style, at);
        let explode = self.overlay.flag(false, at);
        let members = vec![self.member("style", style), self.member("explode", explode)];
        Some(self.overlay.object(members, at))
    }
}
