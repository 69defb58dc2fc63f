//! What pages ask about a version's contract.

use crate::{api::queries, client::Traced, queries::Query, versions::api::VersionKey};
use leptos::prelude::*;
use server_fn::codec::GetUrl;
use shared::{
    ApiError, Page,
    contracts::{ContractQuery, OperationSummary, OperationView, Outline, SchemaSummary, SchemaView, SourceLines},
    lint::{LintFinding, LintQuery, Score},
};

#[cfg(feature = "ssr")]
use crate::{
    api,
    context::{RequestContext, answer},
    urls::SOURCE_PAGE,
};
#[cfg(feature = "ssr")]
use shared::findings::OperationKey;

queries! {
    /// What a version's document is about.
    OutlineOf("outline", read_outline)(version: VersionKey) -> Outline =
        |hub, caller| hub.contracts.outline(&caller, &api::version(&version)?);

    /// A page of a version's operations.
    OperationsPage("operations", read_operations)(version: VersionKey, query: ContractQuery) -> Page<OperationSummary> =
        |hub, caller| hub.contracts.operations(&caller, &api::version(&version)?, query);

    /// A page of a version's component schemas.
    SchemasPage("schemas", read_schemas)(version: VersionKey, query: ContractQuery) -> Page<SchemaSummary> =
        |hub, caller| hub.contracts.schemas(&caller, &api::version(&version)?, query);

    /// A page of a version's source, from a line on.
    SourcePage("source-lines", read_source_lines)(version: VersionKey, from: u32) -> SourceLines =
        |hub, caller| hub.contracts.source_lines(&caller, &api::version(&version)?, from, SOURCE_PAGE);

    /// How well a version's contract keeps to the practices of a good one.
    ScoreOf("lint", read_score)(version: VersionKey) -> Score =
        |hub, caller| hub.contracts.lint(&caller, &api::version(&version)?);

    /// A page of what could be better about a version.
    LintPage("lint-findings", read_lint_findings)(version: VersionKey, query: LintQuery) -> Page<LintFinding> =
        |hub, caller| hub.contracts.lint_findings(&caller, &api::version(&version)?, query);
}

#[server(prefix = "/api/ui", endpoint = "operation", input = GetUrl, client = Traced)]
pub async fn read_operation(version: VersionKey, operation: String) -> Result<OperationView, ApiError> {
    let RequestContext { hub, caller } = RequestContext::open()?;
    let read = async {
        let missing = |_| ApiError::not_found(format_args!("operation {operation}"));
        let key: OperationKey = operation.parse().map_err(missing)?;
        hub.contracts.operation(&caller, &api::version(&version)?, &key).await
    };
    answer(read.await)
}

/// The operation that an address names, if it names one. Where it doesn't, nothing is asked.
pub struct OperationIn;

impl Query for OperationIn {
    type Key = (VersionKey, Option<String>);
    type Value = Option<OperationView>;

    async fn fetch((version, operation): Self::Key) -> shared::Result<Option<OperationView>> {
        let Some(operation) = operation else { return Ok(None) };
        read_operation(version, operation).await.map(Some)
    }
}

#[server(prefix = "/api/ui", endpoint = "schema", input = GetUrl, client = Traced)]
pub async fn read_schema(version: VersionKey, name: String) -> Result<SchemaView, ApiError> {
    let RequestContext { hub, caller } = RequestContext::open()?;
    let read = async { hub.contracts.schema(&caller, &api::version(&version)?, &name).await };
    answer(read.await)
}

/// The component schema that an address names, if it names one. Where it doesn't, nothing is asked.
pub struct SchemaIn;

impl Query for SchemaIn {
    type Key = (VersionKey, Option<String>);
    type Value = Option<SchemaView>;

    async fn fetch((version, name): Self::Key) -> shared::Result<Option<SchemaView>> {
        let Some(name) = name else { return Ok(None) };
        read_schema(version, name).await.map(Some)
    }
}
