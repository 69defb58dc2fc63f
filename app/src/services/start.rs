//! What to do on a hub that has no service yet.

use crate::{
    accounts::Me,
    queries::use_query,
    ui::{origin, state::Empty},
    urls,
};
use leptos::prelude::*;

/// What to do on a hub that has no service yet, or none but its own.
#[component]
pub fn Start() -> impl IntoView {
    let me = use_query::<Me>(|| ());
    let curl = format!(
        "curl --fail-with-body \\\n  -H \"Authorization: Bearer $HANDSHAKE_TOKEN\" \\\n  \
         -H \"Content-Type: application/yaml\" \\\n  --data-binary @openapi.yaml \\\n  \
         {}/api/v1/services/SERVICE/versions",
        origin()
    );
    view! {
        <Empty title="No service of yours yet">
            <p>
                "A service is a backend whose contract this hub keeps. Create one, then publish its OpenAPI document: \
                 in the browser, or from a pipeline with an API token."
            </p>
            <p class="actions">
                <a class="btn primary" href="/services/new">"Create the first service"</a>
                <a class="btn" href=urls::publish(None)>"Publish a version"</a>
            </p>
            {me.show(move |me| {
                me.map(|_| view! { <pre class="sample" tabindex="0" aria-label="Publishing with curl"><code>{curl.clone()}</code></pre> })
                    .into_any()
            })}
        </Empty>
    }
}
