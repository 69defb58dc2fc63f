//! Reading a version's contract piece by piece.

use super::{Inner, comparisons::search_text};
use crate::{
    error::Result,
    fair::Place,
    permissions::{Grant, Read},
};
use axum::body::Bytes;
use contract::Document;
use shared::{
    ApiError, Cursor, Page,
    contracts::{OperationSummary, OperationView, Outline, SchemaSummary, SchemaView},
    findings::OperationKey,
    ids::UserId,
    names::{ServiceName, VersionLabel},
    services::{ContractQuery, Source, SourceBytes, SourceLines, Version},
};

impl Inner {
    /// Reads something from a version's document. Even a short look at a large one takes milliseconds, which the async
    /// threads don't have.
    async fn look<T: Send + 'static>(
        &self,
        who: UserId,
        version: &Version,
        look: impl FnOnce(&Document) -> T + Send + 'static,
    ) -> Result<T> {
        let document = self.documents.parsed(who, &version.digest).await?;
        self.work.run(who, document.memory_size(), move || look(&document)).await
    }

    pub(super) async fn source(&self, grant: &Grant<Read, ServiceName>, label: &VersionLabel) -> Result<Source> {
        let version = self.version_row(grant, label).await?;
        let (text, room) = self.documents.text(grant.actor().user, &version.digest).await?;
        let bytes = SourceBytes::new(Downloaded { bytes: text.bytes.clone(), _room: room });
        Ok(Source { bytes, format: version.format, digest: version.digest })
    }

    pub(super) async fn source_lines(
        &self,
        grant: &Grant<Read, ServiceName>,
        label: &VersionLabel,
        from: u32,
        count: u32,
    ) -> Result<SourceLines> {
        let (who, version) = (grant.actor().user, self.version_row(grant, label).await?);
        let (text, _room) = self.documents.text(who, &version.digest).await?;
        // Finding a line in a large document takes longer than the async threads have.
        self.work.run(who, text.bytes.len(), move || text.lines(from, count).map_err(Into::into)).await?
    }

    pub(super) async fn outline(&self, grant: &Grant<Read, ServiceName>, label: &VersionLabel) -> Result<Outline> {
        let version = self.version_row(grant, label).await?;
        self.look(grant.actor().user, &version, Document::outline).await
    }

    pub(super) async fn operations(
        &self,
        grant: &Grant<Read, ServiceName>,
        label: &VersionLabel,
        query: ContractQuery,
    ) -> Result<Page<OperationSummary>> {
        let wanted = Wanted::new(&query)?;
        let version = self.version_row(grant, label).await?;
        let tag = query.tag;
        self.look(grant.actor().user, &version, move |document| {
            wanted.page(document.operations(), |operation| {
                let tagged = tag.as_ref().is_none_or(|tag| match tag.as_str() {
                    "" => operation.tags.is_empty(),
                    tag => operation.tags.iter().any(|own| own == tag),
                });
                let named = [operation.operation_id.as_deref(), operation.summary.as_deref()];
                tagged
                    && (wanted.found_in(&operation.key.to_string())
                        || named.into_iter().flatten().any(|text| wanted.found_in(text)))
            })
        })
        .await
    }

    pub(super) async fn operation(
        &self,
        grant: &Grant<Read, ServiceName>,
        label: &VersionLabel,
        key: OperationKey,
    ) -> Result<OperationView> {
        let version = self.version_row(grant, label).await?;
        let missing = ApiError::not_found(format_args!("operation {key} in version {label} of {}", grant.service()));
        self.look(grant.actor().user, &version, move |document| document.operation(&key))
            .await?
            .ok_or_else(|| missing.into())
    }

    pub(super) async fn schemas(
        &self,
        grant: &Grant<Read, ServiceName>,
        label: &VersionLabel,
        query: ContractQuery,
    ) -> Result<Page<SchemaSummary>> {
        let wanted = Wanted::new(&query)?;
        let version = self.version_row(grant, label).await?;
        self.look(grant.actor().user, &version, move |document| {
            wanted.page(document.schemas(), |schema| wanted.found_in(&schema.name))
        })
        .await
    }

    pub(super) async fn schema(
        &self,
        grant: &Grant<Read, ServiceName>,
        label: &VersionLabel,
        name: &str,
    ) -> Result<SchemaView> {
        let version = self.version_row(grant, label).await?;
        let name = name.to_owned();
        let missing = ApiError::not_found(format_args!("schema {name} in version {label} of {}", grant.service()));
        self.look(grant.actor().user, &version, move |document| document.schema(&name))
            .await?
            .ok_or_else(|| missing.into())
    }
}

/// What somebody downloads. It has its room until the client has it all.
struct Downloaded {
    bytes: Bytes,
    _room: Place,
}

impl AsRef<[u8]> for Downloaded {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
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
            search: search_text(query.search.as_deref().unwrap_or_default())?,
            from: query.cursor.as_ref().map_or(Ok(0), Cursor::parse)?,
            limit: query.page().limit()?,
        })
    }

    fn found_in(&self, text: &str) -> bool {
        self.search.is_empty() || text.to_lowercase().contains(&self.search)
    }

    fn page<T>(&self, all: Vec<T>, mut wanted: impl FnMut(&T) -> bool) -> Page<T> {
        let found = all.into_iter().enumerate().skip(self.from).filter(|(_, item)| wanted(item));
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
            let page = Wanted::new(&query).unwrap().page((1..=10).collect(), |n| n % 2 == 1);
            seen.extend(page.items);
            match page.next_cursor {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, [1, 3, 5, 7, 9]);
    }
}
