//! REST routes of services.

use crate::{
    http::{
        auth::Asking,
        body::{Answer, Body, Params, Segments, created, ok},
        limits::Limits,
    },
    state::App,
};
use axum::extract::State;
use shared::{
    Page, PageQuery, Services as _,
    error::Envelope,
    names::ServiceName,
    services::{NewService, Service},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    let reads = OpenApiRouter::new().routes(routes!(services)).routes(routes!(service)).layer(Limits::READ);
    reads.merge(OpenApiRouter::new().routes(routes!(create_service)).layer(Limits::WRITE))
}

/// List services
#[utoipa::path(get, path = "/api/v1/services", tag = "services", params(PageQuery),
    responses((status = 200, description = "By name, each with its version in force", body = Envelope<Page<Service>>)))]
async fn services(State(app): State<App>, Asking(caller): Asking, Params(page): Params<PageQuery>) -> Answer {
    Ok(ok(app.areas.services.list(&caller, page).await?))
}

/// Create a service
#[utoipa::path(post, path = "/api/v1/services", tag = "services", request_body = NewService,
    responses((status = 201, description = "The service; `Location` names it", body = Envelope<Service>)))]
async fn create_service(State(app): State<App>, Asking(caller): Asking, Body(new): Body<NewService>) -> Answer {
    let service = app.areas.services.create(&caller, new).await?;
    Ok(created(&format!("/api/v1/services/{}", service.name), service))
}

/// Read a service
#[utoipa::path(get, path = "/api/v1/services/{service}", tag = "services", params(("service" = ServiceName, Path)),
    responses((status = 200, description = "The service", body = Envelope<Service>)))]
async fn service(State(app): State<App>, Asking(caller): Asking, Segments(service): Segments<ServiceName>) -> Answer {
    Ok(ok(app.areas.services.read(&caller, &service).await?))
}
