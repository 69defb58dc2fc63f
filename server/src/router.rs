//! The whole server: the areas' routes, and around them the layers that every request passes.
//!
//! From the outside in: trace and log, compress, give every error one shape, catch panics, add security headers, check
//! the host, find out who asks, route; then what each area declared with its routes: how often, how large, how long.

use crate::{
    accounts::{self, authenticate},
    api,
    clock::Clock,
    http::{
        assets,
        cache::{self, KnownTags, State},
        encoding, error, health, host, limits, loopback, pages, security, trace,
    },
    state::App,
    versions,
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
        .merge(accounts::pages::routes())
        .merge(versions::pages::routes())
        .merge(pages::routes(app))
        .fallback(pages::fallback.layer(limits::Limits::GUARDED))
        // `Limits` bounds every body, by what its route says.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(cache::etag))
        .layer(middleware::from_fn(encoding::only_identity))
        .layer(middleware::from_fn_with_state(app.clone(), authenticate::authenticate))
        .layer(Extension(known_tags(app)))
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
        .layer(middleware::from_fn(trace::trace))
        .layer(middleware::from_fn_with_state(app.clone(), authenticate::trust))
        .with_state(app.clone())
}

/// Which answers stay the same: those that were given at the newest event, today.
fn known_tags(app: &App) -> KnownTags {
    let bus = app.bus.clone();
    KnownTags::new(Arc::new(move || {
        let bus = bus.clone();
        Box::pin(async move {
            let event = bus.newest().await.ok()?;
            let day = Clock::default().now().0.div_euclid(24 * 60 * 60 * 1_000);
            Some(State { event, day })
        })
    }))
}
