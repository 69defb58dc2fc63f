//! REST routes of services and versions.

use super::upload;
use crate::{
    http::{
        App,
        auth::Asking,
        body::{Answer, Body, Params, Segments, created, ok},
        cache::Immutable,
        limits::Limits,
    },
    permissions,
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    ApiError, Finding, Page, PageQuery, Policy, Services as _,
    contracts::{OperationSummary, OperationView, Outline, SchemaSummary, SchemaView},
    error::Envelope,
    findings::OperationKey,
    lint::{LintFinding, LintQuery, Score},
    names::{ServiceName, VersionLabel},
    services::{Comparison, ContractQuery, FindingQuery, NewService, Published, Service, Version},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    let reads = OpenApiRouter::new()
        .routes(routes!(services))
        .routes(routes!(service))
        .routes(routes!(versions))
        .routes(routes!(version))
        .routes(routes!(document))
        .routes(routes!(outline))
        .routes(routes!(operations))
        .routes(routes!(operation))
        .routes(routes!(schemas))
        .routes(routes!(schema))
        .routes(routes!(policy))
        .routes(routes!(lint))
        .routes(routes!(lint_findings))
        .routes(routes!(compare))
        .routes(routes!(findings))
        .layer(Limits::READ);
    let writes = OpenApiRouter::new().routes(routes!(create_service)).routes(routes!(set_policy)).layer(Limits::WRITE);
    let documents = OpenApiRouter::new().routes(routes!(publish_version)).layer(Limits::DOCUMENT);
    reads.merge(writes).merge(documents)
}

fn immutable(mut response: Response) -> Response {
    response.extensions_mut().insert(Immutable);
    response
}

/// List services
#[utoipa::path(get, path = "/api/v1/services", tag = "services", params(PageQuery),
    responses((status = 200, description = "By name, each with its version in force", body = Envelope<Page<Service>>)))]
async fn services(State(app): State<App>, Asking(caller): Asking, Params(page): Params<PageQuery>) -> Answer {
    Ok(ok(app.services.services(&caller, page).await?))
}

/// Create a service
#[utoipa::path(post, path = "/api/v1/services", tag = "services", request_body = NewService,
    responses((status = 201, description = "The service; `Location` names it", body = Envelope<Service>)))]
async fn create_service(State(app): State<App>, Asking(caller): Asking, Body(new): Body<NewService>) -> Answer {
    let service = app.services.create_service(&caller, new).await?;
    Ok(created(&format!("/api/v1/services/{}", service.name), service))
}

/// Read a service
#[utoipa::path(get, path = "/api/v1/services/{service}", tag = "services", params(("service" = ServiceName, Path)),
    responses((status = 200, description = "The service", body = Envelope<Service>)))]
async fn service(State(app): State<App>, Asking(caller): Asking, Segments(service): Segments<ServiceName>) -> Answer {
    Ok(ok(app.services.service(&caller, &service).await?))
}

/// List versions
#[utoipa::path(get, path = "/api/v1/services/{service}/versions", tag = "versions",
    params(("service" = ServiceName, Path), PageQuery),
    responses((status = 200, description = "Newest first, each with its verdict", body = Envelope<Page<Version>>)))]
async fn versions(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments(service): Segments<ServiceName>,
    Params(page): Params<PageQuery>,
) -> Answer {
    Ok(ok(app.services.versions(&caller, &service, page).await?))
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
        (status = 200, description = "The very same document is in force already: nothing was done", body = Envelope<Published>)))]
async fn publish_version(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments(service): Segments<ServiceName>,
    request: Request,
) -> Answer {
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
    let published = app.services.publish_version(&caller, &service, publish).await?;
    if published.created {
        let label = ::app::urls::escape(published.version.label.as_str());
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
    Asking(caller): Asking,
    Segments((service, label)): Segments<(ServiceName, VersionLabel)>,
) -> Answer {
    Ok(immutable(ok(app.services.version(&caller, &service, &label).await?)))
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
    Asking(caller): Asking,
    Segments((service, label)): Segments<(ServiceName, VersionLabel)>,
) -> Answer {
    let source = app.services.source(&caller, &service, &label).await?;
    let extension = source.format.as_str();
    let mut response = axum::body::Bytes::from_owner(source.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(source.format.media_type()));
    for (name, value) in [
        (header::ETAG, format!("\"{}\"", source.digest)),
        // Labels may hold any letters; the plain form is for old clients (RFC 6266, appendix D).
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{service}.{extension}\"")),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(immutable(response))
}

/// Outline a version
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/outline", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path)),
    responses((status = 200, description = "What the document is about, its tags and its size", body = Envelope<Outline>)))]
async fn outline(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments((service, label)): Segments<(ServiceName, VersionLabel)>,
) -> Answer {
    Ok(ok(app.services.outline(&caller, &service, &label).await?))
}

/// List a version's operations
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/operations", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path), ContractQuery),
    responses((status = 200, description = "In document order", body = Envelope<Page<OperationSummary>>)))]
