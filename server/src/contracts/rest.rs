//! REST routes of contracts: browsing and lint.

use crate::{
    http::{
        auth::AuthCaller,
        body::{ApiResult, Params, Segments, ok},
        cache::until_next_event,
        limits::Limits,
    },
    state::App,
};
use axum::{extract::State, middleware};
use serde::Deserialize;
use shared::{
    Contracts as _, Page, VersionRef,
    contracts::{ContractQuery, OperationSummary, OperationView, Outline, SchemaSummary, SchemaView},
    error::Envelope,
    findings::OperationKey,
    lint::{LintFinding, LintQuery, Score},
    names::{ServiceName, VersionLabel},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(outline))
        .routes(routes!(operations))
        .routes(routes!(operation))
        .routes(routes!(schemas))
        .routes(routes!(schema))
        .routes(routes!(lint))
        .routes(routes!(lint_findings))
        .layer(middleware::from_fn(until_next_event))
        .layer(Limits::READ)
}

/// Outline a version
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/outline", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path)),
    responses((status = 200, description = "What the document is about, its tags and its size", body = Envelope<Outline>)))]
async fn outline(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(version): Segments<VersionRef>,
) -> ApiResult {
    Ok(ok(app.areas.contracts.outline(&caller, &version).await?))
}

/// List a version's operations
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/operations", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path), ContractQuery),
    responses((status = 200, description = "In document order", body = Envelope<Page<OperationSummary>>)))]
async fn operations(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(version): Segments<VersionRef>,
    Params(query): Params<ContractQuery>,
) -> ApiResult {
    Ok(ok(app.areas.contracts.operations(&caller, &version, query).await?))
}

/// Names one operation.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OperationQuery {
    /// Lower-case method: `get`.
    #[param(max_length = 20)]
    method: String,
    /// Path template as the document writes it: `/pets/{id}`.
    #[param(max_length = 8000)]
    path: String,
}

/// Read one operation of a version
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/operation", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path), OperationQuery),
    responses((status = 200, description = "Parameters, bodies and responses, references resolved", body = Envelope<OperationView>)))]
async fn operation(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(version): Segments<VersionRef>,
    Params(query): Params<OperationQuery>,
) -> ApiResult {
    let key = OperationKey::new(&query.method, query.path);
    Ok(ok(app.areas.contracts.operation(&caller, &version, &key).await?))
}

/// List a version's component schemas
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/schemas", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path), ContractQuery),
    responses((status = 200, description = "In document order", body = Envelope<Page<SchemaSummary>>)))]
async fn schemas(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(version): Segments<VersionRef>,
    Params(query): Params<ContractQuery>,
) -> ApiResult {
    Ok(ok(app.areas.contracts.schemas(&caller, &version, query).await?))
}

/// Read one component schema of a version
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/schemas/{name}", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path), ("name" = String, Path, max_length = 8000, description = "The schema's name under `components.schemas`")),
    responses((status = 200, description = "Unfolded to a bounded depth", body = Envelope<SchemaView>)))]
async fn schema(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments((service, label, name)): Segments<(ServiceName, VersionLabel, String)>,
) -> ApiResult {
    Ok(ok(app.areas.contracts.schema(&caller, &VersionRef { service, label }, &name).await?))
}

/// Score a version
///
/// How well its contract keeps to the practices of a good one, by the rules of this release of the hub: 0 to 100, with
/// what each rule found.
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/lint", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path)),
    responses((status = 200, description = "The score with its reasons, what costs most first", body = Envelope<Score>)))]
async fn lint(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(version): Segments<VersionRef>,
) -> ApiResult {
    Ok(ok(app.areas.contracts.lint(&caller, &version).await?))
}

/// List what could be better about a version
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/lint/findings", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path), LintQuery),
    responses((status = 200, description = "Worst first, then in document order", body = Envelope<Page<LintFinding>>),
        (status = 409, description = "The findings were judged again since the page before")))]
async fn lint_findings(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(version): Segments<VersionRef>,
    Params(query): Params<LintQuery>,
) -> ApiResult {
    Ok(ok(app.areas.contracts.lint_findings(&caller, &version, query).await?))
}
