//! What all pages of a version share: the address they read, their heading, the ways between them.

use super::api::{VersionByLabel, VersionKey};
use crate::{
    queries::QueryHandle,
    ui::{address::in_query, breadcrumbs::breadcrumbs, size::size, time::Ago, title::title, verdict::VerdictChip},
    urls,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::versions::Version;

/// The version that the address names.
pub fn version_in_address() -> Memo<VersionKey> {
    let params = use_params_map();
    Memo::new(move |_| {
        params.with(|params| {
            let named = |name| params.get(name).unwrap_or_default();
            VersionKey { service: named("service"), label: named("label") }
        })
    })
}

/// The head of each page of a version: what it is, and the ways to look at it.
pub fn head(key: Memo<VersionKey>, version: QueryHandle<VersionByLabel>, here: &'static str) -> AnyView {
    let notice = in_query("notice");
    let heading = Memo::new(move |_| key.with(|VersionKey { service, label }| format!("{service} {label}")));
    let tab = move |name: &'static str, url: fn(&str, &str) -> String| {
        view! {
            <a href=move || key.with(|VersionKey { service, label }| url(service, label)) aria-current=(here == name).then_some("page")>
                {name}
            </a>
        }
    };
    title(move || heading.get());
    view! {
        <div class="head">
            {breadcrumbs(move || key.with(|VersionKey { service, .. }| service.clone()))}
            <h1>{move || heading.get()}</h1>
            {version.show(about)}
        </div>
        {move || {
            (notice.get().as_deref() == Some("unchanged"))
                .then(|| {
                    view! {
                        <p class="notice" role="status">
                            "This very document is the latest version already: nothing was published."
                        </p>
                    }
                })
        }}
        <nav class="tabs" aria-label="Views of this version">
            {tab("Operations", urls::version)} {tab("Schemas", urls::schemas)} {tab("Source", urls::source)}
            {tab("Lint", |service, label| urls::lint(service, label, None))}
        </nav>
    }
    .into_any()
}

fn about(version: Version) -> AnyView {
    let (service, label) = (version.service.to_string(), version.label.to_string());
    let compare = version.published_verdict.as_ref().map(|verdict| {
        let href = urls::compare(&service, verdict.base.as_str(), &label, None, None);
        view! { <a class="btn" href=href>{format!("Compare with {}", verdict.base)}</a> }
    });
    view! {
        <div class="actions">
            {compare}
            <a class="btn" href=urls::document(&service, &label) rel="external" download>"Download"</a>
        </div>
        <p class="lead">
            <VerdictChip verdict=version.published_verdict />
            {format!(" {} · OpenAPI {} · {} · published by {} ", version.title, version.openapi, size(version.size), version.author)}
            <Ago at=version.published_at />
        </p>
    }
    .into_any()
}
