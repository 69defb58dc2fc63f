//! The HTML document around the app. Only on the server.

use crate::{
    App,
    context::LastEvent,
    ui::time::{Now, clock},
};
use leptos::{html::meta, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};

/// What the hub is, in a sentence: where links to it are shown, and to search engines.
const ABOUT: &str = "Handshake compares each version of an OpenAPI contract with the one before it, and proves what breaks \
                     with an example message.";

/// What the head of every page has: how it is read, styled, and shown where somebody shares a link to it (Open Graph).
#[component]
pub fn Head(options: LeptosOptions) -> impl IntoView {
    let image = format!("{}/og.png", crate::context::origin());
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content=ABOUT />
        {open_graph("og:site_name", "Handshake")}
        {open_graph("og:type", "website")}
        {open_graph("og:description", ABOUT)}
        {open_graph("og:image", image)}
        {open_graph("og:image:width", "1200")}
        {open_graph("og:image:height", "630")}
        {open_graph("og:image:alt", "A change of an API contract, and the verdict: breaking")}
        <meta name="twitter:card" content="summary_large_image" />
        <link rel="icon" href="/favicon.ico" sizes="32x32" />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="apple-touch-icon" href="/apple-touch-icon.png" />
        <link rel="manifest" href="/manifest.webmanifest" />
        <HashedStylesheet options id="leptos" />
    }
}

/// What a link to the page is shown with (Open Graph). Leptos knows no `property` of a `meta`.
pub fn open_graph(property: &'static str, content: impl Into<String>) -> impl IntoView {
    meta().attr("property", property).content(content.into())
}

/// The document. Its head carries what the browser can't know by itself but must agree on with the server's render:
/// the time of the render and the position in the event stream.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let now = clock();
    provide_context(Now(RwSignal::new(now)));
    let last_event = use_context::<LastEvent>().map(|LastEvent(seq)| seq.to_string());
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <Head options=options.clone() />
                <meta name="handshake-now" content=now.0.to_string() />
                <meta name="handshake-last-event" content=last_event />
                <meta name="handshake-role" content=crate::accounts::role().map(shared::Role::as_str) />
                <meta name="handshake-origin" content=crate::context::origin() />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
                // Shown by the script that loads the chunks (`scripts/pack.mjs`). Hydration starts at the body's first
                // child, so it stands behind the app.
                <p class="codeless" role="status">
                    "Some of this page’s code could not be loaded. Links and forms work; what else it does will not. "
                    <a href="">"Load the page again"</a>
                </p>
            </body>
        </html>
    }
}
