//! Schemas, unfolded to a bounded depth and size.

use super::budget::Budget;
use crate::{
    document::{Document, count},
    references::name_of,
    text::cut,
    tree::{Kind, NodeId},
};
use shared::contracts::{PropertyView, SchemaView};
use std::collections::HashSet;

/// Levels of properties, items and alternatives inside one another.
const MAX_DEPTH: u32 = 4;
/// Schemas inside one another, parts of a whole included, which don't count as levels.
const MAX_NESTING: usize = 12;
/// Schemas unfolded in one view.
const MAX_NODES: u32 = 400;
/// Properties listed of one object.
const MAX_PROPERTIES: usize = 60;
/// Members listed of one `allOf`, `oneOf` or `anyOf`.
const MAX_ALTERNATIVES: usize = 200;
/// Names looked at of one list of required properties.
const MAX_REQUIRED: usize = 10_000;
/// Types listed of one schema. There are seven.
const MAX_TYPES: usize = 16;
/// Characters of a type's name.
const MAX_TYPE: usize = 100;
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
    pub(super) budget: Budget,
    /// The schemas that are being unfolded, outermost first: meeting one again is recursion.
    path: Vec<NodeId>,
}

impl<'d> Unfolder<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self { document, left: MAX_NODES, budget: Budget::new(), path: Vec::new() }
    }

    pub(super) fn unfold(&mut self, node: NodeId) -> SchemaView {
        self.at(node, 0)
    }

    fn at(&mut self, node: NodeId, depth: u32) -> SchemaView {
        let document = self.document;
        let target = document.references.resolve(node);
        let mut view = SchemaView { line: document.line(target), ..SchemaView::default() };
        if target != node {
            let text = |key| document.tree.text_of(node, key);
            let name = text("$ref").or_else(|| text("$dynamicRef")).map(name_of);
            view.name = name.map(|name| self.budget.text(&name));
        }
        if !self.budget.view() {
            view.folded = true;
            return view;
        }
        let again = self.path.contains(&target);
        if again || depth > MAX_DEPTH || self.path.len() >= MAX_NESTING || self.left == 0 {
            view.folded = again || document.tree.kind(target) == Kind::Object;
            self.annotate(&mut view, target);
            return view;
        }
        self.left -= 1;
        self.path.push(target);
        self.fill(&mut view, target, depth);
        if target != node && document.version.has_json_schema() {
            // 3.1 lets keywords stand beside a `$ref`; they hold as well.
            self.fill(&mut view, node, depth);
        }
        self.path.pop();
        view
    }

    /// Adds what is cheap to say even of a schema that stays folded.
    fn annotate(&mut self, view: &mut SchemaView, node: NodeId) {
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
            let text = if key == "description" {
                self.budget.text_of(document, node, key)
            } else {
                self.budget.line_of(document, node, key)
            };
            *slot = text.or_else(|| slot.take());
        }
        view.deprecated |= tree.flag(node, "deprecated");
        view.read_only |= tree.flag(node, "readOnly");
        view.write_only |= tree.flag(node, "writeOnly");
    }

    fn fill(&mut self, view: &mut SchemaView, node: NodeId, depth: u32) {
        let (document, tree) = (self.document, &self.document.tree);
        self.annotate(view, node);
        for key in CONSTRAINTS {
            if let Some(value) = tree.get(node, key) {
                let text = match tree.as_str(value) {
                    Some(text) => self.budget.text(text),
                    None => self.budget.compact(document, value),
                };
                view.constraints.push((key.to_owned(), text));
            }
        }
        for (list, key) in [(&mut view.enum_values, "enum"), (&mut view.examples, "examples")] {
            let values = tree.get(node, key).map(|list| tree.items(list)).unwrap_or_default();
            list.extend(values.iter().take(MAX_VALUES).map(|value| self.budget.compact(document, *value)));
        }
        if let Some(example) = tree.get(node, "example") {
            view.examples.push(self.budget.pretty(document, example));
        }
        if let Some(default) = tree.get(node, "default") {
            view.default = Some(self.budget.compact(document, default));
        }
        self.fill_children(view, node, depth);
    }

    fn fill_children(&mut self, view: &mut SchemaView, node: NodeId, depth: u32) {
        let tree = &self.document.tree;
        let required = tree.get(node, "required").map(|list| tree.items(list)).unwrap_or_default();
        let required: HashSet<&str> =
            required.iter().take(MAX_REQUIRED).filter_map(|name| tree.as_str(*name)).collect();
        if let Some(properties) = tree.get(node, "properties") {
            let before = view.properties.len();
            for (name, property) in tree.entries(properties).take(MAX_PROPERTIES) {
                if self.budget.is_spent() {
                    break;
                }
                let required = required.contains(name);
                let (name, schema) = (self.budget.text(name), self.at(property, depth + 1));
                view.properties.push(PropertyView { name, required, schema });
            }
            let listed = view.properties.len() - before;
            view.more_properties += count(tree.members(properties).len() - listed);
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
            let members = tree.get(node, key).map(|list| tree.items(list)).unwrap_or_default();
            let before = list.len();
            for member in members.iter().take(MAX_ALTERNATIVES) {
                if self.budget.is_spent() {
                    break;
                }
                // Parts of a whole stand on its own level.
                let member = self.at(*member, if key == "allOf" { depth } else { depth + 1 });
                list.push(member);
            }
            view.more_alternatives += count(members.len() - (list.len() - before));
        }
    }
}

/// The types without `null`, and whether `null` is one.
fn types(document: &Document, node: NodeId) -> (Vec<String>, bool) {
    let tree = &document.tree;
    let Some(written) = tree.get(node, "type") else { return (Vec::new(), false) };
    let names: Vec<&str> = match tree.as_str(written) {
        Some(name) => vec![name],
        None => tree.items(written).iter().take(MAX_TYPES).filter_map(|name| tree.as_str(*name)).collect(),
    };
    let nullable = names.contains(&"null") || document.adds_null(node);
    (names.into_iter().filter(|name| *name != "null").map(|name| cut(name, MAX_TYPE).into_owned()).collect(), nullable)
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
