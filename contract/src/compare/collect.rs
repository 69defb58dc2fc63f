//! From changes in the graph of schema pairs to findings of operations.

use super::{
    Comparison, Making,
    evidence::Written,
    schema::{Change, PairId, Trail, Walk},
    wording,
};
use crate::witness::{Claim, Endpoints};
use rustc_hash::{FxHashMap, FxHashSet};
use shared::{
    Finding, Subject,
    findings::{Direction, OperationKey},
    subject::{Part, Step, StepKind},
};
use std::rc::Rc;

/// So many operations hear of one and the same change in a shared schema; the rest is summed up in one more
/// finding. See the decision record on shared components.
pub(super) const MAX_OPERATIONS: usize = 20;

/// Operations that the findings which stand for others list, all together. More are counted only.
pub(super) const MAX_LISTED: usize = 100_000;

/// Where in an operation a schema stands.
#[derive(Debug, Clone)]
pub(crate) enum Where {
    Parameter { location: String, name: String },
    RequestBody { media_type: MediaType },
    Response { status: String, media_type: MediaType },
    Header { status: String, name: String },
}

/// A body's media type, as far as the document names one.
#[derive(Debug, Clone, Default)]
pub(crate) struct MediaType {
    pub(crate) name: Option<String>,
    /// Whether the body has several; with one, saying which is noise.
    pub(crate) several: bool,
}

impl MediaType {
    /// The name where it tells one of several apart.
    pub(crate) fn told(&self) -> Option<&String> {
        self.name.as_ref().filter(|_| self.several)
    }
}

impl Where {
    pub(super) fn subject(&self) -> Subject {
        match self.clone() {
            Self::Parameter { location, name } => {
                Subject { location: Some(location), name: Some(name), ..Subject::of(Part::Parameter) }
            }
            Self::RequestBody { media_type } => {
                Subject { media_type: media_type.name, ..Subject::of(Part::RequestBody) }
            }
            Self::Response { status, media_type } => {
                Subject { status: Some(status), media_type: media_type.name, ..Subject::of(Part::Response) }
            }
            Self::Header { status, name } => {
                Subject { status: Some(status), name: Some(name), ..Subject::of(Part::Header) }
            }
        }
    }

    /// Whether its media type is one of several.
    pub(super) fn is_of_several(&self) -> bool {
        matches!(self, Self::RequestBody { media_type } | Self::Response { media_type, .. } if media_type.several)
    }

    /// What orders the places in an operation, however the document does.
    fn rank(&self) -> (u8, &str, &str) {
        match self {
            Self::Parameter { location, name } => (0, location, name),
            Self::RequestBody { media_type } => (1, "", media_type.name.as_deref().unwrap_or_default()),
            Self::Header { status, name } => (2, status, name),
            Self::Response { status, media_type } => (3, status, media_type.name.as_deref().unwrap_or_default()),
        }
    }
}

/// A schema that an operation has on both sides.
#[derive(Debug)]
pub(crate) struct Root {
    pub(super) operation: usize,
    pub(super) key: Rc<OperationKey>,
    pub(super) within: Within,
    /// Whether it describes each item of a sequence, and not the whole.
    pub(super) each_item: bool,
    pub(crate) place: Where,
    pub(crate) ends: Rc<Endpoints>,
    pub(super) direction: Direction,
    pub(crate) pair: PairId,
}

/// What a message belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Within {
    #[default]
    Operation,
    /// A callback of the operation, by name and address.
    Callback(Rc<str>),
    Webhook(Rc<str>),
}

impl Within {
    pub(super) fn place(&self, subject: Subject) -> Subject {
        match self {
            Self::Operation => subject,
            Self::Callback(name) => Subject { callback: Some(name.to_string()), ..subject },
            Self::Webhook(name) => Subject { webhook: Some(name.to_string()), ..subject },
        }
    }
}

/// What makes two findings tell the same: rule, both places, direction.
type Identity = (&'static str, Option<u32>, Option<u32>, Direction);

/// Steps that writing a finding takes.
const STEPS_PER_FINDING: usize = 40;

struct Shared<'s> {
    change: &'s Change,
    told: usize,
    /// What all of its findings say.
    written: Option<Rc<Written>>,
    /// What the first finding told; absent when it was one too many to be kept.
    first: Option<(Vec<Step>, usize, Claim)>,
    /// Operations beyond the bound: how many, and each by a root of it, as far as they are listed.
    beyond: usize,
    listed: Vec<u32>,
}

