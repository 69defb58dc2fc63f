//! Headers that every answer carries. Pages set their own Content-Security-Policy with a nonce.

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use leptos::config::{Env, LeptosOptions};

/// For what isn't a page: nothing may run, load or frame it.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// The policy of a page: only our own files and the scripts with this nonce; WebAssembly may be compiled. While
/// `cargo leptos watch` runs, pages also listen on its port for what was rebuilt.
#[must_use]
pub fn page_policy(nonce: &str, options: &LeptosOptions) -> String {
    let reload = match options.env {
        // Whatever name the page was opened under.
        Env::DEV => format!(" ws://*:{}", options.reload_port),
        Env::PROD => String::new(),
    };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'{reload}; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; worker-src 'self'; manifest-src 'self'"
    )
}

/// The policy of the front page, which has no script.
pub const FRONT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; manifest-src 'self'; base-uri 'none'; \
                         form-action 'none'; frame-ancestors 'none'";

/// The policy of the playground's worker, which has one of its own: the hub's own modules and nothing else, so that what
/// it is given to read can go nowhere.
pub const WORKER: &str =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'";

pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING));
    response
}
