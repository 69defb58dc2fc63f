//! For those who watch the server: is it alive, can it work, how does it fare.

use super::{App, error::HttpError};
use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use shared::{ApiError, ErrorCode};

pub fn routes() -> Router<App> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).route("/metrics", get(metrics))
}

/// The process answers. Says nothing about the database, so that a broken one doesn't get the process killed.
async fn healthz() -> Response {
    text("ok\n")
}

/// The database is reachable and migrated, and the server isn't stopping: send traffic.
async fn readyz(State(app): State<App>) -> Response {
    if app.stopping.is_cancelled() {
        return HttpError(ApiError::new(ErrorCode::Unavailable, "The hub is stopping.")).into_response();
    }
    match app.store.ready().await {
        Ok(()) => text("ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            HttpError(ApiError::new(ErrorCode::Unavailable, "The database can't be reached or isn't migrated."))
                .into_response()
        }
    }
}

/// Prometheus' text format, version 0.0.4.
async fn metrics(State(app): State<App>) -> Response {
    let (streams, connections) = (app.streams.count(), app.connections.open());
    #[allow(clippy::cast_precision_loss, reason = "a few thousand at most")]
    {
        metrics::gauge!("handshake_live_streams").set(streams as f64);
        metrics::gauge!("handshake_connections").set(connections as f64);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()).into_response()
}

fn text(text: &'static str) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], text).into_response()
}