pub(super) fn collect(comparison: &mut Comparison<'_>) {
    let (roots, mut findings) = (std::mem::take(&mut comparison.roots), comparison.findings.take());
    let mut shared: FxHashMap<Identity, Shared<'_>> = FxHashMap::default();
    let mut order: Vec<Identity> = Vec::new();
    let mut walk = Walk::default();
    let mut told: FxHashSet<Identity> = FxHashSet::default();
    let mut current = usize::MAX;
    let mut unheard: FxHashSet<usize> = FxHashSet::default();
    let mut listed = 0;
    for index in in_order(&roots) {
        let root = &roots[index];
        if root.operation != current {
            current = root.operation;
            walk.restart();
            // Not cleared: that takes as long as the largest operation did.
            told = FxHashSet::default();
        }
        let whole = comparison.schemas.collect(root.pair, &mut walk, |change, path| {
            let node = |node: Option<crate::tree::NodeId>| node.map(|node| node.0);
            let identity = (change.rule.id, node(change.base), node(change.revision), root.direction);
            if !told.insert(identity) {
                return;
            }
            let entry = shared.entry(identity).or_insert_with(|| {
                order.push(identity);
                Shared { change, told: 0, written: None, first: None, beyond: 0, listed: Vec::new() }
            });
            // What is told takes as long as some more steps.
            if entry.told < MAX_OPERATIONS && comparison.budget.take(STEPS_PER_FINDING) {
                entry.told += 1;
                let breaks = findings.breaks(change.rule, change.level);
                let claim = claim(index, breaks, path);
                let written = &mut entry.written;
                let kept = findings.add(change.rule, change.level, claim, || {
                    let written = written.get_or_insert_with(|| Rc::new(comparison.written(&change.evidence)));
                    finding(comparison, root, change, path.steps(), written)
                });
                if kept && entry.told == 1 {
                    // What shows it in one operation shows it in those beyond the bound.
                    entry.first = Some((path.steps(), index, self::claim(index, breaks, path)));
                }
            } else {
                entry.beyond += 1;
                if listed < MAX_LISTED {
                    listed += 1;
                    entry.listed.push(u32::try_from(index).unwrap_or(u32::MAX));
                }
            }
        });
        if !whole {
            unheard.insert(root.operation);
        }
    }
    for identity in order {
        let Some(mut entry) = shared.remove(&identity).filter(|entry| entry.beyond > 0) else { continue };
        let change = entry.change;
        let (Some((path, index, claim)), Some(written)) = (entry.first.take(), &entry.written) else {
            findings.leave_out(change.rule, change.level);
            continue;
        };
        findings.add(change.rule, change.level, claim, || {
            let others = entry.listed.iter().map(|root| roots[*root as usize].key.as_ref().clone()).collect();
            let summary = Making { operation: None, ..making(&roots[index], change) };
            let mut summary = summary.finding(comparison, subject(&roots[index], change, path), written);
            summary.operations = others;
            summary.message = wording::in_others(&summary.message, &summary.operations, entry.beyond);
            summary
        });
    }
    if !unheard.is_empty() {
        findings.unjudged(format!(
            "Too many operations share too many changes: the schemas of {} operations were not looked through to the end.",
            unheard.len()
        ));
    }
    comparison.findings = findings;
    comparison.roots = roots;
}

/// The roots operation by operation, by method and path and not by where they stand: which operations are told one by
/// one, and by which way each comes to a change, is the same however the document is ordered.
fn in_order(roots: &[Root]) -> Vec<usize> {
    crate::sort::order(roots.len(), &mut |a, b| {
        let (a, b) = (&roots[a], &roots[b]);
        let operation = (&a.key, a.operation).cmp(&(&b.key, b.operation));
        operation.then_with(|| (&a.within, a.place.rank()).cmp(&(&b.within, b.place.rank())))
    })
}

/// What a finding about a schema claims, to be shown when the walk is over.
fn claim(root: usize, breaks: bool, path: &Trail<'_, '_>) -> Claim {
    if !breaks {
        return Claim::None;
    }
    let (last, change) = path.change();
    Claim::Schema { root, last, change, route: path.route() }
}

fn making<'a>(root: &'a Root, change: &'a Change) -> Making<'a> {
    Making {
        rule: change.rule,
        level: change.level,
        operation: Some(&root.key),
        direction: Some(root.direction),
        reversed: root.within != Within::Operation,
        several: root.place.is_of_several(),
        note: &change.evidence.note,
        places: (change.base, change.revision),
    }
}

fn subject(root: &Root, change: &Change, mut path: Vec<Step>) -> Subject {
    if root.each_item {
        path.insert(0, Step { kind: StepKind::Items, name: None });
    }
    let keyword = change.evidence.keyword.as_deref().map(str::to_owned);
    Subject { path, keyword, ..root.within.place(root.place.subject()) }
}

fn finding(comparison: &Comparison<'_>, root: &Root, change: &Change, path: Vec<Step>, written: &Written) -> Finding {
    making(root, change).finding(comparison, subject(root, change, path), written)
}
