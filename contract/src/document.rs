//! A contract that was read.

use crate::{
    Limits, ReadError, check,
    error::ReadError as Error,
    files::Files,
    operations, read,
    references::References,
    swagger,
    tree::{NodeId, Tree},
    version::OpenApi,
};
use shared::{
    error::Detail,
    findings::{OperationKey, Place},
    versions::Format,
};
use std::collections::HashMap;

/// An operation's nodes.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) key: OperationKey,
    /// The path with its parameters' names taken out.
    pub(crate) template: String,
    /// The path item, resolved.
    pub(crate) item: NodeId,
    pub(crate) node: NodeId,
}

/// What a document is about, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// `info.title`.
    pub title: String,
    /// `info.version`, as written.
    pub version: String,
    /// The OpenAPI version as written: `3.1.0`, `2.0`.
    pub openapi: String,
    pub format: Format,
    pub operations: u32,
}

/// A contract that was read: immutable, whole, with every reference resolved and every position known. It can be
/// shared between threads and kept in a cache.
#[derive(Debug)]
pub struct Document {
    pub(crate) tree: Tree,
    pub(crate) format: Format,
    pub(crate) version: OpenApi,
    pub(crate) references: References,
    /// In document order.
    pub(crate) operations: Vec<Operation>,
    by_key: HashMap<OperationKey, usize>,
    warnings: Vec<Detail>,
}

impl Document {
    /// Reads an OpenAPI document (2.0, 3.0, 3.1 or 3.2) in JSON or YAML, whichever the content turns out to be.
    pub fn read(source: &[u8], limits: &Limits) -> Result<Self, ReadError> {
        let (tree, format) = read::read(source, limits)?;
        Self::check(tree, format, limits, None)
    }

    /// Reads a document and the files that it refers to. Its path says what references are relative to; positions and
    /// problems name their file, those of the document included, by such a path.
    pub fn read_with(source: &[u8], path: &str, files: &mut dyn Files, limits: &Limits) -> Result<Self, ReadError> {
        let read = read::read(source, limits).and_then(|(mut tree, format)| {
            tree.sources.iter_mut().for_each(|source| source.path = path.into());
            Self::check(tree, format, limits, Some(files))
        });
        read.map_err(|error| error.in_file(path))
    }

    fn check(
        mut tree: Tree,
        format: Format,
        limits: &Limits,
        files: Option<&mut dyn Files>,
    ) -> Result<Self, ReadError> {
        let mut structure = check::check(&mut tree, limits, files)?;
        for (value, target) in std::mem::take(&mut structure.mappings) {
            // As a bundle of the files says it.
            if let Some(name) = component(&tree, &structure.references, structure.references.resolve(target)) {
                let name = format!("#/components/schemas/{name}");
                tree.replace(value, &name);
            }
        }
        if structure.version == OpenApi::V20 {
            swagger::convert(&mut tree, limits, &structure).map_err(Error::invalid)?;
        }
        let (operations, warnings) = operations::find(&tree, limits, &structure).map_err(Error::invalid)?;
        let by_key = operations.iter().enumerate().map(|(i, operation)| (operation.key.clone(), i)).collect();
        let (version, references) = (structure.version, structure.references);
        Ok(Self { tree, format, version, references, operations, by_key, warnings })
    }

    /// The paths of its files, the document's own first.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.tree.sources.iter().map(|source| &*source.path)
    }

    /// What is ambiguous in a contract that is read as one in service ([`Limits::in_service`]).
    #[must_use]
    pub fn warnings(&self) -> &[Detail] {
        &self.warnings
    }

    /// The document in a few words.
    #[must_use]
    pub fn info(&self) -> Info {
        let info = self.root("info");
        let text = |key| {
            let node = info.and_then(|info| self.tree.get(info, key));
            node.and_then(|node| self.tree.label(node)).unwrap_or_default().to_owned()
        };
        Info {
            title: text("title"),
            version: text("version"),
            openapi: self.written_version().to_owned(),
            format: self.format,
            operations: count(self.operations.len()),
        }
    }

    /// About how many bytes the document takes in memory, for a cache's bookkeeping.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        let operation = |operation: &Operation| size_of::<Operation>() + 3 * operation.key.path.len() + 64;
        size_of::<Self>()
            + self.tree.memory_size()
            + self.references.memory_size()
            + self.operations.iter().map(operation).sum::<usize>()
    }

    /// `3.1.0` or `2.0`.
    fn written_version(&self) -> &str {
        let openapi = self.root("openapi").or_else(|| self.root("swagger"));
        openapi.and_then(|node| self.tree.label(node)).unwrap_or_default()
    }

    /// A member of the document's root.
    pub(crate) fn root(&self, key: &str) -> Option<NodeId> {
        self.tree.get(NodeId::ROOT, key)
    }

    /// A map of `components`.
    pub(crate) fn components(&self, key: &str) -> Option<NodeId> {
        self.root("components").and_then(|components| self.tree.get(components, key))
    }

    /// The name of a schema that is a component, or one in another file.
    pub(crate) fn component(&self, node: NodeId) -> Option<&str> {
        component(&self.tree, &self.references, node)
    }

    pub(crate) fn find_operation(&self, key: &OperationKey) -> Option<&Operation> {
        self.by_key.get(key).map(|index| &self.operations[*index])
    }

    /// A member with references followed.
    pub(crate) fn get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        self.tree.get(node, key).map(|value| self.references.resolve(value))
    }

    /// Whether a schema's `$dynamicRef` is read as the reference that it is as good as.
    pub(crate) fn follows_dynamic(&self, schema: NodeId) -> bool {
        self.tree.get(schema, "$ref").is_none() && self.references.step(schema).is_some()
    }

    /// Whether a schema's `nullable` adds null to the `type` beside it. Without one it means nothing (OpenAPI 3.0.4, Schema
    /// Object).
    pub(crate) fn adds_null(&self, schema: NodeId) -> bool {
        !self.version.has_json_schema() && self.tree.flag(schema, "nullable") && self.tree.get(schema, "type").is_some()
    }

    pub(crate) fn line(&self, node: NodeId) -> u32 {
        self.tree.line(node)
    }

    pub(crate) fn place(&self, node: NodeId) -> Place {
        let (line, column) = self.tree.position(node);
        Place { file: self.tree.path_of(node).map(str::to_owned), pointer: self.tree.pointer(node), line, column }
    }
}

/// The name of a schema that is a component, or one in another file.
fn component<'t>(tree: &'t Tree, references: &References, node: NodeId) -> Option<&'t str> {
    let schemas = tree.get(NodeId::ROOT, "components").and_then(|components| tree.get(components, "schemas"));
    if schemas == Some(tree.node(node).parent) && node != NodeId::ROOT {
        return tree.key_of(node);
    }
    references.named(node).and_then(|named| tree.key_of(named))
}

pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
