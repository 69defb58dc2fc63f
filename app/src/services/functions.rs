//! Server functions of services: each calls the trait as whoever asks. Reads are GETs, so that a browser may repeat
//! them as it likes.

use leptos::prelude::*;
use server_fn::codec::GetUrl;
use shared::{
    ApiError, Finding, Page, PageQuery,
    contracts::{OperationSummary, OperationView, Outline, SchemaSummary, SchemaView},
    findings::OperationKey,
    names::{ServiceName, VersionLabel},
    services::{Comparison, ContractQuery, FindingQuery, Service, SourceLines, Version},
};

#[cfg(feature = "ssr")]
use crate::context::{Door, answer, land};

/// Services by name.
#[server(prefix = "/api/ui", endpoint = "services", input = GetUrl)]
pub async fn read_services(#[server(default)] page: PageQuery) -> Result<Page<Service>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.services(&caller, page).await)
}

#[server(prefix = "/api/ui", endpoint = "service", input = GetUrl)]
pub async fn read_service(name: ServiceName) -> Result<Service, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.service(&caller, &name).await)
}

/// Creates a service and answers with the path of its page.
#[server(prefix = "/api/ui", endpoint = "create-service")]
pub async fn create_service(name: String, #[server(default)] description: String) -> Result<String, ApiError> {
    let Door { hub, caller } = Door::open()?;
    let name = answer(name.parse())?;
    let service =
        answer(hub.services.create_service(&caller, shared::services::NewService { name, description }).await)?;
    Ok(land(crate::urls::service(service.name.as_str())))
}

/// Versions, newest first.
#[server(prefix = "/api/ui", endpoint = "versions", input = GetUrl)]
pub async fn read_versions(
    service: ServiceName,
    #[server(default)] page: PageQuery,
) -> Result<Page<Version>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.versions(&caller, &service, page).await)
}

#[server(prefix = "/api/ui", endpoint = "version", input = GetUrl)]
pub async fn read_version(service: ServiceName, label: VersionLabel) -> Result<Version, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.version(&caller, &service, &label).await)
}

#[server(prefix = "/api/ui", endpoint = "outline", input = GetUrl)]
pub async fn read_outline(service: ServiceName, label: VersionLabel) -> Result<Outline, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.outline(&caller, &service, &label).await)
}

#[server(prefix = "/api/ui", endpoint = "operations", input = GetUrl)]
pub async fn read_operations(
    service: ServiceName,
    label: VersionLabel,
    #[server(default)] query: ContractQuery,
) -> Result<Page<OperationSummary>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.operations(&caller, &service, &label, query).await)
}

#[server(prefix = "/api/ui", endpoint = "operation", input = GetUrl)]
pub async fn read_operation(
    service: ServiceName,
    label: VersionLabel,
    operation: OperationKey,
) -> Result<OperationView, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.operation(&caller, &service, &label, &operation).await)
}

/// Component schemas.
#[server(prefix = "/api/ui", endpoint = "schemas", input = GetUrl)]
pub async fn read_schemas(
    service: ServiceName,
    label: VersionLabel,
    #[server(default)] query: ContractQuery,
) -> Result<Page<SchemaSummary>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.schemas(&caller, &service, &label, query).await)
}

#[server(prefix = "/api/ui", endpoint = "schema", input = GetUrl)]
pub async fn read_schema(service: ServiceName, label: VersionLabel, name: String) -> Result<SchemaView, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.schema(&caller, &service, &label, &name).await)
}

/// A stretch of the source, from line `from`.
#[server(prefix = "/api/ui", endpoint = "source-lines", input = GetUrl)]
pub async fn read_source_lines(
    service: ServiceName,
    label: VersionLabel,
    from: u32,
    count: u32,
) -> Result<SourceLines, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.source_lines(&caller, &service, &label, from, count).await)
}

#[server(prefix = "/api/ui", endpoint = "compare", input = GetUrl)]
pub async fn compare_versions(
    service: ServiceName,
    base: VersionLabel,
    revision: VersionLabel,
) -> Result<Comparison, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.compare(&caller, &service, &base, &revision).await)
}

#[server(prefix = "/api/ui", endpoint = "findings", input = GetUrl)]
pub async fn read_findings(
    service: ServiceName,
    base: VersionLabel,
    revision: VersionLabel,
    #[server(default)] query: FindingQuery,
) -> Result<Page<Finding>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.findings(&caller, &service, &base, &revision, query).await)
}
