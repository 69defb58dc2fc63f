//! A request names its host once (RFC 9112, section 3.2): what isn't sure about that is read differently by a proxy and
//! by the hub, and the pages' origin is made from it.

use super::error::HttpError;
use axum::{
    extract::Request,
    http::{Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use shared::{ApiError, ErrorCode};

pub async fn check(request: Request, next: Next) -> Response {
    match wrong(&request) {
        None => next.run(request).await,
        Some(why) => HttpError(ApiError::new(ErrorCode::BadRequest, why)).into_response(),
    }
}

fn wrong(request: &Request) -> Option<&'static str> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let Some(host) = hosts.next() else {
        // HTTP/1.0 has no Host yet.
        return (request.version() >= Version::HTTP_11).then_some("The header Host is missing.");
    };
    if hosts.next().is_some() {
        return Some("There is more than one header Host.");
    }
    let Some(host) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else {
        return Some("The header Host isn't the name of a host.");
    };
    if host.host().is_empty() || host.as_str().contains('@') {
        return Some("The header Host isn't the name of a host.");
    }
    match request.uri().authority() {
        Some(target) if !target.as_str().eq_ignore_ascii_case(host.as_str()) => {
            Some("The request's target and its header Host name different hosts.")
        }
        _ => None,
    }
}
