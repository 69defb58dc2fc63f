//! REST routes of versions.

use super::upload;
use crate::{
    http::{
        auth::AuthCaller,
        body::{ApiResult, Params, Segments, created, ok},
        cache::{Immutable, until_next_event},
        limits::Limits,
    },
    permissions,
    state::App,
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
};
use shared::{
    Page, PageQuery, Version, VersionRef, Versions as _,
    error::Envelope,
    names::{ServiceName, VersionLabel},
    versions::Published,
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    let reads = OpenApiRouter::new()
        .routes(routes!(versions))
        .routes(routes!(version))
        .routes(routes!(document))
        .layer(middleware::from_fn(until_next_event))
        .layer(Limits::READ);
    reads.merge(OpenApiRouter::new().routes(routes!(publish_version)).layer(Limits::DOCUMENT))
}

fn immutable(mut response: Response) -> Response {
    response.extensions_mut().insert(Immutable);
    response
}

/// List versions
#[utoipa::path(get, path = "/api/v1/services/{service}/versions", tag = "versions",
    params(("service" = ServiceName, Path), PageQuery),
    responses((status = 200, description = "Newest first, each with its verdict", body = Envelope<Page<Version>>)))]
async fn versions(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(service): Segments<ServiceName>,
    Params(page): Params<PageQuery>,
) -> ApiResult {
    Ok(ok(app.areas.versions.list(&caller, &service, page).await?))
}

/// Publish a version
///
/// The body is the OpenAPI document itself (JSON or YAML), or a form with a `document` field, and a `policy` field
/// where the service is to be judged by another `handshake.toml` from now on. The label is `info.version` unless `label`
/// says otherwise. Publishing the latest version's very document again makes no version and answers 200. Send
/// `Idempotency-Key` to retry safely: the same key and request get the first answer again.
#[utoipa::path(post, path = "/api/v1/services/{service}/versions", tag = "versions",
    params(("service" = ServiceName, Path), ("label" = Option<VersionLabel>, Query, description = "The version's label; `info.version` when absent"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 257, pattern = r#"^("[!#-~]{1,255}"|[!#-~]{1,255})$"#,
            description = "1 to 255 visible ASCII characters, in quotes or without, stored for 24 hours")),
    request_body(content(
        (Object = "application/json", example = json!({
            "openapi": "3.1.0",
            "info": {"title": "Orders", "version": "1.4.0"},
            "paths": {"/orders": {"get": {"responses": {"200": {"description": "The orders"}}}}}
        })),
        (Object = "application/yaml"),
        (upload::Form = "multipart/form-data"),
    )),
    responses(
        (status = 201, description = "Published, with its verdict; `Location` names it", body = Envelope<Published>),
        (status = 200, description = "The very same document is in force already: nothing was done", body = Envelope<Published>),
        (status = 409, description = "The label is taken, the service is archived, or others are publishing")))]
async fn publish_version(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(service): Segments<ServiceName>,
    request: Request,
) -> ApiResult {
    // The operation asks this itself; here it saves reading a large body from somebody who may not send one.
    let who = match permissions::on_service::<permissions::Publish>(&caller, &service) {
        Ok(grant) => grant.actor().user,
        Err(refused) => {
            crate::http::limits::drain(request.into_body()).await;
            return Err(refused.into());
        }
    };
    let most = app.settings.max_document_bytes;
    let _room = app.uploads.room(who, request.headers(), most).await?;
    let publish = upload::read(request, most).await?;
    let published = app.areas.versions.publish(&caller, &service, publish).await?;
    if published.created {
        let label = shared::urls::escape(published.version.label.as_str());
        let location = format!("/api/v1/services/{service}/versions/{label}");
        Ok(created(&location, published))
    } else {
        Ok(ok(published))
    }
}

/// Read a version
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}", tag = "versions",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path)),
    responses((status = 200, description = "The version", body = Envelope<Version>)))]
async fn version(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(version): Segments<VersionRef>,
) -> ApiResult {
    Ok(immutable(ok(app.areas.versions.read(&caller, &version).await?)))
}

/// Download a version's document
///
/// Byte for byte as it was published, outside of the envelope.
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/document", tag = "versions",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path)),
    responses((status = 200, description = "The document", content(
        (Object = "application/json"), (Object = "application/yaml")))))]
async fn document(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(version): Segments<VersionRef>,
) -> ApiResult {
    let source = app.areas.versions.source(&caller, &version).await?;
    let extension = source.format.as_str();
    let mut response = axum::body::Bytes::from_owner(source.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(source.format.media_type()));
    for (name, value) in [
        (header::ETAG, format!("\"{}\"", source.digest)),
        // Labels may hold any letters; the plain form is for old clients (RFC 6266, appendix D).
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{}.{extension}\"", version.service)),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(immutable(response))
}
