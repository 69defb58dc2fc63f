//! A document as people browse it: resolved, bounded pieces in `shared`'s shapes.

mod budget;
mod json;
mod schema;

use crate::{
    document::{Document, Operation, count},
    text::cut,
    tree::NodeId,
    version::OpenApi,
};
use budget::Budget;
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

/// Characters of a document's own description, which may be a book.
const MAX_DESCRIPTION: usize = 500_000;
/// Characters of what stands in a row of a list.
const MAX_IN_ROW: usize = 500;
/// Tags of one operation.
const MAX_TAGS: usize = 50;

impl Document {
    /// What the document is about, and how much there is.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let info = self.info();
        let description = self.root("info").and_then(|node| self.tree.text_of(node, "description"));
        let servers = self.root("servers").map(|node| self.tree.items(node)).unwrap_or_default();
        Outline {
            title: info.title,
            version: info.version,
            description: description.map(|text| cut(text, MAX_DESCRIPTION).into_owned()),
            openapi: info.openapi,
            servers: servers.iter().filter_map(|server| self.tree.text_of(*server, "url")).map(str::to_owned).collect(),
            operations: info.operations,
            schemas: count(self.components("schemas").map_or(0, |schemas| self.tree.members(schemas).len())),
            tags: self.tag_summaries(),
        }
    }

    /// The operations, in document order.
    #[must_use]
    pub fn operations(&self) -> Vec<OperationSummary> {
        self.operations_from(0).collect()
    }

    /// The same from a place in the list on, each made when it is asked for.
    pub fn operations_from(&self, from: usize) -> impl Iterator<Item = OperationSummary> {
        self.operations.get(from..).unwrap_or_default().iter().map(|operation| self.summary(operation))
    }

    /// One operation, its schemas unfolded within bounds.
    #[must_use]
    pub fn operation(&self, key: &OperationKey) -> Option<OperationView> {
        let operation = self.find_operation(key)?;
        let mut unfolder = Unfolder::new(self);
        let parameters = self.parameters(operation);
        let listed = unfolder.budget.listed(parameters.len());
        let body = self.get(operation.node, "requestBody");
        let responses = self.tree.get(operation.node, "responses");
        let description =
            [operation.node, operation.item].into_iter().find_map(|n| self.tree.text_of(n, "description"));
        let mut view = OperationView {
            summary: self.summary(operation),
            description: description.map(|text| unfolder.budget.text(text)),
            parameters: parameters.into_iter().take(listed).map(|n| self.parameter(&mut unfolder, n)).collect(),
            request_body: body.map(|node| self.body(&mut unfolder, node)),
            responses: responses.map(|node| self.responses(&mut unfolder, node)).unwrap_or_default(),
            security: self.security(&mut unfolder.budget, operation),
            more: 0,
        };
        view.more = unfolder.budget.more;
        Some(view)
    }

    /// The component schemas, in document order.
    #[must_use]
    pub fn schemas(&self) -> Vec<SchemaSummary> {
        self.schemas_from(0).collect()
    }

    /// The same from a place in the list on, each made when it is asked for.
    pub fn schemas_from(&self, from: usize) -> impl Iterator<Item = SchemaSummary> {
        let schemas = self.components("schemas").map(|schemas| self.tree.entries(schemas).skip(from));
        schemas.into_iter().flatten().map(|(name, node)| SchemaSummary {
            name: name.to_owned(),
            kind: schema::kind(self, node),
            line: self.line(node),
        })
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
        self.tree.text_of(node, key).map(|text| cut(text, MAX_IN_ROW).into_owned())
    }

    fn summary(&self, operation: &Operation) -> OperationSummary {
        let node = operation.node;
        OperationSummary {
            key: operation.key.clone(),
            operation_id: self.text(node, "operationId"),
            summary: self.text(node, "summary").or_else(|| self.text(operation.item, "summary")),
            tags: self.tags(node).map(|tag| cut(tag, MAX_IN_ROW).into_owned()).collect(),
            deprecated: self.tree.flag(node, "deprecated"),
            line: self.line(node),
        }
    }

    fn tags(&self, operation: NodeId) -> impl Iterator<Item = &str> {
        let tags = self.tree.get(operation, "tags").map(|tags| self.tree.items(tags)).unwrap_or_default();
        tags.iter().take(MAX_TAGS).filter_map(|tag| self.tree.as_str(*tag))
    }

    fn tag_summaries(&self) -> Vec<TagSummary> {
        let mut tags: Vec<TagSummary> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for tag in self.root("tags").map(|tags| self.tree.items(tags)).unwrap_or_default() {
            let name = self.tree.text_of(*tag, "name").unwrap_or_default();
            places.entry(name).or_insert_with(|| {
                let text = |key| self.tree.text_of(*tag, key);
                let description = text("description").or_else(|| text("summary")).map(str::to_owned);
                tags.push(TagSummary { name: cut(name, MAX_IN_ROW).into_owned(), description, operations: 0 });
                tags.len() - 1
            });
        }
        let mut untagged = 0;
        for operation in &self.operations {
            let mut tagged = false;
            for name in self.tags(operation.node) {
                tagged = true;
                let place = *places.entry(name).or_insert_with(|| {
                    tags.push(TagSummary {
                        name: cut(name, MAX_IN_ROW).into_owned(),
                        description: None,
                        operations: 0,
                    });
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
            name: unfolder.budget.text_of(self, node, "name").unwrap_or_default(),
            location: unfolder.budget.line_of(self, node, "in").unwrap_or_default(),
            ..self.header(unfolder, node)
        }
    }

    /// What parameters and headers have in common.
    fn header(&self, unfolder: &mut Unfolder<'_>, node: NodeId) -> ParameterView {
        let media_type = self.tree.get(node, "content").and_then(|content| self.tree.members(content).first());
        let media_type = media_type.map(|member| self.references.resolve(member.value));
        let schema = self.tree.get(node, "schema").or_else(|| self.tree.get(media_type?, "schema"));
        ParameterView {
            name: String::new(),
            location: "header".to_owned(),
            required: self.tree.flag(node, "required"),
            deprecated: self.tree.flag(node, "deprecated"),
            description: unfolder.budget.text_of(self, node, "description"),
            schema: schema.map(|schema| unfolder.unfold(schema)),
            examples: self.examples(&mut unfolder.budget, node),
            line: self.line(node),
        }
    }

    fn body(&self, unfolder: &mut Unfolder<'_>, node: NodeId) -> BodyView {
        BodyView {
            required: self.tree.flag(node, "required"),
            description: unfolder.budget.text_of(self, node, "description"),
            content: self.content(unfolder, node),
            line: self.line(node),
        }
    }

    fn content(&self, unfolder: &mut Unfolder<'_>, node: NodeId) -> Vec<MediaTypeView> {
        let Some(content) = self.tree.get(node, "content") else { return Vec::new() };
        let listed = unfolder.budget.listed(self.tree.members(content).len());
        let view = |(media_type, node): (&str, NodeId)| {
            let node = self.references.resolve(node);
            MediaTypeView {
                media_type: unfolder.budget.line(media_type),
                schema: self.media_schema(unfolder, node),
                examples: self.examples(&mut unfolder.budget, node),
            }
        };
        self.tree.entries(content).take(listed).map(view).collect()
    }

    /// What a media type describes: its content as a whole, or a list of the items that it is a sequence of.
    fn media_schema(&self, unfolder: &mut Unfolder<'_>, node: NodeId) -> Option<SchemaView> {
        if let Some(schema) = self.tree.get(node, "schema") {
            return Some(unfolder.unfold(schema));
        }
        let items = self.tree.get(node, "itemSchema").filter(|_| self.version >= OpenApi::V32)?;
        let line = self.line(items);
        let items = Some(Box::new(unfolder.unfold(items)));
        Some(SchemaView { types: vec!["array".to_owned()], items, line, ..SchemaView::default() })
    }

    fn responses(&self, unfolder: &mut Unfolder<'_>, responses: NodeId) -> Vec<ResponseView> {
        let responses = || self.tree.entries(responses).filter(|(status, _)| !status.starts_with("x-"));
        let listed = unfolder.budget.listed(responses().count());
        responses().take(listed).map(|(status, node)| self.response(unfolder, status, node)).collect()
    }

    fn response(&self, unfolder: &mut Unfolder<'_>, status: &str, node: NodeId) -> ResponseView {
        let line = self.line(node);
        let node = self.references.resolve(node);
        let mut headers = Vec::new();
        if let Some(map) = self.tree.get(node, "headers") {
            let listed = unfolder.budget.listed(self.tree.members(map).len());
            for (name, header) in self.tree.entries(map).take(listed) {
                let view = self.header(unfolder, self.references.resolve(header));
                headers.push(ParameterView { name: unfolder.budget.line(name), ..view });
            }
        }
        let content = self.content(unfolder, node);
        // 3.2 has a summary, too, and needs neither.
        let summary = |unfolder: &mut Unfolder<'_>| unfolder.budget.text_of(self, node, "summary");
        let description = unfolder.budget.text_of(self, node, "description").or_else(|| summary(unfolder));
        ResponseView { status: unfolder.budget.line(status), description, headers, content, line }
    }

    /// The single `example` or the named `examples` of a parameter, header or media type.
    fn examples(&self, budget: &mut Budget, node: NodeId) -> Vec<ExampleView> {
        if let Some(example) = self.tree.get(node, "example") {
            return vec![ExampleView { name: String::new(), summary: None, value: budget.pretty(self, example) }];
        }
        let Some(named) = self.tree.get(node, "examples") else { return Vec::new() };
        let listed = budget.listed(self.tree.members(named).len());
        let mut examples = Vec::new();
        for (name, example) in self.tree.entries(named).take(listed) {
            let example = self.references.resolve(example);
            let data = ["value", "dataValue"].into_iter().find_map(|key| self.tree.get(example, key));
            let value = match data {
                Some(value) => Some(budget.pretty(self, value)),
                None => budget
                    .text_of(self, example, "serializedValue")
                    .or_else(|| budget.text_of(self, example, "externalValue")),
            };
            if let Some(value) = value {
                let summary = budget.line_of(self, example, "summary");
                examples.push(ExampleView { name: budget.line(name), summary, value });
            }
        }
        examples
    }

    fn security(&self, budget: &mut Budget, operation: &Operation) -> Vec<Vec<String>> {
        let requirements = self.tree.get(operation.node, "security").or_else(|| self.root("security"));
        let alternatives = requirements.map(|node| self.tree.items(node)).unwrap_or_default();
        let listed = budget.listed(alternatives.len());
        let mut ways = Vec::new();
        for node in &alternatives[..listed] {
            let listed = budget.listed(self.tree.members(*node).len());
            ways.push(self.tree.entries(*node).take(listed).map(|(name, _)| budget.line(name)).collect());
        }
        ways
    }
}
