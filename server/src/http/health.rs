//! For those who watch the server: is it alive, can it work, how does it fare.

use super::{error::HttpError, loopback::names_loopback};
use crate::state::App;
use axum::{
    Router,
    extract::{ConnectInfo, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use shared::{ApiError, ErrorCode};
use std::net::SocketAddr;

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

/// Prometheus' text format, version 0.0.4. Only for this machine unless a setting opens it: it tells how the hub is used.
async fn metrics(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    if !app.settings.open_metrics && !is_local(peer, &headers) {
        let why = "Metrics are told to this machine only. The setting open-metrics opens them.";
        return Err(ApiError::new(ErrorCode::Forbidden, why).into());
    }
    let (streams, connections) = (app.streams.count(), app.connections.open());
    #[allow(clippy::cast_precision_loss, reason = "a few thousand at most")]
    {
        metrics::gauge!("handshake_live_streams").set(streams as f64);
        metrics::gauge!("handshake_connections").set(connections as f64);
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()).into_response())
}

/// What proxies add to the requests that they pass on.
const FORWARDED: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/// Whether a request comes from this machine itself: from one of its addresses, under one of its names, and not through
/// a proxy.
fn is_local(peer: SocketAddr, headers: &HeaderMap) -> bool {
    names_loopback(headers)
        && peer.ip().to_canonical().is_loopback()
        && !FORWARDED.iter().any(|name| headers.contains_key(*name))
}

fn text(text: &'static str) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn this_machine_is_who_asks_it_under_its_own_name_without_a_proxy() {
        for (peer, host, forwarding, expected) in [
            ("127.0.0.1:1", "127.0.0.1:3000", None, true),
            ("127.0.0.9:1", "LOCALHOST", None, true),
            ("[::1]:1", "[::1]:3000", None, true),
            ("[::ffff:127.0.0.1]:1", "localhost:3000", None, true),
            ("192.0.2.1:1", "127.0.0.1:3000", None, false),
            ("[2001:db8::1]:1", "localhost", None, false),
            ("127.0.0.1:1", "hub.example.org", None, false),
            ("127.0.0.1:1", "127.0.0.1.evil.example", None, false),
            ("127.0.0.1:1", "localhost", Some("forwarded"), false),
            ("127.0.0.1:1", "localhost", Some("x-forwarded-for"), false),
            ("127.0.0.1:1", "localhost", Some("x-real-ip"), false),
            ("127.0.0.1:1", "localhost", Some("via"), false),
        ] {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            if let Some(name) = forwarding {
                headers.insert(name, HeaderValue::from_static("203.0.113.9"));
            }
            assert_eq!(is_local(peer.parse().unwrap(), &headers), expected, "{peer} {host} {forwarding:?}");
        }
    }
}
