//! Adds nodes to a tree that was read. What is written stays where it is.

use crate::tree::{IN_SIDE_BUFFER, Kind, Member, Node, NodeId, Str, Tree};
use rustc_hash::FxHashMap;

/// See the [module](self).
pub(super) struct Overlay<'t> {
    pub(super) tree: &'t mut Tree,
    /// Nodes, items and members that may still be added.
    room: usize,
    /// Whether there was no room for something. What was added since is not worth anything.
    pub(super) full: bool,
    words: FxHashMap<&'static str, Str>,
}

impl<'t> Overlay<'t> {
    pub(super) fn new(tree: &'t mut Tree, room: usize) -> Self {
        Self { tree, room, full: false, words: FxHashMap::default() }
    }

    /// A word as a key.
    pub(super) fn word(&mut self, word: &'static str) -> Str {
        if let Some(known) = self.words.get(word) {
            return *known;
        }
        let kept = self.keep(word);
        self.words.insert(word, kept);
        kept
    }

    pub(super) fn text(&mut self, text: &str, origin: NodeId) -> NodeId {
        let data = self.keep(text);
        self.node(Kind::String, data, origin)
    }

    pub(super) fn flag(&mut self, yes: bool, origin: NodeId) -> NodeId {
        self.node(Kind::Bool, Str { offset: u32::from(yes), len: 0 }, origin)
    }

    /// An object that stands for a written node. Its values may be anybody's.
    pub(super) fn object(&mut self, members: Vec<Member>, origin: NodeId) -> NodeId {
        let data = self.members(members);
        let node = self.node(Kind::Object, data, origin);
        self.tree.index_members(node);
        node
    }

    pub(super) fn list(&mut self, items: Vec<NodeId>, origin: NodeId) -> NodeId {
        let offset = self.tree.items.len();
        let data = self.range(offset, items.len());
        if !self.full {
            self.tree.items.extend(items);
        }
        self.node(Kind::Array, data, origin)
    }

    /// Gives an object these members, in the place of those that it has by the same names, or else after them: where
    /// a member stands among its siblings is a part of its address.
    pub(super) fn set(&mut self, object: NodeId, new: Vec<Member>) {
        let mut members = self.tree.members(object).to_vec();
        for member in new {
            match members.iter().position(|have| self.tree.str(have.key) == self.tree.str(member.key)) {
                Some(slot) => members[slot].value = member.value,
                None => members.push(member),
            }
        }
        let data = self.members(members);
        self.tree.nodes[object.index()].data = data;
        self.tree.index_members(object);
    }

    /// Puts another value under one of an object's keys.
    pub(super) fn replace(&mut self, object: NodeId, slot: usize, value: NodeId) {
        let at = self.tree.node(object).data.offset as usize + slot;
        self.tree.members[at].value = value;
    }

    fn members(&mut self, members: Vec<Member>) -> Str {
        let offset = self.tree.members.len();
        let data = self.range(offset, members.len());
        if !self.full {
            self.tree.members.extend(members);
        }
        data
    }

    fn node(&mut self, kind: Kind, data: Str, origin: NodeId) -> NodeId {
        let id = u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX);
        if !self.spend(1) || id == u32::MAX {
            self.full = true;
            return origin;
        }
        let (start, parent) = (self.tree.start(origin), self.tree.origin(origin));
        self.tree.nodes.push(Node { kind, start, parent, slot: 0, data });
        NodeId(id)
    }

    fn keep(&mut self, text: &str) -> Str {
        let offset = self.tree.side.len();
        if offset + text.len() >= IN_SIDE_BUFFER as usize {
            self.full = true;
            return Str { offset: 0, len: 0 };
        }
        self.tree.side.push_str(text);
        let Str { offset, len } = self.range(offset, text.len());
        Str { offset: offset | IN_SIDE_BUFFER, len }
    }

    fn range(&mut self, offset: usize, len: usize) -> Str {
        let fits = self.spend(len);
        match (u32::try_from(offset), u32::try_from(len)) {
            (Ok(offset), Ok(len)) if fits => Str { offset, len },
            _ => {
                self.full = true;
                Str { offset: 0, len: 0 }
            }
        }
    }

    fn spend(&mut self, count: usize) -> bool {
        let fits = count <= self.room && !self.full;
        self.room = self.room.saturating_sub(count);
        fits
    }
}
