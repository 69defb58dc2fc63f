//! Reading a version's contract piece by piece, and what could be better about it.

mod lint;
pub mod rest;

use crate::{
    documents::{self, Digest, Documents, Weight},
    error::Result,
    permissions::{self, Grant, Read},
    policies::PoliciesService,
    search,
};
use async_trait::async_trait;
use contract::{Document, JudgedLint};
use quick_cache::sync::Cache;
use shared::{
    ApiError, Contracts, Cursor, Page, Version, VersionRef, Versions,
    accounts::Caller,
    contracts::{ContractQuery, OperationSummary, OperationView, Outline, SchemaSummary, SchemaView, SourceLines},
    findings::OperationKey,
    ids::UserId,
    lint::{LintFinding, LintQuery, Score},
};
use std::sync::Arc;
use tracing::instrument;

/// Contracts of stored versions. Cheap to clone.
#[derive(Clone)]
pub struct ContractsService(Arc<Inner>);

struct Inner {
    versions: Arc<dyn Versions>,
    documents: Arc<Documents>,
    policies: PoliciesService,
    /// By the document's digest and what of the policy judged it.
    linted: Cache<Digest, Arc<JudgedLint>, Weight>,
}

impl ContractsService {
    #[must_use]
    pub fn new(
        versions: Arc<dyn Versions>,
        documents: Arc<Documents>,
        policies: PoliciesService,
        settings: documents::Settings,
    ) -> Self {
        let linted = documents::cache(settings.sixteenths(1));
        Self(Arc::new(Inner { versions, documents, policies, linted }))
    }

    /// Who asks, and the version.
    async fn version(&self, caller: &Caller, version: &VersionRef) -> shared::Result<(UserId, Version)> {
        let grant: Grant<Read, _> = permissions::on_service(caller, &version.service)?;
        Ok((grant.actor().user, self.0.versions.read(caller, version).await?))
    }

    /// Reads something from a version's document. Even a short look at a large one takes milliseconds, which the async
    /// threads don't have.
    async fn look<T: Send + 'static>(
        &self,
        caller: &Caller,
        version: &VersionRef,
        look: impl FnOnce(&Document) -> T + Send + 'static,
    ) -> Result<T> {
        let (who, version) = self.version(caller, version).await?;
        let document = self.0.documents.parsed(who, &version.digest).await?;
        self.0.documents.work.run(who, document.memory_size(), move || look(&document)).await
    }

    async fn lines(&self, caller: &Caller, version: &VersionRef, from: u32, count: u32) -> Result<SourceLines> {
        let (who, version) = self.version(caller, version).await?;
        let (text, _room) = self.0.documents.text(who, &version.digest).await?;
        // Finding a line in a large document takes longer than the async threads have.
        self.0.documents.work.run(who, text.bytes.len(), move || text.lines(from, count).map_err(Into::into)).await?
    }
}

#[async_trait]
impl Contracts for ContractsService {
    #[instrument(skip_all, name = "contracts.outline")]
    async fn outline(&self, caller: &Caller, version: &VersionRef) -> shared::Result<Outline> {
        Ok(self.look(caller, version, Document::outline).await?)
    }

    #[instrument(skip_all, name = "contracts.operations")]
    async fn operations(
        &self,
        caller: &Caller,
        version: &VersionRef,
        query: ContractQuery,
    ) -> shared::Result<Page<OperationSummary>> {
        let wanted = Wanted::new(&query)?;
        let tag = query.tag;
        let page = move |document: &Document| {
            wanted.page(document.operations_from(wanted.from), |operation| {
                let tagged = tag.as_ref().is_none_or(|tag| match tag.as_str() {
                    "" => operation.tags.is_empty(),
                    tag => operation.tags.iter().any(|own| own == tag),
                });
                let named = [operation.operation_id.as_deref(), operation.summary.as_deref()];
                tagged
                    && (wanted.found_in(&operation.key.to_string())
                        || named.into_iter().flatten().any(|text| wanted.found_in(text)))
            })
        };
        Ok(self.look(caller, version, page).await?)
    }

