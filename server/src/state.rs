//! What handlers share.

use crate::{
    api::OwnContract,
    areas::Areas,
    config::Settings,
    events::{Bus, Streams},
    http::{rate::Rates, renders::Renders, slots::Slots, uploads::Uploads, visitor::Proxies},
    store::Store,
};
use ::app::context::Hub;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::{Arc, atomic::AtomicBool};
use tokio_util::sync::CancellationToken;

/// Everything that a handler may need. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub areas: Arc<Areas>,
    /// The same as pages see them.
    pub hub: Hub,
    pub bus: Bus,
    pub store: Store,
    pub settings: Arc<Settings>,
    pub metrics: PrometheusHandle,
    /// Cancelled when the server begins to stop: live streams end then.
    pub stopping: CancellationToken,
    pub leptos: LeptosOptions,
    pub reference: Arc<OwnContract>,
    pub renders: Renders,
    /// Whether somebody can sign in already.
    pub set_up: Arc<AtomicBool>,
    /// One permit a live stream that is open.
    pub streams: Streams,
    /// Connections that are open.
    pub connections: Slots,
    /// Those that are believed about who sent a request.
    pub proxies: Arc<Proxies>,
    /// How often somebody may ask.
    pub rates: Arc<Rates>,
    /// Memory for documents that are being published.
    pub uploads: Uploads,
}

impl FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.leptos.clone()
    }
}

/// The areas as pages see them: by their traits.
#[must_use]
pub fn hub(areas: &Areas, reference: Arc<OwnContract>) -> Hub {
    Hub {
        accounts: Arc::new(areas.accounts.clone()),
        services: Arc::new(areas.services.clone()),
        versions: Arc::new(areas.versions.clone()),
        contracts: Arc::new(areas.contracts.clone()),
        comparisons: Arc::new(areas.comparisons.clone()),
        policies: Arc::new(areas.policies.clone()),
        events: Arc::new(areas.events.clone()),
        jobs: Arc::new(areas.jobs.clone()),
        reference,
    }
}
