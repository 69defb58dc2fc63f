//! Local `$ref`s: from a reference's text to the node that it means.

use crate::tree::{NodeId, Tree};
use rustc_hash::FxHashMap;
use std::{borrow::Cow, collections::HashMap};

/// Where each reference object of a document leads, in the end.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// From the object with the `$ref` to the object that it names, one step.
    steps: FxHashMap<NodeId, NodeId>,
    /// From an object whose chain has more than one step to the chain's end.
    ends: FxHashMap<NodeId, NodeId>,
    /// Whether there are references that mean one schema or another, by the way to them.
    pub(crate) dynamic: bool,
}

impl References {
    pub(crate) fn insert(&mut self, from: NodeId, to: NodeId) {
        self.steps.insert(from, to);
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
        (self.steps.capacity() + self.ends.capacity()) * (size_of::<(NodeId, NodeId)>() + 1)
    }
}

/// Finds targets by their text, each text once.
#[derive(Default)]
pub(crate) struct Resolver<'t> {
    known: HashMap<&'t str, Result<NodeId, String>>,
    /// Members of large objects by key, so that a thousand references into `components/schemas` cost a thousand steps.
    large: FxHashMap<NodeId, HashMap<&'t str, NodeId>>,
    /// The document's own address, 3.2's `$self`: what begins with it is local all the same.
    own: Option<&'t str>,
    /// Names that schemas have beside their place; looked for when the first reference asks, since few documents do.
    names: Option<Names<'t>>,
    /// Whether schemas have such names: since 3.1.
    named: bool,
}

/// What schemas are called by themselves (JSON Schema 2020-12, core, 8.2).
#[derive(Default)]
struct Names<'t> {
    ids: HashMap<&'t str, Vec<NodeId>>,
    anchors: HashMap<&'t str, Anchors>,
}

/// The schemas that have one name: the first of them, whether there are more, and whether one is meant dynamically.
#[derive(Clone, Copy)]
struct Anchors {
    first: NodeId,
    several: bool,
    dynamic: bool,
}

/// What holds values and no schemas, unless it is the name of one.
const VALUES: [&str; 9] =
    ["example", "examples", "default", "const", "enum", "value", "dataValue", "serializedValue", "externalValue"];
/// What holds schemas by name.
const MAPS: [&str; 7] =
    ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas", "parameters"];

impl<'t> Names<'t> {
    fn of(tree: &'t Tree) -> Self {
        let mut names = Self::default();
        let mut stack = vec![NodeId::ROOT];
        while let Some(node) = stack.pop() {
            let named = tree.key_of(node).is_some_and(|key| MAPS.contains(&key));
            let holds = |key: &str| named || !(VALUES.contains(&key) || key.starts_with("x-"));
            stack.extend(tree.entries(node).filter(|(key, _)| holds(key)).map(|(_, value)| value));
            stack.extend(tree.items(node));
            if named {
                continue;
            }
            if let Some(id) = tree.text_of(node, "$id") {
                names.ids.entry(id).or_default().push(node);
            }
            for (key, dynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
                if let Some(name) = tree.text_of(node, key) {
                    let new = Anchors { first: node, several: false, dynamic };
                    names
                        .anchors
                        .entry(name)
                        .and_modify(|known| {
                            *known = Anchors { several: true, dynamic: known.dynamic || dynamic, ..*known }
                        })
                        .or_insert(new);
                }
            }
        }
        names
    }
}

impl<'t> Resolver<'t> {
    pub(crate) fn new(own: Option<&'t str>, named: bool) -> Self {
        Self { own, named, ..Self::default() }
    }

    /// Whether what a `$dynamicRef` names depends on the way to it: where more than one schema has the name.
    pub(crate) fn is_dynamic(&mut self, tree: &'t Tree, reference: &str) -> bool {
        let name = reference.rsplit('#').next().unwrap_or_default();
        self.names(tree).anchors.get(name).is_some_and(|all| all.several && all.dynamic)
    }

    /// The same as [`Self::find`] for a reference inside of a schema with an `$id`, which what begins with `#` is relative
    /// to; by the letter alone, that is: most documents mean themselves, so that is tried first.
    pub(crate) fn find_from(&mut self, tree: &'t Tree, node: NodeId, reference: &'t str) -> Result<NodeId, String> {
        let found = self.find(tree, reference);
        let Some(pointer) = reference.strip_prefix("#/").filter(|_| self.named && found.is_err()) else { return found };
        let mut at = node;
        while at != NodeId::ROOT {
            if tree.text_of(at, "$id").is_some()
                && let Some(target) = self.follow_pointer(tree, at, pointer)
            {
                return Ok(target);
            }
            at = tree.node(at).parent;
        }
        found
    }

    fn follow_pointer(&mut self, tree: &'t Tree, from: NodeId, pointer: &str) -> Option<NodeId> {
        let pointer = percent_decode(pointer)?;
        pointer.split('/').try_fold(from, |at, token| self.member(tree, at, &unescape(token)))
    }

