//! From a reference's text to the node that it means.

use super::{percent_decode, unescape};
use crate::{
    files,
    tree::{NodeId, Tree},
    version::OpenApi,
};
use std::collections::HashMap;

/// Finds targets by their text, each text once in each file.
#[derive(Default)]
pub(crate) struct Resolver {
    known: Vec<HashMap<Box<str>, Result<NodeId, String>>>,
    names: Names,
    /// Whether schemas have names beside their place: since 3.1.
    named: bool,
    /// Whether a document may tell its own address, `$self`: since 3.2.
    addressed: bool,
    /// The files that were asked for, by their paths. None of a document that is read alone.
    pub(crate) files: Option<HashMap<Box<str>, File>>,
}

/// A file that was asked for.
pub(crate) enum File {
    Wanted,
    /// Its root.
    Read(NodeId),
    /// Why it can't be read; nothing where that is said already.
    Refused(String),
}

/// Why there is no target.
pub(crate) enum Missing {
    /// Its file isn't read yet: the path, when it is asked for the first time.
    File(Option<String>),
    /// It leads nowhere, unless a file that is still to be read has a schema with that `$id`.
    Unless(String),
    /// It leads nowhere; the sentence says why.
    Nowhere(String),
}

impl From<String> for Missing {
    fn from(sentence: String) -> Self {
        Self::Nowhere(sentence)
    }
}

/// What schemas are called by themselves (JSON Schema 2020-12, core, 8.2). Looked for when the first reference asks,
/// since few documents do.
#[derive(Default)]
struct Names {
    /// Files that were looked through.
    files: usize,
    ids: HashMap<Box<str>, Vec<NodeId>>,
    anchors: HashMap<Box<str>, Anchors>,
}

/// The schemas that have one name, file by file, and whether one of them is meant dynamically.
#[derive(Default)]
struct Anchors {
    nodes: Vec<NodeId>,
    dynamic: bool,
}

/// What holds values and no schemas, unless it is the name of one.
const VALUES: [&str; 9] =
    ["example", "examples", "default", "const", "enum", "value", "dataValue", "serializedValue", "externalValue"];
/// What holds schemas by name.
const MAPS: [&str; 7] =
    ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas", "parameters"];

impl Names {
    /// Looks through the files that were read since.
    fn update(&mut self, tree: &Tree) {
        for source in &tree.sources[self.files..] {
            self.look_through(tree, source.root);
        }
        self.files = tree.sources.len();
    }

    fn look_through(&mut self, tree: &Tree, root: NodeId) {
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            // A file's name says nothing about what is in it.
            let named = node != root && tree.key_of(node).is_some_and(|key| MAPS.contains(&key));
            let holds = |key: &str| named || !(VALUES.contains(&key) || key.starts_with("x-"));
            stack.extend(tree.entries(node).filter(|(key, _)| holds(key)).map(|(_, value)| value));
            stack.extend(tree.items(node));
            if named {
                continue;
            }
            if let Some(id) = tree.text_of(node, "$id") {
                self.ids.entry(id.into()).or_default().push(node);
            }
            for (key, dynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
                if let Some(name) = tree.text_of(node, key) {
                    let anchors = self.anchors.entry(name.into()).or_default();
                    anchors.nodes.push(node);
                    anchors.dynamic |= dynamic;
                }
            }
        }
    }

    /// The schemas of that name in one file.
    fn anchored(&self, tree: &Tree, file: usize, name: &str) -> &[NodeId] {
        let Some(Anchors { nodes, .. }) = self.anchors.get(name) else { return &[] };
        // Files are looked through in the order of their nodes.
        let before =
            |file: usize| tree.sources.get(file).map_or(nodes.len(), |f| nodes.partition_point(|n| *n < f.root));
        &nodes[before(file)..before(file + 1)]
    }
}

impl Resolver {
    pub(crate) fn new(version: OpenApi, root: Option<&str>) -> Self {
        Self {
            named: version.has_json_schema(),
            addressed: version >= OpenApi::V32,
            files: root.map(|path| HashMap::from([(path.into(), File::Read(NodeId::ROOT))])),
            ..Self::default()
        }
    }

    /// Whether what a `$dynamicRef` names depends on the way to it: where more than one schema has the name.
    pub(crate) fn is_dynamic(&mut self, tree: &Tree, reference: &str) -> bool {
        let name = reference.rsplit('#').next().unwrap_or_default();
        self.names.update(tree);
        self.names.anchors.get(name).is_some_and(|all| all.nodes.len() > 1 && all.dynamic)
    }

    /// The node that a reference at `node` names, or why there is none.
    ///
    /// Inside of a schema with an `$id`, what begins with `#` is relative to that; by the letter alone, that is: most
    /// documents mean themselves, so that is tried first.
    pub(crate) fn find(&mut self, tree: &Tree, node: NodeId, reference: &str) -> Result<NodeId, Missing> {
        let file = tree.file_of(node);
        let known = self.known.get(file).and_then(|known| known.get(reference)).cloned();
        let found = match known {
            Some(known) => known.map_err(Missing::Nowhere),
            None => self.look_up(tree, file, reference),
        };
        match &found {
            Err(Missing::File(_) | Missing::Unless(_)) => return found,
            Err(Missing::Nowhere(sentence)) => self.learn(file, reference, Err(sentence.clone())),
            Ok(target) => self.learn(file, reference, Ok(*target)),
        }
        let Some(fragment) = reference.strip_prefix('#').filter(|_| self.named && found.is_err()) else { return found };
        let Some(pointer) = fragment.strip_prefix('/') else {
            let same = self.names.anchored(tree, file, fragment).iter().take(MAX_ALIKE);
            let mut same = same.filter(|schema| resource(tree, **schema) == resource(tree, node));
            return if let (Some(only), None) = (same.next(), same.next()) { Ok(*only) } else { found };
        };
        let mut at = node;
        while at != NodeId::ROOT {
            if tree.text_of(at, "$id").is_some()
                && let Some(target) = follow(tree, at, pointer)
            {
                return Ok(target);
            }
            at = tree.node(at).parent;
        }
        found
    }

