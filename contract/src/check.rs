//! The structural check: walks a document by the [grammar](crate::grammar), finds every reference, and collects
//! what is wrong, so that the rest of the engine can rely on shapes.

use crate::{
    Limits,
    document::{OpenApi, Operation},
    error::MAX_PROBLEMS,
    grammar::{self, Kind, METHODS, Shape},
    references::{References, Resolver},
    text::LineIndex,
    tree::{Kind as ValueKind, NodeId, Tree},
};
use rustc_hash::FxHashSet;
use shared::{error::Detail, findings::OperationKey};
use std::collections::HashMap;

/// What the check finds out.
pub(crate) struct Checked {
    pub(crate) version: OpenApi,
    pub(crate) references: References,
    pub(crate) operations: Vec<Operation>,
}

pub(crate) fn check(tree: &Tree, lines: &LineIndex, limits: &Limits) -> Result<Checked, Vec<Detail>> {
    let mut checker = Checker {
        tree,
        lines,
        limits,
        problems: Vec::new(),
        references: References::default(),
        resolver: Resolver::default(),
        seen: FxHashSet::default(),
        queue: Vec::new(),
    };
    let version = checker.version().map_err(|problem| vec![problem])?;
    checker.members_of_root(version);
    checker.queue.push((NodeId::ROOT, Kind::Root));
    checker.walk();
    checker.endless_references();
    let mut operations = Vec::new();
    if checker.problems.is_empty() {
        checker.references.follow();
        operations = checker.operations();
    }
    if checker.problems.is_empty() {
        return Ok(Checked { version, references: checker.references, operations });
    }
    checker.problems.sort_by_key(|problem| (problem.line, problem.column));
    checker.problems.truncate(MAX_PROBLEMS);
    Err(checker.problems)
}

struct Checker<'t> {
    tree: &'t Tree,
    lines: &'t LineIndex,
    limits: &'t Limits,
    problems: Vec<Detail>,
    references: References,
    resolver: Resolver<'t>,
    /// What was queued: a node can be reached as its own place and by references.
    seen: FxHashSet<(NodeId, Kind)>,
    queue: Vec<(NodeId, Kind)>,
}

impl<'t> Checker<'t> {
    fn detail(&self, node: NodeId, message: impl Into<String>) -> Detail {
        let (line, column) = self.lines.position(self.tree.start(node));
        let field = self.tree.pointer(node);
        Detail { field, message: message.into(), line: Some(line), column: Some(column) }
    }

    fn problem(&mut self, node: NodeId, message: impl Into<String>) {
        let detail = self.detail(node, message);
        self.problems.push(detail);
    }

    fn full(&self) -> bool {
        // The list is sorted and cut at the end; twice the bound keeps hostile input from costing much.
        self.problems.len() >= 2 * MAX_PROBLEMS
    }

    /// Which OpenAPI it is. Nothing else is worth saying about a document of another kind.
    fn version(&self) -> Result<OpenApi, Detail> {
        let (tree, root) = (self.tree, NodeId::ROOT);
        let fail = |node, message: String| Err(self.detail(node, message));
        if tree.kind(root) != ValueKind::Object {
            return fail(root, format!("An OpenAPI document is an object, not {}.", tree.kind(root).phrase()));
        }
        if let Some(swagger) = tree.get(root, "swagger") {
            let message = "This is OpenAPI 2.0 (Swagger). The hub reads 3.0 and 3.1: convert the document first.";
            return fail(swagger, message.to_owned());
        }
        let Some(openapi) = tree.get(root, "openapi") else {
            return fail(root, "The member `openapi` is missing. Add it, for example `openapi: 3.1.0`.".to_owned());
        };
        let Some(version) = tree.as_str(openapi) else {
            let message = "`openapi` must be a string of three numbers, such as \"3.1.0\". Put it in quotes.";
            return fail(openapi, message.to_owned());
        };
        match version.split('.').take(2).collect::<Vec<_>>()[..] {
            ["3", "0"] => Ok(OpenApi::V30),
            ["3", "1"] => Ok(OpenApi::V31),
            _ => fail(openapi, format!("OpenAPI {version} isn't supported. The hub reads 3.0.x and 3.1.x.")),
        }
    }

