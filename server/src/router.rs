//! The whole server: the areas' routes, and around them the layers that every request passes.
//!
//! From the outside in: trace and log, compress, give every error one shape, catch panics, add security headers, check
//! the host, find out who asks, route; then what each area declared with its routes: how often, how large, how long.

use crate::{
    api,
    http::{assets, auth, cache, encoding, error, health, host, limits, loopback, pages, security, trace},
    state::App,
};
use axum::{Extension, Router, extract::DefaultBodyLimit, handler::Handler as _, middleware};
use std::sync::Arc;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate as _, SizeAbove},
    },
};

/// The whole server as one service.
pub fn router(app: &App) -> Router {
    let (api, _) = api::routes().split_for_parts();
    let authenticated = Router::new()
        .merge(api)
        .merge(api::document_route())
        .merge(pages::routes(app))
        .fallback(pages::fallback.layer(limits::Limits::GUARDED))
        // `Limits` bounds every body, by what its route says.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(cache::etag))
        .layer(middleware::from_fn(encoding::only_identity))
        .layer(middleware::from_fn_with_state(app.clone(), auth::authenticate))
        .layer(Extension(limits::Bounds { settings: Arc::clone(&app.settings), rates: Arc::clone(&app.rates) }));

    Router::new()
        .merge(assets::routes(app))
        .merge(health::routes())
        .merge(authenticated)
        .layer(middleware::from_fn_with_state(app.clone(), loopback::only_its_names))
        .layer(middleware::from_fn(host::check))
        .layer(middleware::from_fn(security::headers))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn(error::shape))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(DefaultPredicate::new().and(SizeAbove::new(1024))),
        )
        .layer(middleware::from_fn_with_state(app.clone(), trace::trace))
        .with_state(app.clone())
}
