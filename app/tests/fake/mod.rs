//! A hub in memory, for tests of pages: what it has is set before the render, and what it lacks is `not-found`.

use app::context::Hub;
use async_trait::async_trait;
use shared::{
    ApiError, ComparisonRef, Finding, IfMatch, Page, PageQuery, Result, Version, VersionRef,
    accounts::{
        Accounts, ApiToken, Caller, IssuedApiToken, NewApiToken, Permission, SetCookies, SetUp, SignIn, User, Visitor,
    },
    comparisons::{Comparison, Comparisons, FindingQuery},
    contracts::{
        ContractQuery, Contracts, OperationSummary, OperationView, Outline, SchemaSummary, SchemaView, SourceLines,
    },
    events::{Event, Events},
    findings::OperationKey,
    ids::TokenId,
    jobs::{Job, Jobs},
    lint::{LintFinding, LintQuery, Score},
    names::ServiceName,
    policies::{Policies, Policy},
    reference::Reference,
    services::{ChangeService, NewService, Service, ServiceQuery, ServiceSettings, Services},
    versions::{Publish, Published, Source, Versions},
};
use std::sync::{Arc, LazyLock};

/// What the hub has.
#[derive(Default)]
pub struct Fake {
    pub services: Vec<Service>,
    pub versions: Vec<Version>,
    pub comparison: Option<Comparison>,
    pub findings: Vec<Finding>,
    /// Every question about services, versions and comparisons fails with it.
    pub failure: Option<ApiError>,
    pub me: Option<User>,
}

#[derive(Clone)]
struct InMemory(Arc<Fake>);

impl Fake {
    pub fn hub(self) -> Hub {
        let fake = Arc::new(InMemory(Arc::new(self)));
        Hub {
            accounts: fake.clone(),
            services: fake.clone(),
            versions: fake.clone(),
            contracts: fake.clone(),
            comparisons: fake.clone(),
            policies: fake.clone(),
            events: fake.clone(),
            jobs: fake.clone(),
            reference: fake,
        }
    }
}

impl InMemory {
    /// The fake, if the caller may read and nothing fails.
    fn read(&self, caller: &Caller) -> Result<&Fake> {
        caller.require(Permission::Read)?;
        self.0.failure.clone().map_or(Ok(&*self.0), Err)
    }
}

fn whole<T>(items: Vec<T>) -> Page<T> {
    Page { items, next_cursor: None }
}

fn missing<T>() -> Result<T> {
    Err(ApiError::not_found("thing like this in the fake"))
}

#[async_trait]
impl Services for InMemory {
    async fn list(&self, caller: &Caller, query: ServiceQuery) -> Result<Page<Service>> {
        let wanted = |service: &&Service| service.archived_at.is_some() == query.archived;
        Ok(whole(self.read(caller)?.services.iter().filter(wanted).cloned().collect()))
    }

    async fn read(&self, caller: &Caller, service: &ServiceName) -> Result<Service> {
        let found = self.read(caller)?.services.iter().find(|known| known.name == *service).cloned();
        found.ok_or_else(|| ApiError::not_found(format_args!("service called {service}")))
    }

    async fn create(&self, _: &Caller, _: NewService) -> Result<Service> {
        missing()
    }

    async fn settings(&self, caller: &Caller, service: &ServiceName) -> Result<ServiceSettings> {
        let Service { name, description, archived_at, .. } = Services::read(self, caller, service).await?;
        Ok(ServiceSettings { name, description, archived: archived_at.is_some(), revision: 1 })
    }

    async fn change(&self, _: &Caller, _: &ServiceName, _: IfMatch, _: ChangeService) -> Result<ServiceSettings> {
        missing()
    }

    async fn delete(&self, _: &Caller, _: &ServiceName) -> Result<()> {
        missing()
    }
}

#[async_trait]
impl Versions for InMemory {
    async fn list(&self, caller: &Caller, service: &ServiceName, _: PageQuery) -> Result<Page<Version>> {
        Services::read(self, caller, service).await?;
        Ok(whole(self.0.versions.iter().rev().filter(|version| version.service == *service).cloned().collect()))
    }

    async fn read(&self, caller: &Caller, version: &VersionRef) -> Result<Version> {
        let found = |known: &&Version| known.service == version.service && known.label == version.label;
        let version = self.read(caller)?.versions.iter().find(found).cloned();
        version.ok_or_else(|| ApiError::not_found("version like this"))
    }