    #[instrument(skip_all, name = "contracts.operation")]
    async fn operation(
        &self,
        caller: &Caller,
        version: &VersionRef,
        operation: &OperationKey,
    ) -> shared::Result<OperationView> {
        let key = operation.clone();
        let found = self.look(caller, version, move |document| document.operation(&key)).await?;
        found.ok_or_else(|| ApiError::not_found(format_args!("operation {operation} in {version}")))
    }

    #[instrument(skip_all, name = "contracts.schemas")]
    async fn schemas(
        &self,
        caller: &Caller,
        version: &VersionRef,
        query: ContractQuery,
    ) -> shared::Result<Page<SchemaSummary>> {
        let wanted = Wanted::new(&query)?;
        let page = move |document: &Document| {
            wanted.page(document.schemas_from(wanted.from), |schema| wanted.found_in(&schema.name))
        };
        Ok(self.look(caller, version, page).await?)
    }

    #[instrument(skip_all, name = "contracts.schema")]
    async fn schema(&self, caller: &Caller, version: &VersionRef, name: &str) -> shared::Result<SchemaView> {
        let wanted = name.to_owned();
        let found = self.look(caller, version, move |document| document.schema(&wanted)).await?;
        found.ok_or_else(|| ApiError::not_found(format_args!("schema {name} in {version}")))
    }

    #[instrument(skip_all, name = "contracts.source_lines")]
    async fn source_lines(
        &self,
        caller: &Caller,
        version: &VersionRef,
        from: u32,
        count: u32,
    ) -> shared::Result<SourceLines> {
        Ok(self.lines(caller, version, from, count).await?)
    }

    #[instrument(skip_all, name = "contracts.lint")]
    async fn lint(&self, caller: &Caller, version: &VersionRef) -> shared::Result<Score> {
        Ok(self.score(caller, version).await?)
    }

    #[instrument(skip_all, name = "contracts.lint_findings")]
    async fn lint_findings(
        &self,
        caller: &Caller,
        version: &VersionRef,
        query: LintQuery,
    ) -> shared::Result<Page<LintFinding>> {
        Ok(self.findings_of_lint(caller, version, &query).await?)
    }
}

/// Which part of a list of the document is wanted. A version never changes, so a place in its list is a good cursor.
struct Wanted {
    search: String,
    from: usize,
    limit: usize,
}

impl Wanted {
    fn new(query: &ContractQuery) -> Result<Self, ApiError> {
        Ok(Self {
            search: search::text(query.search.as_deref().unwrap_or_default())?,
            from: query.cursor.as_ref().map_or(Ok(0), Cursor::parse)?,
            limit: query.page().limit()?,
        })
    }

    fn found_in(&self, text: &str) -> bool {
        self.search.is_empty() || text.to_lowercase().contains(&self.search)
    }

    /// A page of a list, which is given from the place on where the page begins.
    fn page<T>(&self, rest: impl Iterator<Item = T>, mut wanted: impl FnMut(&T) -> bool) -> Page<T> {
        let found = (self.from..).zip(rest).filter(|(_, item)| wanted(item));
        let page = Page::cut(found.take(self.limit + 1).collect(), self.limit, |(at, _)| (at + 1).to_string());
        Page { items: page.items.into_iter().map(|(_, item)| item).collect(), next_cursor: page.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_up_to_what_was_found() {
        let mut query = ContractQuery { limit: Some(2), ..ContractQuery::default() };
        let mut seen = Vec::new();
        loop {
            let wanted = Wanted::new(&query).unwrap();
            let page = wanted.page((1..=10).skip(wanted.from), |n| n % 2 == 1);
            seen.extend(page.items);
            match page.next_cursor {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, [1, 3, 5, 7, 9]);
    }
}
