//! Two documents in, findings out.
//!
//! Operations, parameters, bodies and responses are walked side by side; their schemas are handed to the
//! [graph of pairs](schema), which compares each pair once. Then every operation collects what it reaches.
//! Findings name operations, so that "whom does it break" has an answer; what a shared component changes for
//! many operations is told for a bounded number of them (see [`collect`]).

pub(crate) mod collect;
mod encodings;
mod findings;
mod lifecycle;
mod links;
mod media;
mod messages;
mod operations;
pub(crate) mod parameters;
pub(crate) mod schema;
pub(crate) mod security;
mod servers;
pub(crate) mod value;

pub(crate) use collect::upper_first;
pub(crate) use findings::quoted;
pub(crate) use value::canonical;

use crate::{
    Document, Options,
    budget::Budget,
    rules,
    tree::NodeId,
    version::is_own_dialect,
    witness::{Claim, Endpoints, Prover},
};
use collect::{Root, Where};
use encodings::Difference;
use findings::Findings;
use rustc_hash::FxHashMap;
use schema::{Medium, Mode, Schemas, Side};
use servers::Prefixes;
use shared::{
    Finding, Level,
    findings::{Direction, OperationKey},
};
use std::rc::Rc;

/// What changed from `base` to `revision`: worst level first, then in the revision's order.
///
/// Pure and deterministic: the order of keys in either document doesn't matter beyond positions. Comparing a
/// document with itself finds nothing.
#[must_use]
pub fn compare(base: &Document, revision: &Document) -> Vec<Finding> {
    compare_with(base, revision, &Options::default())
}

/// The same on a given day and with a given notice, which [sunsets](Options) are judged by.
#[must_use]
pub fn compare_with(base: &Document, revision: &Document, options: &Options) -> Vec<Finding> {
    if base.tree.text == revision.tree.text {
        // The same text says the same, however much of it is beyond what can be compared.
        return Vec::new();
    }
    let budget = Budget::new(options.steps_for(base, revision));
    let mut comparison = Comparison {
        base,
        revision,
        schemas: Schemas::new(base, revision, *options, &budget),
        options: *options,
        findings: Findings::default(),
        roots: Vec::new(),
        room: budget.left() / 2,
        budget,
        passed_over: 0,
        encodings: FxHashMap::default(),
        prefixes: Prefixes::new(base, revision),
        shares_servers: None,
    };
    comparison.operations();
    comparison.webhooks();
    comparison.security_schemes();
    comparison.shared_servers();
    comparison.dialect();
    comparison.schemas.run();
    collect::collect(&mut comparison);
    comparison.limits();
    comparison.dynamic_schemas();
    let Comparison { mut schemas, findings, roots, budget, .. } = comparison;
    let mut prover = Prover::new(&mut schemas, budget);
    findings.finish(|claim| prover.prove(claim, &roots))
}

/// Steps that comparing a parameter, a header, a media type or the like takes. Operations share them by reference, so that
/// a small document can have any number of them.
const STEPS_PER_ENTRY: usize = 20;

struct Comparison<'d> {
    base: &'d Document,
    revision: &'d Document,
    schemas: Schemas<'d>,
    options: Options,
    findings: Findings,
    roots: Vec<Root>,
    budget: Budget,
    /// Steps of it that entries of operations may still take; schemas need some as well.
    room: u64,
    /// Lists of entries of operations that were not compared, since the budget was used up.
    passed_over: usize,
    /// What two media types encode in another way, for what clients send or for what the service sends.
    encodings: FxHashMap<(NodeId, NodeId, bool), Rc<Vec<Difference>>>,
    prefixes: Prefixes<'d>,
    /// Whether an operation is called where the document says, before and after; none as long as none is known to stay.
    shares_servers: Option<bool>,
}

/// An operation that both documents have, and how it is seen.
#[derive(Clone)]
struct Scope {
    key: Rc<OperationKey>,
    /// Index that tells operations apart while collecting.
    id: usize,
    /// What precedes a place in messages: empty, or that it is in a callback or webhook.
    prefix: Rc<str>,
    /// Webhooks and callbacks: the service sends the request, the client answers.
    reversed: bool,
    /// The operation on both sides, for messages that show a finding.
    ends: Rc<Endpoints>,
    /// Marked as draft or alpha: nothing in it breaks.
    unstable: bool,
}

impl Scope {
    fn new(key: &OperationKey, id: usize, ends: Endpoints) -> Self {
        let ends = Rc::new(ends);
        Self { key: Rc::new(key.clone()), id, prefix: "".into(), reversed: false, ends, unstable: false }
    }

    /// The direction that a request (or else a response) has here.
    const fn direction(&self, request: bool) -> Direction {
        if request == self.reversed { Direction::Response } else { Direction::Request }
    }

    const fn mode(&self, request: bool, medium: Medium) -> Mode {
        let cap = if self.unstable { Level::Risky } else { Level::Breaking };
        Mode { direction: self.direction(request), medium, cap, unstable: self.unstable }
    }
}

/// Where a finding stands in both documents.
type Places = (Option<NodeId>, Option<NodeId>);

