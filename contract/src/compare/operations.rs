//! Operations: which came, which went, and what changed in those that stayed.

use super::{
    Comparison, Scope,
    collect::Within,
    evidence::{About, Evidence, Fact},
    findings::quoted,
    lifecycle::{self, Announced, Life, Names},
    servers::{Before, Prefixes, whole_path},
};
use crate::{
    document::{Document, Operation},
    operations::of_item,
    rules,
    tree::NodeId,
    witness::{Endpoint, Endpoints},
};
use shared::{
    Level, Subject,
    findings::{Direction, OperationKey, sent},
    subject::Part,
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
};

impl Comparison<'_> {
    /// Compares them. How many the two documents have together: those that both have count once.
    pub(super) fn operations(&mut self) -> usize {
        let (base, revision) = (self.base, self.revision);
        let counterparts = counterparts(base, revision, &self.prefixes);
        let new = counterparts.iter().filter(|counterpart| counterpart.is_none()).count();
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
                    let about = (scope.subject(Part::Operation), Evidence::none());
                    self.add(rules::OPERATION_ADDED, Some(&scope), None, about, (None, Some(operation.node)));
                }
            }
        }
        base.operations.len() + new
    }

    fn operation_removed(&mut self, operation: &Operation) {
        let ends = Endpoints { base: Some(endpoint(operation)), revision: None };
        let scope = Scope::new(&operation.key, usize::MAX, ends);
        let life = Life::of(self.base, operation.node);
        let announced = life.announced(&self.options);
        let rule = if life.is_unstable() {
            rules::UNSTABLE_OPERATION_REMOVED
        } else {
            match &announced {
                Announced::No => rules::OPERATION_REMOVED,
                Announced::Deprecated => rules::DEPRECATED_OPERATION_REMOVED,
                Announced::After(_) => rules::REMOVED_AFTER_SUNSET,
                Announced::Before(_) => rules::REMOVED_BEFORE_SUNSET,
                Announced::Unreadable(_) => rules::SUNSET_INVALID,
            }
        };
        let about = (scope.subject(Part::Operation), lifecycle::removed(&announced));
        self.add(rule, Some(&scope), None, about, (Some(operation.node), None));
    }

    /// What changed in the life of an operation or a parameter.
    pub(super) fn life(
        &mut self,
        scope: &Scope,
        direction: Option<Direction>,
        names: &Names,
        subject: &Subject,
        (base, revision): (NodeId, NodeId),
    ) {
        let (b, r) = (Life::of(self.base, base), Life::of(self.revision, revision));
        for told in lifecycle::changes(&self.options, names, &b, &r) {
            let level = told.level.unwrap_or_else(|| told.rule.level);
            let about = (subject.clone(), told.evidence);
            self.add_at(level, told.rule, Some(scope), direction, about, (told.base, told.revision));
        }
    }

    /// What an operation says besides its parameters, which depend on its path.
    fn operation(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let unstable = scope.unstable || Life::of(self.base, base).is_unstable();
        let scope = &Scope { unstable, ..scope.clone() };
        self.request_body(scope, base, revision);
        self.responses(scope, base, revision);
        if !scope.reversed() {
            self.security(scope, base, revision);
        }
        self.operation_annotations(scope, base, revision);
        self.callbacks(scope, base, revision);
    }

    fn operation_annotations(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let (before, after) = (&self.base.tree, &self.revision.tree);
        let ids = (before.text_of(base, "operationId"), after.text_of(revision, "operationId"));
        let places = (Some(base), Some(revision));
        let names = Names { deprecated: rules::OPERATION_DEPRECATED, undeprecated: rules::OPERATION_UNDEPRECATED };
        self.life(scope, None, &names, &scope.subject(Part::Operation), (base, revision));
        self.tags(scope, base, revision);
        if let (Some(was), is) = ids
            && is != Some(was)
        {
            let evidence = Evidence::of("operationId", Fact::text(Some(was)), Fact::text(is));
            let about = (scope.subject(Part::Operation), evidence);
            let places = (before.get(base, "operationId"), after.get(revision, "operationId").or(places.1));
            self.add(rules::OPERATION_ID_CHANGED, Some(scope), None, about, places);
        }
    }

    /// Tags, in any order.
    fn tags(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let (old, new) = (self.base.tree.get(base, "tags"), self.revision.tree.get(revision, "tags"));
        let texts = |document: &Document, node: Option<NodeId>| -> BTreeSet<String> {
            let items = node.map(|node| document.tree.items(node)).unwrap_or_default();
            crate::sort::set(items.iter().filter_map(|tag| document.tree.as_str(*tag)).map(str::to_owned))
        };
        let (was, is) = (texts(self.base, old), texts(self.revision, new));
        if was == is {
            return;
        }
        let list = |node: Option<NodeId>, document: &Document| {
            node.map_or(Fact::None, |node| Fact::nodes(document.tree.items(node).iter().copied()))
        };
        let evidence = Evidence::of("tags", list(old, self.base), list(new, self.revision));
        let about = (scope.subject(Part::Operation), evidence);
        let places = (old.or(Some(base)), new.or(Some(revision)));
        self.add(rules::OPERATION_TAGS_CHANGED, Some(scope), None, about, places);
    }

    /// Callbacks: requests that the service sends to an address that the client named.
    fn callbacks(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        if scope.reversed() {
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
            match have.get(name) {
                Some(new) => {
                    let within = Within::Callback(shown(*name).into());
                    self.path_items(&Scope { within, ..scope.clone() }, name.1, *old, *new);
                }
                None => {
                    let about = of_callback(*name);
                    self.add(rules::CALLBACK_REMOVED, Some(scope), None, about, (Some(*old), Some(revision)));
                }
            }
        }
        for (name, new) in after.iter().filter(|(name, _)| !had.contains_key(name)) {
            self.add(rules::CALLBACK_ADDED, Some(scope), None, of_callback(*name), (Some(base), Some(*new)));
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
            self.add(rules::WEBHOOK_REMOVED, None, None, of_webhook(name), (Some(*node), None));
        }
        for (index, (name, node)) in after.iter().enumerate() {
            match had.get(name.as_str()) {
                Some(old) => {
                    let scope = Scope {
                        // Webhooks have no path; their name stands where it would.
                        key: Rc::new(OperationKey { method: String::new(), path: name.clone() }),
                        id: self.revision.operations.len() + index,
                        within: Within::Webhook(quoted(name).into()),
                        ends: Rc::new(Endpoints::default()),
                        unstable: false,
                    };
                    self.path_items(&scope, &format!("{{{name}}}"), *old, *node);
                }
                None => {
                    self.add(rules::WEBHOOK_ADDED, None, None, of_webhook(name), (None, Some(*node)));
                }
            }
        }
    }

    /// The operations of two path items that aren't reached by a path.
    fn path_items(&mut self, scope: &Scope, address: &str, base: NodeId, revision: NodeId) {
        let is_webhook = matches!(scope.within, Within::Webhook(_));
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
            let within = match &scope.within {
                // Which of the address's requests it is.
                Within::Callback(name) => Within::Callback(format!("{} {name}", sent(method)).into()),
                other => other.clone(),
            };
            let scope = Scope { ends: Rc::new(ends), within, ..scope };
            let about = (scope.subject(Part::Operation), Evidence::none());
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
                    let rule = if is_webhook { rules::WEBHOOK_REMOVED } else { rules::CALLBACK_REMOVED };
                    self.add(rule, Some(&scope), None, about, (Some(old), Some(revision)));
                }
                (None, Some(new)) => {
                    let rule = if is_webhook { rules::WEBHOOK_ADDED } else { rules::CALLBACK_ADDED };
                    self.add_at(Level::Risky, rule, Some(&scope), None, about, (Some(base), Some(new)));
                }
                (None, None) => {}
            }
        }
    }
}

