//! A policy on a day: what becomes of each finding.

use super::{ALL_CHANGES, Index, Policy, is_of_changes, off};
use crate::{Date, Ignore};
use shared::{Finding, Level, findings::Ignored};
use std::collections::{BTreeMap, BTreeSet};

/// The one rule whose findings stand for others that nobody has seen.
pub(crate) const UNDENIABLE: &str = "comparison-incomplete";

/// The policy, ready to be asked for each finding of a comparison.
#[derive(Debug)]
pub(crate) struct OnDay<'p> {
    policy: &'p Policy,
    today: Option<Date>,
    /// Those that hold, by rule.
    ignores: BTreeMap<&'p str, Index<'p>>,
    /// How many of them name a fingerprint.
    fingerprints: usize,
}

impl<'p> OnDay<'p> {
    /// Without a day, nothing has ended.
    pub(crate) fn new(policy: &'p Policy, today: Option<Date>) -> Self {
        let mut on_day = Self { policy, today, ignores: BTreeMap::new(), fingerprints: 0 };
        for (place, ignore) in policy.in_force(today).filter(|(_, ignore)| is_of_changes(&ignore.rule)) {
            on_day.ignores.entry(&ignore.rule).or_default().add(place, ignore);
            on_day.fingerprints += usize::from(ignore.fingerprint.is_some());
        }
        on_day
    }

    /// Whether every finding counts as the engine has it.
    pub(crate) fn changes_nothing(&self) -> bool {
        self.policy.levels.is_empty() && self.ignores.is_empty()
    }

    /// What a finding counts as that nothing ignores; none when its rule is off.
    pub(crate) fn level(&self, rule: &str, engine: Level) -> Option<Level> {
        self.policy.levels.get(rule).copied().unwrap_or(Some(engine))
    }

    /// Whether findings of the rule have to be looked at one by one.
    pub(crate) fn looks_at(&self, rule: &str) -> bool {
        self.ignores.contains_key(rule) || self.ignores.contains_key(ALL_CHANGES)
    }

    /// The most findings that fingerprints can name.
    pub(crate) const fn fingerprints(&self) -> usize {
        self.fingerprints
    }

    /// Why a finding is ignored, if it is. Its fingerprint is its own only once all findings are known.
    pub(crate) fn ignored(&self, finding: &Finding, fingerprint: Option<&str>) -> Option<Ignored> {
        match self.covering(finding, fingerprint) {
            Some((_, ignore)) => Some(ignore.ignored()),
            None => self.level(&finding.rule, finding.level).is_none().then(off),
        }
    }

    /// The ignore that covers a finding, with its place in the policy.
    fn covering(&self, finding: &Finding, fingerprint: Option<&str>) -> Option<(usize, &'p Ignore)> {
        if finding.rule == UNDENIABLE {
            return None;
        }
        let places = finding.base.iter().chain(&finding.revision);
        let of = |rule: &str| {
            self.ignores.get(rule).and_then(|all| all.covering(fingerprint, finding.operation.as_ref(), &places))
        };
        [of(&finding.rule), of(ALL_CHANGES)].into_iter().flatten().min_by_key(|(place, _)| *place)
    }

