//! The structural check: walks a document by the [grammar](crate::grammar), finds every reference, and collects
//! what is wrong, so that the rest of the engine can rely on shapes.
//!
//! Files that references lead to are read on the way. A tree that is looked at can't grow, so the walk goes in rounds: a
//! reference into a file that isn't there yet waits until the walk has nothing else to look at.

mod walk;

use crate::{
    Limits,
    error::{MAX_PROBLEMS, ReadError},
    files::Files,
    grammar::{self, Kind, Shape},
    references::{Missing, References, Resolver},
    swagger,
    tree::{Kind as ValueKind, NodeId, Tree},
    version::{self, OpenApi},
};
use shared::error::Detail;
use walk::Walk;

/// What the check finds out.
pub(crate) struct Structure {
    pub(crate) version: OpenApi,
    pub(crate) references: References,
    /// What every node that has a meaning in OpenAPI is, in the order of nodes.
    pub(crate) kinds: Vec<(NodeId, Kind)>,
    /// Values of discriminators' mappings that lead to schemas by the files that these stand in.
    pub(crate) mappings: Vec<(NodeId, NodeId)>,
}

/// Checks a document, and the files that it refers to: those are added to the tree. Without `files` it is read alone.
pub(crate) fn check(
    tree: &mut Tree,
    limits: &Limits,
    mut files: Option<&mut dyn Files>,
) -> Result<Structure, ReadError> {
    let version = version(tree, &Problems::new(tree)).map_err(|problem| ReadError::invalid(vec![problem]))?;
    let root = files.is_some().then(|| &*tree.sources[0].path);
    let mut walk = Walk { resolver: Resolver::new(version, root), ..Walk::default() };
    walk.queue.push((NodeId::ROOT, Kind::Root));
    let mut checker = Checker { tree, version, limits, problems: Problems::new(tree), walk };
    checker.members_of_root();
    checker.walk();
    if let Some(files) = &mut files {
        let mut late = 0;
        while !checker.full() && (checker.waits() || checker.looks_again(&mut late)) {
            let Checker { problems, walk, .. } = checker;
            let (mut list, mut walk) = (problems.list, walk);
            walk.load(tree, limits, *files, &mut list)?;
            checker = Checker { tree, version, limits, problems: Problems { tree, list }, walk };
            for (node, kind) in std::mem::take(&mut checker.walk.waiting) {
                checker.reference(node, kind);
            }
            checker.walk();
        }
    }
    checker.finish()
}

/// Problems of a document, as they are found.
pub(crate) struct Problems<'t> {
    tree: &'t Tree,
    list: Vec<Detail>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(tree: &'t Tree) -> Self {
        Self { tree, list: Vec::new() }
    }

    fn detail(&self, node: NodeId, message: impl Into<String>) -> Detail {
        detail(self.tree, node, message.into())
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
        crate::sort::by(&mut list, |a, b| {
            let key = |problem: &Detail| (problem.line, problem.column);
            a.file.cmp(&b.file).then_with(|| key(a).cmp(&key(b)))
        });
        list.truncate(MAX_PROBLEMS);
        Err(list)
    }
}

fn detail(tree: &Tree, node: NodeId, message: String) -> Detail {
    let (line, column) = tree.position(node);
    let file = tree.path_of(node).map(str::to_owned);
    Detail { field: tree.pointer(node), message, line: Some(line), column: Some(column), file }
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
    walk: Walk,
}

/// How often references are looked at again because other files were read.
const MAX_LATE: u32 = 16;

impl<'t> Checker<'t> {
    pub(crate) fn problem(&mut self, node: NodeId, message: impl Into<String>) {
        self.problems.add(node, message);
    }

    fn full(&self) -> bool {
        self.problems.are_full()
    }

    /// Whether a reference waits for a file.
    fn waits(&self) -> bool {
        !self.walk.waiting.is_empty()
    }

    /// Looks once more at references that led nowhere before other files were read; whether one leads somewhere now.
    fn looks_again(&mut self, late: &mut u32) -> bool {
        *late += 1;
        let before = self.walk.references.len();
        if *late > MAX_LATE || self.walk.lost.is_empty() {
            return false;
        }
        for (node, kind, _) in std::mem::take(&mut self.walk.lost) {
            self.reference(node, kind);
        }
        self.walk.references.len() > before
    }