    fn learn(&mut self, file: usize, reference: &str, found: Result<NodeId, String>) {
        if self.known.len() <= file {
            self.known.resize_with(file + 1, HashMap::new);
        }
        if !self.known[file].contains_key(reference) {
            self.known[file].insert(reference.into(), found);
        }
    }

    fn look_up(&mut self, tree: &Tree, file: usize, reference: &str) -> Result<NodeId, Missing> {
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if reference.is_empty() {
            let message = "`$ref` is empty. Write where it leads, such as `#/components/schemas/Name`.";
            return Err(message.to_owned().into());
        }
        let source = &tree.sources[file];
        let own = tree.text_of(source.root, "$self").filter(|_| self.addressed);
        // Relative references are resolved against it, so that its last segment means the document, too.
        let is_own = |own: &str| address == own || own.rsplit('/').next() == Some(address);
        if address.is_empty() || own.is_some_and(is_own) {
            return self.within(tree, source.root, reference, fragment);
        }
        // What has an address of its own finds its neighbours by theirs.
        let base = own.or_else(|| tree.text_of(source.root, "$id").filter(|_| self.named));
        let near = base.and_then(|base| files::neighbour(base, address)).unwrap_or(address);
        let why = match &mut self.files {
            Some(files) => match files::resolve(&source.path, near) {
                Ok(path) => match files.get(path.as_str()) {
                    Some(File::Read(root)) => {
                        let root = *root;
                        return self.within(tree, root, reference, fragment);
                    }
                    Some(File::Refused(why)) if why.is_empty() => return Err(Missing::Nowhere(String::new())),
                    Some(File::Refused(why)) => format!("`{reference}` can't be read: {why}"),
                    Some(File::Wanted) => return Err(Missing::File(None)),
                    None => {
                        files.insert(path.as_str().into(), File::Wanted);
                        return Err(Missing::File(Some(path)));
                    }
                },
                Err(sentence) => format!("`{reference}` {sentence}"),
            },
            None => format!(
                "`{reference}` points outside of this document. The hub reads one self-contained document: bundle it \
                 first, so that every $ref starts with `#/`, as `handshake publish` does."
            ),
        };
        if self.named {
            self.names.update(tree);
            if let Some([schema]) = self.names.ids.get(address).map(Vec::as_slice) {
                return self.within(tree, *schema, reference, fragment);
            }
        }
        Err(if self.named && self.files.is_some() { Missing::Unless(why) } else { Missing::Nowhere(why) })
    }

    /// The node that a fragment names in a file, or in a schema with an `$id`.
    fn within(&mut self, tree: &Tree, root: NodeId, reference: &str, fragment: &str) -> Result<NodeId, Missing> {
        let fragment = percent_decode(fragment)
            .ok_or_else(|| format!("`{reference}` has a broken percent-encoding. Write `%25` for a percent sign."))?;
        if fragment.is_empty() {
            return Ok(root);
        }
        let Some(pointer) = fragment.strip_prefix('/') else {
            return Ok(self.anchor(tree, tree.file_of(root), reference, &fragment)?);
        };
        let mut at = root;
        for token in pointer.split('/') {
            let token = unescape(token);
            at = tree.find(at, [&*token]).ok_or_else(|| {
                let parent = tree.pointer(at);
                let of = tree.path_of(at).map(|path| format!(" of `{path}`")).unwrap_or_default();
                let elsewhere = (root != NodeId::ROOT && follow(tree, NodeId::ROOT, pointer).is_some())
                    .then_some(" It is there in the document itself, which has to be named before the `#`.");
                format!(
                    "`{reference}` leads nowhere: there is no `{token}` in `#{parent}`{of}. Fix the name or add it.{}",
                    elsewhere.unwrap_or_default()
                )
            })?;
        }
        Ok(at)
    }

    /// The schema with a name of its own in a file.
    fn anchor(&mut self, tree: &Tree, file: usize, reference: &str, name: &str) -> Result<NodeId, String> {
        if !self.named {
            return Err(format!(
                "`{reference}` isn't a JSON pointer. Refer to components by their place: `#/components/schemas/Name`."
            ));
        }
        self.names.update(tree);
        match self.names.anchored(tree, file, name) {
            [only] => Ok(*only),
            [] => Err(format!(
                "`{reference}` leads nowhere: no schema has the `$anchor` `{name}`. Refer to a component by its place, \
                 `#/components/schemas/Name`, or add the anchor."
            )),
            _ => Err(format!(
                "`{reference}` may mean several schemas: more than one has this name. Refer to one by its place: \
                 `#/components/schemas/Name`."
            )),
        }
    }
}

/// Anchors of one name in one file that are told apart by the `$id` of what they are in.
const MAX_ALIKE: usize = 100;

/// The schema with an `$id` that a node is a part of, or the file's root.
fn resource(tree: &Tree, node: NodeId) -> NodeId {
    let (mut at, root) = (node, tree.root_of(node));
    while at != root && tree.text_of(at, "$id").is_none() {
        at = tree.node(at).parent;
    }
    at
}

fn follow(tree: &Tree, from: NodeId, pointer: &str) -> Option<NodeId> {
    let pointer = percent_decode(pointer)?;
    pointer.split('/').try_fold(from, |at, token| tree.find(at, [&*unescape(token)]))
}
