//! Comparisons of two documents: computed once, then read page by page.
//!
//! They are kept by the documents' digests, not by versions: whoever publishes the same two documents anywhere else
//! gets the answer from the table. Publishing stores its own pair in its transaction; any other pair is computed when
//! somebody first asks, once, however many ask at the same time.

use super::{Inner, comparisons_sql as sql, documents::Digest};
use crate::{
    error::{Error, Result},
    store::{retrying, storable},
};
use contract::{Date, Document, Options};
use shared::{
    ApiError, Cursor, Finding, Level, Page,
    findings::{Counts, OperationKey},
    services::{Comparison, FindingQuery, Version},
};
use std::{collections::HashSet, sync::Arc};

/// Which generation of verdicts the engine gives. Raise it with every change of a rule: what was kept is compared anew.
/// The verdict that a version was published with stays what it was.
pub const ENGINE: i64 = 8;

/// Longer searches find nothing that a shorter one doesn't.
const LONGEST_SEARCH: usize = 200;

/// A comparison that is stored, without its findings.
#[derive(Debug, Clone)]
pub struct Summary {
    pub id: String,
    pub counts: Counts,
    pub operations_touched: u32,
}

/// A finding, ready to be stored.
#[derive(Debug)]
pub struct Row {
    pub level: Level,
    pub search: String,
    pub body: String,
}

/// A comparison that was just made, ready to be stored.
#[derive(Debug)]
pub struct Compared {
    pub base: Digest,
    pub revision: Digest,
    pub counts: Counts,
    pub operations_touched: u32,
    pub rows: Vec<Row>,
}

impl Compared {
    fn new(base: Digest, revision: Digest, findings: &[Finding]) -> Result<Self> {
        let touched: HashSet<&OperationKey> =
            findings.iter().filter_map(|finding| finding.operation.as_ref()).collect();
        Ok(Self {
            base,
            revision,
            counts: Counts::of(findings),
            operations_touched: u32::try_from(touched.len()).unwrap_or(u32::MAX),
            rows: findings.iter().map(row).collect::<Result<_>>()?,
        })
    }
}

fn row(finding: &Finding) -> Result<Row> {
    let operation = finding.operation.as_ref().map(ToString::to_string).unwrap_or_default();
    // A line break between the parts keeps a search from matching across two of them.
    let search = format!("{}\n{}\n{operation}", finding.message, finding.rule).to_lowercase();
    // JSON writes NUL as an escape, so the body needs no care; the search text does.
    let body = serde_json::to_string(finding).map_err(|error| Error::damaged(format_args!("finding: {error}")))?;
    Ok(Row { level: finding.level, search: storable(&search).into_owned(), body })
}

impl Inner {
    /// Compares two parsed documents, off the async threads.
    pub(super) async fn compare_documents(
        &self,
        (base, old): (Digest, Arc<Document>),
        (revision, new): (Digest, Arc<Document>),
    ) -> Result<Compared> {
        // A comparison is kept as it was made: a sunset is judged on the day when somebody first asked, which for a
        // version's own comparison is the day of publishing.
        let options = Options::default().on(Date::from_unix_seconds(self.clock.now().0.div_euclid(1000)));
        self.documents
            .compute(move || {
                let findings = contract::compare_with(&old, &new, &options);
                Compared::new(base, revision, &findings)
            })
            .await?
    }

    /// The comparison of two stored documents; computed if nobody has asked before.
    async fn summary(&self, base: &Digest, revision: &Digest) -> Result<Summary> {
        let pair = (base.clone(), revision.clone());
        self.summaries.get_or_insert_async(&pair, self.load_or_compare(base, revision)).await
    }

    async fn load_or_compare(&self, base: &Digest, revision: &Digest) -> Result<Summary> {
        if let Some(stored) = sql::summary(&mut *self.store.read().await?, base, revision).await? {
            return Ok(stored);
        }
        let old = self.documents.parsed(base).await?;
        let new = self.documents.parsed(revision).await?;
        let compared = self.compare_documents((base.clone(), old), (revision.clone(), new)).await?;
        retrying(async || {
            let mut tx = self.store.begin().await?;
            sql::insert(&mut tx, &compared).await?;
            Ok(tx.commit().await?)
        })
        .await?;
        // Another server may have been first; what is stored is what pages are read from.
        let stored = sql::summary(&mut *self.store.read().await?, base, revision).await?;
        stored.ok_or_else(|| Error::damaged("a comparison that was just stored is gone"))
    }

    pub(super) async fn comparison(&self, base: Version, revision: Version) -> Result<Comparison> {
        let Summary { counts, operations_touched, .. } = self.summary(&base.digest, &revision.digest).await?;
        Ok(Comparison { base, revision, level: counts.verdict(), counts, operations_touched })
    }

    pub(super) async fn findings(
        &self,
        base: &Version,
        revision: &Version,
        query: &FindingQuery,
    ) -> Result<Page<Finding>> {
        let limit = query.page().limit()?;
        let after = query.cursor.as_ref().map_or(Ok(0), Cursor::parse::<i64>)?;
        let pattern = query.search.as_deref().map_or(Ok(String::new()), pattern)?;
        let summary = self.summary(&base.digest, &revision.digest).await?;
        let mut connection = self.store.read().await?;
        let found = sql::findings(&mut connection, &summary.id, query.level, &pattern, after, limit + 1).await?;
        let page = Page::cut(found, limit, |(position, _)| position.to_string());
        let items = page.items.into_iter().map(|(_, finding)| finding).collect();
        Ok(Page { items, next_cursor: page.next_cursor })
    }
}

/// What people search for, checked and in lower case.
pub fn search_text(search: &str) -> Result<String, ApiError> {
    let search = search.trim();
    if search.chars().count() > LONGEST_SEARCH {
        let message = format!("A search has at most {LONGEST_SEARCH} characters.");
        return Err(ApiError::invalid("search", message));
    }
    Ok(storable(search).to_lowercase())
}

/// The `LIKE` pattern of what contains the text; the empty one for an empty search.
fn pattern(search: &str) -> Result<String, ApiError> {
    let text = search_text(search)?;
    if text.is_empty() {
        return Ok(text);
    }
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Ok(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_its_characters() {
        assert_eq!(pattern(" 100%_OK! ").unwrap(), "%100!%!_ok!!%");
        assert_eq!(pattern("  ").unwrap(), "");
        assert!(pattern(&"x".repeat(LONGEST_SEARCH + 1)).is_err());
    }
}
