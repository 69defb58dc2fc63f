//! Validators for reads (RFC 9110, section 13; RFC 9111).
//!
//! Answers are per caller, so they are `private`. What can't change once it exists (a version, its document) may be
//! kept for a year; everything else, such as what a release of the engine makes of a document, is kept but asked for
//! again, and answered with 304 while it is the same.
//!
//! An answer must be built to be hashed. What depends on nothing but the hub's events and the day needn't be built again
//! while neither has changed ([`until_next_event`]): the server remembers which tags were right at which event.

use super::{auth::reads, rate::Key};
use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};
use std::{
    hash::{BuildHasher as _, RandomState},
    pin::Pin,
    sync::Arc,
};

/// Put on a response by a handler whose answer never changes.
#[derive(Clone, Copy)]
pub struct Immutable;

/// Tags that are remembered: some megabytes.
const KNOWN: usize = 32_768;
const REVALIDATE: &str = "private, no-cache";
const IMMUTABLE: &str = "private, max-age=31536000, immutable";
const VARY: &str = "accept, accept-encoding, authorization, cookie";

/// What answers depend on: the newest event's number, and the day (policies end with one).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub event: i64,
    pub day: i64,
}

/// Says in which state the hub is; nothing when that can't be found out.
pub type StateOf = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Option<State>> + Send>> + Send + Sync>;

/// Tags that were right: for whom, of what, and in which state. Cheap to clone; comes with each request.
#[derive(Clone)]
pub struct KnownTags {
    state: StateOf,
    tags: Arc<Cache<u128, (State, bool)>>,
    hashers: Arc<[RandomState; 2]>,
}

impl KnownTags {
    #[must_use]
    pub fn new(state: StateOf) -> Self {
        Self { state, tags: Arc::new(Cache::new(KNOWN)), hashers: Arc::default() }
    }

    /// Names a tag of an answer to somebody. The hash is keyed, and long enough that no two meet.
    fn name(&self, asked: &Asked, tag: &str) -> u128 {
        let [a, b] = [0, 1].map(|n| self.hashers[n].hash_one((asked, tag)));
        u128::from(a) << 64 | u128::from(b)
    }
}

/// What was asked, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asked {
    address: String,
    accept: Option<Vec<u8>>,
    who: Key,
}

/// Put on a response that stays the same until the state changes.
#[derive(Clone)]
struct Until {
    known: KnownTags,
    state: State,
    asked: Asked,
}

/// For routes whose answers depend on the hub's events and the day only: a client that has the answer of this state gets
/// its 304 before the handler runs. Only for those whom the handler has answered in this state.
pub async fn until_next_event(request: Request, next: Next) -> Response {
    let Some(known) = request.extensions().get::<KnownTags>().cloned().filter(|_| reads(request.method())) else {
        return next.run(request).await;
    };
    // Read before the handler runs: what it sees is of this state or a later one.
    let Some(state) = (known.state)().await else { return next.run(request).await };
    let asked = Asked {
        address: request.uri().to_string(),
        accept: request.headers().get(header::ACCEPT).map(|accept| accept.as_bytes().to_vec()),
        who: Key::of(request.extensions()),
    };
    let tag = request.headers().get(header::IF_NONE_MATCH).cloned();
    if let Some(tag) = tag.as_ref().and_then(|tag| tag.to_str().ok())
        && let Some((at, immutable)) = known.tags.get(&known.name(&asked, tag))
        && at == state
        && let Ok(value) = HeaderValue::from_str(tag)
    {
        let policy = if immutable { IMMUTABLE } else { REVALIDATE };
        let headers = [
            (header::ETAG, value),
            (header::CACHE_CONTROL, HeaderValue::from_static(policy)),
            (header::VARY, HeaderValue::from_static(VARY)),
        ];
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let mut response = next.run(request).await;
    if response.status() == StatusCode::OK {
        response.extensions_mut().insert(Until { known, state, asked });
    }
    response
}

/// Adds `ETag` and `Cache-Control` to a successful read of the API and answers 304 to clients that have it already.
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
    let until = parts.extensions.remove::<Until>();
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
    if let (Some(Until { known, state, asked }), Some(tag)) = (until, parts.headers.get(header::ETAG))
        && let Ok(tag) = tag.to_str()
    {
        known.tags.insert(known.name(&asked, tag), (state, policy == IMMUTABLE));
    }
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
