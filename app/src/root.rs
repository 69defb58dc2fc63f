//! The app: what is there on every page, and which page is at which address.

use crate::{
    accounts::{login::LoginRoute, set_up::SetUpRoute},
    comparisons::compare::CompareRoute,
    contracts::{
        browse::{SchemasRoute, VersionRoute},
        lint::LintRoute,
        source::SourceRoute,
    },
    dashboard::Dashboard,
    events::live::Live,
    jobs::JobsRoute,
    playground::PlaygroundRoute,
    policies::policy::PolicyRoute,
    practices::PracticesRoute,
    prefetch::prefetch_links,
    queries::QueryClient,
    reference::ReferenceRoute,
    rules::RulesRoute,
    services::{list::ServiceListRoute, new::NewServiceRoute, service::ServiceRoute, settings::SettingsRoute},
    ui::{layout::Frame, search::slash_focuses_search, state::NotFound, time::Now},
    versions::publish::PublishRoute,
};
use leptos::prelude::*;
use leptos_router::{
    Lazy, SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

/// The app, on both sides.
///
/// Each page is rendered whole before it is sent (`SsrMode::Async`): what the page shows comes from the same process
/// in a few milliseconds, its HTTP status is known before the first byte, and it reads the same without script.
/// Streaming out of order would need script to put the pieces in place.
///
/// All but the first pages that people see are lazy: their code comes when they are opened. What a lazy page's `data`
/// names would still be in everybody's first load, so it names nothing, and the view does the asking.
#[component]
pub fn App() -> impl IntoView {
    #[cfg(feature = "ssr")]
    leptos_meta::provide_meta_context();
    Now::provide();
    let queries = QueryClient::provide();
    prefetch_links(queries);
    slash_focuses_search();
    say_when_hydrated();
    let live = Live::new(queries);

    view! {
        <Router>
            <Frame live>
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/dashboard") view=Dashboard ssr=SsrMode::Async />
                    <Route path=path!("/login") view={Lazy::<LoginRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/setup") view={Lazy::<SetUpRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/services") view={Lazy::<ServiceListRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/services/new") view={Lazy::<NewServiceRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/services/:service") view={Lazy::<ServiceRoute>::new()} ssr=SsrMode::Async />
                    <Route
                        path=path!("/services/:service/settings")
                        view={Lazy::<SettingsRoute>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/services/:service/policy")
                        view={Lazy::<PolicyRoute>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/services/:service/versions/:label")
                        view={Lazy::<VersionRoute>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/services/:service/versions/:label/schemas")
                        view={Lazy::<SchemasRoute>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/services/:service/versions/:label/source")
                        view={Lazy::<SourceRoute>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/services/:service/versions/:label/lint")
                        view={Lazy::<LintRoute>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/services/:service/compare")
                        view={Lazy::<CompareRoute>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/settings/jobs") view={Lazy::<JobsRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/publish") view={Lazy::<PublishRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/playground") view={Lazy::<PlaygroundRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/practices") view={Lazy::<PracticesRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/rules/:id?") view={Lazy::<RulesRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/docs/api") view={Lazy::<ReferenceRoute>::new()} ssr=SsrMode::Async />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}

/// Marks the document when the page is more than markup; the browser's tests wait for it.
fn say_when_hydrated() {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| {
        // It can't fail: the name is a good one.
        let _ = document().document_element().map(|html| html.set_attribute("data-hydrated", ""));
    });
}
