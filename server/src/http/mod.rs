//! The HTTP side of the hub: one router, and around it the layers every request passes.
//!
//! From the outside in: trace and log, compress, give every error one shape, catch panics, add security headers, check
//! the host, find out who asks, route; then what each area declared with its routes: how often, how large, how long.

mod assets;
pub mod auth;
pub mod body;
pub mod cache;
mod declared;
mod encoding;
pub mod error;
mod error_page;
mod forms;
mod health;
mod host;
pub mod limits;
mod loopback;
pub mod openapi;
pub mod pages;
pub mod rate;
mod redirect;
pub mod renders;
mod security;
pub mod serve;
pub mod slots;
mod spec;
mod trace;
pub mod uploads;
pub mod visitor;
mod wire;

use crate::{
    accounts::AccountsService,
    config::Settings,
    events::{Bus, EventsService, Streams},
    jobs,
    services::ServicesService,
    store::Store,
};
use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, FromRef},
    handler::Handler as _,
    middleware,
};
use leptos::config::LeptosOptions;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::{Arc, atomic::AtomicBool};
use tokio_util::sync::CancellationToken;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate as _, SizeAbove},
    },
};

/// Everything that a handler may need. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub accounts: Arc<AccountsService>,
    pub services: Arc<ServicesService>,
    pub events: Arc<EventsService>,
    pub jobs: jobs::Queue,
    pub bus: Bus,
    pub store: Store,
    pub settings: Arc<Settings>,
    pub metrics: PrometheusHandle,
    /// Cancelled when the server begins to stop: live streams end then.
    pub stopping: CancellationToken,
    pub leptos: LeptosOptions,
    pub reference: Arc<openapi::OwnContract>,
    pub renders: renders::Renders,
    /// Whether somebody can sign in already; see `pages`.
    pub set_up: Arc<AtomicBool>,
    /// One permit a live stream that is open.
    pub streams: Streams,
    /// Connections that are open.
    pub connections: slots::Slots,
    /// Those that are believed about who sent a request.
    pub proxies: Arc<visitor::Proxies>,
    /// How often somebody may ask.
    pub rates: Arc<rate::Rates>,
    /// Memory for documents that are being published.
    pub uploads: uploads::Uploads,
}

impl FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.leptos.clone()
    }
}

/// The whole server as one service.
pub fn router(app: &App) -> Router {
    let (api, _) = openapi::api().split_for_parts();
    let authenticated = Router::new()
        .merge(api)
        .merge(openapi::routes())
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