    fn members_of_root(&mut self, version: OpenApi) {
        let (tree, root) = (self.tree, NodeId::ROOT);
        if tree.get(root, "info").is_none() {
            self.problem(root, "The member `info` is missing. Add it with a `title` and a `version`.");
        }
        let has = |key| tree.get(root, key).is_some();
        match version {
            OpenApi::V30 if !has("paths") => {
                self.problem(root, "The member `paths` is missing. Add it; it may be empty: `paths: {}`.");
            }
            OpenApi::V31 if !["paths", "components", "webhooks"].into_iter().any(has) => {
                self.problem(root, "The document has neither `paths` nor `components` nor `webhooks`. Add `paths`.");
            }
            _ => {}
        }
        if let Some(paths) = tree.get(root, "paths") {
            for (path, item) in tree.entries(paths) {
                if !path.starts_with('/') && !path.starts_with("x-") && !self.full() {
                    self.problem(item, format!("The path `{path}` must start with `/`."));
                }
            }
        }
    }

    fn walk(&mut self) {
        while let Some((node, kind)) = self.queue.pop() {
            if self.full() {
                return;
            }
            self.visit(node, kind);
        }
    }

    fn visit(&mut self, node: NodeId, kind: Kind) {
        let tree = self.tree;
        if kind == Kind::Schema && tree.kind(node) == ValueKind::Bool {
            return;
        }
        if tree.kind(node) != ValueKind::Object {
            let found = tree.kind(node).phrase();
            self.problem(node, format!("Here must stand {}, an object, not {found}.", kind.phrase()));
            return;
        }
        if kind.may_be_reference() && self.reference(node, kind) && kind != Kind::Schema {
            return;
        }
        for key in grammar::required(kind) {
            if tree.get(node, key).is_none() && self.references.step(node).is_none() {
                self.problem(node, format!("`{key}` is missing in {}. Add it.", kind.phrase()));
            }
        }
        for (key, value) in tree.entries(node) {
            if key.starts_with("x-") && kind != Kind::Schema {
                continue;
            }
            if let Some(shape) = grammar::shape(kind, key) {
                self.member(key, value, shape);
            }
        }
        if kind == Kind::Parameter {
            self.parameter(node);
        }
    }

    /// Resolves a `$ref`; whether there was one.
    fn reference(&mut self, node: NodeId, kind: Kind) -> bool {
        let tree = self.tree;
        let Some(reference) = tree.get(node, "$ref") else { return false };
        let Some(text) = tree.as_str(reference) else {
            self.problem(reference, "`$ref` must be a string such as `#/components/schemas/Name`.");
            return true;
        };
        if self.references.len() >= self.limits.max_references as usize {
            if !self.full() {
                let message = format!("The document has more than {} references.", self.limits.max_references);
                self.problem(reference, message);
            }
            return true;
        }
        match self.resolver.find(tree, text) {
            Ok(target) => {
                self.references.insert(node, target);
                self.enqueue(target, kind);
            }
            Err(message) => self.problem(reference, message),
        }
        true
    }

    fn enqueue(&mut self, node: NodeId, kind: Kind) {
        if self.seen.insert((node, kind)) {
            self.queue.push((node, kind));
        }
    }

