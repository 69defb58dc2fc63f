//! What a team makes of the findings: rules at other levels, and findings that were looked at and accepted.
//!
//! A policy never makes a finding vanish. What it ignores is kept apart with the reason that somebody gave, and what it
//! judges at another level keeps the level that the engine gave it, so that every report can show both. An ignore may
//! end: after its last day the finding counts again, and the report says so.

mod index;
mod on_day;
mod wildcard;

pub(crate) use index::Index;
pub(crate) use on_day::{OnDay, UNDENIABLE};

use crate::{Date, Notice, lint, rules, text::cut};
use serde_json::{Value, json};
use shared::{
    Level,
    findings::{Ignored, OperationKey},
    lint::Severity,
};
use std::{collections::BTreeMap, fmt};

/// Findings that were accepted: those of a rule, in an operation or at a place if one is named. In both, `*` stands for
/// any characters within a segment of the path, and the segment `**` for any number of segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// The rule's id, or [`ALL_CHANGES`].
    pub rule: String,
    /// Names in the path's braces don't matter; the method may be `*`.
    pub operation: Option<OperationKey>,
    /// The start of a JSON pointer into either document (`/components/schemas/Order`), or the name of a schema there.
    pub path: Option<String>,
    /// The one finding with this fingerprint. It says all: `operation` and `path` are left out beside it.
    pub fingerprint: Option<String>,
    /// Why. Reports show it.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
}

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// What rules of the comparison count as; none for those that are off.
    levels: BTreeMap<&'static str, Option<Level>>,
    /// The same for the rules of lint.
    severities: BTreeMap<&'static str, Option<Severity>>,
    ignores: Vec<Ignore>,
    pub notice: Notice,
}

/// Why a policy can't be used; the text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("there is no rule `{id}`{}; `handshake rules` lists all", .near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default())]
    UnknownRule { id: String, near: Option<&'static str> },
    #[error("`{setting}` is no {}", if *.lint {
        "severity: write error, warning, hint or off"
    } else {
        "level: write breaking, risky, safe or off"
    })]
    UnknownSetting { setting: String, lint: bool },
    #[error("`{UNDENIABLE}` says that findings are missing; it can be neither turned off, lowered nor ignored")]
    Undeniable,
    #[error("an ignore needs a `reason`: say why the finding is accepted, for those who read the report")]
    NoReason,
    #[error("a reason has at most {} characters: every finding that is ignored carries it", Ignore::MAX_REASON)]
    LongReason,
    #[error("a policy has at most {} ignores", Policy::MAX_IGNORES)]
    TooMany,
    #[error("`{0}` is not a fingerprint: copy the 32 digits and letters from a report in JSON or SARIF")]
    Fingerprint(String),
    #[error("a fingerprint names one finding: leave out `operation` and `path`")]
    FingerprintAlone,
    #[error("an ignore of all changes (`*`) names an `operation` or a `path`")]
    Everything,
    #[error("findings of lint have no fingerprint: name an `operation` or a `path`")]
    NoFingerprint,
}

/// Stands for every rule of the comparison.
pub const ALL_CHANGES: &str = "*";

/// Whether an ignore's rule is about changes, and not one of lint.
pub(crate) fn is_of_changes(rule: &str) -> bool {
    rule == ALL_CHANGES || rules::find(rule).is_some()
}

/// The reason that is shown for what a rule that is off would have found.
const OFF: &str = "the rule is off";

