//! Builds a tree from events in document order, without recursion, within the limits.

use super::Problem;
use crate::{
    Limits,
    text::LineIndex,
    tree::{IN_SIDE_BUFFER, Kind, LARGE, Member, Node, NodeId, Str, Tree},
};
use std::collections::{HashMap, HashSet};

/// An object or list that is still open.
struct Frame {
    node: NodeId,
    /// Where its children start in the scratch list of its kind.
    base: usize,
    /// The key that waits for its value, and where it stands.
    key: Option<(Str, u32)>,
    /// Whether one of the keys is YAML's merge key.
    merges: bool,
}

pub(super) struct Builder<'a> {
    tree: Tree,
    lines: &'a LineIndex,
    limits: &'a Limits,
    frames: Vec<Frame>,
    items: Vec<NodeId>,
    members: Vec<Member>,
    /// Values of the files before this one.
    before: u32,
    /// Values that repeat others, those of the files before included.
    expanded: u32,
}

type Result<T, E = Problem> = std::result::Result<T, E>;

impl<'a> Builder<'a> {
    pub(super) fn new(text: &str, lines: &'a LineIndex, limits: &'a Limits, before: &Tree) -> Self {
        // Measured: real documents have a value for every 20 to 30 bytes.
        let nodes = Vec::with_capacity(text.len() / 24);
        let tree = Tree { text: text.into(), nodes, ..Tree::default() };
        let (frames, items, members) = (Vec::new(), Vec::new(), Vec::new());
        let (before, expanded) = (u32::try_from(before.nodes.len()).unwrap_or(u32::MAX), before.repeated);
        Self { tree, lines, limits, frames, items, members, before, expanded }
    }

    /// Whether the innermost open container is an object that waits for a key.
    pub(super) fn wants_key(&self) -> bool {
        self.frames.last().is_some_and(|frame| self.tree.kind(frame.node) == Kind::Object && frame.key.is_none())
    }

    /// A slice of the source.
    pub(super) fn slice(offset: usize, len: usize) -> Str {
        // Both are below 2³⁰: `read` refuses larger sources.
        let narrow = |n: usize| u32::try_from(n).unwrap_or(0);
        Str { offset: narrow(offset), len: narrow(len) }
    }

    /// A string that isn't in the source as such.
    pub(super) fn keep(&mut self, text: &str, offset: u32) -> Result<Str> {
        let start = u32::try_from(self.tree.side.len()).ok().filter(|start| start & IN_SIDE_BUFFER == 0);
        let (Some(start), Ok(len)) = (start, u32::try_from(text.len())) else {
            return Err(Problem::new(offset, "The document's strings take more than 2 GiB. Make it smaller."));
        };
        self.tree.side.push_str(text);
        Ok(Str { offset: start | IN_SIDE_BUFFER, len })
    }

    pub(super) fn key(&mut self, key: Str, start: u32, merge: bool) {
        if let Some(frame) = self.frames.last_mut() {
            frame.key = Some((key, start));
            frame.merges |= merge;
        }
    }

    pub(super) fn open(&mut self, kind: Kind, start: u32) -> Result<NodeId> {
        if self.frames.len() >= self.limits.max_depth as usize {
            return Err(too_deep(start, self.limits));
        }
        let base = if kind == Kind::Object { self.members.len() } else { self.items.len() };
        let node = self.node(kind, Str { offset: 0, len: 0 }, start)?;
        self.frames.push(Frame { node, base, key: None, merges: false });
        Ok(node)
    }

    /// Closes the innermost container and gives its id.
    pub(super) fn close(&mut self) -> Result<Option<NodeId>> {
        let Some(frame) = self.frames.pop() else { return Ok(None) };
        if self.tree.kind(frame.node) == Kind::Object {
            if frame.merges {
                self.merge(frame.base)?;
            }
            self.refuse_duplicates(frame.base)?;
        }
        self.seal(frame.node, frame.base);
        self.attach(frame.node);
        Ok(Some(frame.node))
    }

    pub(super) fn scalar(&mut self, kind: Kind, data: Str, start: u32) -> Result<NodeId> {
        let node = self.node(kind, data, start)?;
        self.attach(node);
        Ok(node)
    }

    /// Repeats what an anchor named. The copy has its own place in the tree, so that every value has one pointer.
    pub(super) fn alias(&mut self, target: NodeId, start: u32) -> Result<NodeId> {
        let copy = self.copy(target, start, self.frames.len())?;
        if let Some((_, key_start)) = self.frames.last().and_then(|frame| frame.key) {
            self.tree.nodes[copy.index()].start = key_start;
        }
        self.attach(copy);
        Ok(copy)
    }

