//! Components that nothing uses.

use super::{LintRuleId, Linter, component_of, quoted};
use crate::{
    grammar::{self, Kind},
    tree::{NodeId, Tree},
};
use rustc_hash::FxHashSet;

impl Linter<'_> {
    pub(super) fn components(&mut self) {
        let Some(components) = self.document.root("components") else { return };
        let tree = self.tree;
        let used = self.used();
        let bases = self.bases();
        for (kind, map) in self.tree.entries(components) {
            // Extensions have no rules, and callbacks of path items are entry points of their own.
            if grammar::shape(self.grammar(), Kind::Components, kind).is_none() {
                continue;
            }
            for (name, node) in self.tree.entries(map).filter(|(name, _)| kind == "schemas" || !name.starts_with("x-"))
            {
                let holds = used.contains(&node) || (kind == "schemas" && self.extends(node, &bases));
                self.place(LintRuleId::ComponentUnused, holds, node, || {
                    format!("Nothing refers to `{}` in `{}`. Remove it, or use it.", quoted(name), map_of(tree, node))
                });
            }
        }
    }

    /// Components that are named outside of themselves. What only another unused one names counts as used: once that is
    /// gone, it is found.
    fn used(&self) -> FxHashSet<NodeId> {
        let mut used = FxHashSet::default();
        for (from, to) in self.document.references.all() {
            let Some(component) = component_of(self.document, to) else { continue };
            if !used.contains(&component) && component_of(self.document, from) != Some(component) {
                used.insert(component);
            }
        }
        self.named_schemes(&mut used);
        self.mapped_schemas(&mut used);
        used
    }

    /// Security schemes are used by their names.
    fn named_schemes(&self, used: &mut FxHashSet<NodeId>) {
        let Some(schemes) = self.document.components("securitySchemes") else { return };
        let own = self.document.operations.iter().filter_map(|operation| self.tree.get(operation.node, "security"));
        let mut seen = FxHashSet::default();
        for security in self.document.root("security").into_iter().chain(own).filter(|node| seen.insert(*node)) {
            for way in self.tree.items(security) {
                used.extend(self.tree.entries(*way).filter_map(|(name, _)| self.tree.get(schemes, name)));
            }
        }
    }

    /// Schemas with a discriminator. Those that extend one are chosen by their names.
    fn bases(&self) -> FxHashSet<NodeId> {
        let schemas = self.document.components("schemas").into_iter().flat_map(|schemas| self.tree.entries(schemas));
        schemas.map(|(_, node)| node).filter(|node| self.tree.get(*node, "discriminator").is_some()).collect()
    }

    fn extends(&self, node: NodeId, bases: &FxHashSet<NodeId>) -> bool {
        let parts = self.tree.get(node, "allOf").map(|parts| self.tree.items(parts)).unwrap_or_default();
        parts.iter().any(|part| bases.contains(&self.document.references.resolve(*part)))
    }

    /// What discriminators map to, wherever they stand: by address or by name.
    fn mapped_schemas(&self, used: &mut FxHashSet<NodeId>) {
        let Some(schemas) = self.document.components("schemas") else { return };
        for discriminator in &self.discriminators {
            let mapping = self.tree.get(*discriminator, "mapping");
            for (_, target) in mapping.into_iter().flat_map(|mapping| self.tree.entries(mapping)) {
                let name = self.tree.as_str(target).unwrap_or_default();
                let name = name.strip_prefix("#/components/schemas/").unwrap_or(name);
                used.extend(self.tree.get(schemas, name));
            }
        }
    }
}

/// The map that a component is written in.
fn map_of(tree: &Tree, component: NodeId) -> &str {
    tree.key_of(tree.node(component).parent).unwrap_or_default()
}
