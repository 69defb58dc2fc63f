//! A document's operations: found once its structure is known to be right, and checked for what only they can break.

use crate::{
    Limits,
    check::{Problems, Structure},
    document::Operation,
    tree::{NodeId, Tree},
    version::OpenApi,
};
use shared::{
    error::Detail,
    findings::{METHODS, OperationKey},
};
use std::collections::HashMap;

/// The operations of a path item with their methods, in document order: in lower case where OpenAPI has a word for the
/// method, else as it is sent.
pub(crate) fn of_item(tree: &Tree, version: OpenApi, item: NodeId) -> impl Iterator<Item = (&str, NodeId)> {
    let others = if version >= OpenApi::V32 { tree.get(item, "additionalOperations") } else { None };
    let others = others.into_iter().flat_map(|map| tree.entries(map)).filter(|(method, _)| !method.starts_with("x-"));
    tree.entries(item).filter(move |(method, _)| version.methods().contains(method)).chain(others)
}

/// The operations in document order, and what is ambiguous in a contract that is in service; what is wrong with them
/// together is told by the problems.
pub(crate) fn find(
    tree: &Tree,
    limits: &Limits,
    structure: &Structure,
) -> Result<(Vec<Operation>, Vec<Detail>), Vec<Detail>> {
    let mut finder = Finder { tree, limits, structure, problems: Problems::new(tree) };
    let operations = finder.operations();
    if limits.in_service {
        finder.problems.finish()?;
    }
    finder.operation_ids(&operations);
    match finder.problems.finish() {
        Ok(()) => Ok((operations, Vec::new())),
        Err(warnings) if limits.in_service => Ok((operations, warnings)),
        Err(problems) => Err(problems),
    }
}

struct Finder<'t> {
    tree: &'t Tree,
    limits: &'t Limits,
    structure: &'t Structure,
    problems: Problems<'t>,
}

/// Where parameters of a path item or an operation stand that can't stand together.
#[derive(Clone, Copy, Default)]
struct Queries {
    query: bool,
    whole: Option<NodeId>,
}

impl<'t> Finder<'t> {
    fn operations(&mut self) -> Vec<Operation> {
        let (tree, version) = (self.tree, self.structure.version);
        let mut operations = Vec::new();
        let Some(paths) = tree.get(NodeId::ROOT, "paths") else { return operations };
        for (path, item) in tree.entries(paths).filter(|(path, _)| path.starts_with('/')) {
            let template = template(path);
            let item = self.structure.references.resolve(item);
            let shared = if version >= OpenApi::V32 { self.queries(item) } else { Queries::default() };
            for (method, node) in of_item(tree, version, item) {
                if operations.len() >= self.limits.max_operations as usize {
                    let message = format!("The document has more than {} operations.", self.limits.max_operations);
                    self.problems.add(node, message);
                    return operations;
                }
                if version >= OpenApi::V32 {
                    self.additional(item, method, node);
                    self.whole_query(shared, node);
                }
                let key = OperationKey { method: method.to_owned(), path: path.to_owned() };
                operations.push(Operation { key, template: template.clone(), item, node });
            }
        }
        operations
    }

    /// A method of `additionalOperations` is a token (RFC 9110) that OpenAPI has no word for.
    fn additional(&mut self, item: NodeId, method: &str, node: NodeId) {
        if self.tree.get(item, "additionalOperations") != Some(self.tree.node(node).parent) || self.problems.are_full()
        {
            return;
        }
        if let Some(word) = METHODS.into_iter().find(|word| word.eq_ignore_ascii_case(method)) {
            let message = format!(
                "`{method}` can't stand in `additionalOperations`: write it as `{word}`, a member of the path item."
            );
            self.problems.add(node, message);
        }
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if method.is_empty() || !method.bytes().all(is_token) {
            let message = format!("`{method}` is no HTTP method. A method is letters, digits and `-`, such as `COPY`.");
            self.problems.add(node, message);
        }
    }

    fn queries(&self, node: NodeId) -> Queries {
        let tree = self.tree;
        let list = tree.get(node, "parameters").map(|list| tree.items(list)).unwrap_or_default();
        let mut queries = Queries::default();
        for parameter in list {
            match tree.text_of(self.structure.references.resolve(*parameter), "in") {
                Some("query") => queries.query = true,
                // Two of them are one too many, like one beside a query parameter.
                Some("querystring") => {
                    queries.query |= queries.whole.is_some();
                    queries.whole = Some(*parameter);
                }
                _ => {}
            }
        }
        queries
    }

    /// A parameter that is the whole query stands alone there.
    fn whole_query(&mut self, shared: Queries, operation: NodeId) {
        let own = self.queries(operation);
        let Some(whole) = own.whole.or(shared.whole) else { return };
        if (own.query || shared.query) && !self.problems.are_full() {
            let message = "A `querystring` parameter is the whole query: an operation has one of it at most, and no \
                           `query` parameter beside it. Describe the whole query by it, or write `query` parameters.";
            self.problems.add(whole, message);
        }
    }

    fn operation_ids(&mut self, operations: &[Operation]) {
        let tree = self.tree;
        let mut ids: HashMap<&str, NodeId> = HashMap::new();
        for operation in operations {
            let Some(id) = tree.get(operation.node, "operationId") else { continue };
            let Some(text) = tree.as_str(id) else { continue };
            match ids.insert(text, id) {
                // One path item reached by two paths repeats its ids, which no author can help.
                Some(first) if first != id && !self.problems.are_full() => {
                    let line = tree.line(first);
                    let of = tree.path_of(first).filter(|path| Some(*path) != tree.path_of(id));
                    let of = of.map(|path| format!(" of `{path}`")).unwrap_or_default();
                    let message = format!("The operationId `{text}` is taken on line {line}{of}. Each must be unique.");
                    self.problems.add(id, message);
                }
                _ => {}
            }
        }
    }
}

/// A path with its parameters' names taken out: what tells paths apart over the wire.
pub(crate) fn template(path: &str) -> String {
    let mut template = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => inside = true,
            '}' if inside => {
                inside = false;
                template.push_str("{}");
            }
            c if !inside => template.push(c),
            _ => {}
        }
    }
    template
}
