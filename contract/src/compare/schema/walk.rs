//! From an operation's schema to the changes that it reaches.

use super::{Change, PairId, Schemas, Step};
use rustc_hash::FxHashSet;
use shared::subject::StepKind;

/// Steps that a pair, an edge or a change takes that an operation looks at. A document of a few megabytes can have tens of
/// thousands of operations that each reach as many changes.
const STEPS: usize = 3;

/// Steps of a path that are written at its start, and as many at its end.
const SHOWN: u32 = 6;

/// A walk through the pairs, operation by operation.
#[derive(Default)]
pub(crate) struct Walk {
    /// The pairs that the current operation has visited, so that it hears of a change once.
    seen: FxHashSet<PairId>,
}

impl Walk {
    /// Starts with another operation.
    pub(crate) fn restart(&mut self) {
        // Not cleared: that takes as long as the largest operation did.
        self.seen = FxHashSet::default();
    }
}

/// A pair on the way, and how it was come to.
struct Visit<'s> {
    pair: PairId,
    from: Option<(usize, &'s Step)>,
    depth: u32,
    /// The visit on the way to this one where the written start of its path ends.
    head: usize,
    /// Visits with the same path but for the names of components have the same.
    rank: usize,
}

/// The shortest path to a change, which may have as many steps as the document has schemas. Of a long one, the first
/// and last few steps are ever looked at.
pub(crate) struct Trail<'w, 's> {
    visits: &'w [Visit<'s>],
    at: usize,
    /// The change's index among those of its pair.
    index: usize,
    below: Option<&'s Step>,
}

/// Steps of a route that an example goes.
const MAX_ROUTE: u32 = 24;

impl Trail<'_, '_> {
    pub(crate) fn steps(&self) -> Vec<shared::subject::Step> {
        let mut steps: Vec<_> = self.below.map(Step::told).into_iter().collect();
        let Visit { depth, head, .. } = self.visits[self.at];
        if depth <= 2 * SHOWN {
            self.back(self.at, depth, &mut steps);
        } else {
            self.back(self.at, SHOWN, &mut steps);
            let left_out = Some((depth - 2 * SHOWN).to_string());
            steps.push(shared::subject::Step { kind: StepKind::Omitted, name: left_out });
            self.back(head, SHOWN, &mut steps);
        }
        steps.reverse();
        steps
    }

    /// The change: its pair, and its index there.
    pub(crate) fn change(&self) -> (PairId, usize) {
        (self.visits[self.at].pair, self.index)
    }

    /// Each pair on the way with the step that leads on; nothing when the way is long.
    pub(crate) fn route(&self) -> Option<Box<[(PairId, Step)]>> {
        if self.visits[self.at].depth > MAX_ROUTE {
            return None;
        }
        let mut route = Vec::new();
        let mut at = self.at;
        while let Some((before, step)) = self.visits[at].from {
            route.push((self.visits[before].pair, step.clone()));
            at = before;
        }
        route.reverse();
        Some(route.into())
    }

    /// The last few steps to a visit, backwards.
    fn back(&self, mut at: usize, count: u32, steps: &mut Vec<shared::subject::Step>) {
        for _ in 0..count {
            let Some((before, step)) = self.visits[at].from else { return };
            steps.push(step.told());
            at = before;
        }
    }
}

impl Schemas<'_> {
    /// Calls `found` with each change that a pair reaches and the shortest path to it, breadth first; of several, the
    /// first in the order of the steps' names, whatever the order of the documents. Whether the walk came to its end.
    pub(crate) fn collect<'s>(
        &'s self,
        root: PairId,
        walk: &mut Walk,
        mut found: impl FnMut(&'s Change, &Trail<'_, 's>),
    ) -> bool {
        // The list is the queue: what was visited stays, for the paths.
        let mut visits: Vec<Visit<'s>> = Vec::new();
        if self.is_dirty(root) && walk.seen.insert(root) {
            visits.push(Visit { pair: root, from: None, depth: 0, head: 0, rank: 0 });
        }
        let mut at = 0;
        while let Some(&Visit { rank, .. }) = visits.get(at) {
            // Alternatives have no order: what is told apart by names of components only is looked at together.
            let alike = visits[at..].iter().take_while(|visit| visit.rank == rank).count();
            let mut edges: Vec<(usize, &'s Step, PairId)> = Vec::new();
            for at in at..at + alike {
                let pair = &self.pairs[visits[at].pair.0 as usize];
                if !self.budget.take(STEPS * (1 + pair.changes.len() + pair.edges.len())) {
                    return false;
                }
                for (index, change) in pair.changes.iter().enumerate() {
                    found(change, &Trail { visits: &visits, at, index, below: change.below.as_ref() });
                }
                edges.extend(pair.edges.iter().map(|(step, child)| (at, step, *child)));
            }
            if alike > 1 {
                crate::sort::by(&mut edges, |(_, a, _), (_, b, _)| a.label().cmp(&b.label()));
            }
            let mut last: Option<&Step> = None;
            for (from, step, child) in edges.into_iter().filter(|(.., child)| self.is_dirty(*child)) {
                if walk.seen.insert(child) {
                    let Visit { depth, head, .. } = visits[from];
                    let same = last.is_some_and(|last| last.label() == step.label());
                    let rank = visits.last().map_or(0, |visit| visit.rank) + usize::from(!same);
                    last = Some(step);
                    let head = if depth < SHOWN { visits.len() } else { head };
                    visits.push(Visit { pair: child, from: Some((from, step)), depth: depth + 1, head, rank });
                }
            }
            at += alike;
        }
        true
    }

    fn is_dirty(&self, id: PairId) -> bool {
        self.pairs[id.0 as usize].dirty
    }
}
