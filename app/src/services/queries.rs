//! What pages ask about services. Keys are the texts of the address: a name that can't be one names nothing.

use super::functions;
use crate::queries::Query;
use shared::{
    ApiError, Cursor, Finding, Page, PageQuery, Policy, Result,
    contracts::{OperationSummary, OperationView, Outline, SchemaSummary, SchemaView},
    findings::OperationKey,
    lint::{LintFinding, LintQuery, Score},
    names::{ServiceName, VersionLabel},
    services::{Comparison, ContractQuery, FindingQuery, Service, SourceLines, Version},
};

/// A service's name in an address.
fn service(text: &str) -> Result<ServiceName> {
    text.parse().map_err(|_| ApiError::not_found(format!("service called {text}")))
}

/// A version's label in an address.
fn label(text: &str) -> Result<VersionLabel> {
    text.parse().map_err(|_| ApiError::not_found(format!("version called {text}")))
}

macro_rules! queries {
    ($($(#[$doc:meta])* $name:ident($key:pat => $type:ty) -> $value:ty $body:block)+) => { $(
        $(#[$doc])*
        pub struct $name;

        impl Query for $name {
            type Key = $type;
            type Value = $value;

            async fn fetch($key: $type) -> Result<$value> $body
        }
    )+ };
}

/// A version: service and label.
pub type VersionKey = (String, String);
/// Two versions of a service: service, base, revision.
pub type PairKey = (String, String, String);

queries! {
    /// A page of services.
    ServicesPage(page => PageQuery) -> Page<Service> { functions::read_services(page).await }

    /// One service.
    ServiceByName(name => String) -> Service { functions::read_service(service(&name)?).await }

    /// What a team makes of the findings about a service.
    PolicyOf(name => String) -> Option<Policy> { functions::read_policy(service(&name)?).await }

    /// A page of a service's versions, newest first.
    VersionsPage((name, cursor) => (String, Option<Cursor>)) -> Page<Version> {
        functions::read_versions(service(&name)?, PageQuery { cursor, limit: None }).await
    }

    /// One version.
    VersionByLabel((name, version) => VersionKey) -> Version {
        functions::read_version(service(&name)?, label(&version)?).await
    }

    /// What a version's document is about.
    OutlineOf((name, version) => VersionKey) -> Outline {
        functions::read_outline(service(&name)?, label(&version)?).await
    }

    /// A page of a version's operations.
    OperationsPage(((name, version), query) => (VersionKey, ContractQuery)) -> Page<OperationSummary> {
        functions::read_operations(service(&name)?, label(&version)?, query).await
    }

    /// The operation that an address names, if it names one.
    OperationIn(((name, version), operation) => (VersionKey, Option<String>)) -> Option<OperationView> {
        let Some(text) = operation else { return Ok(None) };
        let key: OperationKey = text.parse().map_err(|_| ApiError::not_found(format!("operation {text}")))?;
        functions::read_operation(service(&name)?, label(&version)?, key).await.map(Some)
    }

    /// A page of a version's component schemas.
    SchemasPage(((name, version), query) => (VersionKey, ContractQuery)) -> Page<SchemaSummary> {
        functions::read_schemas(service(&name)?, label(&version)?, query).await
    }

    /// The component schema that an address names, if it names one.
    SchemaIn(((name, version), schema) => (VersionKey, Option<String>)) -> Option<SchemaView> {
        let Some(schema) = schema else { return Ok(None) };
        functions::read_schema(service(&name)?, label(&version)?, schema).await.map(Some)
    }

    /// A page of a version's source: the line that it starts with.
    SourcePage(((name, version), from) => (VersionKey, u32)) -> SourceLines {
        functions::read_source_lines(service(&name)?, label(&version)?, from, crate::urls::SOURCE_PAGE).await
    }

    /// How well a version's contract keeps to the practices of a good one.
    ScoreOf((name, version) => VersionKey) -> Score {
        functions::read_score(service(&name)?, label(&version)?).await
    }

    /// A page of what could be better about a version.
    LintPage(((name, version), query) => (VersionKey, LintQuery)) -> Page<LintFinding> {
        functions::read_lint_findings(service(&name)?, label(&version)?, query).await
    }

    /// What changed between two versions, in numbers.
    ComparisonOf((name, base, revision) => PairKey) -> Comparison {
        functions::compare_versions(service(&name)?, label(&base)?, label(&revision)?).await
    }

    /// A page of what changed between two versions.
    FindingsPage(((name, base, revision), query) => (PairKey, FindingQuery)) -> Page<Finding> {
        functions::read_findings(service(&name)?, label(&base)?, label(&revision)?, query).await
    }
}
