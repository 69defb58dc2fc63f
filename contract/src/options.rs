//! What a comparison is told beside the two documents.

use crate::{Date, Document, budget::steps_for};

/// How to compare. The default knows no day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The day of the comparison, which tells whether a sunset has come. The engine has no clock; without a day, what
    /// depends on one is judged as undecided.
    pub today: Option<Date>,
    /// How long something has to live on after it was deprecated. It is the policy's.
    pub(crate) notice: Notice,
    /// Steps that comparing and proving may take together; as many as the documents' size asks for when none is set. See
    /// [`Options::steps_for`].
    pub steps: Option<u64>,
}

/// Days between a deprecation and its sunset that clients are promised, by stability. With 0, a deprecation needs no
/// sunset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Notice {
    pub stable: u32,
    pub beta: u32,
}

impl Options {
    /// The same with a day.
    #[must_use]
    pub const fn on(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// The same with a bound on its steps.
    #[must_use]
    pub const fn steps(mut self, steps: u64) -> Self {
        self.steps = Some(steps);
        self
    }

    /// Steps that a comparison of two documents may take: those that are set, or else some millions and one for each
    /// byte of both. A step takes less than a tenth of a microsecond. When they are used up the comparison ends at once,
    /// and the finding `comparison-incomplete` says what wasn't judged; it is breaking.
    #[must_use]
    pub fn steps_for(&self, base: &Document, revision: &Document) -> u64 {
        self.steps.unwrap_or_else(|| steps_for(base, revision))
    }
}
