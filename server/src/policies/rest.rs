//! REST routes of policies.

use crate::{
    http::{
        auth::AuthCaller,
        body::{ApiResult, Segments, media_type, ok, tagged},
        cache::until_next_event,
        limits::{self, Limits},
        precondition::OnlyIf,
    },
    permissions,
    state::App,
};
use axum::{
    extract::{Request, State},
    middleware,
};
use shared::{ApiError, ErrorCode, Policies as _, Policy, error::Envelope, names::ServiceName};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Media types of a policy (`application/toml`, as registered with IANA).
const POLICY: &[&str] = &["application/toml", "text/plain"];

pub fn routes() -> OpenApiRouter<App> {
    let reads =
        OpenApiRouter::new().routes(routes!(policy)).layer(middleware::from_fn(until_next_event)).layer(Limits::READ);
    reads.merge(OpenApiRouter::new().routes(routes!(set_policy)).layer(Limits::WRITE))
}

/// Read a service's policy
#[utoipa::path(get, path = "/api/v1/services/{service}/policy", tag = "services",
    params(("service" = ServiceName, Path)),
    responses((status = 200, description = "The `handshake.toml` that was sent last; 404 when none was", body = Envelope<Policy>)))]
async fn policy(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(service): Segments<ServiceName>,
) -> ApiResult {
    let policy = app.areas.policies.read(&caller, &service).await?;
    let policy = policy.ok_or_else(|| ApiError::not_found(format_args!("policy of {service}")))?;
    Ok(tagged(&policy.etag(), ok(policy)))
}

/// Set a service's policy
///
/// The body is a `handshake.toml`: what rules count as, and findings to ignore, each for a reason. All versions of the
/// service are judged by it from now on. What a version was published with stays what it was. Send the ETag of the
/// policy that you read as `If-Match`, so that nobody's change is lost.
#[utoipa::path(put, path = "/api/v1/services/{service}/policy", tag = "services",
    params(("service" = ServiceName, Path),
        ("If-Match" = Option<String>, Header, max_length = 256, description = "The ETag of the policy that is to be replaced")),
    request_body(content((String = "application/toml"), (String = "text/plain"))),
    responses((status = 200, description = "In force", body = Envelope<Policy>),
        (status = 409, description = "The service is archived")))]
async fn set_policy(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(service): Segments<ServiceName>,
    OnlyIf(if_match): OnlyIf,
    request: Request,
) -> ApiResult {
    // The operation asks this itself; here it saves judging what somebody sends who may not.
    permissions::on_service::<permissions::Publish>(&caller, &service)?;
    let text = text(request).await?;
    let policy = app.areas.policies.set(&caller, &service, if_match, text).await?;
    Ok(tagged(&policy.etag(), ok(policy)))
}

/// Reads a policy to set.
async fn text(request: Request) -> Result<String, ApiError> {
    let media = media_type(request.headers());
    if !media.as_deref().is_some_and(|media| POLICY.contains(&media)) {
        let message = "Send the policy as it is, with the header Content-Type: application/toml.";
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, message));
    }
    let bytes = limits::read_all(request.into_body(), Policy::MAX_BYTES, false).await?;
    text_of(&bytes)
}

/// A policy's text out of bytes.
pub fn text_of(policy: &[u8]) -> Result<String, ApiError> {
    let text = std::str::from_utf8(policy).map_err(|_| ApiError::invalid("policy", "A policy is text in UTF-8."))?;
    Ok(text.to_owned())
}
