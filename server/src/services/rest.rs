//! REST routes of services.

use crate::{
    http::{
        auth::AuthCaller,
        body::{ApiResult, Body, Params, Segments, created, ok, tagged},
        cache::until_next_event,
        limits::Limits,
        precondition::OnlyIf,
    },
    state::App,
};
use axum::{extract::State, http::StatusCode, middleware, response::IntoResponse as _};
use shared::{
    Page, Services as _,
    error::Envelope,
    names::ServiceName,
    services::{ChangeService, NewService, Service, ServiceQuery, ServiceSettings},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    let reads = OpenApiRouter::new()
        .routes(routes!(services))
        .routes(routes!(service))
        .routes(routes!(service_settings))
        .layer(middleware::from_fn(until_next_event))
        .layer(Limits::READ);
    let writes = OpenApiRouter::new()
        .routes(routes!(create_service))
        .routes(routes!(change_service))
        .routes(routes!(delete_service))
        .layer(Limits::WRITE);
    reads.merge(writes)
}

/// List services
#[utoipa::path(get, path = "/api/v1/services", tag = "services", params(ServiceQuery),
    responses((status = 200, description = "By name, each with its version in force", body = Envelope<Page<Service>>)))]
async fn services(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Params(query): Params<ServiceQuery>,
) -> ApiResult {
    Ok(ok(app.areas.services.list(&caller, query).await?))
}

/// Create a service
#[utoipa::path(post, path = "/api/v1/services", tag = "services", request_body = NewService,
    responses((status = 201, description = "The service; `Location` names it", body = Envelope<Service>),
        (status = 409, description = "The name is taken")))]
async fn create_service(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Body(new): Body<NewService>,
) -> ApiResult {
    let service = app.areas.services.create(&caller, new).await?;
    Ok(created(&format!("/api/v1/services/{}", service.name), service))
}

/// Read a service
#[utoipa::path(get, path = "/api/v1/services/{service}", tag = "services", params(("service" = ServiceName, Path)),
    responses((status = 200, description = "The service", body = Envelope<Service>)))]
async fn service(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(service): Segments<ServiceName>,
) -> ApiResult {
    Ok(ok(app.areas.services.read(&caller, &service).await?))
}

/// Read a service's settings
#[utoipa::path(get, path = "/api/v1/services/{service}/settings", tag = "services",
    params(("service" = ServiceName, Path)),
    responses((status = 200, description = "What people decide about it", body = Envelope<ServiceSettings>)))]
async fn service_settings(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(service): Segments<ServiceName>,
) -> ApiResult {
    let settings = app.areas.services.settings(&caller, &service).await?;
    Ok(tagged(&settings.etag(), ok(settings)))
}

/// Rename, describe, archive or restore a service
///
/// The body replaces all settings. Send the ETag of those that you read as `If-Match`, so that nobody's change is lost.
/// After a new name, the old one answers 308 until another service takes it. An archived service can be read; nothing
/// can be published to it, and lists leave it out.
#[utoipa::path(put, path = "/api/v1/services/{service}/settings", tag = "services",
    params(("service" = ServiceName, Path),
        ("If-Match" = Option<String>, Header, max_length = 256, description = "The ETag of the settings that are to be changed")),
    request_body = ChangeService,
    responses((status = 200, description = "The settings as they are now", body = Envelope<ServiceSettings>), (status = 409, description = "The name is taken")))]
async fn change_service(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(service): Segments<ServiceName>,
    OnlyIf(if_match): OnlyIf,
    Body(change): Body<ChangeService>,
) -> ApiResult {
    let settings = app.areas.services.change(&caller, &service, if_match, change).await?;
    Ok(tagged(&settings.etag(), ok(settings)))
}

/// Delete a service
///
/// With all its versions, comparisons and its policy, for good. The history of events stays.
#[utoipa::path(delete, path = "/api/v1/services/{service}", tag = "services",
    params(("service" = ServiceName, Path)),
    responses((status = 204, description = "It is gone")))]
async fn delete_service(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(service): Segments<ServiceName>,
) -> ApiResult {
    app.areas.services.delete(&caller, &service).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
