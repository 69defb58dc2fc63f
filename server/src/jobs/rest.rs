//! REST routes of jobs.

use crate::http::{
    auth::AuthCaller,
    body::{ApiResult, Params, Segments, ok},
    limits::Limits,
};
use crate::state::App;
use axum::{extract::State, http::StatusCode, response::IntoResponse as _};
use shared::{Jobs as _, Page, PageQuery, error::Envelope, ids::JobId, jobs::Job};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    let reads = OpenApiRouter::new().routes(routes!(jobs)).layer(Limits::READ);
    let writes = OpenApiRouter::new().routes(routes!(try_job_again)).layer(Limits::WRITE);
    reads.merge(writes)
}

/// List jobs
///
/// For admins: what the hub does in the background. One that is done for good isn't listed any more.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(PageQuery),
    responses((status = 200, description = "Newest first", body = Envelope<Page<Job>>)))]
async fn jobs(State(app): State<App>, AuthCaller(caller): AuthCaller, Params(page): Params<PageQuery>) -> ApiResult {
    Ok(ok(app.areas.jobs.jobs(&caller, page).await?))
}

/// Try a job again
///
/// For admins: at once, as if for the first time. `not-found` when there is no such job, or when it runs.
#[utoipa::path(post, path = "/api/v1/jobs/{job}/retries", tag = "jobs", params(("job" = JobId, Path)),
    responses((status = 204, description = "It is tried now")))]
async fn try_job_again(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(job): Segments<JobId>,
) -> ApiResult {
    app.areas.jobs.try_job_again(&caller, job).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
