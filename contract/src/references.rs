//! `$ref`s: from a reference's text to the node that it means, in the same file or another.

mod resolver;

use crate::tree::{NodeId, Tree};
pub(crate) use resolver::{File, Missing, Resolver};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Where each reference object of a document leads, in the end.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// From the object with the `$ref` to the object that it names, one step.
    steps: FxHashMap<NodeId, NodeId>,
    /// From an object whose chain has more than one step to the chain's end.
    ends: FxHashMap<NodeId, NodeId>,
    /// From what references lead to in other files than the document's own to the node that has its name as a key.
    names: FxHashMap<NodeId, NodeId>,
    /// Whether there are references that mean one schema or another, by the way to them.
    pub(crate) dynamic: bool,
}

impl References {
    pub(crate) fn insert(&mut self, from: NodeId, to: NodeId) {
        self.steps.insert(from, to);
    }

    /// Takes a reference back that means one schema or another.
    pub(crate) fn forget(&mut self, from: NodeId) {
        self.steps.remove(&from);
        self.dynamic = true;
    }

    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Every reference with the node that it names directly, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        self.steps.iter().map(|(from, to)| (*from, *to))
    }

    /// The node that a reference names directly; `None` for what is no reference.
    pub(crate) fn step(&self, node: NodeId) -> Option<NodeId> {
        self.steps.get(&node).copied()
    }

    /// The node at the end of a chain of references: the node itself when it is none. Chains end, since a document
    /// with one that doesn't is refused.
    pub(crate) fn resolve(&self, node: NodeId) -> NodeId {
        let Some(next) = self.step(node) else { return node };
        self.ends.get(&node).copied().unwrap_or(next)
    }

    /// Follows every chain once, so that nobody has to walk one as long as the document again. To be called when all
    /// references are known and each of their chains is known to end; [`Self::resolve`] relies on it.
    pub(crate) fn follow(&mut self) {
        let mut path = Vec::new();
        for start in self.steps.keys() {
            let mut at = *start;
            while let Some(next) = self.step(at).filter(|_| !self.ends.contains_key(&at)) {
                path.push(at);
                at = next;
            }
            let end = self.ends.get(&at).copied().unwrap_or(at);
            // A last step leads to the end by itself.
            self.ends.extend(path.drain(..).filter(|node| self.steps.get(node) != Some(&end)).map(|node| (node, end)));
        }
    }

    /// Finds the names that a bundle of the files would have for what is in the others: that of a component which is
    /// nothing but a reference to it, or its own. To be called after [`Self::follow`].
    pub(crate) fn name(&mut self, tree: &Tree) {
        let Some(other) = tree.sources.get(1).map(|source| source.root) else { return };
        let sections = tree.get(NodeId::ROOT, "components").into_iter().flat_map(|all| tree.entries(all));
        // As 2.0 has them.
        let old = ["definitions", "parameters", "responses", "securityDefinitions"];
        let old = old.into_iter().filter_map(|key| tree.get(NodeId::ROOT, key));
        for map in sections.map(|(_, map)| map).chain(old) {
            for member in tree.members(map) {
                let target = self.resolve(member.value);
                if target >= other {
                    self.names.entry(target).or_insert(member.value);
                }
            }
        }
        for to in self.steps.values().filter(|to| **to >= other) {
            self.names.entry(*to).or_insert(*to);
        }
    }

    /// The node that has the name of a node in another file as its key, when references lead to it.
    pub(crate) fn named(&self, node: NodeId) -> Option<NodeId> {
        self.names.get(&node).copied()
    }

    /// A reference on each cycle of references that never reach anything, in document order.
    pub(crate) fn endless(&self) -> Vec<NodeId> {
        let mut done: FxHashMap<NodeId, bool> = FxHashMap::default();
        let mut endless = Vec::new();
        let mut starts: Vec<_> = self.steps.keys().copied().collect();
        starts.sort_unstable();
        for start in starts {
            let mut path = Vec::new();
            let mut at = start;
            let looping = loop {
                if let Some(known) = done.get(&at) {
                    break *known;
                }
                // Marked as endless while on the path: meeting it again before it is decided proves it.
                done.insert(at, true);
                path.push(at);
                match self.step(at) {
                    Some(next) => at = next,
                    None => break false,
                }
            };
            if looping && path.contains(&at) {
                endless.push(at);
            }
            for node in path {
                done.insert(node, looping);
            }
        }
        endless
    }

    pub(crate) fn memory_size(&self) -> usize {
        (self.steps.capacity() + self.ends.capacity() + self.names.capacity()) * (size_of::<(NodeId, NodeId)>() + 1)
    }
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') { Cow::Owned(token.replace("~1", "/").replace("~0", "~")) } else { Cow::Borrowed(token) }
}

pub(crate) fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// The name of a schema in a reference that stood in several files, by what is written alone.
pub(crate) fn name_in_file(reference: &str) -> Option<String> {
    let is_file = match reference.strip_prefix('#') {
        // In a file of schemas.
        Some(pointer) => pointer.starts_with('/') && pointer.matches('/').count() == 1,
        None => reference.contains('#') || [".json", ".yaml", ".yml"].iter().any(|end| reference.ends_with(end)),
    };
    (is_file && !reference.contains("://")).then(|| name_of(reference))
}

/// The component's name in a reference such as `#/components/schemas/Pet`, or the last token of any other; of a whole
/// file its name without the extension.
pub(crate) fn name_of(reference: &str) -> String {
    let last = reference.trim_end_matches('#').rsplit(['/', '#']).next().unwrap_or(reference);
    let last = if reference.contains('#') && !reference.ends_with('#') {
        last
    } else {
        last.rsplit_once('.').map_or(last, |(stem, _)| stem)
    };
    let decoded = percent_decode(last).unwrap_or(Cow::Borrowed(last));
    unescape(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{name_in_file, name_of, percent_decode, unescape};

    #[test]
    fn pointers_are_unescaped_in_the_order_of_the_standard() {
        assert_eq!(unescape("a~01b~1c"), "a~1b/c");
        assert_eq!(percent_decode("/a%7B%C3%A4%7D").as_deref(), Some("/a{ä}"));
        assert_eq!(percent_decode("/a%7"), None);
        assert_eq!(percent_decode("/a%zz"), None);
        assert_eq!(percent_decode("/a%FF"), None);
        assert_eq!(name_of("#/components/schemas/A~1B"), "A/B");
        assert_eq!(name_of("#pet"), "pet");
        assert_eq!(name_of("../schemas/Pet.v1.yaml"), "Pet.v1");
        assert_eq!(name_of("schemas.yaml#/Pet.v1"), "Pet.v1");
        for (reference, name) in [
            ("Pet", None),
            ("org.example.Pet", None),
            ("#/components/schemas/Pet", None),
            ("https://example.org/Pet.json", None),
            ("./Pet.yaml", Some("Pet")),
            ("schemas.yaml#/Pet", Some("Pet")),
            ("#/Pet", Some("Pet")),
        ] {
            assert_eq!(name_in_file(reference).as_deref(), name, "{reference}");
        }
    }
}