    pub(super) fn finish(mut self) -> Tree {
        self.tree.repeated = self.expanded;
        self.tree.nodes.shrink_to_fit();
        self.tree.items.shrink_to_fit();
        self.tree.members.shrink_to_fit();
        self.tree.side.shrink_to_fit();
        self.tree.written = u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX);
        self.tree
    }

    fn node(&mut self, kind: Kind, data: Str, start: u32) -> Result<NodeId> {
        let id = u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX);
        if id.saturating_add(self.before) >= self.limits.max_nodes {
            let message = format!("The document has more than {} values. Make it smaller.", self.limits.max_nodes);
            return Err(Problem::new(start, message));
        }
        let start = match self.frames.last().and_then(|frame| frame.key) {
            Some((_, key_start)) => key_start,
            None => start,
        };
        self.tree.nodes.push(Node { kind, start, parent: NodeId::ROOT, slot: 0, data });
        Ok(NodeId(id))
    }

    /// Hands a finished value to the container that is open.
    fn attach(&mut self, value: NodeId) {
        let Some(frame) = self.frames.last_mut() else { return };
        match frame.key.take() {
            Some((key, _)) => self.members.push(Member { key, value }),
            None => self.items.push(value),
        }
    }

    /// Moves a container's children from scratch to their final, contiguous place.
    fn seal(&mut self, node: NodeId, base: usize) {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let data = if self.tree.kind(node) == Kind::Object {
            let first = self.tree.members.len();
            for (slot, member) in self.members.drain(base..).enumerate() {
                let child = &mut self.tree.nodes[member.value.index()];
                (child.parent, child.slot) = (node, narrow(slot));
                self.tree.members.push(member);
            }
            Str { offset: narrow(first), len: narrow(self.tree.members.len() - first) }
        } else {
            let first = self.tree.items.len();
            for (slot, item) in self.items.drain(base..).enumerate() {
                let child = &mut self.tree.nodes[item.index()];
                (child.parent, child.slot) = (node, narrow(slot));
                self.tree.items.push(item);
            }
            Str { offset: narrow(first), len: narrow(self.tree.items.len() - first) }
        };
        self.tree.nodes[node.index()].data = data;
        self.tree.index_members(node);
    }

    fn refuse_duplicates(&self, base: usize) -> Result<()> {
        let members = &self.members[base..];
        let key = |member: &Member| self.tree.str(member.key);
        let twice = if members.len() <= LARGE {
            // Most keys differ in length, so that their texts needn't be looked at.
            let same = |a: &Member, b: &Member| a.key.len == b.key.len && key(a) == key(b);
            members.iter().enumerate().find_map(|(i, later)| {
                members[..i].iter().find(|earlier| same(earlier, later)).map(|earlier| (*earlier, *later))
            })
        } else {
            let mut seen = HashMap::with_capacity(members.len());
            members.iter().find_map(|later| seen.insert(key(later), *later).map(|earlier| (earlier, *later)))
        };
        let Some((earlier, later)) = twice else { return Ok(()) };
        let line = self.lines.line(self.tree.start(earlier.value));
        let message = format!(
            "The key {:?} stands twice in this object: it is on line {line} already. Remove or rename one.",
            key(&later)
        );
        Err(Problem::new(self.tree.start(later.value), message))
    }

    /// Resolves YAML's merge keys: what the object itself says wins, then the sources in their order.
    fn merge(&mut self, base: usize) -> Result<()> {
        let members = self.members.split_off(base);
        let is_merge = |tree: &Tree, member: &Member| tree.str(member.key) == "<<";
        let (merges, own): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| is_merge(&self.tree, member));
        self.members.extend(own);
        // Looking each key up in the list would be quadratic, and the list is as long as a stranger likes.
        let tree = &self.tree;
        let mut have: HashSet<&str> = self.members[base..].iter().map(|member| tree.str(member.key)).collect();
        for merge in merges {
            let start = tree.start(merge.value);
            let sources = match tree.kind(merge.value) {
                Kind::Object => vec![merge.value],
                Kind::Array => tree.items(merge.value).to_vec(),
                _ => vec![],
            };
            if sources.is_empty() || sources.iter().any(|source| tree.kind(*source) != Kind::Object) {
                return Err(Problem::new(start, "`<<` merges objects: give it an alias of one, or a list of such."));
            }
            for source in sources {
                let new = tree.members(source).iter().filter(|member| have.insert(tree.str(member.key)));
                self.members.extend(new);
            }
        }
        Ok(())
    }

    fn copy(&mut self, source: NodeId, start: u32, depth: usize) -> Result<NodeId> {
        if depth >= self.limits.max_depth as usize {
            return Err(too_deep(start, self.limits));
        }
        self.expanded += 1;
        if self.expanded > self.limits.max_expanded_nodes {
            let message = format!(
                "The document's YAML aliases repeat more than {} values. Use `$ref` instead of aliases.",
                self.limits.max_expanded_nodes
            );
            return Err(Problem::new(start, message));
        }
        let original = *self.tree.node(source);
        let id = self.node(original.kind, original.data, start)?;
        self.tree.nodes[id.index()].start = original.start;
        match original.kind {
            Kind::Object => {
                let base = self.members.len();
                for index in 0..self.tree.members(source).len() {
                    let Member { key, value } = self.tree.members(source)[index];
                    let value = self.copy(value, start, depth + 1)?;
                    self.members.push(Member { key, value });
                }
                self.seal(id, base);
            }
            Kind::Array => {
                let base = self.items.len();
                for index in 0..self.tree.items(source).len() {
                    let item = self.copy(self.tree.items(source)[index], start, depth + 1)?;
                    self.items.push(item);
                }
                self.seal(id, base);
            }
            _ => {}
        }
        Ok(id)
    }
}

fn too_deep(start: u32, limits: &Limits) -> Problem {
    let message = format!("The document is nested deeper than {} levels here. Make it flatter.", limits.max_depth);
    Problem::new(start, message)
}
