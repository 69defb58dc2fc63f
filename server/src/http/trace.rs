//! One span and one log line a request, joined to the caller's trace (W3C Trace Context) where the caller is known.
//!
//! A `traceparent` decides under which id the log and the spans of a request are found. A stranger who chose it could put
//! lines into anybody's trace, so a stranger's request starts a trace of its own that links to theirs. A caller with an API
//! token or a session, and asks from one of the hub's own pages, is trusted: that is how a trace goes from the browser to
//! the database.

use super::auth::RequestUser;
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use opentelemetry::{propagation::Extractor, trace::TraceContextExt as _};
use std::time::Instant;
use tracing::{Instrument as _, field};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// The method as logs and metrics know it. Anybody can invent methods, and each would be a series of its own for ever.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        // OpenTelemetry's semantic conventions have this name for all others.
        _ => "_OTHER",
    }
}

/// Put on a request whose trace may go on here.
#[derive(Debug, Clone, Copy)]
pub struct Trusted;

/// Opens the request's span, counts and times it, and logs how it ended.
pub async fn trace(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_name(request.method());
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let request_id = uuid::Uuid::now_v7();
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
        %request_id,
    );
    // A malformed traceparent yields an empty context: the request then starts a trace of its own.
    let parent =
        opentelemetry::global::get_text_map_propagator(|propagator| propagator.extract(&Headers(request.headers())));
    let theirs = parent.span().span_context().clone();
    if theirs.is_valid() {
        if request.extensions().get::<Trusted>().is_some() {
            // Fails only where no OpenTelemetry layer is installed, as in tests without telemetry.
            if let Err(error) = span.set_parent(parent) {
                tracing::trace!(%error, "no trace parent");
            }
        } else {
            span.add_link(theirs);
        }
    }
    async move {
        let path = request.uri().path().to_owned();
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        let elapsed = started.elapsed();
        tracing::Span::current().record("http.response.status_code", status);
        let trace_id = crate::observability::trace_id();
        if let Some(value) = trace_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
            response.headers_mut().insert("x-trace-id", value);
        }
        if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
            response.headers_mut().insert("x-request-id", value);
        }
        let labels = [("method", method.to_owned()), ("route", route.clone()), ("status", status.to_string())];
        metrics::counter!("handshake_http_requests_total", &labels).increment(1);
        metrics::histogram!("handshake_http_request_duration_seconds", "method" => method, "route" => route.clone())
            .record(elapsed.as_secs_f64());
        let user = response.extensions().get::<RequestUser>().map(|who| who.0.to_string());
        let latency_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        // The path, not the query: queries may carry what people search for.
        if status >= 500 {
            tracing::error!(method, route, path, status, latency_ms, %request_id, trace_id, user, "answered");
        } else {
            tracing::info!(method, route, path, status, latency_ms, %request_id, trace_id, user, "answered");
        }
        response
    }
    .instrument(span)
    .await
}
