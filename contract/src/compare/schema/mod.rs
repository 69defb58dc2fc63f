//! Schemas compared as a graph of pairs.
//!
//! A pair is a schema of the base with its counterpart in the revision, seen in one direction. Each pair is compared
//! once, no matter how often it is referred to: its own changes are kept with it, and its children are edges to
//! other pairs. Recursion ends since a pair is known before its children are looked at, and the work is a queue, so
//! that no depth of references can exhaust the stack. Operations then collect the changes that they reach.

mod alternatives;
mod bounds;
mod discriminators;
mod equivalence;
mod flatten;
mod keywords;
mod normalized;
mod objects;
mod overlaps;
mod pair;
mod shape;
mod store;
mod subset;
mod types;
mod walk;

use crate::{
    Options,
    budget::Budget,
    compare::{evidence::Evidence, findings::quoted},
    document::Document,
    rules::{self, RuleId},
    tree::NodeId,
};
pub(crate) use equivalence::is_binary;
pub(crate) use normalized::{Additional, COUNTS, NormalizedSchema};
use rustc_hash::FxHashMap;
use shared::{
    Level,
    findings::{Direction, Side},
    subject::StepKind,
};
use std::rc::Rc;
pub(crate) use store::{Conjunction, SchemaRef, SchemaStore};
pub(crate) use types::Types;
pub(crate) use walk::{Trail, Walk};

/// One difference between two schemas.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) rule: RuleId,
    pub(crate) level: Level,
    pub(crate) evidence: Rc<Evidence>,
    /// What it is about, from the pair's schema on.
    pub(crate) below: Option<Step>,
    pub(crate) base: Option<NodeId>,
    pub(crate) revision: Option<NodeId>,
}

