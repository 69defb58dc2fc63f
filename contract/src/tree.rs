//! The one tree that JSON and YAML are read into: an arena of small nodes that know where they stand.
//!
//! A 13 MB document has over half a million values, so a node is six words and strings are slices of the source
//! (or of one side buffer, when an escape or a folded line had to be resolved), never allocations of their own.
//! The tree owns its source and is immutable once built.
//!
//! A contract in several files is one tree as well: each file's text, nodes and lists follow those of the file before, so
//! that a node's id says all, and code that follows references needn't know where a file ends. Which file a node stands in
//! is told by its place in the text.

mod sources;

use rustc_hash::FxHashMap;
pub(crate) use sources::{ROOT_SLOT, Source};
use std::fmt::Write as _;

/// A value in a [`Tree`]. Ids grow in document order, except for what YAML aliases copy and conversion adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) const ROOT: Self = Self(0);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// The kind with its article, for messages.
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "a list",
            Self::Object => "an object",
        }
    }
}

/// A slice of the source, or of the side buffer when the highest bit of `offset` is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Str {
    pub(crate) offset: u32,
    pub(crate) len: u32,
}

pub(crate) const IN_SIDE_BUFFER: u32 = 1 << 31;

/// A key with its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) key: Str,
    pub(crate) value: NodeId,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Byte offset of the member's key, or of the value itself where there is no key: the place to point at.
    pub(crate) start: u32,
    /// Of a node that was added to what is written: the node that it stands for.
    pub(crate) parent: NodeId,
    /// Index among the parent's children.
    pub(crate) slot: u32,
    /// Scalars: the text. Containers: the range of children. Booleans: `offset` is 0 or 1.
    pub(crate) data: Str,
}

/// Objects with more members than this have an index: a member of a small one is found sooner by looking at each.
pub(crate) const LARGE: usize = 32;

/// A document as a tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) text: String,
    pub(crate) side: String,
    /// The files in the order in which they were read, the document itself first.
    pub(crate) sources: Vec<Source>,
    pub(crate) nodes: Vec<Node>,
    /// How many nodes are written in the source; those after them were [added](crate::swagger).
    pub(crate) written: u32,
    /// How many values repeat others, those of the files before included.
    pub(crate) repeated: u32,
    pub(crate) items: Vec<NodeId>,
    pub(crate) members: Vec<Member>,
    /// The slots of large objects' members, in the order of their keys.
    pub(crate) sorted: FxHashMap<NodeId, Box<[u32]>>,
}

impl Tree {
    /// Makes finding a member of a large object cheap: hostile documents have objects with millions of members, and
    /// as many readers that ask for one.
    pub(crate) fn index_members(&mut self, id: NodeId) {
        let members = self.members(id);
        if let Ok(count) = u32::try_from(members.len())
            && members.len() > LARGE
        {
            let mut slots: Vec<u32> = (0..count).collect();
            slots.sort_unstable_by_key(|slot| self.str(members[*slot as usize].key));
            self.sorted.insert(id, slots.into());
        }
    }

    pub(crate) fn str(&self, s: Str) -> &str {
        let buffer: &str = if s.offset & IN_SIDE_BUFFER == 0 { &self.text } else { &self.side };
        let start = (s.offset & !IN_SIDE_BUFFER) as usize;
        &buffer[start..start + s.len as usize]
    }

    /// Whether a slice is this text. Most keys that are asked for differ in length from most that there are, so the
    /// text isn't looked at.
    fn is(&self, s: Str, text: &str) -> bool {
        s.len as usize == text.len() && self.str(s) == text
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(crate) fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    pub(crate) fn start(&self, id: NodeId) -> u32 {
        self.node(id).start
    }

    /// The members of an object, in document order; nothing for other kinds.
    pub(crate) fn members(&self, id: NodeId) -> &[Member] {
        let node = self.node(id);
        if node.kind == Kind::Object { range(&self.members, node.data) } else { &[] }
    }

    /// Key and value of each member of an object.
    pub(crate) fn entries(&self, id: NodeId) -> impl DoubleEndedIterator<Item = (&str, NodeId)> {
        self.members(id).iter().map(|member| (self.str(member.key), member.value))
    }

    /// The elements of a list; nothing for other kinds.
    pub(crate) fn items(&self, id: NodeId) -> &[NodeId] {
        let node = self.node(id);
        if node.kind == Kind::Array { range(&self.items, node.data) } else { &[] }
    }

    pub(crate) fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        let members = self.members(id);
        let sorted = if members.len() > LARGE { self.sorted.get(&id) } else { None };
        let Some(sorted) = sorted else {
            return members.iter().find(|member| self.is(member.key, key)).map(|member| member.value);
        };
        let found = sorted.binary_search_by_key(&key, |slot| self.str(members[*slot as usize].key)).ok()?;
        Some(members[sorted[found] as usize].value)
    }

    pub(crate) fn as_str(&self, id: NodeId) -> Option<&str> {
        let node = self.node(id);
        (node.kind == Kind::String).then(|| self.str(node.data))
    }

