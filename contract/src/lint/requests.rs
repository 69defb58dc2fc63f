//! What clients send: strings and lists have a bound.

use super::{LintRuleId, Linter, name_of, operations::is_json};
use crate::{compare::upper_first, tree::NodeId};
use rustc_hash::{FxHashMap, FxHashSet};

/// Keys under which a schema has others that describe the same value.
const SAME: [&str; 3] = ["allOf", "oneOf", "anyOf"];
/// Keys under which a schema has others that describe parts of the value, in maps and alone.
const MAPS: [&str; 2] = ["properties", "patternProperties"];
const PARTS: [&str; 2] = ["items", "additionalProperties"];

/// A bound that a schema's surroundings give: what is beside it in an `allOf`, or what it is an alternative in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Bounds {
    string: bool,
    array: bool,
}

/// The schemas that clients send, each with the question whether it is bounded in all of its places.
#[derive(Default)]
struct Sent {
    seen: FxHashSet<(NodeId, Bounds)>,
    queue: Vec<(NodeId, Bounds)>,
    strings: FxHashMap<NodeId, bool>,
    arrays: FxHashMap<NodeId, bool>,
}

impl Sent {
    fn push(&mut self, node: NodeId, bounds: Bounds) {
        if self.seen.insert((node, bounds)) {
            self.queue.push((node, bounds));
        }
    }
}

impl Linter<'_> {
    pub(super) fn requests(&mut self) {
        let mut sent = Sent::default();
        let mut seen = FxHashSet::default();
        for operation in &self.document.operations {
            if !seen.insert(operation.node) {
                continue;
            }
            for parameter in self.document.parameters(operation) {
                let content = self.tree.get(parameter, "content").and_then(|content| self.tree.entries(content).next());
                let holder = content.map_or(parameter, |(_, media_type)| media_type);
                self.push(&mut sent, self.tree.get(holder, "schema"), Bounds::default());
            }
            let body = self.get(operation.node, "requestBody").and_then(|body| self.tree.get(body, "content"));
            for (media_type, node) in body.into_iter().flat_map(|content| self.tree.entries(content)) {
                // A text or a file is bounded as the body is, by the server.
                if is_json(media_type) || media_type.contains("form") {
                    self.push(&mut sent, self.tree.get(node, "schema"), Bounds::default());
                }
            }
        }
        while let Some((node, bounds)) = sent.queue.pop() {
            self.sent(&mut sent, node, bounds);
        }
        self.unbounded(LintRuleId::StringUnbounded, sent.strings, |name| {
            format!("{name} may be of any length. Add `maxLength`, `pattern`, `enum` or `format`.")
        });
        self.unbounded(LintRuleId::ArrayUnbounded, sent.arrays, |name| {
            format!("{name} may have any number of items. Add `maxItems`.")
        });
    }

    fn push(&self, sent: &mut Sent, node: Option<NodeId>, bounds: Bounds) {
        if let Some(node) = node {
            sent.push(self.document.references.resolve(node), bounds);
        }
    }

    fn sent(&self, sent: &mut Sent, node: NodeId, around: Bounds) {
        let tree = self.tree;
        if tree.flag(node, "readOnly") {
            return;
        }
        let mut bounds =
            Bounds { string: around.string || self.bounds_text(node), array: around.array || self.bounds_list(node) };
        let parts = tree.get(node, "allOf").map(|parts| tree.items(parts)).unwrap_or_default();
        for part in parts {
            let part = self.document.references.resolve(*part);
            bounds.string |= self.bounds_text(part);
            bounds.array |= self.bounds_list(part);
        }
        if self.is_type(node, "string") {
            *sent.strings.entry(node).or_insert(true) &= bounds.string;
        }
        if self.is_type(node, "array") {
            *sent.arrays.entry(node).or_insert(true) &= bounds.array;
        }
        for key in SAME {
            for part in tree.get(node, key).map(|parts| tree.items(parts)).unwrap_or_default() {
                self.push(sent, Some(*part), bounds);
            }
        }
        for key in MAPS {
            for (_, part) in tree.get(node, key).into_iter().flat_map(|map| tree.entries(map)) {
                self.push(sent, Some(part), Bounds::default());
            }
        }
        for key in PARTS {
            self.push(sent, tree.get(node, key), Bounds::default());
        }
        for part in tree.get(node, "prefixItems").map(|parts| tree.items(parts)).unwrap_or_default() {
            self.push(sent, Some(*part), Bounds::default());
        }
    }

    fn has(&self, node: NodeId, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.tree.get(node, key).is_some())
    }

    /// `format` bounds a text, all but `password`, which says nothing of what is in it.
    fn bounds_text(&self, node: NodeId) -> bool {
        let format = self.tree.text_of(node, "format").is_some_and(|format| format != "password");
        format || self.has(node, &["maxLength", "pattern", "enum", "const", "contentEncoding", "contentMediaType"])
    }

    /// A set of listed values can't be longer than its list.
    fn bounds_list(&self, node: NodeId) -> bool {
        let closed = || self.get(node, "items").is_some_and(|items| self.has(items, &["enum"]));
        let ends = || self.tree.get(node, "items").is_some_and(|items| self.tree.as_bool(items) == Some(false));
        self.has(node, &["maxItems", "enum", "const"])
            || (self.tree.flag(node, "uniqueItems") && closed())
            || (self.has(node, &["prefixItems"]) && ends())
    }

    fn unbounded(&mut self, practice: LintRuleId, found: FxHashMap<NodeId, bool>, says: impl Fn(String) -> String) {
        let mut found: Vec<(NodeId, bool)> = found.into_iter().collect();
        crate::sort::plain(&mut found);
        for (node, bounded) in found {
            self.place(practice, bounded, node, || says(upper_first(&name_of(self.document, node))));
        }
    }
}
