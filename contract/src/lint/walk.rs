//! One walk over everything that is written, each place once: what is described, what carries a secret, what has a schema.
//! References are followed into other files only, of which nothing else is a part of the contract.

use super::{LintRuleId, Linter, name_of, operations::is_json, quoted, words};
use crate::{
    Document,
    compare::upper_first,
    grammar::{self, Kind, Shape},
    tree::{Kind as ValueKind, NodeId},
};
use rustc_hash::FxHashSet;

/// What a node is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Within<'d> {
    kind: Kind,
    /// The key that it stands under in a map.
    name: &'d str,
    /// Whether it is a member of `properties`.
    property: bool,
}

/// Keywords that say nothing about a value.
const ANNOTATIONS: [&str; 8] =
    ["title", "description", "example", "examples", "default", "deprecated", "externalDocs", "nullable"];

impl Linter<'_> {
    pub(super) fn walk(&mut self) {
        // What was converted from 2.0 shares nodes: a schema is that of every media type.
        let other = self.tree.sources.get(1).map(|source| source.root);
        let shares = self.document.version < self.grammar() || other.is_some();
        let mut seen = FxHashSet::default();
        let mut stack = vec![(NodeId::ROOT, Kind::Root, Within { kind: Kind::Root, name: "", property: false })];
        while let Some((node, kind, within)) = stack.pop() {
            if shares && !seen.insert((node, kind)) {
                continue;
            }
            if self.tree.kind(node) != ValueKind::Object {
                // A schema may be `true`, and what is wrong elsewhere the reader has refused.
                if kind == Kind::Schema && within.property {
                    self.property(node);
                }
                continue;
            }
            self.visit(node, kind, within);
            let first = stack.len();
            if let (Some(target), Some(other)) = (self.document.references.step(node), other)
                && target >= other
            {
                let name = self.tree.key_of(target).unwrap_or_default();
                stack.push((target, kind, Within { kind: Kind::Components, name, property: false }));
            }
            for (key, value) in self.tree.entries(node) {
                if key.starts_with("x-") && kind != Kind::Schema {
                    continue;
                }
                let property = kind == Kind::Schema && key == "properties";
                let within = Within { kind, name: key, property };
                match grammar::shape(self.grammar(), kind, key) {
                    Some(Shape::One(of)) => stack.push((value, of, within)),
                    Some(Shape::Map(of)) => {
                        let named = |name: &str| of == Kind::Schema || of == Kind::Header || !name.starts_with("x-");
                        let members = self.tree.entries(value).filter(|(name, _)| named(name));
                        stack.extend(members.map(|(name, child)| (child, of, Within { name, ..within })));
                    }
                    Some(Shape::List(of)) => {
                        stack.extend(self.tree.items(value).iter().map(|child| (*child, of, within)));
                    }
                    _ => {}
                }
            }
            // The first is to be looked at first, so that what is listed is the document's beginning.
            stack[first..].reverse();
        }
    }

    fn visit(&mut self, node: NodeId, kind: Kind, within: Within<'_>) {
        self.collect_examples(node, kind, within.kind);
        if kind == Kind::Schema {
            self.keywords(node);
        }
        match kind {
            Kind::Schema if within.property => self.property(node),
            Kind::Parameter if self.document.references.step(node).is_none() => self.parameter(node),
            Kind::MediaType if within.kind == Kind::Response => self.response_schema(node, within.name),
            Kind::SecurityScheme => self.key_in_query(node),
            Kind::Server => self.server(node),
            Kind::Discriminator => self.discriminators.push(node),
            _ => {}
        }
    }

    fn property(&mut self, node: NodeId) {
        let described = self.described(node);
        self.place(LintRuleId::PropertyUndescribed, described, node, || {
            format!("{} has no description. Say what it means.", upper_first(&name_of(self.document, node)))
        });
    }

    /// What is left over from another version of OpenAPI, and says nothing in this one.
    fn keywords(&mut self, node: NodeId) {
        if let Some(nullable) = self.tree.get(node, "nullable") {
            let fix = self.nullable(node);
            self.place(LintRuleId::KeywordNoEffect, fix.is_none(), nullable, || {
                let whose = upper_first(&name_of(self.document, node));
                format!("{whose}: `nullable` has no effect here. {}", fix.unwrap_or_default())
            });
        }
        for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            let Some(written) = self.tree.get(node, exclusive) else { continue };
            let flag = self.tree.as_bool(written).is_some();
            let holds = !(flag && self.document.version.has_json_schema());
            self.place(LintRuleId::KeywordNoEffect, holds, written, || {
                let whose = upper_first(&name_of(self.document, node));
                format!("{whose}: `{exclusive}` is a number since 3.1, and has no effect here. Write the bound in it instead of in `{bound}`.")
            });
        }
    }

    /// What to do about a `nullable` that has no effect.
    fn nullable(&self, schema: NodeId) -> Option<&'static str> {
        let tree = self.tree;
        let lists_null = |list| tree.items(list).iter().any(|value| tree.kind(*value) == ValueKind::Null);
        if self.document.version.has_json_schema() {
            return Some("Add `null` to `type` instead.");
        }
        if !tree.flag(schema, "nullable") {
            return None;
        }
        if tree.get(schema, "type").is_none() {
            return Some("It needs a `type` beside it.");
        }
        let refused = tree.get(schema, "enum").is_some_and(|list| !lists_null(list));
        refused.then_some("Add `null` to `enum`, which doesn't allow it.")
    }

    fn parameter(&mut self, node: NodeId) {
        let (name, location) = (self.tree.text_of(node, "name"), self.tree.text_of(node, "in"));
        let (Some(name), Some(location)) = (name, location) else { return };
        let schema = self.tree.get(node, "schema");
        let described = self.described(node) || schema.is_some_and(|schema| self.described(schema));
        self.place(LintRuleId::ParameterUndescribed, described, node, || {
            format!("The {} parameter `{}` has no description. Say what it means.", quoted(location), quoted(name))
        });
        if location == "query" {
            let schema = schema.map(|schema| self.document.references.resolve(schema));
            let no_text =
                schema.is_some_and(|schema| ["boolean", "integer"].iter().any(|kind| self.is_type(schema, kind)));
            self.place(LintRuleId::SecretInQuery, no_text || !words::secret(name), node, || {
                format!("The query parameter `{}` carries a secret. Send it in a header or the body.", quoted(name))
            });
        }
    }

    fn key_in_query(&mut self, node: NodeId) {
        if self.tree.text_of(node, "type") != Some("apiKey") {
            return;
        }
        let holds = self.tree.text_of(node, "in") != Some("query");
        self.place(LintRuleId::SecretInQuery, holds, node, || {
            let name = self.tree.key_of(node).unwrap_or_default();
            format!("The security scheme `{}` sends its key in the query. Send it in a header.", quoted(name))
        });
    }

    fn response_schema(&mut self, node: NodeId, media_type: &str) {
        if !is_json(media_type) {
            return;
        }
        let typed = self.get(node, "schema").is_some_and(|schema| {
            self.tree.entries(schema).any(|(key, _)| !key.starts_with("x-") && !ANNOTATIONS.contains(&key))
        });
        self.place(LintRuleId::ResponseUntyped, typed, node, || {
            let status = status_of(self.document, node).unwrap_or_default();
            format!("The response `{}` has {} of any type. Give it a `schema`.", quoted(status), quoted(media_type))
        });
    }
}

/// The status, or the component's name, of the response that a node stands in.
fn status_of(document: &Document, node: NodeId) -> Option<&str> {
    let (tree, mut at) = (&document.tree, node);
    for _ in 0..4 {
        if let Some(named) = document.references.named(at) {
            return tree.key_of(named);
        }
        let parent = tree.node(at).parent;
        if tree.key_of(parent) == Some("responses") {
            return tree.key_of(at);
        }
        at = parent;
    }
    None
}
