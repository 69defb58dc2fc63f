//! Services, the versions of their contracts, and what changed between two of them.
//!
//! Reading a document and comparing two are the engine's; this area keeps documents and verdicts, and decides in which
//! order versions come ([`publish`]), what stays in memory ([`documents`]) and what is computed again
//! ([`comparisons`], [`lint`]), both by what the team makes of it ([`policy`]). Who may do what is asked in the trait's methods, before anything else happens.

mod after;
mod browse;
mod comparisons;
mod comparisons_sql;
mod documents;
mod lint;
mod policy;
mod policy_sql;
mod publish;
pub mod rest;
mod sql;
mod turns;
mod upload;
mod work;

use crate::{
    clock::Clock,
    error::Result,
    events::{self, Bus},
    permissions::{self, CreateService, Grant, Hub, Read, Visible},
    store::{Store, retrying},
};
use async_trait::async_trait;
use comparisons::Compared;
use contract::Date;
use documents::{Digest, Documents, Weigh};
use policy::InForce;
use quick_cache::sync::Cache;
use shared::{
    ApiError, Cursor, ErrorCode, Finding, Page, PageQuery, Policy, Services,
    accounts::Caller,
    contracts::{OperationSummary, OperationView, Outline, SchemaSummary, SchemaView},
    events::EventKind,
    findings::OperationKey,
    ids::ServiceId,
    lint::{LintFinding, LintQuery, Score},
    names::{ServiceName, VersionLabel, unseen},
    services::{
        Comparison, ContractQuery, FindingQuery, NewService, Publish, Published, Service, Source, SourceLines, Version,
    },
    text::first_unseen,
};
use std::sync::Arc;
use tracing::instrument;
use turns::Turns;
use uuid::Uuid;
use work::Work;

/// Policies that stay in memory; each is as large as its text, some kilobytes.
const POLICIES: usize = 256;

/// What reading may cost.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// What a document may be.
    pub limits: contract::Limits,
    /// Memory for documents that are kept ready: 512 MiB is good.
    pub cache_bytes: usize,
}

/// Services on the store. Cheap to clone.
#[derive(Clone)]
pub struct ServicesService(Arc<Inner>);

struct Inner {
    store: Store,
    bus: Bus,
    clock: Clock,
    documents: Documents,
    work: Arc<Work>,
    comparisons: Cache<comparisons::Key, Arc<Compared>, Weigh>,
    /// Policies by their digest and the day.
    policies: Cache<(Digest, Date), Arc<InForce>>,
    turns: Turns,
}

impl ServicesService {
    #[must_use]
    pub fn new(store: Store, bus: Bus, settings: Settings) -> Self {
        Self::with_clock(store, bus, settings, Clock::default())
    }

    /// With a clock that a test can move.
    #[must_use]
    pub fn with_clock(store: Store, bus: Bus, settings: Settings, clock: Clock) -> Self {
        let work = Arc::new(Work::default());
        let documents = Documents::new(store.clone(), Arc::clone(&work), settings.limits, settings.cache_bytes);
        Self(Arc::new(Inner {
            store,
            bus,
            clock,
            documents,
            work,
            comparisons: documents::cache(settings.cache_bytes as u64 / 16 * 2),
            policies: Cache::new(POLICIES),
            turns: Turns::default(),
        }))
    }
}

impl Inner {
    async fn service_row<A>(&self, grant: &Grant<A, ServiceName>) -> Result<Service> {
        let found = sql::service_by_name(&mut *self.store.read().await?, grant).await?;
        found.ok_or_else(|| ApiError::not_found(format_args!("service called {}", grant.service())).into())
    }

    async fn version_row<A>(&self, grant: &Grant<A, ServiceName>, label: &VersionLabel) -> Result<Version> {
        let found = sql::version_by_label(&mut *self.store.read().await?, grant, label).await?;
        match found {
            Some(version) => Ok(version),
            None => {
                // Which of the two is missing is worth a second look.
                self.service_row(grant).await?;
                Err(ApiError::not_found(format_args!("version {label} of {}", grant.service())).into())
            }
        }
    }

