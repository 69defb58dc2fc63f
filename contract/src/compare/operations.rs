//! Operations: which came, which went, and what changed in those that stayed.

use super::{
    Comparison, Scope,
    findings::quoted,
    lifecycle::{self, Announced, Life, Names},
    servers::whole_path,
};
use crate::{
    document::{Document, Operation},
    operations::of_item,
    rules,
    tree::NodeId,
    witness::{Endpoint, Endpoints},
};
use shared::{
    Level,
    findings::{Direction, OperationKey, sent},
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
};

impl Comparison<'_> {
    pub(super) fn operations(&mut self) {
        let (base, revision) = (self.base, self.revision);
        let counterparts = self.counterparts();
        let stayed: HashSet<usize> = counterparts.iter().flatten().copied().collect();
        for (_, operation) in base.operations.iter().enumerate().filter(|(index, _)| !stayed.contains(index)) {
            self.operation_removed(operation);
        }
        for (id, (operation, old)) in revision.operations.iter().zip(counterparts).enumerate() {
            // The revision's spelling of a path is the one that people know from now on.
            let old = old.map(|index| &base.operations[index]);
            let ends = Endpoints { base: old.map(endpoint), revision: Some(endpoint(operation)) };
            let scope = Scope::new(&operation.key, id, ends);
            match old {
                Some(old) => {
                    let unstable = Life::of(base, old.node).is_unstable();
                    let scope = Scope { unstable, ..scope };
                    self.parameters(&scope, old, operation);
                    self.own_servers(&scope, old, operation);
                    self.operation(&scope, old.node, operation.node);
                }
                None => {
                    let message = format!("The operation {} is new.", quoted(&operation.key.to_string()));
                    self.add("operation-added", Some(&scope), None, message, (None, Some(operation.node)));
                }
            }
        }
    }

    /// For each operation of the revision the one of the base that it is, by method and path: by the path as it is written,
    /// then by the path without the names of its parameters, which some documents have more than once.
    fn counterparts(&self) -> Vec<Option<usize>> {
        let (base, revision, prefixes) = (self.base, self.revision, self.prefixes);
        let exact =
            |document, prefix, o: &Operation| (o.key.method.clone(), whole_path(document, prefix, o, &o.key.path));
        let alike =
            |document, prefix, o: &Operation| (o.key.method.clone(), whole_path(document, prefix, o, &o.template));
        let written: HashMap<_, usize> =
            base.operations.iter().enumerate().map(|(i, o)| (exact(base, prefixes.base, o), i)).collect();
        let find = |o: &Operation| written.get(&exact(revision, prefixes.revision, o)).copied();
        let mut found: Vec<Option<usize>> = revision.operations.iter().map(find).collect();
        let taken: HashSet<usize> = found.iter().flatten().copied().collect();
        let mut left: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for (index, operation) in base.operations.iter().enumerate().filter(|(i, _)| !taken.contains(i)) {
            left.entry(alike(base, prefixes.base, operation)).or_default().push(index);
        }
        // Of several that are alike, the first by name is the first, in whatever order they stand.
        for several in left.values_mut() {
            several.sort_by_key(|index| std::cmp::Reverse(&base.operations[*index].key.path));
        }
        let mut new: Vec<usize> = (0..found.len()).filter(|index| found[*index].is_none()).collect();
        new.sort_by_key(|index| &revision.operations[*index].key.path);
        for index in new {
            let key = alike(revision, prefixes.revision, &revision.operations[index]);
            found[index] = left.get_mut(&key).and_then(Vec::pop);
        }
        found
    }

    fn operation_removed(&mut self, operation: &Operation) {
        let ends = Endpoints { base: Some(endpoint(operation)), revision: None };
        let scope = Scope::new(&operation.key, usize::MAX, ends);
        let life = Life::of(self.base, operation.node);
        let (rule, after) = if life.is_unstable() {
            ("unstable-operation-removed", "; it was marked as not stable yet".to_owned())
        } else {
            match life.announced(&self.options) {
                Announced::No => ("operation-removed", " without having been deprecated".to_owned()),
                Announced::Deprecated => ("deprecated-operation-removed", "; it was deprecated".to_owned()),
                Announced::After(sunset) => ("removed-after-sunset", format!(" after its sunset, {sunset}")),
                Announced::Before(sunset) => ("removed-before-sunset", format!(" before its sunset, {sunset}")),
                Announced::Unreadable(text) => ("sunset-invalid", format!("; its sunset `{text}` is no date")),
            }
        };
        let message = format!("The operation {} was removed{after}.", quoted(&operation.key.to_string()));
        self.add(rule, Some(&scope), None, message, (Some(operation.node), None));
    }

    /// What changed in the life of an operation or a parameter.
    pub(super) fn life(
        &mut self,
        scope: &Scope,
        direction: Option<Direction>,
        names: &Names,
        subject: &str,
        (base, revision): (NodeId, NodeId),
    ) {
        let (b, r) = (Life::of(self.base, base), Life::of(self.revision, revision));
        for told in lifecycle::changes(&self.options, names, &b, &r) {
            let level = told.level.unwrap_or_else(|| rules::get(told.rule).level);
            let message = format!("{subject} {}.", told.says);
            self.add_at(level, told.rule, Some(scope), direction, message, (told.base, told.revision));
        }
    }

    /// What an operation says besides its parameters, which depend on its path.
    fn operation(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let unstable = scope.unstable || Life::of(self.base, base).is_unstable();
        let scope = &Scope { unstable, ..scope.clone() };
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
        let ids = (before.text_of(base, "operationId"), after.text_of(revision, "operationId"));
        let places = (Some(base), Some(revision));
        let key = format!("{}{}", quoted(&scope.key.to_string()), scope.prefix);
        let names = Names { deprecated: "operation-deprecated", undeprecated: "operation-undeprecated" };
        self.life(scope, None, &names, &key, (base, revision));
        self.tags(scope, &key, base, revision);
        if let (Some(was), is) = ids
            && is != Some(was)
        {
            let is = is.map_or_else(|| "none".to_owned(), |is| format!("`{}`", quoted(is)));
            let was = quoted(was);
            let message =
                format!("{key} had the operationId `{was}` and has now {is}: generated clients rename their method.");
            let places = (before.get(base, "operationId"), after.get(revision, "operationId").or(places.1));
            self.add("operation-id-changed", Some(scope), None, message, places);
        }
    }

    /// Tags, in any order.
    fn tags(&mut self, scope: &Scope, key: &str, base: NodeId, revision: NodeId) {
        let (old, new) = (self.base.tree.get(base, "tags"), self.revision.tree.get(revision, "tags"));
        let texts = |document: &Document, node: Option<NodeId>| -> BTreeSet<String> {
            let items = node.map(|node| document.tree.items(node)).unwrap_or_default();
            items.iter().filter_map(|tag| document.tree.as_str(*tag)).map(str::to_owned).collect()
        };
        let (was, is) = (texts(self.base, old), texts(self.revision, new));
        if was == is {
            return;
        }
        let list = |tags: &BTreeSet<String>| {
            let shown: Vec<_> = tags.iter().take(5).map(|tag| format!("`{}`", quoted(tag))).collect();
            if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
        };
        let message = format!("{key} had the tags {} and has now {}.", list(&was), list(&is));
        let places = (old.or(Some(base)), new.or(Some(revision)));
        self.add("operation-tags-changed", Some(scope), None, message, places);
    }

    /// Callbacks: requests that the service sends to an address that the client named.
    fn callbacks(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        if scope.reversed {
            // A callback of a callback would need a third party.
            return;
        }
        if !self.spend(count_callbacks(self.base, base) + count_callbacks(self.revision, revision)) {
            return;
        }
        let (before, after) = (path_items(self.base, base), path_items(self.revision, revision));
        let (had, have): (HashMap<_, _>, HashMap<_, _>) =
            (before.iter().copied().collect(), after.iter().copied().collect());
        for (name, old) in &before {
            let shown = shown(*name);
            match have.get(name) {
                Some(new) => {
                    let prefix = format!(" of the callback {shown}").into();
                    let inner = Scope { prefix, reversed: true, ..scope.clone() };
                    self.path_items(&inner, name.1, *old, *new);
                }
                None => {
                    let message = format!("The callback {shown} was removed: clients that wait for it wait in vain.");
                    self.add("callback-removed", Some(scope), None, message, (Some(*old), Some(revision)));
                }
            }
        }
        for (name, new) in after.iter().filter(|(name, _)| !had.contains_key(name)) {
            let message = format!("The callback {} is new.", shown(*name));
            self.add("callback-added", Some(scope), None, message, (Some(base), Some(*new)));
        }
    }

    pub(super) fn webhooks(&mut self) {
        let hooks = |document: &Document| -> Vec<(String, NodeId)> {
            let map = document.root("webhooks").into_iter().flat_map(|map| document.tree.entries(map));
            map.map(|(name, node)| (name.to_owned(), document.references.resolve(node))).collect()
        };
        let (before, after) = (hooks(self.base), hooks(self.revision));
        let have: HashSet<&str> = after.iter().map(|(name, _)| name.as_str()).collect();
        let had: HashMap<&str, NodeId> = before.iter().map(|(name, node)| (name.as_str(), *node)).collect();
        for (name, node) in before.iter().filter(|(name, _)| !have.contains(name.as_str())) {
            let name = quoted(name);
            let message = format!("The webhook `{name}` was removed: clients that wait for it wait in vain.");
            self.add("webhook-removed", None, None, message, (Some(*node), None));
        }
        for (index, (name, node)) in after.iter().enumerate() {
            let shown = quoted(name);
            match had.get(name.as_str()) {
                Some(old) => {
                    let scope = Scope {
                        // Webhooks have no path; their name stands where it would.
                        key: Rc::new(OperationKey { method: String::new(), path: name.clone() }),
                        id: self.revision.operations.len() + index,
                        prefix: format!(" of the webhook `{shown}`").into(),
                        reversed: true,
                        ends: Rc::new(Endpoints::default()),
                        unstable: false,
                    };
                    self.path_items(&scope, &format!("{{{name}}}"), *old, *node);
                }
                None => {
                    let message = format!("The webhook `{shown}` is new.");
                    self.add("webhook-added", None, None, message, (None, Some(*node)));
                }
            }
        }
    }

    /// The operations of two path items that aren't reached by a path.
    fn path_items(&mut self, scope: &Scope, address: &str, base: NodeId, revision: NodeId) {
        let is_webhook = scope.key.method.is_empty();
        let (before, after) = (self.base, self.revision);
        let before: Vec<_> = of_item(&before.tree, before.version, base).collect();
        let after: Vec<_> = of_item(&after.tree, after.version, revision).collect();
        if !self.spend(before.len() + after.len()) {
            return;
        }
        let have: HashMap<&str, NodeId> = after.iter().copied().collect();
        let had: HashSet<&str> = before.iter().map(|(method, _)| *method).collect();
        let gone = before.iter().map(|(method, old)| (*method, Some(*old), have.get(method).copied()));
        let new =
            after.iter().filter(|(method, _)| !had.contains(method)).map(|(method, new)| (*method, None, Some(*new)));
        for (method, old, new) in gone.chain(new) {
            let key = || Rc::new(OperationKey { method: method.to_owned(), path: scope.key.path.clone() });
            let scope = if is_webhook { Scope { key: key(), ..scope.clone() } } else { scope.clone() };
            let end = |item: NodeId, node: NodeId| Endpoint {
                method: method.to_owned(),
                address: address.to_owned(),
                item: Some(item),
                node,
            };
            let ends =
                Endpoints { base: old.map(|node| end(base, node)), revision: new.map(|node| end(revision, node)) };
            let scope = Scope { ends: Rc::new(ends), ..scope };
            match (old, new) {
                (Some(old), Some(new)) => {
                    let whole = |item: NodeId, node: NodeId| Operation {
                        key: OperationKey { method: method.to_owned(), path: address.to_owned() },
                        template: String::new(),
                        item,
                        node,
                    };
                    self.parameters(&scope, &whole(base, old), &whole(revision, new));
                    self.operation(&scope, old, new);
                }
                (Some(old), None) => {
                    let message = format!("The {} request{} is no longer sent.", sent(method), scope.prefix);
                    let rule = if is_webhook { "webhook-removed" } else { "callback-removed" };
                    self.add(rule, Some(&scope), None, message, (Some(old), Some(revision)));
                }
                (None, Some(new)) => {
                    let message = format!("The {} request{} is sent from now on.", sent(method), scope.prefix);
                    let rule = if is_webhook { "webhook-added" } else { "callback-added" };
                    self.add_at(Level::Risky, rule, Some(&scope), None, message, (Some(base), Some(new)));
                }
                (None, None) => {}
            }
        }
    }
}

