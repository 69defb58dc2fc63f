//! An error as a page, for a person whose browser asked for one.
//!
//! It needs nothing that may be out of reach when something fails: no database, no built frontend, no script.

use super::auth;
use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};
use shared::ApiError;
use std::sync::LazyLock;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1.5rem}\
    h1{font-size:1.5rem;line-height:1.25}small{opacity:.8}";

/// Only the style above, known by its hash.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'");
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// Whether the answer is for a person to read: a browser opens an address that isn't the API's.
pub fn wanted(request: &Request) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    auth::reads(request.method())
        && accepts.is_some_and(|accept| accept.contains("text/html"))
        && !request.uri().path().starts_with("/api/")
}

pub fn render(status: StatusCode, error: &ApiError) -> Response {
    let heading = match status {
        StatusCode::SERVICE_UNAVAILABLE => "The hub can’t answer right now",
        StatusCode::GATEWAY_TIMEOUT => "This took too long",
        StatusCode::TOO_MANY_REQUESTS => "That was too often",
        StatusCode::FORBIDDEN => "Not for you",
        status if status.is_server_error() => "Something went wrong",
        _ => "This can’t be answered",
    };
    let trace = error.trace_id.as_deref().map_or_else(String::new, |trace| {
        format!("<p><small>{} · trace <code>{}</code></small></p>", status.as_u16(), escape(trace))
    });
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{heading} · Handshake</title>\
         <style>{STYLE}</style></head><body><main><h1>{heading}</h1><p>{}</p>\
         <p><a href=\"\">Try again</a></p>{trace}</main></body></html>\n",
        escape(&error.message),
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
    ];
    (status, headers, page).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ErrorCode;

    #[tokio::test]
    async fn words_of_an_error_are_words() {
        let error = ApiError::new(ErrorCode::BadRequest, "<script>alert(1)</script>");
        let page = render(StatusCode::BAD_REQUEST, &error);
        let page = axum::body::to_bytes(page.into_body(), usize::MAX).await.unwrap();
        let page = std::str::from_utf8(&page).unwrap();
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    }
}
