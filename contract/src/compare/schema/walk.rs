//! From an operation's schema to the changes that it reaches.

use super::{Change, PairId, Schemas, Step};
use rustc_hash::FxHashSet;

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
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = self.below.cloned().into_iter().collect();
        let Visit { depth, head, .. } = self.visits[self.at];
        if depth <= 2 * SHOWN {
            self.back(self.at, depth, &mut steps);
        } else {
            self.back(self.at, SHOWN, &mut steps);
            steps.push(Step::LeftOut);
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
    fn back(&self, mut at: usize, count: u32, steps: &mut Vec<Step>) {
        for _ in 0..count {
            let Some((before, step)) = self.visits[at].from else { return };
            steps.push(step.clone());
            at = before;
        }
    }
}

impl Schemas<'_> {
    /// Calls `found` with each change that a pair reaches and the shortest path to it, breadth first. Whether the walk
    /// came to its end.
    pub(crate) fn collect<'s>(
        &'s self,
        root: PairId,
        walk: &mut Walk,
        mut found: impl FnMut(&'s Change, &Trail<'_, 's>),
    ) -> bool {
        // The list is the queue: what was visited stays, for the paths.
        let mut visits: Vec<Visit<'s>> = Vec::new();
        if self.is_dirty(root) && walk.seen.insert(root) {
            visits.push(Visit { pair: root, from: None, depth: 0, head: 0 });
        }
        let mut at = 0;
        while let Some(Visit { pair, depth, head, .. }) = visits.get(at) {
            let (pair, depth, head) = (&self.pairs[pair.0 as usize], depth + 1, *head);
            if !self.budget.take(STEPS * (1 + pair.changes.len() + pair.edges.len())) {
                return false;
            }
            for (index, change) in pair.changes.iter().enumerate() {
                found(change, &Trail { visits: &visits, at, index, below: change.below.as_ref() });
            }
            for (step, child) in &pair.edges {
                if self.is_dirty(*child) && walk.seen.insert(*child) {
                    let head = if depth <= SHOWN { visits.len() } else { head };
                    visits.push(Visit { pair: *child, from: Some((at, step)), depth, head });
                }
            }
            at += 1;
        }
        true
    }

    fn is_dirty(&self, id: PairId) -> bool {
        self.pairs[id.0 as usize].dirty
    }
}
