//! What a team makes of the findings: rules at other levels, and findings that were looked at and accepted.
//!
//! A policy never makes a finding vanish. What it ignores is kept apart with the reason that somebody gave, and what it
//! judges at another level keeps the level that the engine gave it, so that every report can show both. An ignore may
//! end: after its last day the finding counts again, and the report says so.

use crate::{Date, Notice, rules};
use shared::{
    Finding, Level,
    findings::{OperationKey, Place},
};
use std::collections::BTreeMap;

/// What a rule counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    At(Level),
    /// Its findings are all ignored.
    Off,
}

/// Findings that were accepted: those of a rule, in an operation or at a place if one is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    pub rule: String,
    /// Names in the path's braces don't matter.
    pub operation: Option<OperationKey>,
    /// The start of a JSON pointer into either document (`/components/schemas/Order`), or the name of a schema.
    pub path: Option<String>,
    /// Why. Reports show it.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
}

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    settings: BTreeMap<&'static str, Setting>,
    ignores: Vec<Ignore>,
    pub notice: Notice,
}

/// Why a policy can't be used; the text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    #[error("there is no rule `{id}`{}; `handshake rules` lists all", .near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default())]
    UnknownRule { id: String, near: Option<&'static str> },
    #[error("`{UNDENIABLE}` says that findings are missing; it can be neither turned off, lowered nor ignored")]
    Undeniable,
    #[error("an ignore needs a `reason`: say why the finding is accepted, for those who read the report")]
    NoReason,
}

/// A finding that a policy ignores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub finding: Finding,
    pub reason: String,
    /// The last day on which it is ignored.
    pub expires: Option<Date>,
}

/// Findings as a policy judges them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// What counts, the worst first.
    pub findings: Vec<Finding>,
    /// For each of those, the engine's level where the policy gave it another.
    pub engine_levels: Vec<Option<Level>>,
    pub ignored: Vec<Ignored>,
    /// Ignores that ended, by their place in the policy. Their findings count.
    pub expired: Vec<usize>,
}

/// The one rule whose findings stand for others that nobody has seen.
const UNDENIABLE: &str = "comparison-incomplete";

fn known(id: &str) -> Result<&'static str, PolicyError> {
    match rules::find(id) {
        Some(rule) => Ok(rule.id),
        None => Err(PolicyError::UnknownRule { id: id.to_owned(), near: rules::nearest(id) }),
    }
}

impl Policy {
    /// Has a rule count as something else.
    pub fn set(&mut self, rule: &str, setting: Setting) -> Result<(), PolicyError> {
        let rule = known(rule)?;
        let lowered = match setting {
            Setting::Off => true,
            Setting::At(level) => rules::find(rule).is_some_and(|rule| level < rule.level),
        };
        if rule == UNDENIABLE && lowered {
            return Err(PolicyError::Undeniable);
        }
        self.settings.insert(rule, setting);
        Ok(())
    }

    /// Has findings ignored.
    pub fn ignore(&mut self, ignore: Ignore) -> Result<(), PolicyError> {
        if known(&ignore.rule)? == UNDENIABLE {
            return Err(PolicyError::Undeniable);
        }
        if ignore.reason.trim().is_empty() {
            return Err(PolicyError::NoReason);
        }
        self.ignores.push(ignore);
        Ok(())
    }

    #[must_use]
    pub fn ignores(&self) -> &[Ignore] {
        &self.ignores
    }

    /// Judges findings on a day. Without one, nothing has ended.
    #[must_use]
    pub fn judge(&self, findings: Vec<Finding>, today: Option<Date>) -> Judged {
        let ended = |ignore: &Ignore| matches!((ignore.expires, today), (Some(last), Some(today)) if last < today);
        let mut by_rule: BTreeMap<&str, Vec<&Ignore>> = BTreeMap::new();
        for ignore in self.ignores.iter().filter(|ignore| !ended(ignore)) {
            by_rule.entry(&ignore.rule).or_default().push(ignore);
        }
        let expired = self.ignores.iter().enumerate().filter(|(_, ignore)| ended(ignore)).map(|(at, _)| at).collect();
        let mut judged = Judged { expired, ..Judged::default() };
        let mut counting: Vec<(Finding, Option<Level>)> = Vec::new();
        for mut finding in findings {
            let setting = self.settings.get(finding.rule.as_ref());
            let ignore =
                by_rule.get(finding.rule.as_ref()).into_iter().flatten().find(|ignore| ignore.covers(&finding));
            match (ignore, setting) {
                (Some(ignore), _) => {
                    judged.ignored.push(Ignored { finding, reason: ignore.reason.clone(), expires: ignore.expires });
                }
                (None, Some(Setting::Off)) => {
                    let reason = "the rule is off".to_owned();
                    judged.ignored.push(Ignored { finding, reason, expires: None });
                }
                (None, Some(Setting::At(level))) if *level != finding.level => {
                    let was = std::mem::replace(&mut finding.level, *level);
                    counting.push((finding, Some(was)));
                }
                _ => counting.push((finding, None)),
            }
        }
        // Stable, so that the engine's order holds within a level.
        counting.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.level));
        (judged.findings, judged.engine_levels) = counting.into_iter().unzip();
        judged
    }
}