    async fn publish(&self, _: &Caller, _: &ServiceName, _: Publish) -> Result<Published> {
        missing()
    }

    async fn source(&self, _: &Caller, _: &VersionRef) -> Result<Source> {
        missing()
    }
}

#[async_trait]
impl Comparisons for InMemory {
    async fn read(&self, caller: &Caller, _: &ComparisonRef) -> Result<Comparison> {
        self.read(caller)?.comparison.clone().map_or_else(missing, Ok)
    }

    async fn findings(&self, caller: &Caller, _: &ComparisonRef, query: FindingQuery) -> Result<Page<Finding>> {
        let wanted = |finding: &&Finding| query.level.is_none_or(|level| finding.level == level);
        Ok(whole(self.read(caller)?.findings.iter().filter(wanted).cloned().collect()))
    }
}

#[async_trait]
impl Contracts for InMemory {
    async fn outline(&self, _: &Caller, _: &VersionRef) -> Result<Outline> {
        missing()
    }

    async fn operations(&self, _: &Caller, _: &VersionRef, _: ContractQuery) -> Result<Page<OperationSummary>> {
        missing()
    }

    async fn operation(&self, _: &Caller, _: &VersionRef, _: &OperationKey) -> Result<OperationView> {
        missing()
    }

    async fn schemas(&self, _: &Caller, _: &VersionRef, _: ContractQuery) -> Result<Page<SchemaSummary>> {
        missing()
    }

    async fn schema(&self, _: &Caller, _: &VersionRef, _: &str) -> Result<SchemaView> {
        missing()
    }

    async fn source_lines(&self, _: &Caller, _: &VersionRef, _: u32, _: u32) -> Result<SourceLines> {
        missing()
    }

    async fn lint(&self, _: &Caller, _: &VersionRef) -> Result<Score> {
        missing()
    }

    async fn lint_findings(&self, _: &Caller, _: &VersionRef, _: LintQuery) -> Result<Page<LintFinding>> {
        missing()
    }
}

#[async_trait]
impl Policies for InMemory {
    async fn read(&self, caller: &Caller, service: &ServiceName) -> Result<Option<Policy>> {
        Services::read(self, caller, service).await.map(|_| None)
    }

    async fn set(&self, _: &Caller, _: &ServiceName, _: IfMatch, _: String) -> Result<Policy> {
        missing()
    }
}

#[async_trait]
impl Events for InMemory {
    async fn events(&self, caller: &Caller, _: PageQuery) -> Result<Page<Event>> {
        self.read(caller).map(|_| whole(Vec::new()))
    }
}

#[async_trait]
impl Jobs for InMemory {
    async fn jobs(&self, caller: &Caller, _: PageQuery) -> Result<Page<Job>> {
        caller.require(Permission::ManageJobs).map(|_| whole(Vec::new()))
    }

    async fn try_job_again(&self, _: &Caller, _: shared::ids::JobId) -> Result<()> {
        missing()
    }
}

impl Reference for InMemory {
    fn outline(&self) -> &Outline {
        static EMPTY: LazyLock<Outline> = LazyLock::new(|| {
            let text = b"{openapi: 3.1.0, info: {title: Hub, version: '1'}, paths: {}}";
            contract::Document::read(text, &contract::Limits::default()).expect("a contract").outline()
        });
        &EMPTY
    }

    fn operations(&self) -> &[OperationView] {
        &[]
    }
}

#[async_trait]
impl Accounts for InMemory {
    async fn needs_set_up(&self) -> Result<bool> {
        Ok(false)
    }

    async fn set_up(&self, _: &Visitor, _: SetUp) -> Result<(User, SetCookies)> {
        missing()
    }

    async fn sign_in(&self, _: &Visitor, _: SignIn) -> Result<(User, SetCookies)> {
        missing()
    }

    async fn sign_out(&self, _: Option<&str>) -> Result<SetCookies> {
        missing()
    }

    async fn me(&self, _: &Caller) -> Result<User> {
        self.0.me.clone().ok_or_else(ApiError::unauthenticated)
    }

    async fn api_tokens(&self, _: &Caller, _: PageQuery) -> Result<Page<ApiToken>> {
        Ok(whole(Vec::new()))
    }

    async fn create_api_token(&self, _: &Caller, _: NewApiToken) -> Result<IssuedApiToken> {
        missing()
    }

    async fn revoke_api_token(&self, _: &Caller, _: TokenId) -> Result<()> {
        missing()
    }
}