    fn names(&mut self, tree: &'t Tree) -> &Names<'t> {
        self.names.get_or_insert_with(|| Names::of(tree))
    }

    /// The node that `reference` names, or a sentence on why there is none.
    pub(crate) fn find(&mut self, tree: &'t Tree, reference: &'t str) -> Result<NodeId, String> {
        if let Some(known) = self.known.get(reference) {
            return known.clone();
        }
        let found = self.look_up(tree, reference);
        self.known.insert(reference, found.clone());
        found
    }

    fn look_up(&mut self, tree: &'t Tree, reference: &str) -> Result<NodeId, String> {
        let address = reference.split('#').next().unwrap_or_default();
        // Relative references are resolved against it, so that its last segment means the document, too.
        let is_own = |own: &str| address == own || own.rsplit('/').next() == Some(address);
        let local = reference.strip_prefix('#');
        let fragment = local.or_else(|| {
            self.own
                .filter(|own| is_own(own))
                .map(|_| &reference[address.len()..])
                .map(|rest| rest.trim_start_matches('#'))
        });
        let Some(fragment) = fragment else {
            let ids = self.named.then(|| self.names(tree).ids.get(address)).flatten();
            if let Some([schema]) = ids.map(Vec::as_slice) {
                let (schema, fragment) = (*schema, reference[address.len()..].trim_start_matches('#'));
                if fragment.is_empty() {
                    return Ok(schema);
                }
                let Some(pointer) = fragment.strip_prefix('/') else { return self.anchor(tree, reference, fragment) };
                if let Some(target) = self.follow_pointer(tree, schema, pointer) {
                    return Ok(target);
                }
                return Err(format!(
                    "`{reference}` leads nowhere: the schema `{address}` has no `/{pointer}`. Fix the name or add it."
                ));
            }
            return Err(format!(
                "`{reference}` points outside of this document. The hub reads one self-contained document: bundle it \
                 first, so that every $ref starts with `#/`."
            ));
        };
        let fragment = percent_decode(fragment)
            .ok_or_else(|| format!("`{reference}` has a broken percent-encoding. Write `%25` for a percent sign."))?;
        if fragment.is_empty() {
            return Ok(NodeId::ROOT);
        }
        let Some(pointer) = fragment.strip_prefix('/') else { return self.anchor(tree, reference, &fragment) };
        let mut at = NodeId::ROOT;
        for token in pointer.split('/') {
            let token = unescape(token);
            at = self.member(tree, at, &token).ok_or_else(|| {
                format!("`{reference}` leads nowhere: there is no `{token}` in `{}`. Fix the name or add it.", {
                    let parent = tree.pointer(at);
                    format!("#{parent}")
                })
            })?;
        }
        Ok(at)
    }

    /// The schema with a name of its own.
    fn anchor(&mut self, tree: &'t Tree, reference: &str, name: &str) -> Result<NodeId, String> {
        if !self.named {
            return Err(format!(
                "`{reference}` isn't a JSON pointer. Refer to components by their place: `#/components/schemas/Name`."
            ));
        }
        match self.names(tree).anchors.get(name) {
            Some(Anchors { first, several: false, .. }) => Ok(*first),
            Some(_) => Err(format!(
                "`{reference}` may mean several schemas: more than one has this name. Refer to one by its place: \
                 `#/components/schemas/Name`."
            )),
            None => Err(format!(
                "`{reference}` leads nowhere: no schema has the `$anchor` `{name}`. Refer to a component by its place, \
                 `#/components/schemas/Name`, or add the anchor."
            )),
        }
    }

    fn member(&mut self, tree: &'t Tree, at: NodeId, token: &str) -> Option<NodeId> {
        if tree.members(at).len() < 16 {
            return tree.find(at, [token]);
        }
        let index = self.large.entry(at).or_insert_with(|| tree.entries(at).collect());
        index.get(token).copied()
    }
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') { Cow::Owned(token.replace("~1", "/").replace("~0", "~")) } else { Cow::Borrowed(token) }
}

fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
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

/// The component's name in a reference such as `#/components/schemas/Pet`, or the last token of any other.
pub(crate) fn name_of(reference: &str) -> String {
    let last = reference.rsplit(['/', '#']).next().unwrap_or(reference);
    let decoded = percent_decode(last).unwrap_or(Cow::Borrowed(last));
    unescape(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{name_of, percent_decode, unescape};

    #[test]
    fn pointers_are_unescaped_in_the_order_of_the_standard() {
        assert_eq!(unescape("a~01b~1c"), "a~1b/c");
        assert_eq!(percent_decode("/a%7B%C3%A4%7D").as_deref(), Some("/a{ä}"));
        assert_eq!(percent_decode("/a%7"), None);
        assert_eq!(percent_decode("/a%zz"), None);
        assert_eq!(percent_decode("/a%FF"), None);
        assert_eq!(name_of("#/components/schemas/A~1B"), "A/B");
        assert_eq!(name_of("#pet"), "pet");
    }
}
