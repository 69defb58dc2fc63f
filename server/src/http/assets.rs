//! The built frontend: names that carry a hash are cached for good, the rest is asked for again.

use super::security;
use crate::state::App;
use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::services::ServeDir;

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

macro_rules! files {
    ($($name:literal: $kind:literal),* $(,)?) => {
        [$((concat!("/", $name), $kind, include_bytes!(concat!("../../../style/assets/", $name)).as_slice())),*]
    };
}

/// What is asked for at fixed addresses by browsers, by programs that show a link, and by search engines. It is in the
/// program itself: none of it depends on the build of the frontend.
const FILES: [(&str, &str, &[u8]); 8] = files! {
    "favicon.svg": "image/svg+xml",
    "favicon.ico": "image/x-icon",
    "apple-touch-icon.png": "image/png",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
    "og.png": "image/png",
    "manifest.webmanifest": "application/manifest+json",
    "robots.txt": "text/plain; charset=utf-8",
};

pub fn routes(app: &App) -> Router<App> {
    let root = &app.settings.site_root;
    let pkg = root.join(&*app.leptos.site_pkg_dir);
    Router::new()
        .nest_service(
            &format!("/{}", app.leptos.site_pkg_dir),
            ServeDir::new(pkg).precompressed_br().precompressed_gzip().append_index_html_on_directories(false),
        )
        .merge(FILES.into_iter().fold(Router::new(), |files, (path, kind, bytes)| {
            files.route(path, get(move || async move { ([(header::CONTENT_TYPE, kind)], bytes) }))
        }))
        .layer(middleware::from_fn(cache_control))
        .route(&app::playground::worker_path(), get(worker))
}

/// What the playground's worker starts with. Its name has its hash in it.
async fn worker() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, IMMUTABLE),
        (header::CONTENT_SECURITY_POLICY, security::WORKER),
    ];
    (headers, app::playground::WORKER)
}

async fn cache_control(request: Request, next: Next) -> Response {
    let hashed = is_hashed(request.uri().path());
    let mut response = next.run(request).await;
    if response.status().is_success() {
        let value = if hashed { IMMUTABLE } else { "public, max-age=0, must-revalidate" };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    response
}

/// Whether a file's name carries its content's hash, `name.HASH.ext`: 22 characters of base64url, in which `-` and `_`
/// are digits like any other.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('.')
        .skip(1)
        .any(|part| part.len() == 22 && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'))
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_hashed_names_are_immutable() {
        for (path, expected) in [
            ("/pkg/handshake.uMaqGdd6bX3bB5VXpYbxWQ.wasm", true),
            ("/pkg/handshake.986Jmfwlei-UO8zzHEh7_g.js", true),
            ("/pkg/chunk_10.K1S1kMyziPDxigMLdlhZTA.wasm", true),
            ("/pkg/handshake.css", false),
            ("/favicon.svg", false),
        ] {
            assert_eq!(super::is_hashed(path), expected, "{path}");
        }
    }
}
