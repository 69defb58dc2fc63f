//! Operations: which came, which went, and what changed in those that stayed.

use super::{Comparison, Scope, at_level};
use crate::{
    document::{Document, Operation},
    grammar::METHODS,
    tree::NodeId,
};
use shared::{Level, findings::OperationKey};
use std::collections::HashMap;

impl Comparison<'_> {
    pub(super) fn operations(&mut self) {
        let (base, revision) = (self.base, self.revision);
        let index = |document: &Document| -> HashMap<(String, String), usize> {
            let key = |(i, o): (usize, &Operation)| ((o.key.method.clone(), o.template.clone()), i);
            document.operations.iter().enumerate().map(key).collect()
        };
        let find = |index: &HashMap<(String, String), usize>, operation: &Operation| {
            index.get(&(operation.key.method.clone(), operation.template.clone())).copied()
        };
        let (before, after) = (index(base), index(revision));
        for operation in &base.operations {
            if find(&after, operation).is_none() {
                self.operation_removed(operation);
            }
        }
        for (id, operation) in revision.operations.iter().enumerate() {
            // The revision's spelling of a path is the one that people know from now on.
            let scope = Scope { key: operation.key.clone(), id, prefix: String::new(), reversed: false };
            match find(&before, operation) {
                Some(index) => {
                    let old = &base.operations[index];
                    self.parameters(&scope, old, operation);
                    self.operation(&scope, old.node, operation.node);
                }
                None => {
                    let message = format!("The operation {} is new.", operation.key);
                    self.add("operation-added", Some(&scope), None, message, (None, Some(operation.node)));
                }
            }
        }
    }

    fn operation_removed(&mut self, operation: &Operation) {
        let scope = Scope { key: operation.key.clone(), id: usize::MAX, prefix: String::new(), reversed: false };
        let deprecated = self.base.tree.flag(operation.node, "deprecated");
        let stability = self.base.tree.text_of(operation.node, "x-stability-level");
        let (rule, after) = if deprecated {
            ("deprecated-operation-removed", "; it was deprecated")
        } else if matches!(stability, Some("draft" | "alpha")) {
            ("unstable-operation-removed", "; it was marked as not stable yet")
        } else {
            ("operation-removed", " without having been deprecated")
        };
        let message = format!("The operation {} was removed{after}.", operation.key);
        self.add(rule, Some(&scope), None, message, (Some(operation.node), None));
    }

    /// What an operation says besides its parameters, which depend on its path.
    fn operation(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        self.request_body(scope, base, revision);
        self.responses(scope, base, revision);
        if !scope.reversed {
            self.security(scope, base, revision);
        }
        self.operation_annotations(scope, base, revision);
        self.callbacks(scope, base, revision);
    }

    fn operation_annotations(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let (before, after) = (&self.base.tree, &self.revision.tree);
        let deprecated = (before.flag(base, "deprecated"), after.flag(revision, "deprecated"));
        let ids = (before.text_of(base, "operationId"), after.text_of(revision, "operationId"));
        let places = (Some(base), Some(revision));
        let key = format!("{}{}", scope.key, scope.prefix);
        if deprecated == (false, true) {
            let place = after.get(revision, "deprecated");
            self.add("operation-deprecated", Some(scope), None, format!("{key} is deprecated now."), (places.0, place));
        } else if deprecated == (true, false) {
            let place = before.get(base, "deprecated");
            let message = format!("{key} is no longer deprecated.");
            self.add("operation-undeprecated", Some(scope), None, message, (place, places.1));
        }
        if let (Some(was), is) = ids
            && is != Some(was)
        {
            let is = is.map_or_else(|| "none".to_owned(), |is| format!("`{is}`"));
            let message =
                format!("{key} had the operationId `{was}` and has now {is}: generated clients rename their method.");
            let places = (before.get(base, "operationId"), after.get(revision, "operationId").or(places.1));
            self.add("operation-id-changed", Some(scope), None, message, places);
        }
    }

    /// Callbacks: requests that the service sends to an address that the client named.
    fn callbacks(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        if scope.reversed {
            // A callback of a callback would need a third party.
            return;
        }
        let (before, after) = (path_items(self.base, base), path_items(self.revision, revision));
        for (name, old) in &before {
            match after.iter().find(|(other, _)| other == name) {
                Some((_, new)) => {
                    let inner = Scope { prefix: format!(" of the callback {name}"), reversed: true, ..scope.clone() };
                    self.path_items(&inner, *old, *new);
                }
                None => {
                    let message = format!("The callback {name} was removed: clients that wait for it wait in vain.");
                    self.add("callback-removed", Some(scope), None, message, (Some(*old), Some(revision)));
                }
            }
        }
        for (name, new) in after.iter().filter(|(name, _)| !before.iter().any(|(other, _)| other == name)) {
            let message = format!("The callback {name} is new.");
            self.add("callback-added", Some(scope), None, message, (Some(base), Some(*new)));
        }
    }

    pub(super) fn webhooks(&mut self) {
        let hooks = |document: &Document| -> Vec<(String, NodeId)> {
            let map = document.root("webhooks").into_iter().flat_map(|map| document.tree.entries(map));
            map.map(|(name, node)| (name.to_owned(), document.references.resolve(node))).collect()
        };
        let (before, after) = (hooks(self.base), hooks(self.revision));
        for (name, node) in before.iter().filter(|(name, _)| !after.iter().any(|(other, _)| other == name)) {
            let message = format!("The webhook `{name}` was removed: clients that wait for it wait in vain.");
            self.add("webhook-removed", None, None, message, (Some(*node), None));
        }
        for (index, (name, node)) in after.iter().enumerate() {
            match before.iter().find(|(other, _)| other == name) {
                Some((_, old)) => {
                    let scope = Scope {
                        // Webhooks have no path; their name stands where it would.
                        key: OperationKey { method: String::new(), path: name.clone() },
                        id: self.revision.operations.len() + index,
                        prefix: format!(" of the webhook `{name}`"),
                        reversed: true,
                    };
                    self.path_items(&scope, *old, *node);
                }
                None => {
                    let message = format!("The webhook `{name}` is new.");
                    self.add("webhook-added", None, None, message, (None, Some(*node)));
                }
            }
        }
    }

    /// The operations of two path items that aren't reached by a path.
    fn path_items(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        for method in METHODS {
            let (old, new) = (self.base.tree.get(base, method), self.revision.tree.get(revision, method));
            let is_webhook = scope.key.method.is_empty();
            let key = OperationKey { method: method.to_owned(), path: scope.key.path.clone() };
            let scope = if is_webhook { Scope { key, ..scope.clone() } } else { scope.clone() };
            match (old, new) {
                (Some(old), Some(new)) => self.operation(&scope, old, new),
                (Some(old), None) => {
                    let message = format!("The {} request{} is no longer sent.", method.to_uppercase(), scope.prefix);
                    let rule = if is_webhook { "webhook-removed" } else { "callback-removed" };
                    self.add(rule, Some(&scope), None, message, (Some(old), Some(revision)));
                }
                (None, Some(new)) => {
                    let message = format!("The {} request{} is sent from now on.", method.to_uppercase(), scope.prefix);
                    let rule = if is_webhook { "webhook-added" } else { "callback-added" };
                    let finding = self.add(rule, Some(&scope), None, message, (Some(base), Some(new)));
                    at_level(finding, Level::Risky);
                }
                (None, None) => {}
            }
        }
    }
}

/// The path items of an operation's callbacks, named by callback and expression.
fn path_items(document: &Document, operation: NodeId) -> Vec<(String, NodeId)> {
    let callbacks = document.tree.get(operation, "callbacks").into_iter().flat_map(|map| document.tree.entries(map));
    let mut items = Vec::new();
    for (name, callback) in callbacks {
        let callback = document.references.resolve(callback);
        for (expression, item) in document.tree.entries(callback).filter(|(key, _)| !key.starts_with("x-")) {
            items.push((format!("`{name}` to `{expression}`"), document.references.resolve(item)));
        }
    }
    items
}