impl Ignore {
    /// Whether it speaks of a finding.
    fn covers(&self, finding: &Finding) -> bool {
        let operation = self.operation.as_ref().is_none_or(|wanted| {
            finding
                .operation
                .as_ref()
                .is_some_and(|key| key.method == wanted.method && template(&key.path) == template(&wanted.path))
        });
        operation
            && self.path.as_deref().is_none_or(|path| {
                let start = match path.strip_prefix('#').unwrap_or(path) {
                    pointer if pointer.starts_with('/') => pointer.to_owned(),
                    name => format!("/components/schemas/{name}"),
                };
                let within = |place: &Place| {
                    place
                        .pointer
                        .strip_prefix(start.trim_end_matches('/'))
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                finding.base.iter().chain(&finding.revision).any(within)
            })
    }
}

/// A path with the names in its braces taken out.
fn template(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &'static str, operation: &str, pointer: &str) -> Finding {
        Finding {
            rule: rule.into(),
            level: rules::get(rule).level,
            operation: operation.parse().ok(),
            direction: None,
            message: String::new(),
            base: None,
            revision: Some(Place { pointer: pointer.to_owned(), line: 1, column: 1 }),
            witness: None,
            unproven: None,
        }
    }

    fn ignore(operation: Option<&str>, path: Option<&str>, expires: Option<&str>) -> Ignore {
        Ignore {
            rule: "response-property-removed".to_owned(),
            operation: operation.map(|text| text.parse().expect("an operation")),
            path: path.map(str::to_owned),
            reason: "nobody reads it".to_owned(),
            expires: expires.map(|text| text.parse().expect("a date")),
        }
    }

    const AT: &str = "/components/schemas/Order/properties/a";

    #[test]
    fn an_ignore_covers_what_it_names() {
        let found = finding("response-property-removed", "GET /a/{id}", AT);
        for (operation, path, covers) in [
            (None, None, true),
            (Some("get /a/{key}"), None, true),
            (Some("POST /a/{id}"), None, false),
            (Some("GET /a"), None, false),
            (None, Some("Order"), true),
            (None, Some("Ord"), false),
            (None, Some("/components/schemas/Order"), true),
            (None, Some("#/components/schemas/Order/"), true),
            (None, Some("/components/schemas/Ord"), false),
            (Some("GET /a/{id}"), Some("Other"), false),
        ] {
            assert_eq!(ignore(operation, path, None).covers(&found), covers, "{operation:?} {path:?}");
        }
        assert!(!ignore(Some("GET /a"), None, None).covers(&finding("response-property-removed", "", AT)));
    }

    #[test]
    fn what_is_ignored_is_kept_apart_until_its_last_day() {
        let mut policy = Policy::default();
        policy.ignore(ignore(None, None, Some("2027-01-31"))).expect("it is right");
        let findings = || vec![finding("response-property-removed", "GET /a", AT)];
        for (today, ignored) in [(None, 1), (Some("2027-01-31"), 1), (Some("2027-02-01"), 0)] {
            let judged = policy.judge(findings(), today.map(|day| day.parse().expect("a date")));
            assert_eq!((judged.ignored.len(), judged.findings.len()), (ignored, 1 - ignored), "{today:?}");
            assert_eq!(judged.expired.len(), 1 - ignored, "{today:?}");
        }
        assert_eq!(policy.judge(findings(), None).ignored[0].reason, "nobody reads it");
    }

    #[test]
    fn levels_change_and_the_engine_s_are_kept() {
        let mut policy = Policy::default();
        policy.set("response-property-removed", Setting::At(Level::Breaking)).expect("it is right");
        policy.set("operation-added", Setting::Off).expect("it is right");
        policy.set("operation-removed", Setting::At(Level::Breaking)).expect("it is right");
        let findings = ["operation-removed", "server-removed", "response-property-removed", "operation-added"];
        let judged = policy.judge(findings.map(|rule| finding(rule, "GET /a", AT)).into(), None);
        let told: Vec<_> = judged.findings.iter().map(|f| (f.rule.as_ref(), f.level)).collect();
        assert_eq!(
            told,
            [
                ("operation-removed", Level::Breaking),
                ("response-property-removed", Level::Breaking),
                ("server-removed", Level::Risky)
            ]
        );
        assert_eq!(judged.engine_levels, [None, Some(Level::Risky), None]);
        assert_eq!((judged.ignored.len(), judged.ignored[0].reason.as_str()), (1, "the rule is off"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let mut policy = Policy::default();
        let error = policy.set("response-property-remove", Setting::Off).expect_err("no such rule");
        assert_eq!(
            error.to_string(),
            "there is no rule `response-property-remove` (did you mean `response-property-removed`?); `handshake rules` lists all"
        );
        assert_eq!(policy.set("comparison-incomplete", Setting::Off), Err(PolicyError::Undeniable));
        assert_eq!(policy.set("comparison-incomplete", Setting::At(Level::Breaking)), Ok(()));
        let silent = Ignore { reason: " ".to_owned(), ..ignore(None, None, None) };
        assert_eq!(policy.ignore(silent), Err(PolicyError::NoReason));
        let missing = Ignore { rule: UNDENIABLE.to_owned(), ..ignore(None, None, None) };
        assert_eq!(policy.ignore(missing), Err(PolicyError::Undeniable));
    }
}