/// For each operation of the revision the one of the base that it is, by method and path: by the path as it is written,
/// then by the path without the names of its parameters, which some documents have more than once.
fn counterparts(base: &Document, revision: &Document, prefixes: &Prefixes) -> Vec<Option<usize>> {
    let whole = |document, before: &Before, o: &Operation, path: &str| {
        (o.key.method.clone(), whole_path(document, before, o, path))
    };
    let exact = |document, before: &Before, o: &Operation| whole(document, before, o, &o.key.path);
    let alike = |document, before: &Before, o: &Operation| whole(document, before, o, &o.template);
    let written: HashMap<_, usize> =
        base.operations.iter().enumerate().map(|(i, o)| (exact(base, &prefixes.base, o), i)).collect();
    let find = |o: &Operation| written.get(&exact(revision, &prefixes.revision, o)).copied();
    let mut found: Vec<Option<usize>> = revision.operations.iter().map(find).collect();
    let taken: HashSet<usize> = found.iter().flatten().copied().collect();
    let mut left: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (index, operation) in base.operations.iter().enumerate().filter(|(i, _)| !taken.contains(i)) {
        left.entry(alike(base, &prefixes.base, operation)).or_default().push(index);
    }
    // Of several that are alike, the first by name is the first, in whatever order they stand.
    for several in left.values_mut() {
        crate::sort::by_key(several, |index| std::cmp::Reverse(&base.operations[*index].key.path));
    }
    let mut new: Vec<usize> = (0..found.len()).filter(|index| found[*index].is_none()).collect();
    crate::sort::by_key(&mut new, |index| &revision.operations[*index].key.path);
    for index in new {
        let key = alike(revision, &prefixes.revision, &revision.operations[index]);
        found[index] = left.get_mut(&key).and_then(Vec::pop);
    }
    found
}

/// An operation for messages that show a finding.
pub(crate) fn endpoint(operation: &Operation) -> Endpoint {
    let OperationKey { method, path } = operation.key.clone();
    Endpoint { method, address: path, item: Some(operation.item), node: operation.node }
}

/// The names of a callback and of an expression in it.
type Callback<'d> = (&'d str, &'d str);

fn shown((name, expression): Callback<'_>) -> String {
    format!("{} to {}", quoted(name), quoted(expression))
}

fn of_callback(name: Callback<'_>) -> About {
    (Subject { callback: Some(shown(name)), ..Subject::of(Part::Callback) }, Evidence::none())
}

fn of_webhook(name: &str) -> About {
    (Subject { webhook: Some(quoted(name).into_owned()), ..Subject::of(Part::Webhook) }, Evidence::none())
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