    /// Ignores in force that cover none of some findings, by their place in the policy.
    pub(crate) fn unused<'f>(&self, findings: impl Iterator<Item = &'f Finding>) -> Vec<usize> {
        let mut places: BTreeSet<usize> = self.ignores.values().flat_map(Index::places).collect();
        for finding in findings {
            if places.is_empty() {
                break;
            }
            if let Some((place, _)) = self.covering(finding, Some(&finding.fingerprint)) {
                places.remove(&place);
            }
        }
        places.into_iter().collect()
    }

    /// Judges a finding of the engine's.
    pub(crate) fn judge(&self, finding: &mut Finding) {
        finding.ignored = self.ignored(finding, Some(&finding.fingerprint));
        let level = self.level(&finding.rule, finding.level).filter(|level| *level != finding.level);
        if let Some(level) = level.filter(|_| finding.ignored.is_none()) {
            finding.engine_level = Some(std::mem::replace(&mut finding.level, level));
        }
    }

    /// What a finding counts as that was taken for breaking, and that no message shows: the engine holds it for risky.
    pub(crate) fn doubt(&self, finding: &mut Finding) {
        if finding.engine_level.is_none() {
            finding.level = self.level(&finding.rule, Level::Risky).unwrap_or(Level::Risky);
            finding.engine_level = (finding.level != Level::Risky).then_some(Level::Risky);
        }
    }

    /// Ignores of changes that have ended, by their place in the policy.
    pub(crate) fn expired(&self) -> Vec<usize> {
        self.policy.expired(self.today, is_of_changes)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::ignore, *};
    use crate::rules;
    use shared::findings::Place;

    fn finding(rule: &'static str, operation: &str, pointer: &str) -> Finding {
        Finding {
            rule: rule.into(),
            level: rules::find(rule).expect("a rule of the table").level,
            operation: operation.parse().ok(),
            direction: None,
            subject: shared::Subject::default(),
            values: shared::Values::default(),
            operations: Vec::new(),
            fingerprint: String::new(),
            message: String::new(),
            base: None,
            revision: Some(Place { file: None, pointer: pointer.to_owned(), line: 1, column: 1 }),
            witness: None,
            unproven: None,
            engine_level: None,
            ignored: None,
        }
    }

    const AT: &str = "/components/schemas/Order/properties/a";

    fn judged(policy: &Policy, today: Option<&str>, mut finding: Finding) -> Finding {
        OnDay::new(policy, today.map(|day| day.parse().expect("a date"))).judge(&mut finding);
        finding
    }

    #[test]
    fn what_is_ignored_says_why_until_its_last_day() {
        let mut policy = Policy::default();
        policy.ignore(ignore(None, None, Some("2027-01-31"))).expect("it is right");
        for (today, ignored) in [(None, true), (Some("2027-01-31"), true), (Some("2027-02-01"), false)] {
            let judged = judged(&policy, today, finding("response-property-removed", "GET /a", AT));
            assert_eq!(judged.ignored.is_some(), ignored, "{today:?}");
            let expired = OnDay::new(&policy, today.map(|day| day.parse().expect("a date"))).expired();
            assert_eq!(expired.is_empty(), ignored, "{today:?}");
        }
        let judged = judged(&policy, None, finding("response-property-removed", "GET /a", AT));
        let why = judged.ignored.as_ref().map(ToString::to_string);
        assert_eq!(why.as_deref(), Some("nobody reads it (until 2027-01-31)"));
    }

    #[test]
    fn a_fingerprint_names_one_finding() {
        let print = "0123456789abcdef0123456789abcdef";
        let mut policy = Policy::default();
        let one = Ignore { fingerprint: Some(print.to_owned()), ..ignore(None, None, None) };
        policy.ignore(one).expect("it is right");
        for (fingerprint, ignored) in [(print, true), ("another", false)] {
            let finding = finding("response-property-removed", "GET /a", AT);
            let judged = judged(&policy, None, Finding { fingerprint: fingerprint.to_owned(), ..finding });
            assert_eq!(judged.ignored.is_some(), ignored, "{fingerprint}");
        }
    }

    #[test]
    fn levels_change_and_the_engine_s_are_stored() {
        let mut policy = Policy::default();
        policy.set("response-property-removed", "breaking").expect("it is right");
        policy.set("operation-added", "off").expect("it is right");
        policy.set("operation-removed", "breaking").expect("it is right");
        for (rule, level, engine) in [
            ("operation-removed", Level::Breaking, None),
            ("server-removed", Level::Risky, None),
            ("response-property-removed", Level::Breaking, Some(Level::Risky)),
        ] {
            let judged = judged(&policy, None, finding(rule, "GET /a", AT));
            assert_eq!((judged.level, judged.engine_level, judged.ignored), (level, engine, None), "{rule}");
        }
        assert_eq!(judged(&policy, None, finding("operation-added", "GET /a", AT)).ignored, Some(off()));
    }
}
