//! Under which names a hub on loopback is served.
//!
//! A page elsewhere can have its own name resolve to 127.0.0.1 (DNS rebinding): the browser then takes the hub for a part
//! of that page, whose scripts read what it answers. They can't choose the name that is sent as `Host`, so a hub that only
//! this machine can reach answers to this machine's names alone. Behind a proxy it has a public origin, and the proxy says
//! which names lead to it.

use super::error::HttpError;
use crate::state::App;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use shared::{ApiError, ErrorCode};
use std::net::IpAddr;

pub async fn only_its_names(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.settings.listen.ip().is_loopback()
        && app.settings.public_origin.is_empty()
        && !names_loopback(request.headers())
    {
        return HttpError(ApiError::new(
            ErrorCode::BadRequest,
            "This hub is served on its own machine only: ask for it as localhost or 127.0.0.1. Behind a proxy, set \
             public-origin (HANDSHAKE_PUBLIC_ORIGIN).",
        ))
        .into_response();
    }
    next.run(request).await
}

/// Whether the name that the request gives the hub, of which [`super::host`] leaves one at most, is this machine's. One
/// without any isn't a browser's.
pub fn names_loopback(headers: &HeaderMap) -> bool {
    headers.get(header::HOST).is_none_or(|host| host.to_str().is_ok_and(is_loopback))
}

fn is_loopback(name: &str) -> bool {
    let Ok(authority) = name.parse::<Authority>() else { return false };
    let host = authority.host();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machines_names_are_loopback() {
        for name in ["localhost", "LocalHost:3000", "127.0.0.1", "127.0.0.1:3000", "127.8.8.8", "[::1]", "[::1]:3000"] {
            assert!(is_loopback(name), "{name}");
        }
        for name in [
            "evil.example",
            "evil.example:3000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.localhost",
            "10.0.0.1",
            "0.0.0.0",
            "127.0.0.1@evil.example",
            "",
            "a b",
        ] {
            assert!(!is_loopback(name), "{name}");
        }
    }
}