impl<'d> Comparison<'d> {
    /// A finding at its rule's own level.
    fn add(
        &mut self,
        rule: &'static str,
        scope: Option<&Scope>,
        direction: Option<Direction>,
        message: impl Into<String>,
        places: Places,
    ) {
        self.add_at(rules::get(rule).level, rule, scope, direction, message, places);
    }

    /// A finding at a level of its own, where its circumstances raise or lower it.
    fn add_at(
        &mut self,
        level: Level,
        rule: &'static str,
        scope: Option<&Scope>,
        direction: Option<Direction>,
        message: impl Into<String>,
        places: Places,
    ) {
        let unstable = scope.is_some_and(|scope| scope.unstable) && !rules::is_about_stability(rule);
        let level = if unstable { level.min(Level::Risky) } else { level };
        let claim = match scope.filter(|_| level == Level::Breaking) {
            Some(scope) => Claim::of_rule(rule, self.base, &scope.ends, direction, places),
            None => Claim::None,
        };
        self.findings.add(level, claim, || Finding {
            rule: rules::get(rule).id.into(),
            level,
            operation: scope.map(|scope| scope.key.as_ref().clone()),
            direction,
            message: message.into(),
            base: places.0.map(|node| self.base.place(node)),
            revision: places.1.map(|node| self.revision.place(node)),
            witness: None,
            unproven: None,
            engine_level: None,
            ignored: None,
        });
    }

    /// Whether there is room to compare a list of so many entries, which is then taken.
    fn spend(&mut self, entries: usize) -> bool {
        let steps = entries.saturating_mul(STEPS_PER_ENTRY);
        let room = self.room.checked_sub(u64::try_from(steps).unwrap_or(u64::MAX));
        let fits = room.is_some() && self.budget.take(steps);
        self.room = room.unwrap_or(self.room);
        self.passed_over += usize::from(!fits);
        fits
    }

    /// Says what was too much to compare.
    fn limits(&mut self) {
        let schemas = &self.schemas;
        let counts = [
            (self.passed_over, "lists of parameters, headers, media types or the like were not compared"),
            (schemas.uncompared(), "pairs of schemas were not compared"),
            (
                schemas.base.too_large.max(schemas.revision.too_large),
                "schemas are put together from too many parts to be compared whole",
            ),
        ];
        if self.budget.left() == 0 {
            let message = "It takes too many steps to compare the documents: what wasn't looked at may be anything.";
            self.findings.unjudged(message.to_owned());
        }
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            self.findings.unjudged(format!("The documents are too large or repeat too much: {count} {what}."));
        }
    }

    /// What references may mean that mean one schema or another by the way to them: that way isn't followed.
    fn dynamic_schemas(&mut self) {
        fn prints(side: &mut Side<'_>) -> Vec<(String, u64)> {
            let tree = &side.document.tree;
            let nodes = (0..).map(NodeId).take(tree.nodes.len());
            let anchored: Vec<(NodeId, String)> =
                nodes.filter_map(|node| Some((node, tree.text_of(node, "$dynamicAnchor")?.to_owned()))).collect();
            let mut prints: Vec<(String, u64)> = Vec::new();
            for (node, name) in anchored {
                let schema = side.intern([node]);
                prints.push((name, side.fingerprint(schema)));
            }
            prints.sort_unstable();
            prints
        }
        if (self.base.references.dynamic || self.revision.references.dynamic)
            && prints(&mut self.schemas.base) != prints(&mut self.schemas.revision)
        {
            let message = "Schemas that `$dynamicRef`s may mean changed; which of them is meant where isn't followed.";
            self.findings.unfollowed(message.to_owned());
        }
    }

    /// What keywords mean by default. Schemas are compared as OpenAPI's own, whatever it says.
    fn dialect(&mut self) {
        fn foreign(document: &Document) -> Option<&str> {
            let written = document.tree.text_of(NodeId::ROOT, "jsonSchemaDialect");
            written.filter(|uri| document.version.has_json_schema() && !is_own_dialect(uri))
        }
        let (was, is) = (foreign(self.base), foreign(self.revision));
        if was != is {
            let word =
                |uri: Option<&str>| uri.map_or_else(|| "OpenAPI's".to_owned(), |uri| format!("`{}`", quoted(uri)));
            let message = format!("The dialect of schemas was {} and is now {}.", word(was), word(is));
            let place = |document: &Document| document.root("jsonSchemaDialect");
            let places = (place(self.base), place(self.revision));
            self.add("schema-dialect-changed", None, None, message, places);
        }
    }

    /// Has the schemas at a place of an operation compared.
    fn compare_schemas(&mut self, scope: &Scope, place: Where, mode: Mode, base: NodeId, revision: NodeId) {
        let pair = self.schemas.pair_nodes(base, revision, mode);
        let direction = mode.direction;
        self.roots.push(Root {
            operation: scope.id,
            key: Rc::clone(&scope.key),
            prefix: Rc::clone(&scope.prefix),
            place,
            ends: Rc::clone(&scope.ends),
            direction,
            pair,
        });
    }

    fn base_get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        self.base.get(node, key)
    }

    fn revision_get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        self.revision.get(node, key)
    }
}