/// One step from a schema to a schema inside of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Property(Rc<str>),
    Items,
    Additional,
    /// By the component's name, if it has one.
    Alternative(Option<Rc<str>>),
    Keyword(&'static str),
    /// What a keyword holds under a key.
    Member(&'static str, Rc<str>),
}

impl Step {
    /// What orders the edges of a pair, however the document does, and whatever components are called.
    fn label(&self) -> (StepKind, &str, &str) {
        match self {
            Self::Property(name) => (StepKind::Property, name, ""),
            Self::Items => (StepKind::Items, "", ""),
            Self::Additional => (StepKind::Values, "", ""),
            Self::Alternative(_) => (StepKind::Alternative, "", ""),
            Self::Keyword(keyword) => (StepKind::Keyword, keyword, ""),
            Self::Member(keyword, key) => (StepKind::Keyword, keyword, key),
        }
    }

    /// The step as a finding has it.
    fn told(&self) -> shared::subject::Step {
        let (kind, name) = match self {
            Self::Property(name) => (StepKind::Property, Some(quoted(name).into_owned())),
            Self::Items => (StepKind::Items, None),
            Self::Additional => (StepKind::Values, None),
            Self::Alternative(name) => (StepKind::Alternative, name.as_deref().map(|name| quoted(name).into_owned())),
            Self::Keyword(keyword) => (StepKind::Keyword, Some((*keyword).to_owned())),
            Self::Member(keyword, key) => (StepKind::Keyword, Some(format!("{keyword} {}", quoted(key)))),
        };
        shared::subject::Step { kind, name }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PairId(u32);

/// How a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Mode {
    pub(crate) direction: Direction,
    pub(crate) medium: Medium,
    /// No finding is worse: what is marked as unstable doesn't break.
    pub(crate) cap: Level,
    /// Whether what it is a part of is marked as unstable, not only it itself: then its own promises break no more.
    pub(crate) unstable: bool,
}

/// What values are written as, which decides whether types can be told apart on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Medium {
    /// JSON and its like: types show.
    Typed,
    /// A parameter or a header: `string` takes what `integer` takes.
    Url,
    /// A parameter in a path, where nothing can't be sent.
    Path,
    /// A body of any other kind as a whole: described as a string, it is whatever text is there.
    Text,
    /// A body in XML, where a schema's `xml` counts.
    Xml,
    /// A value inside of XML.
    XmlValue,
    /// A form or the like: its fields are text, what is inside of them is JSON.
    Form,
    /// A value inside of a text.
    Field,
    /// A field of a form.
    FormField,
}

impl Medium {
    /// What is inside of a value that is written so.
    const fn inside(self) -> Self {
        match self {
            // What has an inside and is sent as text is JSON all the same, as far as anybody knows.
            Self::Typed | Self::FormField | Self::Text => Self::Typed,
            Self::Url | Self::Path | Self::Field => Self::Field,
            Self::Form => Self::FormField,
            Self::Xml | Self::XmlValue => Self::XmlValue,
        }
    }

    /// By the name of a body's media type, in lower case.
    pub(crate) fn of_body(media_type: &str) -> Self {
        let kind = media_type.split(';').next().unwrap_or_default().trim();
        let typed = ["json", "yaml", "cbor", "msgpack", "*"].iter().any(|part| kind.contains(part));
        if typed {
            Self::Typed
        } else if kind.starts_with("multipart/") || kind == "application/x-www-form-urlencoded" {
            Self::Form
        } else if kind.ends_with("/xml") || kind.ends_with("+xml") {
            Self::Xml
        } else if kind.starts_with("text/") || kind == "application/octet-stream" {
            Self::Text
        } else {
            Self::Typed
        }
    }

    /// The types that nobody can tell apart where `types` may be.
    pub(crate) fn on_the_wire(self, types: Types) -> Types {
        if !types.has(Types::STRING) {
            return types;
        }
        match self {
            Self::Typed | Self::Form => types,
            Self::Url | Self::Path | Self::Field | Self::FormField | Self::XmlValue => types.or(Types::SCALARS),
            Self::Text | Self::Xml => types.or(Types::ALL.without_null()),
        }
    }

    /// Whether it is a parameter or a header as a whole.
    pub(crate) const fn is_url(self) -> bool {
        matches!(self, Self::Url | Self::Path)
    }

    /// Whether a number looks like a text of its digits.
    pub(crate) const fn spells_scalars(self) -> bool {
        !matches!(self, Self::Typed | Self::Form)
    }
}

impl Mode {
    /// The rule for the direction, of a pair of rules.
    pub(crate) fn pick(self, request: RuleId, response: RuleId) -> RuleId {
        if self.is_request() { request } else { response }
    }

    pub(crate) fn is_request(self) -> bool {
        self.direction == Direction::Request
    }

    /// How a value inside of this one travels.
    pub(crate) const fn inside(self) -> Self {
        Self { medium: self.medium.inside(), ..self }
    }

    /// The same, where the inner value may be marked as unstable.
    pub(crate) fn inside_of(self, unstable: bool) -> Self {
        let cap = if unstable { self.cap.min(Level::Risky) } else { self.cap };
        Self { cap, unstable: self.cap < Level::Breaking, ..self.inside() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    base: Conjunction,
    revision: Conjunction,
    mode: Mode,
}

#[derive(Debug, Default)]
struct Pair {
    changes: Vec<Change>,
    edges: Vec<(Step, PairId)>,
    /// Whether it has changes, or reaches a pair that has.
    dirty: bool,
}

/// All pairs of two documents.
pub(crate) struct Schemas<'d> {
    pub(crate) base: SchemaStore<'d>,
    pub(crate) revision: SchemaStore<'d>,
    options: Options,
    pairs: Vec<Pair>,
    keys: Vec<Key>,
    ids: FxHashMap<Key, PairId>,
    /// Pairs that were asked for and not compared.
    uncompared: usize,
    pub(crate) budget: Budget,
    /// Steps of the budget that questions about whole schemas may still take.
    room_for_questions: usize,
}

/// Steps that comparing a pair takes, and for each member of both schemas. Two cycles of references can meet in as many pairs
/// as the product of their lengths.
const STEPS_PER_PAIR: usize = 40;
const STEPS_PER_MEMBER: usize = 6;

impl<'d> Schemas<'d> {
    pub(crate) const fn store(&mut self, side: Side) -> &mut SchemaStore<'d> {
        match side {
            Side::Base => &mut self.base,
            Side::Revision => &mut self.revision,
        }
    }

    pub(crate) const fn document(&self, side: Side) -> &'d Document {
        match side {
            Side::Base => self.base.document,
            Side::Revision => self.revision.document,
        }
    }

    pub(crate) fn new(base: &'d Document, revision: &'d Document, options: Options, budget: &Budget) -> Self {
        let (base, revision) = (SchemaStore::new(base, budget.clone()), SchemaStore::new(revision, budget.clone()));
        // They make the verdict kinder; what has to be compared comes first.
        let room_for_questions = usize::try_from(budget.left() / 4).unwrap_or(usize::MAX);
        Self {
            base,
            revision,
            options,
            pairs: Vec::new(),
            keys: Vec::new(),
            ids: FxHashMap::default(),
            uncompared: 0,
            budget: budget.clone(),
            room_for_questions,
        }
    }

    /// The pair of a schema in the base and one in the revision; compared when [`Self::run`] is called.
    pub(crate) fn pair_nodes(&mut self, base: NodeId, revision: NodeId, mode: Mode) -> PairId {
        let (base, revision) = (self.base.intern([base]), self.revision.intern([revision]));
        self.pair(base, revision, mode)
    }

    fn pair(&mut self, base: Conjunction, revision: Conjunction, mode: Mode) -> PairId {
        let key = Key { base, revision, mode };
        *self.ids.entry(key).or_insert_with(|| {
            let id = PairId(u32::try_from(self.keys.len()).unwrap_or(u32::MAX));
            self.keys.push(key);
            id
        })
    }

    /// Compares every pair that was asked for, and those that they lead to.
    pub(crate) fn run(&mut self) {
        // Changes are still to be told and proved.
        let rest = self.budget.left() / 4;
        while self.pairs.len() < self.keys.len() && self.budget.left() > rest {
            let key = self.keys[self.pairs.len()];
            let size = self.base.normalized(key.base).size + self.revision.normalized(key.revision).size;
            if !self.budget.take(STEPS_PER_PAIR + STEPS_PER_MEMBER * size) {
                break;
            }
            let pair = pair::compare(self, key.base, key.revision, key.mode);
            self.pairs.push(pair);
        }
        self.uncompared = self.keys.len() - self.pairs.len();
        self.pairs.resize_with(self.keys.len(), Pair::default);
        self.spread();
    }

    /// The schemas of a pair.
    pub(crate) fn sides(&self, pair: PairId) -> (Conjunction, Conjunction) {
        let key = &self.keys[pair.0 as usize];
        (key.base, key.revision)
    }

    pub(crate) fn mode(&self, pair: PairId) -> Mode {
        self.keys[pair.0 as usize].mode
    }

    /// A change of a pair, by its index.
    pub(crate) fn change(&self, pair: PairId, index: usize) -> Option<Change> {
        self.pairs[pair.0 as usize].changes.get(index).cloned()
    }

    pub(crate) fn uncompared(&self) -> usize {
        self.uncompared
    }

    /// Marks what leads to a change, from the changes backwards.
    fn spread(&mut self) {
        let mut parents: Vec<Vec<PairId>> = vec![Vec::new(); self.pairs.len()];
        for (id, pair) in (0..).zip(&self.pairs) {
            for (_, child) in &pair.edges {
                parents[child.0 as usize].push(PairId(id));
            }
        }
        for pair in &mut self.pairs {
            // Stable: alternatives stay in their order.
            crate::sort::by(&mut pair.edges, |(a, _), (b, _)| a.label().cmp(&b.label()));
        }
        let changed = (0..).zip(&self.pairs).filter(|(_, pair)| !pair.changes.is_empty());
        let mut queue: Vec<PairId> = changed.map(|(id, _)| PairId(id)).collect();
        while let Some(id) = queue.pop() {
            let pair = &mut self.pairs[id.0 as usize];
            if !pair.dirty {
                pair.dirty = true;
                queue.extend(&parents[id.0 as usize]);
            }
        }
    }
}

