//! The one way to send a client elsewhere, which only knows addresses of this hub.
//!
//! An address that comes from a request, or that something else put into an answer, may look local and lead elsewhere:
//! `//evil.example` is a path to HTTP and another site to a browser. So every `Location` is made here.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::urls::local;

/// Where people are sent whose target is not an address of this hub.
const HOME: &str = "/";

/// 303 to an address of this hub.
pub fn see_other(target: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, location(target));
    response
}

/// Makes what an answer says about where to go an address of this hub: of a whole URL, its path. Returns that address.
pub fn keep_local(response: &mut Response) -> Option<String> {
    let said = response.headers().get(header::LOCATION)?;
    let said = said.to_str().unwrap_or(HOME);
    let local = match said.split_once("://") {
        Some((_, rest)) if !said.starts_with('/') => &rest[rest.find(['/', '?', '#']).unwrap_or(rest.len())..],
        _ => said,
    };
    let value = location(local);
    let target = value.to_str().unwrap_or(HOME).to_owned();
    response.headers_mut().insert(header::LOCATION, value);
    Some(target)
}

fn location(target: &str) -> HeaderValue {
    local(target).and_then(|target| HeaderValue::from_str(target).ok()).unwrap_or(HeaderValue::from_static(HOME))
}