    async fn list(&self, grant: &Grant<Read, Visible>, page: &PageQuery) -> Result<Page<Service>> {
        let limit = page.limit()?;
        let after = match &page.cursor {
            Some(cursor) => cursor.parse::<ServiceName>()?.to_string(),
            None => String::new(),
        };
        let found = sql::services(&mut *self.store.read().await?, grant, &after, limit + 1).await?;
        Ok(Page::cut(found, limit, |service| service.name.to_string()))
    }

    async fn create(&self, grant: &Grant<CreateService, Hub>, new: NewService) -> Result<Service> {
        let service = Service {
            id: ServiceId(Uuid::now_v7()),
            name: new.name,
            description: description(&new.description)?,
            created_at: self.clock.now(),
            versions: 0,
            latest: None,
        };
        let kind = EventKind::ServiceCreated { service: service.name.clone() };
        let done = retrying(async || {
            let mut tx = self.store.begin().await?;
            sql::insert_service(&mut tx, grant, &service).await?;
            let (at, subject) = (service.created_at, events::service(service.id));
            let created = events::append(&mut tx, &self.store, at, grant.actor(), subject, &kind).await?;
            self.bus.commit(tx, created).await
        })
        .await;
        match done {
            // The name is the only thing here that can be there already.
            Err(error) if error.is_unique_violation() => {
                let message = format!("There is a service called {} already. Choose another name.", service.name);
                Err(ApiError::new(ErrorCode::NameTaken, message.clone()).with_detail("name", message).into())
            }
            done => done.map(|()| service),
        }
    }

    async fn versions(&self, grant: &Grant<Read, ServiceName>, page: &PageQuery) -> Result<Page<Version>> {
        let limit = page.limit()?;
        let before = page.cursor.as_ref().map_or(Ok(i64::MAX), Cursor::parse::<i64>)?;
        let service = self.service_row(grant).await?;
        let found = sql::versions(&mut *self.store.read().await?, service.id, before, limit + 1).await?;
        Ok(Page::cut(found, limit, |version| version.number.to_string()))
    }
}

/// A description that can be shown and kept.
fn description(text: &str) -> Result<String, ApiError> {
    let lines = text.replace(['\n', '\r', '\t'], " ");
    if let Some(c) = first_unseen(&lines) {
        return Err(ApiError::invalid("description", unseen("A description", c)));
    }
    let length = text.chars().count();
    if length > NewService::MAX_DESCRIPTION {
        let most = NewService::MAX_DESCRIPTION;
        return Err(ApiError::invalid(
            "description",
            format!("A description has at most {most} characters, not {length}."),
        ));
    }
    Ok(text.trim().to_owned())
}

fn to_read(caller: &Caller, service: &ServiceName) -> shared::Result<Grant<Read, ServiceName>> {
    permissions::on_service(caller, service)
}

#[async_trait]
impl Services for ServicesService {
    #[instrument(skip_all)]
    async fn services(&self, caller: &Caller, page: PageQuery) -> shared::Result<Page<Service>> {
        Ok(self.0.list(&permissions::on_visible(caller)?, &page).await?)
    }

    #[instrument(skip_all)]
    async fn service(&self, caller: &Caller, service: &ServiceName) -> shared::Result<Service> {
        Ok(self.0.service_row(&to_read(caller, service)?).await?)
    }

    #[instrument(skip_all)]
    async fn create_service(&self, caller: &Caller, service: NewService) -> shared::Result<Service> {
        Ok(self.0.create(&permissions::on_hub(caller)?, service).await?)
    }

    #[instrument(skip_all)]
    async fn versions(&self, caller: &Caller, service: &ServiceName, page: PageQuery) -> shared::Result<Page<Version>> {
        Ok(self.0.versions(&to_read(caller, service)?, &page).await?)
    }

    #[instrument(skip_all)]
    async fn version(&self, caller: &Caller, service: &ServiceName, label: &VersionLabel) -> shared::Result<Version> {
        Ok(self.0.version_row(&to_read(caller, service)?, label).await?)
    }

