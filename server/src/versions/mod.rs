//! Versions of contracts: what is published, and in which order.

pub mod pages;
mod publish;
mod publish_lock;
mod recent;
pub mod rest;
pub(crate) mod row;
mod sql;
pub mod upload;

use crate::{
    clock::Clock,
    comparisons::Comparer,
    documents::Documents,
    error::Result,
    events::Bus,
    fair::Place,
    naming,
    permissions::{self, Grant, Read},
    policies::PoliciesService,
    store::Store,
};
use async_trait::async_trait;
use axum::body::Bytes;
use publish_lock::PublishLocks;
use recent::RecentVersions;
use shared::{
    ApiError, Cursor, Page, PageQuery, Version, VersionRef, Versions,
    accounts::Caller,
    ids::ServiceId,
    names::ServiceName,
    versions::{Publish, Published, Source, SourceBytes},
};
use sqlx::AnyConnection;
use std::sync::Arc;
use tracing::instrument;

/// Versions on the store. Cheap to clone.
#[derive(Clone)]
pub struct VersionsService(Arc<Inner>);

struct Inner {
    store: Store,
    bus: Bus,
    clock: Clock,
    documents: Arc<Documents>,
    policies: PoliciesService,
    comparer: Comparer,
    locks: PublishLocks,
    recent: RecentVersions,
}

impl VersionsService {
    #[must_use]
    pub fn new(
        (store, bus, clock): (Store, Bus, Clock),
        documents: Arc<Documents>,
        policies: PoliciesService,
        comparer: Comparer,
    ) -> Self {
        let (locks, recent) = (PublishLocks::default(), RecentVersions::new(bus.clone()));
        Self(Arc::new(Inner { store, bus, clock, documents, policies, comparer, locks, recent }))
    }

    async fn row<A>(&self, grant: &Grant<A, ServiceName>, version: &VersionRef) -> Result<Version> {
        self.0.recent.get(version, self.read_row(grant, version)).await
    }

    async fn read_row<A>(&self, grant: &Grant<A, ServiceName>, version: &VersionRef) -> Result<Version> {
        let mut connection = self.0.store.read().await?;
        if let Some(found) = sql::version_by_label(&mut connection, grant, &version.label).await? {
            return Ok(found);
        }
        // Which of the two is missing is worth a second look.
        naming::service(&mut connection, grant).await?;
        Err(ApiError::not_found(version).into())
    }

    async fn page(&self, grant: &Grant<Read, ServiceName>, page: &PageQuery) -> Result<Page<Version>> {
        let limit = page.limit()?;
        let before = page.cursor.as_ref().map_or(Ok(i64::MAX), Cursor::parse::<i64>)?;
        let mut connection = self.0.store.read().await?;
        let service = naming::service(&mut connection, grant).await?;
        let found = sql::versions(&mut connection, service, before, limit + 1).await?;
        Ok(Page::cut(found, limit, |version| version.number.to_string()))
    }

    async fn document(&self, grant: &Grant<Read, ServiceName>, version: &VersionRef) -> Result<Source> {
        let version = self.row(grant, version).await?;
        let (text, room) = self.0.documents.text(grant.actor().user, &version.digest).await?;
        let bytes = SourceBytes::new(Downloaded { bytes: text.bytes.clone(), _room: room });
        Ok(Source { bytes, format: version.format, digest: version.digest })
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

/// Deletes a service's versions. Documents that no version has any more are deleted by a job.
pub async fn delete_in(tx: &mut AnyConnection, service: ServiceId) -> Result<()> {
    sql::delete(tx, service).await
}

#[async_trait]
impl Versions for VersionsService {
    #[instrument(skip_all, name = "versions.list")]
    async fn list(&self, caller: &Caller, service: &ServiceName, page: PageQuery) -> shared::Result<Page<Version>> {
        Ok(self.page(&permissions::on_service(caller, service)?, &page).await?)
    }

    #[instrument(skip_all, name = "versions.read")]
    async fn read(&self, caller: &Caller, version: &VersionRef) -> shared::Result<Version> {
        Ok(self.row::<Read>(&permissions::on_service(caller, &version.service)?, version).await?)
    }

    #[instrument(skip_all, name = "versions.publish")]
    async fn publish(&self, caller: &Caller, service: &ServiceName, publish: Publish) -> shared::Result<Published> {
        Ok(self.publish_version(&permissions::on_service(caller, service)?, publish).await?)
    }

    #[instrument(skip_all, name = "versions.source")]
    async fn source(&self, caller: &Caller, version: &VersionRef) -> shared::Result<Source> {
        Ok(self.document(&permissions::on_service(caller, &version.service)?, version).await?)
    }
}
