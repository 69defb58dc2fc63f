//! The states that everything can be in besides having an answer: loading, empty, failed, not there.

use super::title::title;
use crate::urls;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use shared::{ApiError, ErrorCode};

/// Stands in while the first answer is on its way.
#[must_use]
pub fn skeleton() -> AnyView {
    view! {
        <div class="skeleton" aria-busy="true">
            <span class="visually-hidden">"Loading…"</span>
            <span class="bar"></span>
            <span class="bar"></span>
            <span class="bar"></span>
        </div>
    }
    .into_any()
}

/// What failed, in the hub's own words, with its code and trace id and a way on.
#[must_use]
pub fn failure(error: &ApiError, again: Callback<()>) -> AnyView {
    if error.code == ErrorCode::Moved {
        return moved(error);
    }
    #[cfg(feature = "ssr")]
    crate::context::page_status(error.code.status());
    let way_on = match error.code {
        ErrorCode::Unauthenticated => view! { <a class="btn" href="/login" rel="external">"Sign in"</a> }.into_any(),
        ErrorCode::NotFound => view! { <a class="btn" href="/dashboard">"To the dashboard"</a> }.into_any(),
        _ => view! {
            <button class="btn" type="button" on:click=move |_| again.run(())>"Retry"</button>
        }
        .into_any(),
    };
    view! {
        <div class="failure panel" role="alert">
            <p class="failure-message">{error.message.clone()}</p>
            {details(error)}
            <p class="failure-code">
                <a href=format!("/docs/api#error-{}", error.code)><code>{error.code.as_str()}</code></a>
                {error.trace_id.clone().map(|id| view! { " trace " <code>{id}</code> })}
            </p>
            {way_on}
        </div>
    }
    .into_any()
}

/// Leads on to where a page is now whose service has another name.
fn moved(error: &ApiError) -> AnyView {
    let location = use_location();
    let name = error.field("service").unwrap_or_default();
    let path = location.pathname.with_untracked(|path| urls::renamed(path, name));
    let to = location.search.with_untracked(|search| urls::with_search(&path, search));
    #[cfg(feature = "ssr")]
    crate::context::page_moved(&to);
    let (navigate, target) = (use_navigate(), to.clone());
    Effect::new(move |_| navigate(&target, NavigateOptions { replace: true, ..NavigateOptions::default() }));
    view! { <p class="notice" role="status">{error.message.clone()} " " <a href=to>"Go there"</a></p> }.into_any()
}

/// The places where something is wrong, each with its line and column.
#[must_use]
pub fn details(error: &ApiError) -> Option<AnyView> {
    // A single detail that repeats the message says nothing new.
    let places: Vec<_> = error
        .details
        .iter()
        .filter(|detail| detail.message != error.message || detail.line.is_some())
        .map(|detail| {
            let place = match (detail.line, detail.column) {
                (Some(line), Some(column)) => Some(format!("line {line}, column {column}")),
                (Some(line), None) => Some(format!("line {line}")),
                _ => None,
            };
            view! {
                <li>
                    {place.map(|place| view! { <span class="place">{place}</span> ": " })}
                    {detail.message.clone()}
                    {(!detail.field.is_empty()).then(|| view! { " " <code class="field">{detail.field.clone()}</code> })}
                </li>
            }
        })
        .collect();
    (!places.is_empty()).then(|| view! { <ul class="details">{places}</ul> }.into_any())
}

/// A list without anything in it, and what to do about it.
#[component]
pub fn Empty(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            {children()}
        </div>
    }
}

/// The page for an address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::context::page_status(404);
    title(|| "Not found".to_owned());
    view! {
        <div class="head">
            <h1>"Not found"</h1>
            <p class="lead">"There is no page at this address. It may have been mistyped, or what it named is gone."</p>
        </div>
        <p>
            <a class="btn" href="/dashboard">"To the dashboard"</a>
        </p>
    }
}