    fn member(&mut self, key: &str, value: NodeId, shape: Shape) {
        let tree = self.tree;
        let kind = tree.kind(value);
        let texts =
            |node| tree.kind(node) == ValueKind::Array && tree.items(node).iter().all(|i| tree.as_str(*i).is_some());
        // `responses:` with nothing behind it is common in YAML and means nothing there.
        if kind == ValueKind::Null && matches!(shape, Shape::Map(_) | Shape::List(_) | Shape::Values | Shape::Texts) {
            return;
        }
        let good = match shape {
            Shape::One(of) => {
                self.enqueue(value, of);
                return;
            }
            Shape::Map(_) => kind == ValueKind::Object,
            Shape::List(_) | Shape::Values => kind == ValueKind::Array,
            Shape::Text => kind == ValueKind::String,
            Shape::Bool => kind == ValueKind::Bool,
            Shape::Number => kind == ValueKind::Number,
            Shape::Texts => texts(value),
            Shape::TextOrTexts => kind == ValueKind::String || texts(value),
        };
        if !good {
            let hint = match (shape, kind) {
                (Shape::Text, ValueKind::Number | ValueKind::Bool) => " Put it in quotes.",
                _ => "",
            };
            let (expected, found) = (shape.expected(), kind.phrase());
            self.problem(value, format!("`{key}` must be {expected}, not {found}.{hint}"));
            return;
        }
        match shape {
            Shape::Map(of) => {
                for (name, child) in tree.entries(value) {
                    // In a map of schemas every key is a name; elsewhere `x-` marks an extension.
                    if of == Kind::Schema || !name.starts_with("x-") || of == Kind::Header {
                        self.enqueue(child, of);
                    }
                }
            }
            Shape::List(of) => tree.items(value).iter().for_each(|child| self.enqueue(*child, of)),
            _ => {}
        }
    }

    fn parameter(&mut self, node: NodeId) {
        let Some(location) = self.tree.get(node, "in") else { return };
        match self.tree.as_str(location) {
            Some("path" | "query" | "header" | "cookie") | None => {}
            Some(other) => {
                let message = format!("A parameter is in `path`, `query`, `header` or `cookie`, not in `{other}`.");
                self.problem(location, message);
            }
        }
    }

    fn endless_references(&mut self) {
        for node in self.references.endless() {
            let at = self.tree.get(node, "$ref").unwrap_or(node);
            self.problem(
                at,
                "This `$ref` leads back to itself through other references only. Point it at a definition.",
            );
        }
    }

    /// The operations in document order, once all else holds; duplicates among them are problems.
    fn operations(&mut self) -> Vec<Operation> {
        let tree = self.tree;
        let mut operations = Vec::new();
        // Real documents do have `/a/{x}` beside `/a/{y}`; what can't be is the same method on both.
        let mut taken: HashMap<(String, &str), (&str, NodeId)> = HashMap::new();
        let Some(paths) = tree.get(NodeId::ROOT, "paths") else { return operations };
        for (path, item) in tree.entries(paths).filter(|(path, _)| path.starts_with('/')) {
            let template = template(path);
            let item = self.references.resolve(item);
            for (method, node) in tree.entries(item).filter(|(method, _)| METHODS.contains(method)) {
                if operations.len() >= self.limits.max_operations as usize {
                    let message = format!("The document has more than {} operations.", self.limits.max_operations);
                    self.problem(node, message);
                    return operations;
                }
                if let Some((other, at)) = taken.insert((template.clone(), method), (path, node))
                    && !self.full()
                {
                    let (line, method) = (self.lines.line(tree.start(at)), method.to_uppercase());
                    let message = format!(
                        "{method} {path} means the same as {method} {other} on line {line}: parameters' names don't \
                         tell paths apart. Join the two."
                    );
                    self.problem(node, message);
                }
                let key = OperationKey { method: method.to_owned(), path: path.to_owned() };
                operations.push(Operation { key, template: template.clone(), item, node });
            }
        }
        self.operation_ids(&operations);
        operations
    }

    fn operation_ids(&mut self, operations: &[Operation]) {
        let tree = self.tree;
        let mut ids: HashMap<&str, NodeId> = HashMap::new();
        for operation in operations {
            let Some(id) = tree.get(operation.node, "operationId") else { continue };
            let Some(text) = tree.as_str(id) else { continue };
            match ids.insert(text, id) {
                // One path item reached by two paths repeats its ids, which no author can help.
                Some(first) if first != id && !self.full() => {
                    let line = self.lines.line(tree.start(first));
                    let message = format!("The operationId `{text}` is taken on line {line}. Each must be unique.");
                    self.problem(id, message);
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
