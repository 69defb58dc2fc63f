//! What to do on a hub that has no service yet.

use crate::{
    accounts::may,
    ui::{origin, state::Empty},
};
use leptos::prelude::*;
use shared::accounts::Permission;

/// What to do on a hub that has no service yet, or none but its own.
#[component]
pub fn Start() -> impl IntoView {
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
                {if may(Permission::CreateService) {
                    view! { <a class="btn primary" href="/services/new">"Create the first service"</a> }.into_any()
                } else {
                    "A maintainer or an admin of this hub can create one.".into_any()
                }}
            </p>
            {may(Permission::Publish)
                .then(|| view! { <pre class="sample" tabindex="0" aria-label="Publishing with curl"><code>{curl}</code></pre> })}
        </Empty>
    }
}
