//! The frame around every page: skip link, top bar, navigation.

use crate::{
    accounts::{Me, ended::SessionEnded, may, role},
    events::live::{Indicator, Live},
    queries::{use_query, use_query_client},
    ui::{lazy::go_without_code, time::Ago},
    urls,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::{Actor, ApiError, accounts::Permission};

/// Pages that the navigation leads to, the start of the paths that belong to each, and what somebody must be allowed to do
/// there; `None` where everybody is welcome, also without an account.
const PAGES: [(&str, &str, Option<Permission>); 4] = [
    ("Dashboard", "/dashboard", Some(Permission::Read)),
    ("Services", "/services", Some(Permission::Read)),
    ("Publish", "/publish", Some(Permission::Publish)),
    ("Playground", "/playground", None),
];
const LEARN: [(&str, &str, Option<Permission>); 3] =
    [("Rules", "/rules", None), ("Practices", "/practices", None), ("API reference", "/docs/api", None)];
const SETTINGS: [(&str, &str, Option<Permission>); 1] = [("Jobs", "/settings/jobs", Some(Permission::ManageJobs))];

/// The frame; `children` is the page.
#[component]
pub fn Frame(live: Live, children: Children) -> impl IntoView {
    go_without_code();
    live.follow_renames();
    // The front page is no page of the app, and a new page load.
    let (home, front) = if role().is_some() { ("/dashboard", None) } else { ("/", Some("external")) };
    view! {
        // Left to the browser, which moves the focus along.
        <a class="skip" href="#main" rel="external">"Skip to content"</a>
        <div class="shell">
            <header class="top">
                <a class="brand" href=home rel=front>
                    <Logo />
                    <span>"Handshake"</span>
                </a>
                <Who live />
            </header>
            <nav class="rail" aria-label="Main">
                {links("", &PAGES)}
                {links("Learn", &LEARN)}
                {links("Settings", &SETTINGS)}
            </nav>
            <main id="main" tabindex="-1">
                <Outdated />
                {children()}
            </main>
        </div>
        <SessionEnded live />
    }
}

/// What of these the person at hand may open, under a heading.
fn links(heading: &'static str, pages: &'static [(&str, &str, Option<Permission>)]) -> Option<AnyView> {
    let mut open = pages.iter().filter(|(_, _, needs)| needs.is_none_or(may)).peekable();
    open.peek()?;
    let heading = (!heading.is_empty()).then(|| view! { <small>{heading}</small> });
    Some(view! { {heading} {open.map(|(label, path, _)| link(label, path)).collect_view()} }.into_any())
}

fn link(label: &'static str, page: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let here =
        move || path.with(|path| path == page || path.strip_prefix(page).is_some_and(|rest| rest.starts_with('/')));
    view! {
        <a href=page aria-current=move || here().then_some("page")>
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

/// The mark: two parts that reach into each other.
#[component]
pub fn Logo() -> impl IntoView {
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
            None => view! { <SignInLink /> }.into_any(),
        }
    };
    view! { <div class="session">{me.show_or(signed_in, unknown)}</div> }
}

/// To the sign-in page, and back to the page at hand.
#[component]
fn SignInLink() -> impl IntoView {
    let to = use_location();
    let here = move || urls::with_search(&to.pathname.get(), &to.search.get());
    view! {
        <a class="btn" href=move || urls::sign_in(&here()) rel="external" hidden=move || to.pathname.with(|path| path == "/login")>
            "Sign in"
        </a>
    }
}

/// Not knowing who is there is no reason to take the page away: the page's own questions tell what is wrong.
fn unknown(_: &ApiError, again: Callback<()>) -> AnyView {
    view! { <button class="btn" type="button" on:click=move |_| again.run(())>"Retry"</button> }.into_any()
}