/// A rule of the comparison, or one of lint.
enum Known {
    Change(&'static rules::Rule),
    Lint(&'static lint::LintRule),
}

fn known(id: &str) -> Result<Known, PolicyError> {
    let change = rules::find(id).map(Known::Change);
    change
        .or_else(|| lint::find(id).map(Known::Lint))
        .ok_or_else(|| PolicyError::UnknownRule { id: id.to_owned(), near: rules::nearest(id) })
}

/// What a setting says: none is "off".
fn parsed<T: std::str::FromStr>(setting: &str, lint: bool) -> Result<Option<T>, PolicyError> {
    match setting {
        "off" => Ok(None),
        other => other.parse().map(Some).map_err(|_| PolicyError::UnknownSetting { setting: setting.to_owned(), lint }),
    }
}

impl Policy {
    /// The most ignores in one.
    pub const MAX_IGNORES: usize = 500;

    /// One that changes nothing.
    #[must_use]
    pub const fn new() -> Self {
        let notice = Notice { stable: 0, beta: 0 };
        Self { levels: BTreeMap::new(), severities: BTreeMap::new(), ignores: Vec::new(), notice }
    }

    /// Has a rule count as something else: a level for a rule of the comparison, a severity for one of lint, or `off`.
    pub fn set(&mut self, rule: &str, setting: &str) -> Result<(), PolicyError> {
        match known(rule)? {
            Known::Change(rule) => {
                let level = parsed::<Level>(setting, false)?;
                if rule.id == UNDENIABLE && level.is_none_or(|level| level < rule.level) {
                    return Err(PolicyError::Undeniable);
                }
                self.levels.insert(rule.id, level);
            }
            Known::Lint(rule) => {
                self.severities.insert(rule.id, parsed::<Severity>(setting, true)?);
            }
        }
        Ok(())
    }

    /// Has findings ignored.
    pub fn ignore(&mut self, ignore: Ignore) -> Result<(), PolicyError> {
        let is_of_lint = if ignore.rule == ALL_CHANGES {
            if ignore.operation.is_none() && ignore.path.is_none() {
                return Err(PolicyError::Everything);
            }
            false
        } else {
            match known(&ignore.rule)? {
                Known::Change(rule) if rule.id == UNDENIABLE => return Err(PolicyError::Undeniable),
                Known::Change(_) => false,
                Known::Lint(_) => true,
            }
        };
        if let Some(fingerprint) = &ignore.fingerprint {
            let is_hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
            if is_of_lint {
                return Err(PolicyError::NoFingerprint);
            }
            if fingerprint.len() != 32 || !fingerprint.chars().all(is_hex) {
                return Err(PolicyError::Fingerprint(cut(fingerprint, 40).into_owned()));
            }
            if ignore.operation.is_some() || ignore.path.is_some() {
                return Err(PolicyError::FingerprintAlone);
            }
        }
        if ignore.reason.trim().is_empty() {
            return Err(PolicyError::NoReason);
        }
        if ignore.reason.chars().count() > Ignore::MAX_REASON {
            return Err(PolicyError::LongReason);
        }
        if self.ignores.len() >= Self::MAX_IGNORES {
            return Err(PolicyError::TooMany);
        }
        self.ignores.push(ignore);
        Ok(())
    }

    /// How many rules it has count as something else.
    #[must_use]
    pub fn settings(&self) -> usize {
        self.levels.len() + self.severities.len()
    }

    #[must_use]
    pub fn ignores(&self) -> &[Ignore] {
        &self.ignores
    }

    /// What a rule of lint counts as, none when it is off.
    pub(crate) fn severity(&self, rule: &lint::LintRule) -> Option<Severity> {
        self.severities.get(rule.id).copied().unwrap_or(Some(rule.severity))
    }

    /// The ignores of a rule that hold on a day. Without one, nothing has ended.
    pub(crate) fn holding(&self, rule: &str, today: Option<Date>) -> Index<'_> {
        self.in_force(today).filter(|(_, ignore)| ignore.rule == rule).collect()
    }

    /// The ignores that hold on a day, with their places.
    pub(crate) fn in_force(&self, today: Option<Date>) -> impl Iterator<Item = (usize, &Ignore)> {
        self.ignores.iter().enumerate().filter(move |(_, ignore)| !ignore.ended(today))
    }

    /// The places of the ignores that have ended on a day, of rules that `concerned` takes.
    pub(crate) fn expired(&self, today: Option<Date>, concerned: fn(&str) -> bool) -> Vec<usize> {
        let ended = |ignore: &Ignore| ignore.ended(today) && concerned(&ignore.rule);
        self.ignores.iter().enumerate().filter(|(_, ignore)| ended(ignore)).map(|(at, _)| at).collect()
    }

    /// The ignores that have ended on a day, by their place.
    #[must_use]
    pub fn ended(&self, today: Date) -> Vec<usize> {
        self.expired(Some(today), |_| true)
    }

    /// What of it judges comparisons on a day, as JSON: two policies that judge alike have the same, and one that
    /// changes nothing has none. Answers are cached by it.
    #[must_use]
    pub fn comparison_key(&self, today: Option<Date>) -> String {
        let notice = (self.notice != Notice::default()).then_some(self.notice);
        self.key(&self.levels, notice, today, is_of_changes)
    }

    /// The same of what judges by the rules of lint.
    #[must_use]
    pub fn lint_key(&self, today: Option<Date>) -> String {
        self.key(&self.severities, None, today, |rule| lint::find(rule).is_some())
    }

    fn key<T: fmt::Display>(
        &self,
        settings: &BTreeMap<&'static str, Option<T>>,
        notice: Option<Notice>,
        today: Option<Date>,
        concerned: fn(&str) -> bool,
    ) -> String {
        let holds = |ignore: &&Ignore| concerned(&ignore.rule) && !ignore.ended(today);
        let ignores: Vec<&Ignore> = self.ignores.iter().filter(holds).collect();
        if settings.is_empty() && notice.is_none() && ignores.is_empty() {
            return String::new();
        }
        let off = || "off".to_owned();
        let settings: BTreeMap<_, _> =
            settings.iter().map(|(rule, to)| (rule, to.as_ref().map_or_else(off, T::to_string))).collect();
        json!({
            "rules": settings,
            "notice": notice.map(|Notice { stable, beta }| [stable, beta]),
            "ignores": ignores.into_iter().map(Ignore::key).collect::<Vec<_>>(),
        })
        .to_string()
    }
}

/// Why findings of a rule that is off don't count.
pub(crate) fn off() -> Ignored {
    Ignored { reason: OFF.to_owned(), expires: None }
}

impl Ignore {
    /// The longest reason, in characters.
    pub const MAX_REASON: usize = 500;

    fn ended(&self, today: Option<Date>) -> bool {
        matches!((self.expires, today), (Some(last), Some(today)) if last < today)
    }

