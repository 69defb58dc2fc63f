//! Two documents in, findings out.
//!
//! Operations, parameters, bodies and responses are walked side by side; their schemas are handed to the
//! [graph of pairs](schema), which compares each pair once. Then every operation collects what it reaches.
//! Findings name operations, so that "whom does it break" has an answer; what a shared component changes for
//! many operations is told for a bounded number of them (see [`collect`]).

pub(crate) mod collect;
mod encodings;
pub(crate) mod evidence;
mod findings;
mod fingerprint;
mod lifecycle;
mod links;
mod media;
mod messages;
pub(crate) mod operations;
pub(crate) mod parameters;
pub(crate) mod schema;
pub(crate) mod security;
mod servers;
mod sha256;
pub(crate) mod value;
mod wording;

pub(crate) use findings::{Found, order, quoted};
pub(crate) use sha256::hex;
pub(crate) use value::canonical;
pub(crate) use wording::upper_first;

use crate::{
    Document, Options,
    budget::Budget,
    policy::OnDay,
    rules::{self, RuleId},
    tree::NodeId,
    version::is_own_dialect,
    witness::{Claim, Endpoints, Prover},
};
use collect::{Root, Where, Within};
use encodings::Difference;
use evidence::{About, Evidence, Fact, Note, Written};
use findings::Findings;
use rustc_hash::FxHashMap;
use schema::{Medium, Mode, SchemaStore, Schemas};
use servers::Prefixes;
use shared::{
    Finding, Level, Subject,
    findings::{Direction, OperationKey, Place},
    subject::Part,
};
use std::rc::Rc;

/// What changed from `base` to `revision`, as a policy judges it, and how many operations they have together: those that
/// both have count once.
pub(crate) fn compare(base: &Document, revision: &Document, options: Options, policy: &OnDay<'_>) -> (Found, usize) {
    if base.tree.is_same(&revision.tree) {
        // The same text says the same, however much of it is beyond what can be compared.
        return (Found::default(), base.operations.len());
    }
    let budget = Budget::new(options.steps_for(base, revision));
    let mut comparison = Comparison {
        base,
        revision,
        schemas: Schemas::new(base, revision, options, &budget),
        options,
        findings: Findings::new(policy),
        roots: Vec::new(),
        room: budget.left() / 2,
        budget,
        passed_over: 0,
        encodings: FxHashMap::default(),
        prefixes: Prefixes::new(base, revision),
        shares_servers: None,
    };
    let operations = comparison.operations();
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
    (findings.finish(|claim| prover.prove(claim, &roots)), operations)
}

/// What decides how many findings are told.
pub(crate) const BOUNDS: [usize; 3] = [findings::MAX_FINDINGS, collect::MAX_OPERATIONS, collect::MAX_LISTED];

/// Steps that comparing a parameter, a header, a media type or the like takes. Operations share them by reference, so that
/// a small document can have any number of them.
const STEPS_PER_ENTRY: usize = 20;

struct Comparison<'d> {
    base: &'d Document,
    revision: &'d Document,
    schemas: Schemas<'d>,
    options: Options,
    findings: Findings<'d>,
    roots: Vec<Root>,
    budget: Budget,
    /// Steps of it that entries of operations may still take; schemas need some as well.
    room: u64,
    /// Lists of entries of operations that were not compared, since the budget was used up.
    passed_over: usize,
    /// What two media types encode in another way, for what clients send or for what the service sends.
    encodings: FxHashMap<(NodeId, NodeId, bool), Rc<Vec<Difference>>>,
    prefixes: Prefixes,
    /// Whether an operation is called where the document says, before and after; none as long as none is known to stay.
    shares_servers: Option<bool>,
}

/// An operation that both documents have, and how it is seen.
#[derive(Clone)]
struct Scope {
    key: Rc<OperationKey>,
    /// Index that tells operations apart while collecting.
    id: usize,
    /// In webhooks and callbacks the service sends the request, and the client answers.
    within: Within,
    /// The operation on both sides, for messages that show a finding.
    ends: Rc<Endpoints>,
    /// Marked as draft or alpha: nothing in it breaks.
    unstable: bool,
}

impl Scope {
    fn new(key: &OperationKey, id: usize, ends: Endpoints) -> Self {
        let ends = Rc::new(ends);
        Self { key: Rc::new(key.clone()), id, within: Within::Operation, ends, unstable: false }
    }

    fn reversed(&self) -> bool {
        self.within != Within::Operation
    }

    /// A part of it that a finding is about.
    fn subject(&self, part: Part) -> Subject {
        self.within.place(Subject::of(part))
    }

    /// The direction that a request (or else a response) has here.
    fn direction(&self, request: bool) -> Direction {
        if request == self.reversed() { Direction::Response } else { Direction::Request }
    }

    fn mode(&self, request: bool, medium: Medium) -> Mode {
        let cap = if self.unstable { Level::Risky } else { Level::Breaking };
        Mode { direction: self.direction(request), medium, cap, unstable: self.unstable }
    }
}

/// Where a finding stands in both documents.
type Places = (Option<NodeId>, Option<NodeId>);

