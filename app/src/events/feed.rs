//! Recent changes, newest first, as they come in.

use super::api::RecentEvents;
use crate::{
    queries::use_query,
    ui::{state::Empty, time::Ago, verdict::shape},
    urls,
};
use leptos::prelude::*;
use shared::{
    Page,
    events::{Event, EventKind},
    names::ServiceName,
};

/// The live list of recent events.
#[component]
pub fn Feed() -> impl IntoView {
    let recent = use_query::<RecentEvents>(|| ());
    view! {
        <section class="panel" aria-labelledby="recent-changes">
            <header>
                <h2 id="recent-changes">"Recent changes"</h2>
                <span class="sub">"newest first"</span>
            </header>
            <div aria-live="polite">{recent.show(list)}</div>
        </section>
    }
}

fn list(page: Page<Event>) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <Empty title="Nothing has happened yet">
                <p>"What people and pipelines publish appears here as it happens."</p>
            </Empty>
        }
        .into_any();
    }
    view! { <ul class="feed">{page.items.into_iter().map(row).collect_view()}</ul> }.into_any()
}

fn row(event: Event) -> AnyView {
    let (glyph, level) = match &event.kind {
        EventKind::VersionPublished { verdict: Some(verdict), .. } => (shape(verdict.level), verdict.level.as_str()),
        _ => ("+", "none"),
    };
    let by = format!(" by {}", event.actor);
    view! {
        <li>
            <span class=format!("g {level}") aria-hidden="true">{glyph}</span>
            <span>{sentence(event.kind)}<span class="by">{by}</span></span>
            <Ago at=event.at />
        </li>
    }
    .into_any()
}

fn about(service: &ServiceName, what: &'static str) -> AnyView {
    view! { <a href=urls::service(service.as_str())>{service.to_string()}</a> {what} }.into_any()
}

fn sentence(kind: EventKind) -> AnyView {
    match kind {
        EventKind::ServiceCreated { service } => about(&service, " created"),
        EventKind::Other { service: None } => "The hub changed".into_any(),
        EventKind::Other { service: Some(service) } => about(&service, ": changed"),
        EventKind::ServiceRenamed { service, before } => {
            let href = urls::service(service.as_str());
            view! { <a href=href>{service.to_string()}</a> {format!(": renamed, was {before}")} }.into_any()
        }
        EventKind::ServiceChanged { service } => about(&service, ": description changed"),
        EventKind::ServiceArchived { service } => about(&service, " archived"),
        EventKind::ServiceRestored { service } => about(&service, " restored from the archive"),
        EventKind::ServiceDeleted { service } => format!("{service} deleted").into_any(),
        EventKind::PolicyChanged { service } => {
            let href = urls::policy(service.as_str());
            view! { <a href=href>{service.to_string()}</a> ": policy changed" }.into_any()
        }
        EventKind::VersionPublished { service, label, verdict } => {
            let (href, words) = match verdict {
                None => (urls::version(service.as_str(), label.as_str()), "first version published".to_owned()),
                Some(verdict) => (
                    urls::compare(service.as_str(), verdict.base.as_str(), label.as_str(), None, None),
                    verdict.counts.in_words(),
                ),
            };
            view! { <a href=href>{format!("{service} {label}")}</a> ": " {words} }.into_any()
        }
    }
}
