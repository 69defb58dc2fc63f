//! Signing in.

use super::api::SignIn;
use crate::{
    ui::{
        form::{Field, FormAlert, Submit, error_of, go_on},
        lazy::lazy_page,
        title::title_and_name,
    },
    urls,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

/// `/login?next=/…`
pub struct LoginRoute;

lazy_page!(LoginRoute);

impl LoginRoute {
    fn page() -> AnyView {
        view! { <Login /> }.into_any()
    }
}

#[component]
pub fn Login() -> impl IntoView {
    let query = use_query_map();
    let next = move || urls::safe_next(query.with(|query| query.get("next")).as_deref());
    let action = ServerAction::<SignIn>::new();
    go_on(action);
    let error = error_of(action);
    title_and_name(|| "Sign in".to_owned(), move || urls::named(&untrack(next)));
    let on = move || {
        let next = next();
        (next != "/dashboard").then(|| view! { <p class="lead">"To open " <code>{next}</code></p> })
    };
    view! {
        <div class="narrow">
            <div class="head">
                <h1>"Sign in"</h1>
                {on}
            </div>
            <section class="panel padded">
                <ActionForm action>
                    <FormAlert error />
                    <input type="hidden" name="next" value=next />
                    <Field label="E-mail" name="email" kind="email" autocomplete="username" error />
                    <Field
                        label="Password"
                        name="password"
                        kind="password"
                        autocomplete="current-password"
                        error
                    />
                    <Submit label="Sign in" busy="Signing in…" pending=action.pending() />
                </ActionForm>
            </section>
        </div>
    }
}
