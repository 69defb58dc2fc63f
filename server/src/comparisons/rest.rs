//! REST routes of comparisons.

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
use shared::{
    ComparisonRef, Comparisons as _, Finding, Page,
    comparisons::{Comparison, FindingQuery},
    error::Envelope,
    names::{ServiceName, VersionLabel},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(compare))
        .routes(routes!(findings))
        .layer(middleware::from_fn(until_next_event))
        .layer(Limits::READ)
}

/// Compare two versions
#[utoipa::path(get, path = "/api/v1/services/{service}/comparisons/{base}/{revision}", tag = "comparisons",
    params(("service" = ServiceName, Path), ("base" = VersionLabel, Path), ("revision" = VersionLabel, Path)),
    responses((status = 200, description = "The verdict, in numbers", body = Envelope<Comparison>)))]
async fn compare(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(comparison): Segments<ComparisonRef>,
) -> ApiResult {
    Ok(ok(app.areas.comparisons.read(&caller, &comparison).await?))
}

/// List a comparison's findings
#[utoipa::path(get, path = "/api/v1/services/{service}/comparisons/{base}/{revision}/findings", tag = "comparisons",
    params(("service" = ServiceName, Path), ("base" = VersionLabel, Path), ("revision" = VersionLabel, Path), FindingQuery),
    responses((status = 200, description = "Worst first, then in document order", body = Envelope<Page<Finding>>),
        (status = 409, description = "The findings were judged again since the page before")))]
async fn findings(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(comparison): Segments<ComparisonRef>,
    Params(query): Params<FindingQuery>,
) -> ApiResult {
    Ok(ok(app.areas.comparisons.findings(&caller, &comparison, query).await?))
}
