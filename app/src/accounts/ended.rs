//! A session that ended while its page is open: a dialog over the page, which leaves what was typed where it is.

use super::{Me, api::SignIn, role};
use crate::{
    events::live::Live,
    js,
    queries::use_query_client,
    ui::form::{Field, FormAlert, Submit, error_of},
};
use leptos::{form::ActionForm, html::Dialog, prelude::*};

/// Asks people to sign in again when the hub says that their session is over. In the browser only.
#[component]
pub fn SessionEnded(live: Live) -> impl IntoView {
    let client = use_query_client();
    let refusals = client.refusals();
    // Who was refused may be somebody else by now, or still the same with another role: the hub says who it is.
    Effect::new(move |_| {
        if refusals.get() > 0 {
            client.invalidate::<Me>(|()| true);
        }
    });
    let somebody = role().is_some();
    let ended = Memo::new(move |_| somebody && live.is_nobodys());
    move || ended.get().then(|| view! { <Again /> })
}

#[component]
fn Again() -> impl IntoView {
    let client = use_query_client();
    let action = ServerAction::<SignIn>::new();
    let (value, error) = (action.value(), error_of(action));
    Effect::new(move |_| {
        // All that was refused is asked again; the dialog goes when it is known who is there.
        if value.with(|value| matches!(value, Some(Ok(_)))) {
            client.invalidate_all();
        }
    });
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            // It fails only for a dialog that is open.
            let _ = js::call(&dialog, "showModal", &[]);
        }
    });
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="session-ended">
            <h2 id="session-ended">"Your session ended"</h2>
            <p>"Sign in again to go on. What you typed is still here."</p>
            <ActionForm action>
                <FormAlert error />
                <Field label="E-mail" name="email" kind="email" autocomplete="username" error />
                <Field label="Password" name="password" kind="password" autocomplete="current-password" error />
                <Submit label="Sign in" busy="Signing in…" pending=action.pending() />
            </ActionForm>
        </dialog>
    }
}
