//! What pages ask about a version's contract.

use crate::{api::queries, versions::api::VersionKey};
use shared::{
    Page,
    contracts::{ContractQuery, OperationSummary, OperationView, Outline, SchemaSummary, SchemaView, SourceLines},
    lint::{LintFinding, LintQuery, Score},
};

#[cfg(feature = "ssr")]
use crate::{api, context::Hub, urls::SOURCE_PAGE};
#[cfg(feature = "ssr")]
use shared::{ApiError, Result, accounts::Caller, findings::OperationKey};

queries! {
    /// What a version's document is about.
    OutlineOf("outline", read_outline)(version: VersionKey) -> Outline =
        |hub, caller| hub.contracts.outline(&caller, &api::version(&version)?);

    /// A page of a version's operations.
    OperationsPage("operations", read_operations)(version: VersionKey, query: ContractQuery) -> Page<OperationSummary> =
        |hub, caller| hub.contracts.operations(&caller, &api::version(&version)?, query);

    /// The operation that an address names, if it names one.
    OperationIn("operation", read_operation)(version: VersionKey, operation: Option<String>) -> Option<OperationView> =
        |hub, caller| operation_in(&hub, &caller, &version, operation);

    /// A page of a version's component schemas.
    SchemasPage("schemas", read_schemas)(version: VersionKey, query: ContractQuery) -> Page<SchemaSummary> =
        |hub, caller| hub.contracts.schemas(&caller, &api::version(&version)?, query);

    /// The component schema that an address names, if it names one.
    SchemaIn("schema", read_schema)(version: VersionKey, name: Option<String>) -> Option<SchemaView> =
        |hub, caller| schema_in(&hub, &caller, &version, name);

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

#[cfg(feature = "ssr")]
async fn operation_in(
    hub: &Hub,
    caller: &Caller,
    version: &VersionKey,
    operation: Option<String>,
) -> Result<Option<OperationView>> {
    let Some(text) = operation else { return Ok(None) };
    let key: OperationKey = text.parse().map_err(|_| ApiError::not_found(format_args!("operation {text}")))?;
    hub.contracts.operation(caller, &api::version(version)?, &key).await.map(Some)
}

#[cfg(feature = "ssr")]
async fn schema_in(
    hub: &Hub,
    caller: &Caller,
    version: &VersionKey,
    name: Option<String>,
) -> Result<Option<SchemaView>> {
    let Some(name) = name else { return Ok(None) };
    hub.contracts.schema(caller, &api::version(version)?, &name).await.map(Some)
}
