//! Comparisons of two documents: computed once, then read page by page.
//!
//! They are kept by the documents' digests, by the day when the change came out and by what judged it. Publishing stores
//! its own pair in its transaction; any other pair is computed when somebody first asks, once, however many ask at the
//! same time.

use super::{
    Inner,
    after::After,
    comparisons_sql as sql,
    documents::Digest,
    policy::{InForce, day},
};
use crate::{
    error::{Error, Result},
    store::{retrying, storable},
};
use contract::{Date, Document, Judged, Options};
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

/// What a comparison is kept by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub base: Digest,
    pub revision: Digest,
    /// When the later of the two was published. What was taken away before its sunset that day stays taken away too
    /// early, however often it is judged anew.
    pub day: Date,
    /// What of the policy judged it; empty when nothing did.
    pub policy: Digest,
}

/// A comparison that is stored, without its findings.
#[derive(Debug, Clone)]
pub struct Summary {
    pub id: String,
    pub counts: Counts,
    pub ignored: u32,
    pub operations_touched: u32,
}

/// What stands for a level in rows of findings that the policy ignores.
pub const IGNORED: &str = "ignored";

/// A finding, ready to be stored.
#[derive(Debug)]
pub struct Row {
    pub level: &'static str,
    pub search: String,
    pub body: String,
}

/// A comparison that was just made, ready to be stored.
#[derive(Debug)]
pub struct Compared {
    pub key: Key,
    pub counts: Counts,
    pub ignored: u32,
    pub operations_touched: u32,
    pub rows: Vec<Row>,
}

impl Compared {
    fn new(key: Key, Judged { findings, ignored, .. }: &Judged) -> Result<Self> {
        let touched: HashSet<&OperationKey> =
            findings.iter().filter_map(|finding| finding.operation.as_ref()).collect();
        Ok(Self {
            key,
            counts: Counts::of(findings),
            ignored: u32::try_from(ignored.len()).unwrap_or(u32::MAX),
            operations_touched: u32::try_from(touched.len()).unwrap_or(u32::MAX),
            rows: findings.iter().chain(ignored).map(row).collect::<Result<_>>()?,
        })
    }
}

fn row(finding: &Finding) -> Result<Row> {
    let operation = finding.operation.as_ref().map(ToString::to_string).unwrap_or_default();
    // A line break between the parts keeps a search from matching across two of them.
    let search = format!("{}\n{}\n{operation}", finding.message, finding.rule).to_lowercase();
    // JSON writes NUL as an escape, so the body needs no care; the search text does.
    let body = serde_json::to_string(finding).map_err(|error| Error::damaged(format_args!("finding: {error}")))?;
    let level = if finding.ignored.is_some() { IGNORED } else { finding.level.as_str() };
    Ok(Row { level, search: storable(&search).into_owned(), body })
}

impl Inner {
    /// Compares two parsed documents, off the async threads.
    pub(super) async fn compare_documents(
        &self,
        key: Key,
        [old, new]: [Arc<Document>; 2],
        in_force: Arc<InForce>,
    ) -> Result<Compared> {
        let options = Options::default().on(key.day).notice(in_force.policy.notice);
        self.documents
            .compute(move || {
                let findings = contract::compare_with(&old, &new, &options);
                Compared::new(key, &in_force.policy.judge(findings, Some(in_force.today)))
            })
            .await?
    }

    /// The comparison of two versions of a service, as its policy judges it today; computed if nobody has asked before.
    async fn summary(&self, base: &Version, revision: &Version) -> Result<Summary> {
        let in_force = self.in_force(&revision.service).await?;
        let key = Key {
            base: base.digest.clone(),
            revision: revision.digest.clone(),
            day: day(base.published_at.max(revision.published_at)),
            policy: in_force.changes.clone(),
        };
        if let Some(known) = self.summaries.get(&key) {
            if sql::is_kept(&mut *self.store.read().await?, &known.id).await? {
                return Ok(known);
            }
            // Somebody has had the change judged otherwise since, and then back.
            self.summaries.remove(&key);
        }
        self.summaries.get_or_insert_async(&key, self.load_or_compare(&key, in_force)).await
    }

    async fn load_or_compare(&self, key: &Key, in_force: Arc<InForce>) -> Result<Summary> {
        if let Some(stored) = sql::summary(&mut *self.store.read().await?, key).await? {
            return Ok(stored);
        }
        let old = self.documents.parsed(&key.base).await?;
        let new = self.documents.parsed(&key.revision).await?;
        let compared = self.compare_documents(key.clone(), [old, new], in_force).await?;
        retrying(async || {
            let mut tx = self.store.begin().await?;
            sql::insert(&mut tx, &compared).await?;
            Ok(tx.commit().await?)
        })
        .await?;
        // Another server may have been first; what is stored is what pages are read from.
        let stored = sql::summary(&mut *self.store.read().await?, key).await?;
        stored.ok_or_else(|| Error::damaged("a comparison that was just stored is gone"))
    }

    pub(super) async fn comparison(&self, base: Version, revision: Version) -> Result<Comparison> {
        let Summary { counts, ignored, operations_touched, .. } = self.summary(&base, &revision).await?;
        let level = counts.verdict();
        Ok(Comparison { base, revision, level, counts, operations_touched, ignored_count: ignored })
    }

    pub(super) async fn findings(
        &self,
        base: &Version,
        revision: &Version,
        query: &FindingQuery,
    ) -> Result<Page<Finding>> {
        let limit = query.page().limit()?;
        let after = query.cursor.as_ref().map(Cursor::parse::<After>).transpose()?;
        let pattern = query.search.as_deref().map_or(Ok(String::new()), pattern)?;
        let level = if query.ignored { Some(IGNORED) } else { query.level.map(Level::as_str) };
        let summary = self.summary(base, revision).await?;
        let after = After::in_list(after, &summary.id)?;
        let mut connection = self.store.read().await?;
        let found = sql::findings(&mut connection, &summary.id, level, &pattern, after, limit + 1).await?;
        let page = Page::cut(found, limit, |(position, _)| After::cursor(&summary.id, *position));
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
