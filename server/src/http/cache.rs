//! Validators for reads (RFC 9110, section 13; RFC 9111).
//!
//! Answers are per caller, so they are `private`. What can't change once it exists (a version, its document) may be
//! kept for a year; everything else, such as what a release of the engine makes of a document, is kept but asked for
//! again, and answered with 304 while it is the same.

use super::auth::reads;
use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// Put on a response by a handler whose answer never changes.
#[derive(Clone, Copy)]
pub struct Immutable;

const REVALIDATE: &str = "private, no-cache";
const IMMUTABLE: &str = "private, max-age=31536000, immutable";
const VARY: &str = "accept, accept-encoding, authorization, cookie";

/// Adds `ETag` and `Cache-Control` to a successful read of the API and answers 304 to whoever has it already.
pub async fn etag(request: Request, next: Next) -> Response {
    if !reads(request.method()) {
        return next.run(request).await;
    }
    let api = request.uri().path().starts_with("/api/v1");
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let mut response = next.run(request).await;
    let streams = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
    if !api {
        // Pages and server functions show what is true now, to one person, whatever their status.
        response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
        return response;
    }
    if streams || response.status() != StatusCode::OK {
        return response;
    }
    let policy = if response.extensions().get::<Immutable>().is_some() { IMMUTABLE } else { REVALIDATE };
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    parts.headers.insert(header::VARY, HeaderValue::from_static(VARY));
    let body = if parts.headers.contains_key(header::ETAG) {
        body
    } else {
        // Our own answers are built in memory: this copies nothing and can't fail.
        let exact = body.size_hint().exact();
        match axum::body::to_bytes(body, usize::MAX).await {
            Ok(bytes) => {
                // Weak: compression changes the bytes, not the meaning.
                let tag = format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..18]));
                if let Ok(value) = HeaderValue::from_str(&tag) {
                    parts.headers.insert(header::ETAG, value);
                }
                Body::from(bytes)
            }
            Err(error) => {
                tracing::error!(%error, ?exact, "an answer broke off while it was hashed");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        }
    };
    let same = known
        .zip(parts.headers.get(header::ETAG))
        .is_some_and(|(known, tag)| matches(known.to_str().unwrap_or_default(), tag.to_str().unwrap_or_default()));
    if same {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, body)
}

/// The weak comparison that `If-None-Match` uses (RFC 9110, section 8.8.3.2).
fn matches(known: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|known| bare(known) == bare(tag))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn weak_comparison() {
        for (known, tag, expected) in [
            ("\"a\"", "\"a\"", true),
            ("W/\"a\"", "\"a\"", true),
            ("\"b\", W/\"a\"", "W/\"a\"", true),
            ("*", "\"a\"", true),
            ("\"b\"", "\"a\"", false),
            ("", "\"a\"", false),
        ] {
            assert_eq!(matches(known, tag), expected, "{known} {tag}");
        }
    }
}