    pub(crate) fn as_number(&self, id: NodeId) -> Option<&str> {
        let node = self.node(id);
        (node.kind == Kind::Number).then(|| self.str(node.data))
    }

    /// A string, or a number as it is written: YAML makes a number of `1.0`, even where it is meant as a name.
    pub(crate) fn label(&self, id: NodeId) -> Option<&str> {
        self.as_str(id).or_else(|| self.as_number(id))
    }

    pub(crate) fn as_bool(&self, id: NodeId) -> Option<bool> {
        let node = self.node(id);
        (node.kind == Kind::Bool).then_some(node.data.offset == 1)
    }

    /// How many values there are in a value, itself included; long texts, keys and numbers count as several.
    pub(crate) fn weight(&self, id: NodeId) -> usize {
        // Depth is bounded by the reader's limits, so recursion is.
        let members = self.members(id).iter().map(|member| member.key.len as usize / 64 + self.weight(member.value));
        let items = self.items(id).iter().map(|item| self.weight(*item));
        let long = self.label(id).map_or(0, |text| text.len() / 64);
        1 + long + members.sum::<usize>() + items.sum::<usize>()
    }

    /// Whether a value is small enough to be written out in passing. Takes no longer where it isn't.
    pub(crate) fn is_light(&self, id: NodeId) -> bool {
        let (mut stack, mut left) = (vec![id], 100_usize);
        while let Some(id) = stack.pop() {
            let children = self.members(id).len() + self.items(id).len();
            let Some(rest) = left.checked_sub(1 + children) else { return false };
            left = rest;
            stack.extend(self.members(id).iter().map(|member| member.value).chain(self.items(id).iter().copied()));
        }
        true
    }

    pub(crate) fn text_of(&self, id: NodeId, key: &str) -> Option<&str> {
        self.get(id, key).and_then(|value| self.as_str(value))
    }

    /// A member that is `true`; absent and anything else mean `false`.
    pub(crate) fn flag(&self, id: NodeId, key: &str) -> bool {
        self.get(id, key).and_then(|value| self.as_bool(value)).unwrap_or(false)
    }

    /// The written node that a node stands for: itself, unless it was added.
    pub(crate) fn origin(&self, id: NodeId) -> NodeId {
        if id.0 < self.written { id } else { self.node(id).parent }
    }

    /// Gives a string another text.
    pub(crate) fn replace(&mut self, id: NodeId, text: &str) {
        let offset = self.side.len();
        if let (Ok(start), Ok(len)) = (u32::try_from(offset), u32::try_from(text.len()))
            && offset + text.len() < IN_SIDE_BUFFER as usize
        {
            self.side.push_str(text);
            self.nodes[id.index()].data = Str { offset: start | IN_SIDE_BUFFER, len };
        }
    }

    /// The key under which a node stands in its parent object. A file's root stands under the file's name.
    pub(crate) fn key_of(&self, id: NodeId) -> Option<&str> {
        let id = self.origin(id);
        if id == NodeId::ROOT {
            return None;
        }
        let node = self.node(id);
        if node.slot == ROOT_SLOT {
            return self.sources.get(self.file_of(id)).map(Source::stem);
        }
        self.members(node.parent).get(node.slot as usize).map(|member| self.str(member.key))
    }

    /// The JSON pointer (RFC 6901) of a node in its file.
    pub(crate) fn pointer(&self, id: NodeId) -> String {
        let mut path = Vec::new();
        let mut at = self.origin(id);
        while at != NodeId::ROOT && self.node(at).slot != ROOT_SLOT {
            path.push(at);
            at = self.node(at).parent;
        }
        let mut pointer = String::new();
        for step in path.into_iter().rev() {
            pointer.push('/');
            match self.key_of(step) {
                Some(key) => push_escaped(&mut pointer, key),
                // Writing to a string can't fail.
                None => drop(write!(pointer, "{}", self.node(step).slot)),
            }
        }
        pointer
    }

    /// The node that the unescaped tokens of a JSON pointer lead to.
    pub(crate) fn find<'a>(&self, from: NodeId, tokens: impl IntoIterator<Item = &'a str>) -> Option<NodeId> {
        tokens.into_iter().try_fold(from, |at, token| match self.kind(at) {
            Kind::Object => self.get(at, token),
            Kind::Array => self.items(at).get(token.parse::<usize>().ok()?).copied(),
            _ => None,
        })
    }

    pub(crate) fn memory_size(&self) -> usize {
        self.text.capacity()
            + self.side.capacity()
            + self
                .sources
                .iter()
                .map(|source| size_of::<Source>() + source.path.len() + source.lines.memory_size())
                .sum::<usize>()
            + self.nodes.capacity() * size_of::<Node>()
            + self.items.capacity() * size_of::<NodeId>()
            + self.members.capacity() * size_of::<Member>()
            + self.sorted.values().map(|slots| slots.len() * size_of::<u32>() + 32).sum::<usize>()
    }
}

fn range<T>(all: &[T], range: Str) -> &[T] {
    &all[range.offset as usize..(range.offset + range.len) as usize]
}

/// Appends a pointer token with `~` and `/` escaped.
pub(crate) fn push_escaped(pointer: &mut String, token: &str) {
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}