    /// Whether it names an operation or a place by a pattern.
    fn has_wildcard(&self) -> bool {
        let of_operation = |key: &OperationKey| wildcard::is_pattern(&key.method) || wildcard::is_pattern(&key.path);
        self.operation.as_ref().is_some_and(of_operation) || self.path.as_deref().is_some_and(wildcard::is_pattern)
    }

    fn key(&self) -> Value {
        let Self { rule, operation, path, fingerprint, reason, expires } = self;
        json!([
            rule,
            operation.as_ref().map(OperationKey::to_string),
            path,
            fingerprint,
            reason,
            expires.as_ref().map(Date::to_string),
        ])
    }

    /// What it says of a finding that it covers.
    pub(crate) fn ignored(&self) -> Ignored {
        Ignored { reason: self.reason.clone(), expires: self.expires.map(|last| last.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn ignore(operation: Option<&str>, path: Option<&str>, expires: Option<&str>) -> Ignore {
        Ignore {
            rule: "response-property-removed".to_owned(),
            operation: operation.map(|text| text.parse().expect("an operation")),
            path: path.map(str::to_owned),
            fingerprint: None,
            reason: "nobody reads it".to_owned(),
            expires: expires.map(|text| text.parse().expect("a date")),
        }
    }

    #[test]
    fn policies_that_judge_alike_read_alike() {
        let day = |text: &str| Some(text.parse().expect("a date"));
        let mut policy = Policy::default();
        assert_eq!(policy.comparison_key(None), "");
        policy.set("path-with-verb", "error").expect("it is right");
        assert_eq!(policy.comparison_key(None), "");
        assert_ne!(policy.lint_key(None), "");
        policy.ignore(ignore(None, None, Some("2027-01-31"))).expect("it is right");
        let before = policy.comparison_key(day("2027-01-31"));
        assert_ne!(before, "");
        assert_eq!(policy.comparison_key(day("2027-01-01")), before);
        assert_eq!(policy.comparison_key(day("2027-02-01")), "", "what has ended judges nothing");
        let again = policy.clone();
        policy.notice.stable = 1;
        assert_ne!(policy.comparison_key(day("2027-02-01")), "");
        assert_eq!(again.comparison_key(day("2027-01-31")), before);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let mut policy = Policy::default();
        let error = policy.set("response-property-remove", "off").expect_err("no such rule");
        assert_eq!(
            error.to_string(),
            "there is no rule `response-property-remove` (did you mean `response-property-removed`?); `handshake rules` lists all"
        );
        let error = policy.set("path-with-verbs", "off").expect_err("no such rule");
        assert!(error.to_string().contains("did you mean `path-with-verb`?"), "{error}");
        for (rule, setting, said) in [
            ("operation-removed", "error", "`error` is no level: write breaking, risky, safe or off"),
            ("path-with-verb", "breaking", "`breaking` is no severity: write error, warning, hint or off"),
        ] {
            assert_eq!(policy.set(rule, setting).expect_err(rule).to_string(), said);
        }
        assert_eq!(policy.set("comparison-incomplete", "off"), Err(PolicyError::Undeniable));
        assert_eq!(policy.set("comparison-incomplete", "breaking"), Ok(()));
        let silent = Ignore { reason: " ".to_owned(), ..ignore(None, None, None) };
        assert_eq!(policy.ignore(silent), Err(PolicyError::NoReason));
        let long = Ignore { reason: "x".repeat(Ignore::MAX_REASON + 1), ..ignore(None, None, None) };
        assert_eq!(policy.ignore(long), Err(PolicyError::LongReason));
        let mut full = Policy::default();
        let added = (0..=Policy::MAX_IGNORES).filter(|_| full.ignore(ignore(None, None, None)).is_ok());
        assert_eq!(added.count(), Policy::MAX_IGNORES);
        assert_eq!(full.ignore(ignore(None, None, None)), Err(PolicyError::TooMany));
        let of = |fingerprint: &str| Ignore { fingerprint: Some(fingerprint.to_owned()), ..ignore(None, None, None) };
        let print = "0123456789abcdef0123456789abcdef";
        assert_eq!(policy.ignore(of("0123")), Err(PolicyError::Fingerprint("0123".to_owned())));
        let both = Ignore { path: Some("Order".to_owned()), ..of(print) };
        assert_eq!(policy.ignore(both), Err(PolicyError::FingerprintAlone));
        let lint = Ignore { rule: "path-with-verb".to_owned(), ..of(print) };
        assert_eq!(policy.ignore(lint), Err(PolicyError::NoFingerprint));
        let all = |path: Option<&str>| Ignore { rule: ALL_CHANGES.to_owned(), ..ignore(None, path, None) };
        assert_eq!(policy.ignore(all(None)), Err(PolicyError::Everything));
        assert_eq!(policy.ignore(all(Some("Order"))), Ok(()));
        let missing = Ignore { rule: UNDENIABLE.to_owned(), ..ignore(None, None, None) };
        assert_eq!(policy.ignore(missing), Err(PolicyError::Undeniable));
    }
}
