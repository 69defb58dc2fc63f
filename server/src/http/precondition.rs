//! `If-Match` of a request.

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use shared::IfMatch;
use std::convert::Infallible;

/// For which state a write was made.
pub struct OnlyIf(pub IfMatch);

impl<S: Sync> FromRequestParts<S> for OnlyIf {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // A header that isn't text matches nothing.
        let value = parts.headers.get(header::IF_MATCH).map(|value| value.to_str().unwrap_or_default());
        Ok(Self(IfMatch::parse(value)))
    }
}
