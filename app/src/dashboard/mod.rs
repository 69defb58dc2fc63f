//! The dashboard: what is in force, and what just changed.

use crate::{
    accounts::Me,
    events::feed::Feed,
    queries::ask,
    services::{
        list::{SERVICES_ON_DASHBOARD, services_or_start},
        queries::ServicesPage,
    },
    ui::{origin, state::Empty, title::title},
    urls,
};
use leptos::prelude::*;
use shared::{Page, PageQuery, services::Service};

/// `/dashboard`
#[component]
pub fn Dashboard() -> impl IntoView {
    let services = ask::<ServicesPage>(|| PageQuery { cursor: None, limit: Some(SERVICES_ON_DASHBOARD) });
    title(|| "Dashboard".to_owned());
    view! {
        <div class="head">
            <h1>"Dashboard"</h1>
            <div class="actions">
                <a class="btn" href="/services/new">"New service"</a>
                <a class="btn primary" href=urls::publish(None)>"Publish a version"</a>
            </div>
        </div>
        <div class="split">
            <section class="panel" aria-labelledby="services-in-force">
                <header>
                    <h2 id="services-in-force">"Services"</h2>
                    <a class="sub" href="/services">"All services"</a>
                </header>
                {services.show(list)}
            </section>
            <Feed />
        </div>
    }
}

fn list(page: Page<Service>) -> AnyView {
    services_or_start(page.items)
}

/// What to do on a hub that has no service yet, or none but its own.
#[component]
pub fn Start() -> impl IntoView {
    let me = ask::<Me>(|| ());
    let curl = format!(
        "curl --fail-with-body \\\n  -H \"Authorization: Bearer $HANDSHAKE_TOKEN\" \\\n  \
         -H \"Content-Type: application/yaml\" \\\n  --data-binary @openapi.yaml \\\n  \
         {}/api/v1/services/SERVICE/versions",
        origin()
    );
    view! {
        <Empty title="No service of yours yet">
            <p>
                "A service is a backend whose contract this hub keeps. Create one, then publish its OpenAPI document: \
                 in the browser, or from a pipeline with an API token."
            </p>
            <p class="actions">
                <a class="btn primary" href="/services/new">"Create the first service"</a>
                <a class="btn" href=urls::publish(None)>"Publish a version"</a>
            </p>
            {me.show(move |me| {
                me.map(|_| view! { <pre class="sample" tabindex="0" aria-label="Publishing with curl"><code>{curl.clone()}</code></pre> })
                    .into_any()
            })}
        </Empty>
    }
}
