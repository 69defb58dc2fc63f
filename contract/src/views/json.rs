//! Values of a document as JSON text.

use crate::{
    text::cut,
    tree::{Kind, NodeId, Tree},
};

/// A value on one line.
pub(crate) fn compact(tree: &Tree, node: NodeId, limit: usize) -> String {
    Writer { tree, out: String::new(), limit, pretty: false }.write(node)
}

/// A value over several lines, indented by two spaces; cut, with `…`, after `limit` characters.
pub(crate) fn pretty(tree: &Tree, node: NodeId, limit: usize) -> String {
    Writer { tree, out: String::new(), limit, pretty: true }.write(node)
}

struct Writer<'t> {
    tree: &'t Tree,
    out: String,
    limit: usize,
    pretty: bool,
}

impl Writer<'_> {
    fn write(mut self, node: NodeId) -> String {
        self.value(node, 0);
        // Bytes bound characters from above, so most texts need no count.
        if self.out.len() > self.limit
            && let Some((cut, _)) = self.out.char_indices().nth(self.limit)
        {
            self.out.truncate(cut);
            self.out.push('…');
        }
        self.out
    }

    /// Depth is bounded by the reader's limits, so recursion is.
    fn value(&mut self, node: NodeId, depth: usize) {
        let tree = self.tree;
        if self.is_full() {
            return;
        }
        match tree.kind(node) {
            Kind::Null => self.out.push_str("null"),
            Kind::Bool => self.out.push_str(if tree.as_bool(node) == Some(true) { "true" } else { "false" }),
            Kind::Number => self.out.push_str(&cut(tree.as_number(node).unwrap_or_default(), self.limit)),
            Kind::String => self.string(tree.as_str(node).unwrap_or_default()),
            Kind::Array => {
                self.out.push('[');
                for (i, item) in tree.items(node).iter().enumerate() {
                    if self.is_full() {
                        return;
                    }
                    self.separate(i, depth + 1);
                    self.value(*item, depth + 1);
                }
                self.end(tree.items(node).is_empty(), depth, ']');
            }
            Kind::Object => {
                self.out.push('{');
                for (i, (key, value)) in tree.entries(node).enumerate() {
                    if self.is_full() {
                        return;
                    }
                    self.separate(i, depth + 1);
                    self.string(key);
                    self.out.push_str(if self.pretty { ": " } else { ":" });
                    self.value(value, depth + 1);
                }
                self.end(tree.members(node).is_empty(), depth, '}');
            }
        }
    }

    fn string(&mut self, text: &str) {
        // A string always has a JSON form. It has at least as many characters, so that what is cut here is never shown.
        self.out.push_str(&serde_json::Value::from(&*cut(text, self.limit)).to_string());
    }

    /// Whether nothing that follows is ever shown: four bytes make a character at most.
    fn is_full(&self) -> bool {
        self.out.len() > self.limit.saturating_mul(4)
    }

    fn separate(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.indent(depth);
    }

    fn end(&mut self, empty: bool, depth: usize, bracket: char) {
        if !empty {
            self.indent(depth);
        }
        self.out.push(bracket);
    }

    fn indent(&mut self, depth: usize) {
        if self.pretty {
            self.out.push('\n');
            (0..depth).for_each(|_| self.out.push_str("  "));
        }
    }
}
