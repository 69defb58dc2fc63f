//! The structural check: walks a document by the [grammar](crate::grammar), finds every reference, and collects
//! what is wrong, so that the rest of the engine can rely on shapes.

use crate::{
    Limits,
    error::MAX_PROBLEMS,
    grammar::{self, Kind, Shape},
    references::{References, Resolver},
    swagger,
    text::LineIndex,
    tree::{Kind as ValueKind, NodeId, Tree},
    version::{self, OpenApi},
};
use rustc_hash::FxHashSet;
use shared::error::Detail;

/// What the check finds out.
pub(crate) struct Structure {
    pub(crate) version: OpenApi,
    pub(crate) references: References,
    /// What every node that has a meaning in OpenAPI is, in the order of nodes.
    pub(crate) kinds: Vec<(NodeId, Kind)>,
}

pub(crate) fn check(tree: &Tree, lines: &LineIndex, limits: &Limits) -> Result<Structure, Vec<Detail>> {
    let problems = Problems::new(tree, lines);
    let version = version(tree, &problems).map_err(|problem| vec![problem])?;
    let mut checker = Checker {
        tree,
        version,
        limits,
        problems,
        references: References::default(),
        resolver: Resolver::new(
            tree.text_of(NodeId::ROOT, "$self").filter(|_| version >= OpenApi::V32),
            version.has_json_schema(),
        ),
        seen: FxHashSet::default(),
        queue: Vec::new(),
    };
    checker.members_of_root();
    checker.queue.push((NodeId::ROOT, Kind::Root));
    checker.walk();
    checker.endless_references();
    checker.problems.finish()?;
    checker.references.follow();
    let mut kinds = Vec::new();
    if version == OpenApi::V20 {
        kinds.extend(checker.seen);
        kinds.sort_unstable_by_key(|(node, kind)| (*node, *kind as u8));
    }
    Ok(Structure { version, references: checker.references, kinds })
}

/// Problems of a document, as they are found.
pub(crate) struct Problems<'t> {
    tree: &'t Tree,
    lines: &'t LineIndex,
    list: Vec<Detail>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(tree: &'t Tree, lines: &'t LineIndex) -> Self {
        Self { tree, lines, list: Vec::new() }
    }

    fn detail(&self, node: NodeId, message: impl Into<String>) -> Detail {
        let (line, column) = self.lines.position(self.tree.start(node));
        let field = self.tree.pointer(node);
        Detail { field, message: message.into(), line: Some(line), column: Some(column) }
    }

    pub(crate) fn add(&mut self, node: NodeId, message: impl Into<String>) {
        let detail = self.detail(node, message);
        self.list.push(detail);
    }

    /// The list is sorted and cut at the end; twice the bound keeps hostile input from costing much.
    pub(crate) fn are_full(&self) -> bool {
        self.list.len() >= 2 * MAX_PROBLEMS
    }

    /// The problems in document order, if there are any.
    pub(crate) fn finish(&mut self) -> Result<(), Vec<Detail>> {
        let mut list = std::mem::take(&mut self.list);
        if list.is_empty() {
            return Ok(());
        }
        crate::sort::by_key(&mut list, |problem| (problem.line, problem.column));
        list.truncate(MAX_PROBLEMS);
        Err(list)
    }
}

/// Which OpenAPI it is. Nothing else is worth saying about a document of another kind.
fn version(tree: &Tree, problems: &Problems<'_>) -> Result<OpenApi, Detail> {
    let root = NodeId::ROOT;
    let fail = |node, message: String| Err(problems.detail(node, message));
    if tree.kind(root) != ValueKind::Object {
        return fail(root, format!("An OpenAPI document is an object, not {}.", tree.kind(root).phrase()));
    }
    let openapi = match (tree.get(root, "openapi"), tree.get(root, "swagger")) {
        (Some(openapi), None) => openapi,
        (None, Some(swagger)) => return swagger::version(tree, swagger).or_else(|message| fail(swagger, message)),
        (Some(_), Some(swagger)) => {
            let message = "`swagger` names OpenAPI 2.0 and `openapi` a later one. Remove the one that isn't meant.";
            return fail(swagger, message.to_owned());
        }
        (None, None) => {
            return fail(
                root,
                match swagger::looks_like(tree) {
                    Some(key) => format!(
                        "The member `swagger` is missing. By `{key}`, this is OpenAPI 2.0: add `swagger: '2.0'`."
                    ),
                    None => "The member `openapi` is missing. Add it, for example `openapi: 3.1.0`.".to_owned(),
                },
            );
        }
    };
    let Some(text) = tree.label(openapi) else {
        let message = "`openapi` must be a string of three numbers, such as \"3.1.0\". Put it in quotes.";
        return fail(openapi, message.to_owned());
    };
    OpenApi::named(text)
        .map_or_else(|| fail(openapi, format!("OpenAPI {text} isn't supported. The hub reads {}.", version::READ)), Ok)
}

