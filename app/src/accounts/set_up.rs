//! The first admin of a new hub.

use super::api::SetUp as SetUpAction;
use crate::ui::{
    form::{Field, FormAlert, Submit, elsewhere, error_of, go_on},
    lazy::lazy_page,
    title::title,
};
use leptos::{form::ActionForm, prelude::*};

/// `/setup`
pub struct SetUpRoute;

lazy_page!(SetUpRoute);

impl SetUpRoute {
    fn page() -> AnyView {
        view! { <SetUp /> }.into_any()
    }
}

#[component]
pub fn SetUp() -> impl IntoView {
    let action = ServerAction::<SetUpAction>::new();
    go_on(action);
    let error = error_of(action);
    title(|| "Set up Handshake".to_owned());
    view! {
        <div class="narrow">
            <div class="head">
                <h1>"Set up Handshake"</h1>
                <p class="lead">
                    "Handshake keeps a frontend and a backend in agreement: a service publishes its API contract, and \
                     everybody sees at once what changed and whom it breaks. This hub is new. Make its first account; \
                     it may do everything, and everything stays on this machine."
                </p>
            </div>
            <section class="panel padded">
                <ActionForm action>
                    <FormAlert error=elsewhere(error, &["code", "displayName", "email", "password"]) />
                    <Field
                        label="Set-up code"
                        name="code"
                        autocomplete="off"
                        hint="handshake serve prints it on its console."
                        max_length=256
                        error
                    />
                    <Field label="Name" name="name" field="displayName" autocomplete="name" max_length=80 error />
                    <Field label="E-mail" name="email" kind="email" autocomplete="username" error />
                    <Field
                        label="Password"
                        name="password"
                        kind="password"
                        autocomplete="new-password"
                        hint="At least 12 characters. A few words are good."
                        min_length=12
                        max_length=256
                        error
                    />
                    <Submit label="Create admin" busy="Creating…" pending=action.pending() />
                </ActionForm>
            </section>
        </div>
    }
}