    #[instrument(skip_all)]
    async fn publish_version(
        &self,
        caller: &Caller,
        service: &ServiceName,
        publish: Publish,
    ) -> shared::Result<Published> {
        Ok(self.0.publish(&permissions::on_service(caller, service)?, publish).await?)
    }

    #[instrument(skip_all)]
    async fn source(&self, caller: &Caller, service: &ServiceName, label: &VersionLabel) -> shared::Result<Source> {
        Ok(self.0.source(&to_read(caller, service)?, label).await?)
    }

    #[instrument(skip_all)]
    async fn source_lines(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        from: u32,
        count: u32,
    ) -> shared::Result<SourceLines> {
        Ok(self.0.source_lines(&to_read(caller, service)?, label, from, count).await?)
    }

    #[instrument(skip_all)]
    async fn outline(&self, caller: &Caller, service: &ServiceName, label: &VersionLabel) -> shared::Result<Outline> {
        Ok(self.0.outline(&to_read(caller, service)?, label).await?)
    }

    #[instrument(skip_all)]
    async fn operations(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        query: ContractQuery,
    ) -> shared::Result<Page<OperationSummary>> {
        Ok(self.0.operations(&to_read(caller, service)?, label, query).await?)
    }

    #[instrument(skip_all)]
    async fn operation(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        operation: &OperationKey,
    ) -> shared::Result<OperationView> {
        Ok(self.0.operation(&to_read(caller, service)?, label, operation.clone()).await?)
    }

    #[instrument(skip_all)]
    async fn schemas(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        query: ContractQuery,
    ) -> shared::Result<Page<SchemaSummary>> {
        Ok(self.0.schemas(&to_read(caller, service)?, label, query).await?)
    }

    #[instrument(skip_all)]
    async fn schema(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        name: &str,
    ) -> shared::Result<SchemaView> {
        Ok(self.0.schema(&to_read(caller, service)?, label, name).await?)
    }

    #[instrument(skip_all)]
    async fn policy(&self, caller: &Caller, service: &ServiceName) -> shared::Result<Option<Policy>> {
        Ok(self.0.policy(&to_read(caller, service)?).await?)
    }

    #[instrument(skip_all)]
    async fn set_policy(&self, caller: &Caller, service: &ServiceName, text: String) -> shared::Result<Policy> {
        let grant = permissions::on_service(caller, service)?;
        let sent = self.0.read_policy(&grant, text)?;
        Ok(self.0.set_policy(&grant, sent.policy).await?)
    }

    #[instrument(skip_all)]
    async fn lint(&self, caller: &Caller, service: &ServiceName, label: &VersionLabel) -> shared::Result<Score> {
        Ok(self.0.score(&to_read(caller, service)?, label).await?)
    }

    #[instrument(skip_all)]
    async fn lint_findings(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        query: LintQuery,
    ) -> shared::Result<Page<LintFinding>> {
        Ok(self.0.lint_findings(&to_read(caller, service)?, label, &query).await?)
    }

    #[instrument(skip_all)]
    async fn compare(
        &self,
        caller: &Caller,
        service: &ServiceName,
        base: &VersionLabel,
        revision: &VersionLabel,
    ) -> shared::Result<Comparison> {
        let grant = to_read(caller, service)?;
        let base = self.0.version_row(&grant, base).await?;
        let revision = self.0.version_row(&grant, revision).await?;
        Ok(self.0.comparison(grant.actor().user, base, revision).await?)
    }

    #[instrument(skip_all)]
    async fn findings(
        &self,
        caller: &Caller,
        service: &ServiceName,
        base: &VersionLabel,
        revision: &VersionLabel,
        query: FindingQuery,
    ) -> shared::Result<Page<Finding>> {
        let grant = to_read(caller, service)?;
        let base = self.0.version_row(&grant, base).await?;
        let revision = self.0.version_row(&grant, revision).await?;
        Ok(self.0.findings(grant.actor().user, &base, &revision, query).await?)
    }
}
