//! Schemas, unfolded to a bounded depth and size.

use super::{MAX_EXAMPLE, json};
use crate::{
    document::{Document, OpenApi, count},
    references::name_of,
    tree::{Kind, NodeId},
};
use shared::contracts::{PropertyView, SchemaView};

/// Levels of properties, items and alternatives inside one another.
const MAX_DEPTH: u32 = 4;
/// Schemas in one view.
const MAX_NODES: u32 = 400;
/// Properties listed of one object.
const MAX_PROPERTIES: usize = 60;
/// Values listed of one enumeration or list of examples.
const MAX_VALUES: usize = 200;

/// Keywords shown as they are written.
const CONSTRAINTS: [&str; 24] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "const",
    "contentEncoding",
    "contentMediaType",
    "propertyNames",
    "patternProperties",
    "dependentRequired",
    "unevaluatedProperties",
    "unevaluatedItems",
    "discriminator",
];

/// Unfolds the schemas of one view, which share a budget.
pub(super) struct Unfolder<'d> {
    document: &'d Document,
    left: u32,
    /// The schemas that are being unfolded, outermost first: meeting one again is recursion.
    path: Vec<NodeId>,
}

impl<'d> Unfolder<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self { document, left: MAX_NODES, path: Vec::new() }
    }

    pub(super) fn unfold(&mut self, node: NodeId) -> SchemaView {
        self.at(node, 0)
    }

    fn at(&mut self, node: NodeId, depth: u32) -> SchemaView {
        let document = self.document;
        let target = document.references.resolve(node);
        let mut view = SchemaView { line: document.line(target), ..SchemaView::default() };
        if target != node {
            view.name = document.tree.text_of(node, "$ref").map(name_of);
        }
        let again = self.path.contains(&target);
        if again || depth > MAX_DEPTH || self.left == 0 {
            view.folded = again || document.tree.kind(target) == Kind::Object;
            self.annotate(&mut view, target);
            return view;
        }
        self.left -= 1;
        self.path.push(target);
        self.fill(&mut view, target, depth);
        if target != node && document.version == OpenApi::V31 {
            // 3.1 lets keywords stand beside a `$ref`; they hold as well.
            self.fill(&mut view, node, depth);
        }
        self.path.pop();
        view
    }

    /// Adds what is cheap to say even of a schema that stays folded.
    fn annotate(&self, view: &mut SchemaView, node: NodeId) {
        let (document, tree) = (self.document, &self.document.tree);
        if let Some(boolean) = tree.as_bool(node) {
            view.boolean = Some(boolean);
            return;
        }
        let (types, nullable) = types(document, node);
        view.types.extend(types);
        view.nullable |= nullable;
        for (slot, key) in
            [(&mut view.format, "format"), (&mut view.title, "title"), (&mut view.description, "description")]
        {
            if let Some(text) = document.text(node, key) {
                *slot = Some(text);
            }
        }
        view.deprecated |= tree.flag(node, "deprecated");
        view.read_only |= tree.flag(node, "readOnly");
        view.write_only |= tree.flag(node, "writeOnly");
    }

    fn fill(&mut self, view: &mut SchemaView, node: NodeId, depth: u32) {
        let tree = &self.document.tree;
        self.annotate(view, node);
        for key in CONSTRAINTS {
            if let Some(value) = tree.get(node, key) {
                let text = tree.as_str(value).map_or_else(|| json::compact(tree, value, MAX_EXAMPLE), str::to_owned);
                view.constraints.push((key.to_owned(), text));
            }
        }
        let values = |key| {
            let list = tree.get(node, key).map(|list| tree.items(list)).unwrap_or_default();
            list.iter().take(MAX_VALUES).map(|value| json::compact(tree, *value, MAX_EXAMPLE))
        };
        view.enum_values.extend(values("enum"));
        view.examples.extend(values("examples"));
        if let Some(example) = tree.get(node, "example") {
            view.examples.push(json::pretty(tree, example, MAX_EXAMPLE));
        }
        if let Some(default) = tree.get(node, "default") {
            view.default = Some(json::compact(tree, default, MAX_EXAMPLE));
        }
        self.fill_children(view, node, depth);
    }

    fn fill_children(&mut self, view: &mut SchemaView, node: NodeId, depth: u32) {
        let tree = &self.document.tree;
        let required: Vec<&str> = tree
            .get(node, "required")
            .map(|list| tree.items(list).iter().filter_map(|name| tree.as_str(*name)).collect())
            .unwrap_or_default();
        if let Some(properties) = tree.get(node, "properties") {
            for (name, property) in tree.entries(properties).take(MAX_PROPERTIES) {
                let schema = self.at(property, depth + 1);
                view.properties.push(PropertyView {
                    name: name.to_owned(),
                    required: required.contains(&name),
                    schema,
                });
            }
            view.more_properties += count(tree.members(properties).len().saturating_sub(MAX_PROPERTIES));
        }
        let mut one = |key| tree.get(node, key).map(|child| Box::new(self.at(child, depth + 1)));
        for (slot, key) in [
            (&mut view.items, "items"),
            (&mut view.additional_properties, "additionalProperties"),
            (&mut view.not, "not"),
        ] {
            if let Some(child) = one(key) {
                *slot = Some(child);
            }
        }
        for (list, key) in [(&mut view.all_of, "allOf"), (&mut view.one_of, "oneOf"), (&mut view.any_of, "anyOf")] {
            for member in tree.get(node, key).map(|list| tree.items(list)).unwrap_or_default() {
                // Parts of a whole stand on its own level.
                let member = self.at(*member, if key == "allOf" { depth } else { depth + 1 });
                list.push(member);
            }
        }
    }
}

/// The types without `null`, and whether `null` is one.
fn types(document: &Document, node: NodeId) -> (Vec<String>, bool) {
    let tree = &document.tree;
    let Some(written) = tree.get(node, "type") else { return (Vec::new(), tree.flag(node, "nullable")) };
    let names: Vec<&str> = match tree.as_str(written) {
        Some(name) => vec![name],
        None => tree.items(written).iter().filter_map(|name| tree.as_str(*name)).collect(),
    };
    let nullable = names.contains(&"null") || (document.version == OpenApi::V30 && tree.flag(node, "nullable"));
    (names.into_iter().filter(|name| *name != "null").map(str::to_owned).collect(), nullable)
}

/// What a reader expects behind a schema's name.
pub(super) fn kind(document: &Document, node: NodeId) -> String {
    let node = document.references.resolve(node);
    let tree = &document.tree;
    if let Some(boolean) = tree.as_bool(node) {
        return if boolean { "anything" } else { "nothing" }.to_owned();
    }
    let (types, _) = types(document, node);
    if !types.is_empty() {
        return types.join(" or ");
    }
    let telling = [
        ("oneOf", "oneOf"),
        ("anyOf", "anyOf"),
        ("allOf", "allOf"),
        ("properties", "object"),
        ("items", "array"),
        ("enum", "enum"),
        ("const", "constant"),
    ];
    let found = telling.into_iter().find(|(key, _)| tree.get(node, key).is_some());
    found.map_or("anything", |(_, kind)| kind).to_owned()
}
