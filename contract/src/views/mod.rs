//! A document as people browse it: resolved, bounded pieces in `shared`'s shapes.

mod json;
mod schema;

use crate::{
    document::{Document, Operation, count},
    tree::NodeId,
};
pub(crate) use json::compact;
use schema::Unfolder;
use shared::{
    contracts::{
        BodyView, ExampleView, MediaTypeView, OperationSummary, OperationView, Outline, ParameterView, ResponseView,
        SchemaSummary, SchemaView, TagSummary,
    },
    findings::OperationKey,
};
use std::collections::{HashMap, HashSet};

/// Examples longer than this are cut, in characters.
const MAX_EXAMPLE: usize = 20_000;

impl Document {
    /// What the document is about, and how much there is.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let info = self.info();
        let description = self.root("info").and_then(|node| self.text(node, "description"));
        let servers = self.root("servers").map(|node| self.tree.items(node)).unwrap_or_default();
        Outline {
            title: info.title,
            version: info.version,
            description,
            openapi: info.openapi,
            servers: servers.iter().filter_map(|server| self.text(*server, "url")).collect(),
            operations: info.operations,
            schemas: count(self.components("schemas").map_or(0, |schemas| self.tree.members(schemas).len())),
            tags: self.tag_summaries(),
        }
    }

    /// The operations, in document order.
    #[must_use]
    pub fn operations(&self) -> Vec<OperationSummary> {
        self.operations.iter().map(|operation| self.summary(operation)).collect()
    }

    /// One operation, its schemas unfolded within bounds.
    #[must_use]
    pub fn operation(&self, key: &OperationKey) -> Option<OperationView> {
        let operation = self.find_operation(key)?;
        let mut unfolder = Unfolder::new(self);
        let parameters = self.parameters(operation);
        let body = self.get(operation.node, "requestBody");
        let responses = self.tree.get(operation.node, "responses");
        Some(OperationView {
            summary: self.summary(operation),
            description: self.text(operation.node, "description").or_else(|| self.text(operation.item, "description")),
            parameters: parameters.into_iter().map(|node| self.parameter(&mut unfolder, node)).collect(),
            request_body: body.map(|node| BodyView {
                required: self.tree.flag(node, "required"),
                description: self.text(node, "description"),
                content: self.content(&mut unfolder, node),
                line: self.line(node),
            }),
            responses: responses.map(|node| self.responses(&mut unfolder, node)).unwrap_or_default(),
            security: self.security(operation),
        })
    }

    /// The component schemas, in document order.
    #[must_use]
    pub fn schemas(&self) -> Vec<SchemaSummary> {
        let Some(schemas) = self.components("schemas") else { return Vec::new() };
        let summary = |(name, node): (&str, NodeId)| SchemaSummary {
            name: name.to_owned(),
            kind: schema::kind(self, node),
            line: self.line(node),
        };
        self.tree.entries(schemas).map(summary).collect()
    }

    /// A component schema by name, unfolded within bounds.
    #[must_use]
    pub fn schema(&self, name: &str) -> Option<SchemaView> {
        let node = self.tree.get(self.components("schemas")?, name)?;
        let mut view = Unfolder::new(self).unfold(node);
        view.name = Some(name.to_owned());
        Some(view)
    }

    fn text(&self, node: NodeId, key: &str) -> Option<String> {
        self.tree.text_of(node, key).map(str::to_owned)
    }

    fn summary(&self, operation: &Operation) -> OperationSummary {
        let node = operation.node;
        OperationSummary {
            key: operation.key.clone(),
            operation_id: self.text(node, "operationId"),
            summary: self.text(node, "summary").or_else(|| self.text(operation.item, "summary")),
            tags: self.tags(node).map(str::to_owned).collect(),
            deprecated: self.tree.flag(node, "deprecated"),
            line: self.line(node),
        }
    }

    fn tags(&self, operation: NodeId) -> impl Iterator<Item = &str> {
        let tags = self.tree.get(operation, "tags").map(|tags| self.tree.items(tags)).unwrap_or_default();
        tags.iter().filter_map(|tag| self.tree.as_str(*tag))
    }

    fn tag_summaries(&self) -> Vec<TagSummary> {
        let mut tags: Vec<TagSummary> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for tag in self.root("tags").map(|tags| self.tree.items(tags)).unwrap_or_default() {
            let name = self.tree.text_of(*tag, "name").unwrap_or_default();
            places.entry(name).or_insert_with(|| {
                let description = self.text(*tag, "description");
                tags.push(TagSummary { name: name.to_owned(), description, operations: 0 });
                tags.len() - 1
            });
        }
        let mut untagged = 0;
        for operation in &self.operations {
            let mut tagged = false;
            for name in self.tags(operation.node) {
                tagged = true;
                let place = *places.entry(name).or_insert_with(|| {
                    tags.push(TagSummary { name: name.to_owned(), description: None, operations: 0 });
                    tags.len() - 1
                });
                tags[place].operations += 1;
            }
            untagged += u32::from(!tagged);
        }
        if untagged > 0 {
            tags.push(TagSummary { name: String::new(), description: None, operations: untagged });
        }
        tags
    }

    /// An operation's parameters, resolved: its own first, then those of its path that it doesn't override.
    pub(crate) fn parameters(&self, operation: &Operation) -> Vec<NodeId> {
        let of = |node| self.tree.get(node, "parameters").map(|list| self.tree.items(list)).unwrap_or_default();
        let identity = |node| (self.tree.text_of(node, "in"), self.tree.text_of(node, "name"));
        let mut known = HashSet::new();
        let all = of(operation.node).iter().chain(of(operation.item)).map(|node| self.references.resolve(*node));
        all.filter(|node| known.insert(identity(*node))).collect()
    }

    fn parameter(&self, unfolder: &mut Unfolder<'_>, node: NodeId) -> ParameterView {
        ParameterView {
            name: self.text(node, "name").unwrap_or_default(),
            location: self.text(node, "in").unwrap_or_default(),
            ..self.header(unfolder, node)
        }
    }

    /// What parameters and headers have in common.
    fn header(&self, unfolder: &mut Unfolder<'_>, node: NodeId) -> ParameterView {
        let media_type = self.tree.get(node, "content").and_then(|content| self.tree.members(content).first());
        let schema = self.tree.get(node, "schema").or_else(|| self.tree.get(media_type?.value, "schema"));
        ParameterView {
            name: String::new(),
            location: "header".to_owned(),
            required: self.tree.flag(node, "required"),
            deprecated: self.tree.flag(node, "deprecated"),
            description: self.text(node, "description"),
            schema: schema.map(|schema| unfolder.unfold(schema)),
            examples: self.examples(node),
            line: self.line(node),
        }
    }

    fn content(&self, unfolder: &mut Unfolder<'_>, node: NodeId) -> Vec<MediaTypeView> {
        let Some(content) = self.tree.get(node, "content") else { return Vec::new() };
        let view = |(media_type, node): (&str, NodeId)| MediaTypeView {
            media_type: media_type.to_owned(),
            schema: self.tree.get(node, "schema").map(|schema| unfolder.unfold(schema)),
            examples: self.examples(node),
        };
        self.tree.entries(content).map(view).collect()
    }

    fn responses(&self, unfolder: &mut Unfolder<'_>, responses: NodeId) -> Vec<ResponseView> {
        let mut views = Vec::new();
        for (status, node) in self.tree.entries(responses).filter(|(status, _)| !status.starts_with("x-")) {
            let line = self.line(node);
            let node = self.references.resolve(node);
            let mut headers = Vec::new();
            for (name, header) in self.tree.get(node, "headers").into_iter().flat_map(|map| self.tree.entries(map)) {
                let view = self.header(unfolder, self.references.resolve(header));
                headers.push(ParameterView { name: name.to_owned(), ..view });
            }
            let content = self.content(unfolder, node);
            let description = self.text(node, "description");
            views.push(ResponseView { status: status.to_owned(), description, headers, content, line });
        }
        views
    }

    /// The single `example` or the named `examples` of a parameter, header or media type.
    fn examples(&self, node: NodeId) -> Vec<ExampleView> {
        let show = |value| json::pretty(&self.tree, value, MAX_EXAMPLE);
        if let Some(example) = self.tree.get(node, "example") {
            return vec![ExampleView { name: String::new(), summary: None, value: show(example) }];
        }
        let named = self.tree.get(node, "examples").into_iter().flat_map(|examples| self.tree.entries(examples));
        named
            .filter_map(|(name, example)| {
                let example = self.references.resolve(example);
                let external = || self.text(example, "externalValue");
                let value = self.tree.get(example, "value").map(show).or_else(external)?;
                Some(ExampleView { name: name.to_owned(), summary: self.text(example, "summary"), value })
            })
            .collect()
    }

    fn security(&self, operation: &Operation) -> Vec<Vec<String>> {
        let requirements = self.tree.get(operation.node, "security").or_else(|| self.root("security"));
        let alternatives = requirements.map(|node| self.tree.items(node)).unwrap_or_default();
        let names = |node: &NodeId| self.tree.entries(*node).map(|(name, _)| name.to_owned()).collect();
        alternatives.iter().map(names).collect()
    }
}
