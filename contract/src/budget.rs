//! What a comparison may cost: one count of steps, from which all of its parts take.
//!
//! A hub compares what strangers send. Each part of a comparison is written to take time in proportion to what it reads;
//! what a few references let it read again and again is counted here, and when the count is used up, the rest of the
//! comparison ends at once. What was not judged by then is told as a finding that counts as breaking: a document that is
//! too costly to compare hides nothing. Proofs come last and use what is left; without one a finding is unproven, and as
//! bad as before.
//!
//! A step is what takes less than a tenth of a microsecond on a machine of 2024. Steps and not a clock, so that the same
//! documents get the same verdict wherever they are compared.

use crate::document::Document;
use std::{cell::Cell, rc::Rc};

/// Steps that any comparison may take.
const STEPS: u64 = 8_000_000;
/// Steps more for each byte of both documents. Values would be a worse measure: those that say nothing have two bytes.
const STEPS_PER_BYTE: u64 = 1;

/// What decides how much is compared.
pub(crate) const BOUNDS: [u64; 2] = [STEPS, STEPS_PER_BYTE];

/// The steps for two documents of these sizes.
pub(crate) fn steps_for(base: &Document, revision: &Document) -> u64 {
    let bytes = base.tree.text.len() + revision.tree.text.len();
    STEPS + STEPS_PER_BYTE * u64::try_from(bytes).unwrap_or(u64::MAX / 2)
}

/// Steps that are left, for all who hold a clone.
#[derive(Debug, Clone)]
pub(crate) struct Budget(Rc<Cell<u64>>);

impl Budget {
    pub(crate) fn new(steps: u64) -> Self {
        Self(Rc::new(Cell::new(steps)))
    }

    /// Takes so many steps, unless fewer are left: then none are from now on, so that everything ends.
    pub(crate) fn take(&self, steps: usize) -> bool {
        let left = self.0.get().checked_sub(u64::try_from(steps).unwrap_or(u64::MAX));
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    pub(crate) fn left(&self) -> u64 {
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn a_budget_is_shared_and_ends() {
        let budget = Budget::new(10);
        let other = budget.clone();
        assert!(budget.take(4) && other.take(6));
        assert_eq!(other.left(), 0);
        assert!(budget.take(0) && !budget.take(1));
        let budget = Budget::new(10);
        assert!(!budget.take(11) && !budget.take(1), "what doesn't fit ends it");
    }
}