/// An operation for messages that show a finding.
fn endpoint(operation: &Operation) -> Endpoint {
    let OperationKey { method, path } = operation.key.clone();
    Endpoint { method, address: path, item: Some(operation.item), node: operation.node }
}

/// The names of a callback and of an expression in it.
type Callback<'d> = (&'d str, &'d str);

fn shown((name, expression): Callback<'_>) -> String {
    format!("`{}` to `{}`", quoted(name), quoted(expression))
}

fn callbacks(document: &Document, operation: NodeId) -> impl Iterator<Item = (&str, NodeId)> {
    let callbacks = document.tree.get(operation, "callbacks").into_iter().flat_map(|map| document.tree.entries(map));
    callbacks.map(|(name, callback)| (name, document.references.resolve(callback)))
}

fn count_callbacks(document: &Document, operation: NodeId) -> usize {
    callbacks(document, operation).map(|(_, callback)| 1 + document.tree.members(callback).len()).sum()
}

/// The path items of an operation's callbacks, named by callback and expression.
fn path_items(document: &Document, operation: NodeId) -> Vec<(Callback<'_>, NodeId)> {
    let mut items = Vec::new();
    for (name, callback) in callbacks(document, operation) {
        for (expression, item) in document.tree.entries(callback).filter(|(key, _)| !key.starts_with("x-")) {
            items.push(((name, expression), document.references.resolve(item)));
        }
    }
    items
}
