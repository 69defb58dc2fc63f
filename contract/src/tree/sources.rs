//! The files of a tree: which one a node stands in, and where.

use super::{IN_SIDE_BUFFER, Kind, Member, Node, NodeId, Str, Tree};
use crate::text::LineIndex;

/// The slot of a file's root.
pub(crate) const ROOT_SLOT: u32 = u32::MAX;

/// A file that was read into a tree.
#[derive(Debug)]
pub(crate) struct Source {
    /// Below the root folder of the contract's files, with `/`; empty for a document that is read alone.
    pub(crate) path: Box<str>,
    pub(crate) root: NodeId,
    /// Where its text starts.
    start: u32,
    pub(super) lines: LineIndex,
}

impl Source {
    /// The first file of a tree.
    pub(crate) fn first(lines: LineIndex) -> Self {
        Self { path: "".into(), root: NodeId::ROOT, start: 0, lines }
    }

    /// What a schema in a file of its own is called.
    pub(super) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }
}

impl Tree {
    /// The place of the file that a node stands in.
    pub(crate) fn file_of(&self, id: NodeId) -> usize {
        if self.sources.len() < 2 {
            return 0;
        }
        let start = self.start(id);
        self.sources.partition_point(|source| source.start <= start).saturating_sub(1)
    }

    /// The root of the file that a node stands in.
    pub(crate) fn root_of(&self, id: NodeId) -> NodeId {
        self.sources.get(self.file_of(id)).map_or(NodeId::ROOT, |source| source.root)
    }

    /// The path of the file that a node stands in, where there are several.
    pub(crate) fn path_of(&self, id: NodeId) -> Option<&str> {
        if self.sources.len() > 1 { Some(&self.sources[self.file_of(id)].path) } else { None }
    }

    /// Line and column of a node in its file.
    pub(crate) fn position(&self, id: NodeId) -> (u32, u32) {
        let source = &self.sources[self.file_of(id)];
        source.lines.position(self.start(id) - source.start)
    }

    pub(crate) fn line(&self, id: NodeId) -> u32 {
        let source = &self.sources[self.file_of(id)];
        source.lines.line(self.start(id) - source.start)
    }

    /// Whether two trees are of the same files.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        fn files(tree: &Tree) -> impl Iterator<Item = (u32, &str)> {
            tree.sources.iter().map(|source| (source.start, &*source.path))
        }
        let alone = self.sources.len() == 1 && other.sources.len() == 1;
        self.text == other.text && (alone || files(self).eq(files(other)))
    }

    /// Adds a file, and gives its root. `None` where there is no room for its strings.
    pub(crate) fn append(&mut self, path: &str, file: Self) -> Option<NodeId> {
        let narrow = |n: usize| u32::try_from(n).ok();
        let (text, side) = (narrow(self.text.len())?, narrow(self.side.len())?);
        let (nodes, items, members) =
            (narrow(self.nodes.len())?, narrow(self.items.len())?, narrow(self.members.len())?);
        let most = IN_SIDE_BUFFER as usize;
        if self.text.len() + file.text.len() >= most || self.side.len() + file.side.len() >= most {
            return None;
        }
        let string = |s: Str| match s.offset & IN_SIDE_BUFFER {
            0 => Str { offset: s.offset + text, ..s },
            _ => Str { offset: s.offset + side, ..s },
        };
        let id = |id: NodeId| NodeId(id.0 + nodes);
        self.nodes.extend(file.nodes.iter().map(|node| {
            let Node { kind, start, parent, slot, data } = *node;
            let data = match kind {
                Kind::Null | Kind::Bool => data,
                Kind::Number | Kind::String => string(data),
                Kind::Array => Str { offset: data.offset + items, ..data },
                Kind::Object => Str { offset: data.offset + members, ..data },
            };
            Node { kind, start: start + text, parent: id(parent), slot, data }
        }));
        let root = id(NodeId::ROOT);
        let node = &mut self.nodes[root.index()];
        (node.parent, node.slot) = (NodeId::ROOT, ROOT_SLOT);
        self.items.extend(file.items.iter().map(|item| id(*item)));
        self.members
            .extend(file.members.iter().map(|member| Member { key: string(member.key), value: id(member.value) }));
        self.sorted.extend(file.sorted.into_iter().map(|(object, slots)| (id(object), slots)));
        self.text.push_str(&file.text);
        self.side.push_str(&file.side);
        self.written = narrow(self.nodes.len())?;
        self.repeated = file.repeated;
        let own = file.sources.into_iter().take(1);
        self.sources.extend(own.map(|source| Source { path: path.into(), root, start: text, ..source }));
        Some(root)
    }
}
