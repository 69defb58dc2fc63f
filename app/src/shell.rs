//! The HTML document around the app. Only on the server.

use crate::{
    App,
    context::{IsSetUp, LastEvent},
    ui::time::{Now, clock},
};
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

/// The document. Its head carries what the browser can't know by itself but must agree on with the server's render:
/// the time of the render and the position in the event stream.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let now = clock();
    provide_context(Now(RwSignal::new(now)));
    let last_event = use_context::<LastEvent>().map(|LastEvent(seq)| seq.to_string());
    let set_up = use_context::<IsSetUp>().is_none_or(|IsSetUp(set_up)| set_up);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="handshake-now" content=now.0.to_string() />
                <meta name="handshake-last-event" content=last_event />
                <meta name="handshake-set-up" content=set_up.to_string() />
                <meta name="handshake-origin" content=crate::context::origin() />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="leptos" />
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