    fn finish(mut self) -> Result<Structure, ReadError> {
        for (node, _, message) in std::mem::take(&mut self.walk.lost) {
            if !self.full() {
                let at = self.tree.get(node, "$ref").unwrap_or(node);
                self.problem(at, message);
            }
        }
        // What another file gives a second meaning is known only now.
        for node in std::mem::take(&mut self.walk.dynamic) {
            let text = self.tree.text_of(node, "$dynamicRef").unwrap_or_default();
            if self.walk.resolver.is_dynamic(self.tree, text) {
                self.walk.references.forget(node);
            }
        }
        self.endless_references();
        self.problems.finish().map_err(ReadError::invalid)?;
        let mappings = self.mappings();
        let Walk { mut references, seen, .. } = self.walk;
        references.follow();
        references.name(self.tree);
        let mut kinds = Vec::new();
        if self.version == OpenApi::V20 || self.tree.sources.len() > 1 {
            kinds.extend(seen);
            kinds.sort_unstable_by_key(|(node, kind)| (*node, *kind as u8));
        }
        Ok(Structure { version: self.version, references, kinds, mappings })
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
        while let Some((node, kind)) = self.walk.queue.pop() {
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
            if tree.get(node, key).is_none() && self.walk.references.step(node).is_none() {
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
        if self.walk.references.len() >= self.limits.max_references as usize {
            if !self.full() {
                let message = format!("The document has more than {} references.", self.limits.max_references);
                self.problem(reference, message);
            }
            return true;
        }
        match self.walk.resolver.find(tree, node, text) {
            Ok(target) => {
                self.walk.references.insert(node, target);
                self.enqueue(target, kind);
            }
            Err(Missing::File(path)) => {
                self.walk.waiting.push((node, kind));
                self.walk.wanted.extend(path.map(|path| (path, reference)));
            }
            Err(Missing::Unless(message)) => self.walk.lost.push((node, kind, message)),
            Err(Missing::Nowhere(message)) if message.is_empty() => {}
            Err(Missing::Nowhere(message)) => self.problem(reference, message),
        }
        true
    }

    /// A `$dynamicRef`, unless the way to it decides what it means: it is a reference like any other then.
    fn dynamic_reference(&mut self, node: NodeId) -> Option<NodeId> {
        let reference = self.tree.get(node, "$dynamicRef").filter(|_| self.version.has_json_schema())?;
        let text = self.tree.as_str(reference);
        let dynamic = text.is_some_and(|text| self.walk.resolver.is_dynamic(self.tree, text));
        self.walk.references.dynamic |= dynamic;
        if !dynamic && self.walk.resolver.files.is_some() {
            self.walk.dynamic.push(node);
        }
        (!dynamic).then_some(reference)
    }

    fn enqueue(&mut self, node: NodeId, kind: Kind) {
        if self.walk.seen.insert((node, kind)) {
            self.walk.queue.push((node, kind));
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

    /// What mappings lead to, where there is more than one file. What leads nowhere is a name.
    fn mappings(&mut self) -> Vec<(NodeId, NodeId)> {
        let mut mappings = Vec::new();
        if self.tree.sources.len() < 2 {
            return mappings;
        }
        for (node, _) in self.walk.seen.iter().filter(|(_, kind)| *kind == Kind::Discriminator) {
            let values = self.tree.get(*node, "mapping").into_iter().flat_map(|map| self.tree.entries(map));
            let other = self.tree.get(*node, "defaultMapping");
            for value in values.map(|(_, value)| value).chain(other) {
                let text = self.tree.as_str(value).filter(|text| text.contains(['/', '#', '.']));
                if let Some(Ok(target)) = text.map(|text| self.walk.resolver.find(self.tree, value, text)) {
                    mappings.push((value, target));
                }
            }
        }
        mappings
    }

    fn endless_references(&mut self) {
        for node in self.walk.references.endless() {
            let at = self.tree.get(node, "$ref").unwrap_or(node);
            self.problem(
                at,
                "This `$ref` leads back to itself through other references only. Point it at a definition.",
            );
        }
    }
}
