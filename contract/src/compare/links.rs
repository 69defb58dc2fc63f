//! Links: which operation comes next, and with what from this response.

use super::{
    Comparison, Scope,
    evidence::{About, Evidence},
    findings::quoted,
    value::canonical,
};
use crate::{document::Document, rules, tree::NodeId};
use shared::{Subject, subject::Part};
use std::collections::HashMap;

/// What a link says, without its prose.
fn meaning(document: &Document, link: NodeId) -> Vec<(&str, String)> {
    let keys = ["operationId", "operationRef", "parameters", "requestBody", "server"];
    keys.into_iter().filter_map(|key| Some((key, canonical(&document.tree, document.tree.get(link, key)?)))).collect()
}

fn about(scope: &Scope, status: &str, name: &str) -> About {
    let (status, name) = (Some(quoted(status).into_owned()), Some(quoted(name).into_owned()));
    (Subject { status, name, ..scope.subject(Part::Link) }, Evidence::none())
}

impl Comparison<'_> {
    pub(super) fn links(&mut self, scope: &Scope, status: &str, old: NodeId, new: NodeId) {
        if !self.has_room(old, new, "links") {
            return;
        }
        let links = |document: &Document, node: NodeId| -> Vec<(String, NodeId)> {
            let entries = document.tree.get(node, "links").into_iter().flat_map(|map| document.tree.entries(map));
            entries.map(|(name, node)| (name.to_owned(), document.references.resolve(node))).collect()
        };
        let (before, after) = (links(self.base, old), links(self.revision, new));
        let have: HashMap<&str, NodeId> = after.iter().map(|(name, node)| (name.as_str(), *node)).collect();
        let had: HashMap<&str, NodeId> = before.iter().map(|(name, node)| (name.as_str(), *node)).collect();
        let direction = Some(scope.direction(false));
        for (name, link) in &before {
            let (rule, at) = match have.get(name.as_str()) {
                Some(other) if meaning(self.base, *link) == meaning(self.revision, *other) => continue,
                Some(other) => (rules::RESPONSE_LINK_CHANGED, *other),
                None => (rules::RESPONSE_LINK_REMOVED, new),
            };
            self.add(rule, Some(scope), direction, about(scope, status, name), (Some(*link), Some(at)));
        }
        for (name, link) in after.iter().filter(|(name, _)| !had.contains_key(name.as_str())) {
            let about = about(scope, status, name);
            self.add(rules::RESPONSE_LINK_ADDED, Some(scope), direction, about, (Some(old), Some(*link)));
        }
    }
}
