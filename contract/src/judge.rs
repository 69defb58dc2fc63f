//! The one call for a verdict: two documents and a policy in, a report out.
//!
//! Server, command line and browser all make this call, so that they say the same. The policy isn't something that is
//! laid over the findings afterwards: a comparison tells a bounded number of findings and proves what it has time for,
//! and both belong to what the team counts. So what the policy ignores takes no room and no proof, and what it raises to
//! breaking has a witness or says why not.
//!
//! A caller that stores what the engine found under no policy can have most policies' verdict without the documents:
//! [`Report::under`] gives it, or says that it takes them.

use crate::{
    Date, Document, Options, Policy,
    compare::{self, Found, order},
    policy::{OnDay, UNDENIABLE},
    sort,
    witness::TOO_MANY,
};
use shared::{Finding, Level};

/// How two documents are judged. By default: by no policy, on no day.
#[derive(Debug, Clone, Copy)]
pub struct Judging<'p> {
    /// What the team makes of findings, and the notice that it promises.
    pub policy: &'p Policy,
    /// The day that ignores end by; without one, none has ended.
    pub today: Option<Date>,
    /// What the engine is told. Its day is the one that sunsets are judged by, which may be an earlier one.
    pub options: Options,
}

/// A verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What counts: the worst level first, then in the revision's order; last, what is missing. What breaks has a
    /// witness, or says why not.
    pub findings: Vec<Finding>,
    /// What the policy ignores, in the same order; each says why.
    pub ignored: Vec<Finding>,
    /// Ignores that ended, by their place in the policy. Their findings count.
    pub expired: Vec<usize>,
    /// Ignores in force that cover no finding of this comparison, by their place in the policy. Empty where not all that is
    /// ignored is listed.
    pub unused: Vec<usize>,
    /// Operations of both documents together: those that both have count once.
    pub operations: usize,
    /// Findings that count and aren't listed. The last finding says so.
    pub left_out: usize,
    /// Ignored findings that aren't listed.
    pub ignored_left_out: usize,
}

impl Default for Judging<'_> {
    fn default() -> Self {
        static NONE: Policy = Policy::new();
        Self { policy: &NONE, today: None, options: Options::default() }
    }
}

/// What changed from `base` to `revision`, and how bad it is.
///
/// Pure and deterministic: the order of keys in either document doesn't matter beyond positions. Judging a document against
/// itself finds nothing.
#[must_use]
pub fn judge(base: &Document, revision: &Document, judging: &Judging<'_>) -> Report {
    let policy = OnDay::new(judging.policy, judging.today);
    let options = Options { notice: judging.policy.notice, ..judging.options };
    let (found, operations) = compare::compare(base, revision, options, &policy);
    let Found { findings, ignored, left_out, ignored_left_out } = found;
    let unused = if ignored_left_out == 0 { policy.unused(ignored.iter()) } else { Vec::new() };
    Report { findings, ignored, expired: policy.expired(), unused, operations, left_out, ignored_left_out }
}

/// The findings alone, by no policy and on no day.
#[must_use]
pub fn compare(base: &Document, revision: &Document) -> Vec<Finding> {
    judge(base, revision, &Judging::default()).findings
}

impl Report {
    /// What [`judge`] says under a policy, when this is what it said under one that has its notice and nothing else.
    ///
    /// None where the documents are needed for it: to show a finding that the policy raises to breaking, to list what was
    /// left out, or to show what there was no time for before the policy made some.
    #[must_use]
    pub fn under(mut self, policy: &Policy, today: Option<Date>) -> Option<Self> {
        let policy = OnDay::new(policy, today);
        self.expired = policy.expired();
        if policy.changes_nothing() {
            return Some(self);
        }
        if self.left_out > 0 {
            return None;
        }
        let mut spared = false;
        for finding in &mut self.findings {
            // It was taken for breaking before it was looked at more closely.
            let doubtful = finding.level == Level::Risky && finding.unproven.is_some();
            if doubtful {
                finding.level = Level::Breaking;
            }
            policy.judge(finding);
            let is_to_be_shown = finding.level == Level::Breaking && finding.ignored.is_none();
            if doubtful && is_to_be_shown {
                policy.doubt(finding);
                continue;
            }
            if is_to_be_shown && finding.engine_level.is_some() && finding.rule != UNDENIABLE {
                return None;
            }
            if !is_to_be_shown {
                spared |= finding.witness.take().is_some() | finding.unproven.take().is_some();
            }
        }
        if spared && self.findings.iter().any(|finding| finding.unproven.as_deref() == Some(TOO_MANY.why())) {
            return None;
        }
        let missing = self.findings.pop_if(|finding| finding.rule == UNDENIABLE);
        (self.ignored, self.findings) = self.findings.into_iter().partition(|finding| finding.ignored.is_some());
        self.unused = policy.unused(self.ignored.iter());
        // What is ignored is as bad as it was.
        sort::by(&mut self.findings, order);
        self.findings.extend(missing);
        Some(self)
    }
}
