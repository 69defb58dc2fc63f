//! Creating a service.

use super::api::CreateService;
use crate::{
    accounts::{Me, refusal},
    queries::{use_mutation, use_query},
    ui::{
        form::{Field, FormAlert, Submit, elsewhere},
        lazy::lazy_page,
        title::title,
    },
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use shared::{accounts::Permission, services::NewService};

/// `/services/new`
///
/// The form stays as it is whatever is learned about the person behind it, so that nothing typed is ever lost; the
/// style sheet hides it behind a refusal. The server decides in any case.
pub struct NewServiceRoute;

lazy_page!(NewServiceRoute);

impl NewServiceRoute {
    fn page() -> AnyView {
        let me = use_query::<Me>(|| ());
        title(|| "New service".to_owned());
        view! {
            <div class="narrow">
                <div class="head">
                    <h1>"New service"</h1>
                    <p class="lead">"One backend with one OpenAPI document."</p>
                </div>
                <section class="panel padded" aria-label="New service">
                    <div class="gate">{me.show(|me| refusal(me, Permission::CreateService, "Creating a service"))}</div>
                    <Create />
                </section>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Create() -> impl IntoView {
    let create = use_mutation::<CreateService>();
    let error = create.error();
    let navigate = use_navigate();
    create.on_success(move |path| navigate(&path, NavigateOptions::default()));
    view! {
        <ActionForm action=create.action>
            <FormAlert error=elsewhere(error, &["name", "description"]) />
            <Field
                label="Name"
                name="name"
                hint="Used in URLs: up to 63 lower-case letters, digits and hyphens."
                max_length=63
                error
            />
            <Field
                label="Description"
                name="description"
                hint="One sentence for colleagues."
                required=false
                max_length=u32::try_from(NewService::MAX_DESCRIPTION).unwrap_or(u32::MAX)
                error
            />
            <Submit label="Create service" busy="Creating…" pending=create.pending() />
        </ActionForm>
    }
}
