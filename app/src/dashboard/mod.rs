//! The dashboard: what is in force, and what just changed.

use crate::{
    accounts::may,
    events::feed::Feed,
    queries::use_query,
    services::{
        api::ServicesPage,
        list::{SERVICES_ON_DASHBOARD, services_or_start},
    },
    ui::title::title,
    urls,
};
use leptos::prelude::*;
use shared::{
    Page,
    accounts::Permission,
    services::{Service, ServiceQuery},
};

/// `/dashboard`
#[component]
pub fn Dashboard() -> impl IntoView {
    let services = use_query::<ServicesPage>(|| ServiceQuery {
        cursor: None,
        limit: Some(SERVICES_ON_DASHBOARD),
        ..ServiceQuery::default()
    });
    title(|| "Dashboard".to_owned());
    view! {
        <div class="head">
            <h1>"Dashboard"</h1>
            <div class="actions">
                {may(Permission::CreateService).then(|| view! { <a class="btn" href="/services/new">"New service"</a> })}
                {may(Permission::Publish)
                    .then(|| view! { <a class="btn primary" href=urls::publish(None)>"Publish a version"</a> })}
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