pub(crate) struct Checker<'t> {
    pub(crate) tree: &'t Tree,
    version: OpenApi,
    limits: &'t Limits,
    pub(crate) problems: Problems<'t>,
    references: References,
    resolver: Resolver<'t>,
    /// What was queued: a node can be reached as its own place and by references.
    seen: FxHashSet<(NodeId, Kind)>,
    queue: Vec<(NodeId, Kind)>,
}

impl<'t> Checker<'t> {
    pub(crate) fn problem(&mut self, node: NodeId, message: impl Into<String>) {
        self.problems.add(node, message);
    }

    fn full(&self) -> bool {
        self.problems.are_full()
    }

    fn members_of_root(&mut self) {
        let (tree, root) = (self.tree, NodeId::ROOT);
        if tree.get(root, "info").is_none() {
            self.problem(root, "The member `info` is missing. Add it with a `title` and a `version`.");
        }
        let has = |key| tree.get(root, key).is_some();
        match self.version {
            OpenApi::V20 | OpenApi::V30 if !has("paths") => {
                self.problem(root, "The member `paths` is missing. Add it; it may be empty: `paths: {}`.");
            }
            OpenApi::V31 | OpenApi::V32 if !["paths", "components", "webhooks"].into_iter().any(has) => {
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
        if kind.may_be_reference(self.version) && self.reference(node, kind) && kind != Kind::Schema {
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
            if let Some(shape) = grammar::shape(self.version, kind, key) {
                self.member(key, value, shape);
            }
        }
        match (kind, self.version) {
            (_, OpenApi::V20) => swagger::check(self, node, kind),
            (Kind::Parameter, _) => self.parameter(node),
            (Kind::MediaType | Kind::Encoding, OpenApi::V32) => self.encodings(node),
            _ => {}
        }
    }

    /// Resolves a `$ref`; whether there was one.
    fn reference(&mut self, node: NodeId, kind: Kind) -> bool {
        let tree = self.tree;
        let Some(reference) = tree.get(node, "$ref").or_else(|| self.dynamic_reference(node)) else { return false };
        let Some(text) = tree.as_str(reference) else {
            let key = tree.key_of(reference).unwrap_or("$ref");
            self.problem(reference, format!("`{key}` must be a string such as `#/components/schemas/Name`."));
            return true;
        };
        if self.references.len() >= self.limits.max_references as usize {
            if !self.full() {
                let message = format!("The document has more than {} references.", self.limits.max_references);
                self.problem(reference, message);
            }
            return true;
        }
        match self.resolver.find_from(tree, node, text) {
            Ok(target) => {
                self.references.insert(node, target);
                self.enqueue(target, kind);
            }
            Err(message) => self.problem(reference, message),
        }
        true
    }

    /// A `$dynamicRef`, unless the way to it decides what it means: it is a reference like any other then.
    fn dynamic_reference(&mut self, node: NodeId) -> Option<NodeId> {
        let reference = self.tree.get(node, "$dynamicRef").filter(|_| self.version.has_json_schema())?;
        let text = self.tree.as_str(reference);
        let dynamic = text.is_some_and(|text| self.resolver.is_dynamic(self.tree, text));
        self.references.dynamic |= dynamic;
        (!dynamic).then_some(reference)
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
            Shape::Label => matches!(kind, ValueKind::String | ValueKind::Number),
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
        let places = if self.version >= OpenApi::V32 {
            "`path`, `query`, `querystring`, `header` or `cookie`"
        } else {
            "`path`, `query`, `header` or `cookie`"
        };
        match self.tree.as_str(location) {
            Some("path" | "query" | "header" | "cookie") | None => {}
            Some("querystring") if self.version >= OpenApi::V32 => {
                if self.tree.get(node, "content").is_none() {
                    let message = "`content` is missing in a `querystring` parameter. Add it, such as \
                                   `content: {application/x-www-form-urlencoded: {schema: …}}`.";
                    self.problem(node, message);
                }
            }
            Some(other) => self.problem(location, format!("A parameter is in {places}, not in `{other}`.")),
        }
    }

    /// Parts are told apart by name or by position, not by both.
    fn encodings(&mut self, node: NodeId) {
        let by_position = ["prefixEncoding", "itemEncoding"].into_iter().find(|key| self.tree.get(node, key).is_some());
        if let (Some(named), Some(other)) = (self.tree.get(node, "encoding"), by_position) {
            self.problem(named, format!("`encoding` can't stand beside `{other}`. Remove one of them."));
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
}