/// What a finding is made of beside its subject and its values.
struct Making<'a> {
    rule: RuleId,
    level: Level,
    operation: Option<&'a OperationKey>,
    direction: Option<Direction>,
    /// The service sends the request.
    reversed: bool,
    /// The message has several media types.
    several: bool,
    note: &'a Note,
    places: Places,
}

impl Making<'_> {
    fn finding(self, comparison: &Comparison<'_>, mut subject: Subject, written: &Written) -> Finding {
        let Self { rule, level, operation, direction, reversed, several, note, places } = self;
        let base = places.0.map(|node| comparison.base.place(node));
        let revision = places.1.map(|node| comparison.revision.place(node));
        let at = revision.iter().chain(&base);
        subject.component = { at }.find_map(|place: &Place| component(&place.pointer));
        let statement = wording::Statement { rule, reversed, several, subject: &subject, written, note };
        let message = wording::message(&statement);
        let identity = &written.identity;
        let ingredients = fingerprint::Ingredients { rule: rule.id, direction, operation, subject: &subject, identity };
        Finding {
            rule: rule.id.into(),
            level,
            operation: operation.cloned(),
            direction,
            fingerprint: ingredients.fingerprint(),
            subject,
            values: written.values.clone(),
            operations: Vec::new(),
            message,
            base,
            revision,
            witness: None,
            unproven: None,
            engine_level: None,
            ignored: None,
        }
    }
}

/// The component that a pointer leads to or into.
fn component(pointer: &str) -> Option<String> {
    let starts = ["/components/schemas/", "/definitions/"];
    let rest = starts.into_iter().find_map(|start| pointer.strip_prefix(start))?;
    let name = rest.split('/').next().unwrap_or_default();
    Some(name.replace("~1", "/").replace("~0", "~"))
}

impl<'d> Comparison<'d> {
    /// A finding at its rule's own level.
    fn add(&mut self, rule: RuleId, scope: Option<&Scope>, direction: Option<Direction>, about: About, places: Places) {
        self.add_at(rule.level, rule, scope, direction, about, places);
    }

    /// A finding at a level of its own, where its circumstances raise or lower it.
    fn add_at(
        &mut self,
        level: Level,
        rule: RuleId,
        scope: Option<&Scope>,
        direction: Option<Direction>,
        (mut subject, evidence): About,
        places: Places,
    ) {
        let unstable = scope.is_some_and(|scope| scope.unstable) && !rules::is_about_stability(rule);
        let level = if unstable { level.min(Level::Risky) } else { level };
        let mut findings = self.findings.take();
        let claim = match scope.filter(|_| findings.breaks(rule, level)) {
            Some(scope) => Claim::of_rule(rule, self.base, &scope.ends, direction, places),
            None => Claim::None,
        };
        findings.add(rule, level, claim, || {
            subject.keyword = evidence.keyword.as_deref().map(str::to_owned);
            let making = Making {
                rule,
                level,
                operation: scope.map(|scope| scope.key.as_ref()),
                direction,
                reversed: scope.is_some_and(Scope::reversed),
                // What is about one media type alone says which.
                several: true,
                note: &evidence.note,
                places,
            };
            making.finding(self, subject, &self.written(&evidence))
        });
        self.findings = findings;
    }

    fn written(&self, evidence: &Evidence) -> Written {
        evidence.written(&self.base.tree, &self.revision.tree)
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
        fn prints(side: &mut SchemaStore<'_>) -> Vec<(String, u64)> {
            let tree = &side.document.tree;
            let nodes = (0..).map(NodeId).take(tree.nodes.len());
            let anchored: Vec<(NodeId, String)> =
                nodes.filter_map(|node| Some((node, tree.text_of(node, "$dynamicAnchor")?.to_owned()))).collect();
            let mut prints: Vec<(String, u64)> = Vec::new();
            for (node, name) in anchored {
                let schema = side.intern([node]);
                prints.push((name, side.fingerprint(schema)));
            }
            crate::sort::plain(&mut prints);
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
            let evidence = Evidence::of("jsonSchemaDialect", Fact::text(was), Fact::text(is));
            let place = |document: &Document| document.root("jsonSchemaDialect");
            let places = (place(self.base), place(self.revision));
            self.add(rules::SCHEMA_DIALECT_CHANGED, None, None, (Subject::of(Part::Document), evidence), places);
        }
    }

    /// Has the schemas at a place of an operation compared.
    fn compare_schemas(&mut self, scope: &Scope, place: Where, mode: Mode, base: NodeId, revision: NodeId) {
        self.compare_each(scope, (place, false), mode, base, revision);
    }

    /// The same of schemas that may be those of each item of a sequence.
    fn compare_each(
        &mut self,
        scope: &Scope,
        (place, each_item): (Where, bool),
        mode: Mode,
        base: NodeId,
        revision: NodeId,
    ) {
        let pair = self.schemas.pair_nodes(base, revision, mode);
        let direction = mode.direction;
        self.roots.push(Root {
            operation: scope.id,
            key: Rc::clone(&scope.key),
            within: scope.within.clone(),
            each_item,
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
