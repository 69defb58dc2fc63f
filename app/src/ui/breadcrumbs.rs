//! The way from a page about a service back to it.

use crate::urls;
use leptos::prelude::*;

/// "Services / orders", each a link.
pub fn breadcrumbs(service: impl Fn() -> String + Copy + Send + Sync + 'static) -> AnyView {
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href="/services">"Services"</a>
            " / "
            <a href=move || urls::service(&service())>{service}</a>
        </nav>
    }
    .into_any()
}
