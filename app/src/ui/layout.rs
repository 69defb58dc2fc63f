//! The frame around every page: skip link, top bar, navigation.

use crate::{
    accounts::Me,
    events::live::{Indicator, Live},
    queries::{use_query, use_query_client},
    ui::{lazy::go_without_code, time::Ago},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::{Actor, ApiError, accounts::Permission};

/// Pages that the navigation leads to, and the start of the paths that belong to each.
const PAGES: [(&str, &str, &str); 4] = [
    ("Dashboard", "/dashboard", "/dashboard"),
    ("Services", "/services", "/services"),
    ("Publish", "/publish", "/publish"),
    ("Playground", "/playground", "/playground"),
];
const LEARN: [(&str, &str, &str); 3] = [
    ("Rules", "/rules", "/rules"),
    ("Practices", "/practices", "/practices"),
    ("API reference", "/docs/api", "/docs/api"),
];

/// The frame; `children` is the page.
#[component]
pub fn Frame(live: Live, children: Children) -> impl IntoView {
    go_without_code();
    live.follow_renames();
    view! {
        // Left to the browser, which moves the focus along.
        <a class="skip" href="#main" rel="external">"Skip to content"</a>
        <div class="shell">
            <header class="top">
                <a class="brand" href="/dashboard">
                    <Logo />
                    <span>"Handshake"</span>
                </a>
                <Who live />
            </header>
            <nav class="rail" aria-label="Main">
                {PAGES.map(link).collect_view()}
                <small>"Learn"</small>
                {LEARN.map(link).collect_view()}
                <Settings />
            </nav>
            <main id="main" tabindex="-1">
                <Outdated />
                {children()}
            </main>
        </div>
    }
}

fn link((label, href, prefix): (&'static str, &'static str, &'static str)) -> impl IntoView {
    let path = use_location().pathname;
    let here =
        move || path.with(|path| path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/')));
    view! {
        <a href=href aria-current=move || here().then_some("page")>
            {label}
        </a>
    }
}

/// Says so when what is on screen could not be brought up to date, and is the last that was known.
#[component]
fn Outdated() -> impl IntoView {
    let client = use_query_client();
    let outdated = client.outdated();
    let notice = move || {
        outdated.get().map(|(since, error)| {
            view! {
                <p class="notice">
                    "This page may be old: some of it was loaded " <Ago at=since /> " and could not be loaded again. "
                    {error.message} " "
                    <button class="btn" type="button" on:click=move |_| client.invalidate_all()>
                        "Retry"
                    </button>
                </p>
            }
        })
    };
    view! { <div role="status">{notice}</div> }
}

/// What only admins are led to.
#[component]
fn Settings() -> impl IntoView {
    let me = use_query::<Me>(|| ());
    let links = |actor: Option<Actor>| match actor {
        Some(actor) if actor.may(Permission::ManageJobs) => view! {
            <small>"Settings"</small>
            {link(("Jobs", "/settings/jobs", "/settings/jobs"))}
        }
        .into_any(),
        _ => ().into_any(),
    };
    me.show_or(links, |_, _| ().into_any())
}

/// The mark: two parts that reach into each other.
#[component]
fn Logo() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" fill="none" stroke-width="3.2" stroke-linecap="round" aria-hidden="true" class="logo">
            <path class="one" d="M4 6v6a4 4 0 0 0 4 4h3" />
            <path class="other" d="M20 18v-6a4 4 0 0 0-4-4h-3" />
        </svg>
    }
}

/// Who is signed in, the state of the live stream, and the way out.
#[component]
fn Who(live: Live) -> impl IntoView {
    let me = use_query::<Me>(|| ());
    let signed_in = move |actor: Option<Actor>| {
        live.belongs_to(actor.as_ref().map(|actor| actor.user));
        match actor {
            Some(actor) => view! {
                <Indicator live />
                <span class="who" title=format!("{}, {}", actor.name, actor.role.as_str())>
                    {actor.name.to_string()}
                </span>
                // A plain form, not an action: the whole page is reloaded, so that nothing stays in memory.
                <form method="post" action="/api/ui/sign-out">
                    <button class="btn" type="submit">"Sign out"</button>
                </form>
            }
            .into_any(),
            None => view! { <a class="btn" href="/login" rel="external">"Sign in"</a> }.into_any(),
        }
    };
    view! { <div class="session">{me.show_or(signed_in, unknown)}</div> }
}

/// Not knowing who is there is no reason to take the page away: the page's own questions tell what is wrong.
fn unknown(_: &ApiError, again: Callback<()>) -> AnyView {
    view! { <button class="btn" type="button" on:click=move |_| again.run(())>"Retry"</button> }.into_any()
}