/// Collects what a comparison of two schemas finds.
pub(crate) struct Report {
    pub(crate) mode: Mode,
    changes: Vec<Change>,
    edges: Vec<(Step, PairId)>,
}

impl Report {
    fn new(mode: Mode) -> Self {
        Self { mode, changes: Vec::new(), edges: Vec::new() }
    }

    fn edge(&mut self, step: Step, pair: PairId) {
        self.edges.push((step, pair));
    }

    /// A change at the rule's own level.
    fn add(&mut self, rule: RuleId, evidence: Evidence, base: Option<NodeId>, revision: Option<NodeId>) {
        let exempt = rules::is_about_stability(rule) && !self.mode.unstable;
        let level = if exempt { rule.level } else { rule.level.min(self.mode.cap) };
        self.changes.push(Change { rule, level, evidence: Rc::new(evidence), below: None, base, revision });
    }

    /// Turns the last change into one about something below the schema.
    fn below(&mut self, step: Step) -> &mut Self {
        if let Some(change) = self.changes.last_mut() {
            change.below = Some(step);
        }
        self
    }

    /// No change from an index on is told as less than a level, as far as the mode lets it.
    fn at_least(&mut self, from: usize, level: Level) {
        let level = level.min(self.mode.cap);
        for change in self.changes.iter_mut().skip(from) {
            change.level = change.level.max(level);
        }
    }

    /// Turns the last change's level into another than the rule's.
    fn level(&mut self, level: Level) -> &mut Self {
        if let Some(change) = self.changes.last_mut() {
            change.level = level.min(self.mode.cap);
        }
        self
    }

    fn finish(self) -> Pair {
        Pair { changes: self.changes, edges: self.edges, dirty: false }
    }
}
