//! What a comparison is told beside the two documents.

use crate::Date;

/// How to compare. The default knows no day, and asks for no notice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The day of the comparison, which tells whether a sunset has come. The engine has no clock; without a day, what
    /// depends on one is judged as undecided.
    pub today: Option<Date>,
    /// How long something has to live on after it was deprecated.
    pub notice: Notice,
}

/// Days between a deprecation and its sunset that clients are promised, by stability. With 0, a deprecation needs no
/// sunset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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

    /// The same with a notice.
    #[must_use]
    pub const fn notice(mut self, notice: Notice) -> Self {
        self.notice = notice;
        self
    }
}
