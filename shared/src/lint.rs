//! What the engine says about one contract on its own: how well it keeps to the practices of a good one.

use crate::{
    ApiError, Cursor, PageQuery,
    findings::{Ignored, OperationKey, Place},
    words,
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// How much a practice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to have.
    Hint,
    /// Those who use the contract will miss it.
    Warning,
    /// The contract is wrong, or unsafe to use.
    Error,
}

impl Severity {
    /// The worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Hint];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Severity {
    type Err = ApiError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or_else(|| ApiError::invalid("severity", "A severity is error, warning or hint."))
    }
}

/// A place that doesn't keep to a practice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LintFinding {
    /// Stable id of the rule in kebab-case, named by what is wrong: `response-401-missing`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub rule: Cow<'static, str>,
    pub severity: Severity,
    /// The operation that it is about; absent when it is about the document or a shared component.
    pub operation: Option<OperationKey>,
    /// What is wrong and what to do, in a sentence or two.
    pub message: String,
    pub place: Place,
    /// The engine's severity, where a policy gives the rule another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_severity: Option<Severity>,
    /// Why it doesn't count, where a policy ignores it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored: Option<Ignored>,
}

/// How a contract keeps to one rule: one reason of its score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// The rule's id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub rule: Cow<'static, str>,
    pub severity: Severity,
    /// How much the rule counts in the score.
    pub weight: u32,
    /// Places that the rule looks at; at least one, since a rule without a place doesn't count.
    pub places: u32,
    /// How many of them don't keep to it.
    pub broken: u32,
}

/// A contract's score with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// 0 to 100: the weighted mean, over the rules that apply, of the share of places that keep to each, rounded down.
    /// 100 exactly when there is nothing to improve.
    #[cfg_attr(feature = "openapi", schema(maximum = 100))]
    pub score: u32,
    /// Every rule that applies: what costs most first.
    pub reasons: Vec<Reason>,
    /// Findings that are counted in the reasons and not listed, since there are too many.
    pub left_out: u32,
    /// Findings that the policy ignores, listed or not; in no reason.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub ignored_count: u32,
    /// Sentences about what was too much to be looked at; none for real documents.
    pub notes: Vec<String>,
}

impl Score {
    /// How many places break rules of this severity.
    #[must_use]
    pub fn broken(&self, severity: Severity) -> u32 {
        let of = self.reasons.iter().filter(|reason| reason.severity == severity);
        of.fold(0, |sum, reason| sum.saturating_add(reason.broken))
    }

    /// "3 errors, 1 warning, 9 hints": what a sentence says of the findings.
    #[must_use]
    pub fn in_words(&self) -> String {
        let count = |severity: Severity| match self.broken(severity) {
            0 => None,
            n => Some(words::count(n, severity.as_str())),
        };
        let parts: Vec<String> = Severity::ALL.into_iter().filter_map(count).collect();
        if parts.is_empty() { "nothing to improve".to_owned() } else { parts.join(", ") }
    }

    /// The worst severity present.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| self.broken(*severity) > 0)
    }
}

/// A contract's score, and what is to be improved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lint {
    #[serde(flatten)]
    pub score: Score,
    /// Worst severity first, then in the document's order.
    pub findings: Vec<LintFinding>,
}

/// Which findings about a contract are wanted: worst first, then in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct LintQuery {
    /// Only this severity.
    pub severity: Option<Severity>,
    /// Only findings of the rule with this id.
    #[cfg_attr(feature = "openapi", param(max_length = 100))]
    pub rule: Option<String>,
    /// Instead of the findings that count, those that the service's policy ignores.
    pub ignored: bool,
    /// `nextCursor` of the page before.
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, max_length = 200))]
    pub cursor: Option<Cursor>,
    /// 1 to 200, 50 when absent.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

impl LintQuery {
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { cursor: self.cursor.clone(), limit: self.limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_in_words() {
        let reason = |severity, broken| Reason { rule: "x".into(), severity, weight: 1, places: 9, broken };
        let words = |reasons: &[Reason]| {
            Score { score: 0, reasons: reasons.to_vec(), left_out: 0, ignored_count: 0, notes: Vec::new() }.in_words()
        };
        assert_eq!(words(&[]), "nothing to improve");
        assert_eq!(words(&[reason(Severity::Error, 0)]), "nothing to improve");
        let all = [reason(Severity::Hint, 2), reason(Severity::Error, 1), reason(Severity::Error, 2)];
        assert_eq!(words(&all), "3 errors, 2 hints");
        assert_eq!(words(&all[1..2]), "1 error");
    }

    #[test]
    fn severities_are_written_as_they_are_read() {
        for severity in Severity::ALL {
            assert_eq!(severity.as_str().parse(), Ok(severity));
        }
        assert!("bad".parse::<Severity>().is_err());
    }
}