async fn operations(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments((service, label)): Segments<(ServiceName, VersionLabel)>,
    Params(query): Params<ContractQuery>,
) -> Answer {
    Ok(ok(app.services.operations(&caller, &service, &label, query).await?))
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
    Asking(caller): Asking,
    Segments((service, label)): Segments<(ServiceName, VersionLabel)>,
    Params(query): Params<OperationQuery>,
) -> Answer {
    let key = OperationKey::new(&query.method, query.path);
    Ok(ok(app.services.operation(&caller, &service, &label, &key).await?))
}

/// List a version's component schemas
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/schemas", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path), ContractQuery),
    responses((status = 200, description = "In document order", body = Envelope<Page<SchemaSummary>>)))]
async fn schemas(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments((service, label)): Segments<(ServiceName, VersionLabel)>,
    Params(query): Params<ContractQuery>,
) -> Answer {
    Ok(ok(app.services.schemas(&caller, &service, &label, query).await?))
}

/// Read one component schema of a version
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/schemas/{name}", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path), ("name" = String, Path, max_length = 8000, description = "The schema's name under `components.schemas`")),
    responses((status = 200, description = "Unfolded to a bounded depth", body = Envelope<SchemaView>)))]
async fn schema(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments((service, label, name)): Segments<(ServiceName, VersionLabel, String)>,
) -> Answer {
    Ok(ok(app.services.schema(&caller, &service, &label, &name).await?))
}

/// Read a service's policy
#[utoipa::path(get, path = "/api/v1/services/{service}/policy", tag = "services",
    params(("service" = ServiceName, Path)),
    responses((status = 200, description = "The `handshake.toml` that was sent last; 404 when none was", body = Envelope<Policy>)))]
async fn policy(State(app): State<App>, Asking(caller): Asking, Segments(service): Segments<ServiceName>) -> Answer {
    let policy = app.services.policy(&caller, &service).await?;
    Ok(ok(policy.ok_or_else(|| ApiError::not_found(format_args!("policy of {service}")))?))
}

/// Set a service's policy
///
/// The body is a `handshake.toml`: what rules count as, and findings to ignore, each for a reason. All versions of the
/// service are judged by it from now on. What a version was published with stays what it was.
#[utoipa::path(put, path = "/api/v1/services/{service}/policy", tag = "services",
    params(("service" = ServiceName, Path)),
    request_body(content((String = "application/toml"), (String = "text/plain"))),
    responses((status = 200, description = "In force", body = Envelope<Policy>)))]
async fn set_policy(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments(service): Segments<ServiceName>,
    request: Request,
) -> Answer {
    // The operation asks this itself; here it saves judging what somebody sends who may not.
    permissions::on_service::<permissions::Publish>(&caller, &service)?;
    let text = upload::policy(request).await?;
    Ok(ok(app.services.set_policy(&caller, &service, text).await?))
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
    Asking(caller): Asking,
    Segments((service, label)): Segments<(ServiceName, VersionLabel)>,
) -> Answer {
    Ok(ok(app.services.lint(&caller, &service, &label).await?))
}

/// List what could be better about a version
#[utoipa::path(get, path = "/api/v1/services/{service}/versions/{label}/lint/findings", tag = "contracts",
    params(("service" = ServiceName, Path), ("label" = VersionLabel, Path), LintQuery),
    responses((status = 200, description = "Worst first, then in document order", body = Envelope<Page<LintFinding>>)))]
async fn lint_findings(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments((service, label)): Segments<(ServiceName, VersionLabel)>,
    Params(query): Params<LintQuery>,
) -> Answer {
    Ok(ok(app.services.lint_findings(&caller, &service, &label, query).await?))
}

/// Compare two versions
#[utoipa::path(get, path = "/api/v1/services/{service}/comparisons/{base}/{revision}", tag = "comparisons",
    params(("service" = ServiceName, Path), ("base" = VersionLabel, Path), ("revision" = VersionLabel, Path)),
    responses((status = 200, description = "The verdict, in numbers", body = Envelope<Comparison>)))]
async fn compare(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments((service, base, revision)): Segments<(ServiceName, VersionLabel, VersionLabel)>,
) -> Answer {
    Ok(ok(app.services.compare(&caller, &service, &base, &revision).await?))
}

/// List a comparison's findings
#[utoipa::path(get, path = "/api/v1/services/{service}/comparisons/{base}/{revision}/findings", tag = "comparisons",
    params(("service" = ServiceName, Path), ("base" = VersionLabel, Path), ("revision" = VersionLabel, Path), FindingQuery),
    responses((status = 200, description = "Worst first, then in document order", body = Envelope<Page<Finding>>)))]
async fn findings(
    State(app): State<App>,
    Asking(caller): Asking,
    Segments((service, base, revision)): Segments<(ServiceName, VersionLabel, VersionLabel)>,
    Params(query): Params<FindingQuery>,
) -> Answer {
    Ok(ok(app.services.findings(&caller, &service, &base, &revision, query).await?))
}
