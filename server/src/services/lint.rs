//! What could be better about a version's contract, computed when somebody asks.
//!
//! Nothing of it is stored. The engine lints GitHub's description (12 MB, 1,108 operations) in 50 ms, a usual contract in
//! one or two, from the parsed document that publishing has just put into the cache; and a stored score would have to be
//! computed anew with each release of the engine, as its rules are. So the answer is kept in memory, by the document's
//! digest and what the policy makes of its findings, for as long as there is room, and always is what this release says. Comparisons are stored because each costs
//! two documents, and because the verdict that a version was published with must stay what it was; a score promises
//! nothing about the past.

use super::{Inner, after::After, policy::InForce};
use crate::{
    error::Result,
    permissions::{Grant, Read},
};
use contract::JudgedLint;
use shared::{
    Cursor, Page,
    lint::{LintFinding, LintQuery, Score},
    names::{ServiceName, VersionLabel},
};
use std::sync::Arc;

/// A version's contract, judged, and what judged it.
struct Linted {
    judged: Arc<JudgedLint>,
    by: Arc<InForce>,
}

impl Inner {
    async fn linted(&self, grant: &Grant<Read, ServiceName>, label: &VersionLabel) -> Result<Linted> {
        let version = self.version_row(grant, label).await?;
        let by = self.in_force(grant.service()).await?;
        Ok(Linted { judged: self.documents.linted(grant.actor().user, &version.digest, Arc::clone(&by)).await?, by })
    }

    pub(super) async fn score(&self, grant: &Grant<Read, ServiceName>, label: &VersionLabel) -> Result<Score> {
        Ok(self.linted(grant, label).await?.judged.lint.score.clone())
    }

    pub(super) async fn lint_findings(
        &self,
        grant: &Grant<Read, ServiceName>,
        label: &VersionLabel,
        query: &LintQuery,
    ) -> Result<Page<LintFinding>> {
        let limit = query.page().limit()?;
        let after = query.cursor.as_ref().map(Cursor::parse::<After>).transpose()?;
        let Linted { judged, by } = self.linted(grant, label).await?;
        let from = After::in_list(after, &by.practices)?;
        let findings = if query.ignored { &judged.ignored } else { &judged.lint.findings };
        Ok(page(findings, query, (&by.practices, usize::try_from(from).unwrap_or(usize::MAX)), limit))
    }
}

/// The findings that are wanted, from a place in the list. The same release and policy find the same in a version.
fn page(findings: &[LintFinding], query: &LintQuery, (list, from): (&str, usize), limit: usize) -> Page<LintFinding> {
    let wanted = |finding: &LintFinding| {
        query.severity.is_none_or(|severity| finding.severity == severity)
            && query.rule.as_deref().is_none_or(|rule| finding.rule == rule)
    };
    let found = findings.iter().enumerate().skip(from).filter(|(_, finding)| wanted(finding));
    let found = found.take(limit + 1).map(|(at, finding)| (at, finding.clone())).collect();
    let next = |at: usize| After::cursor(list, i64::try_from(at + 1).unwrap_or(i64::MAX));
    let page = Page::cut(found, limit, |(at, _)| next(*at));
    Page { items: page.items.into_iter().map(|(_, finding)| finding).collect(), next_cursor: page.next_cursor }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{findings::Place, lint::Severity};

    #[test]
    fn pages_join_up_to_what_was_wanted() {
        let finding = |line| LintFinding {
            rule: if line % 2 == 0 { "even" } else { "odd" }.into(),
            severity: if line < 5 { Severity::Error } else { Severity::Hint },
            operation: None,
            message: String::new(),
            place: Place { pointer: String::new(), line, column: 1 },
            engine_severity: None,
            ignored: None,
        };
        let findings: Vec<LintFinding> = (1..=10).map(finding).collect();
        let all = |query: &LintQuery| {
            let (mut seen, mut from) = (Vec::new(), 0);
            loop {
                let page = page(&findings, query, ("a", from), 2);
                seen.extend(page.items.iter().map(|finding| finding.place.line));
                match page.next_cursor {
                    Some(next) => from = After::in_list(next.parse().ok(), "a").unwrap().try_into().unwrap(),
                    None => break seen,
                }
            }
        };
        assert_eq!(all(&LintQuery::default()), (1..=10).collect::<Vec<_>>());
        assert_eq!(all(&LintQuery { rule: Some("odd".into()), ..LintQuery::default() }), [1, 3, 5, 7, 9]);
        let errors = LintQuery { severity: Some(Severity::Error), rule: Some("even".into()), ..LintQuery::default() };
        assert_eq!(all(&errors), [2, 4]);
    }
}
