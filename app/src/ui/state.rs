//! The states that everything can be in besides having an answer: loading, empty, failed, not there.

use super::title::title;
use crate::{accounts::role, urls};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use shared::{ApiError, ErrorCode, error::Detail};

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

/// Whether an error is about all of what a page shows: there is no such thing, or it isn't for the person at hand.
#[must_use]
pub fn is_of_the_page(error: &ApiError) -> bool {
    matches!(error.code, ErrorCode::NotFound | ErrorCode::Unauthenticated | ErrorCode::Forbidden | ErrorCode::Moved)
}

/// What failed, in the hub's own words, with a way on. Only where the hub itself failed, with the code and the trace id
/// that its log knows: the rest is nothing to report.
#[must_use]
pub fn failure(error: &ApiError, again: Callback<()>) -> AnyView {
    if error.code == ErrorCode::Moved {
        return moved(error);
    }
    #[cfg(feature = "ssr")]
    crate::context::page_status(error.code.status());
    if is_of_the_page(error) {
        return gone(error);
    }
    view! {
        <div class="failure panel" role="alert">
            <p class="failure-message">{error.message.clone()}</p>
            {details(error)}
            {trace(error)}
            <button class="btn" type="button" on:click=move |_| again.run(())>"Retry"</button>
        </div>
    }
    .into_any()
}

/// The error of a page that can't be shown; the style sheet takes the rest of the page away.
fn gone(error: &ApiError) -> AnyView {
    let location = use_location();
    let path = location.pathname.get_untracked();
    let (message, way_on) = if error.code == ErrorCode::Unauthenticated {
        let here = urls::with_search(&path, &location.search.get_untracked());
        let sign_in = urls::sign_in(&here);
        (
            "Sign in to see this page.".to_owned(),
            view! { <a class="btn" href=sign_in rel="external">"Sign in"</a> }.into_any(),
        )
    } else {
        let parts: Vec<&str> = path.split('/').skip(1).take(3).collect();
        let service = match parts.as_slice() {
            ["services", name, _, ..] => {
                Some(view! { <a class="btn" href=format!("/services/{name}")>"To the service"</a> })
            }
            _ => None,
        };
        let rest = match parts.as_slice() {
            ["services", _, ..] => view! { <a class="btn" href="/services">"All services"</a> },
            _ => view! { <a class="btn" href="/dashboard">"To the dashboard"</a> },
        };
        (error.message.clone(), view! { {service} {rest} }.into_any())
    };
    view! {
        <div class="failure panel gone" role="alert">
            <h1 class="failure-message">{message}</h1>
            {details(error)}
            <p class="actions">{way_on}</p>
        </div>
    }
    .into_any()
}

/// How the hub's log knows the error, where the hub failed.
#[must_use]
pub fn trace(error: &ApiError) -> Option<AnyView> {
    let id = error.trace_id.clone().filter(|_| error.code.status() >= 500)?;
    Some(
        view! { <p class="failure-code"><code>{error.code.as_str()}</code> " trace " <code>{id}</code></p> }.into_any(),
    )
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
    // A detail that repeats the message says nothing new.
    let places: Vec<_> = error
        .details
        .iter()
        .filter(|detail| !says(&error.message, detail))
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

/// Whether a message says what a detail says, with its line.
fn says(message: &str, Detail { message: detail, line, .. }: &Detail) -> bool {
    message.contains(detail) && line.is_none_or(|line| message.to_lowercase().contains(&format!("line {line}")))
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
            <p class="lead">"This page doesn’t exist, or was removed."</p>
        </div>
        <p>
            {if role().is_some() {
                view! { <a class="btn" href="/dashboard">"To the dashboard"</a> }.into_any()
            } else {
                view! { <a class="btn" href="/" rel="external">"To the front page"</a> }.into_any()
            }}
        </p>
    }
}
