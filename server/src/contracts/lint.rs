//! What could be better about a version's contract, computed when somebody asks.
//!
//! Nothing of it is stored. The engine lints GitHub's description (12 MB, 1,108 operations) in 50 ms, a usual contract in
//! one or two, from the parsed document that publishing has just put into the cache; and a stored score would have to be
//! computed again with each release of the engine, as its rules are. So the answer is kept in memory, by the document's
//! digest and what the policy makes of its findings, for as long as there is room, and always is what this release says.
//! Comparisons are stored because each costs two documents, and because the verdict that a version was published with must stay what it was; a score promises
//! nothing about the past.

use super::ContractsService;
use crate::{cursor::After, documents::Weight, error::Result, policies::EffectivePolicy};
use contract::JudgedLint;
use quick_cache::Weighter;
use shared::{
    Cursor, Page, VersionRef,
    accounts::Caller,
    lint::{LintFinding, LintQuery, Score},
};
use std::sync::Arc;

impl Weighter<String, Arc<JudgedLint>> for Weight {
    fn weight(&self, _: &String, judged: &Arc<JudgedLint>) -> u64 {
        let findings = judged.lint.findings.len() + judged.ignored.len();
        // A finding's texts are some 200 bytes beside its fields.
        (findings * (size_of::<LintFinding>() + 256)) as u64 + 4_096
    }
}

/// A version's contract, judged, and what judged it.
struct Linted {
    judged: Arc<JudgedLint>,
    by: Arc<EffectivePolicy>,
}

impl ContractsService {
    async fn linted(&self, caller: &Caller, version: &VersionRef) -> Result<Linted> {
        let (who, version) = self.version(caller, version).await?;
        let by = self.0.policies.effective_policy(&version.service).await?;
        let key = format!("{} {}", version.digest, by.lint_key);
        let effective_policy = Arc::clone(&by);
        let lint = async {
            let documents = &self.0.documents;
            let document = documents.parsed(who, &version.digest).await?;
            let memory = document.memory_size();
            let lint = move || contract::lint_with(&document, &effective_policy.policy, Some(effective_policy.today));
            documents.work.run(who, memory, move || Arc::new(lint())).await
        };
        Ok(Linted { judged: self.0.linted.get_or_insert_async(&key, lint).await?, by })
    }

    pub(super) async fn score(&self, caller: &Caller, version: &VersionRef) -> Result<Score> {
        Ok(self.linted(caller, version).await?.judged.lint.score.clone())
    }

    pub(super) async fn findings_of_lint(
        &self,
        caller: &Caller,
        version: &VersionRef,
        query: &LintQuery,
    ) -> Result<Page<LintFinding>> {
        let limit = query.page().limit()?;
        let after = query.cursor.as_ref().map(Cursor::parse::<After>).transpose()?;
        let Linted { judged, by } = self.linted(caller, version).await?;
        let from = After::in_list(after, &by.lint_key)?;
        let findings = if query.ignored { &judged.ignored } else { &judged.lint.findings };
        Ok(page(findings, query, (&by.lint_key, usize::try_from(from).unwrap_or(usize::MAX)), limit))
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
            place: Place { file: None, pointer: String::new(), line, column: 1 },
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
