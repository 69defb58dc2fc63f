//! Creating a service.

use super::functions::CreateService;
use crate::{
    accounts::Me,
    queries::ask,
    ui::form::{Field, FormAlert, Submit, error_of},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use shared::{Actor, accounts::Permission, services::NewService};

/// `/services/new`
#[component]
pub fn NewServicePage() -> impl IntoView {
    let me = ask::<Me>(|| ());
    view! {
        <Title text="New service" />
        <div class="narrow">
            <div class="head">
                <h1>"New service"</h1>
                <p class="lead">"A backend whose contract this hub keeps."</p>
            </div>
            <section class="panel padded" aria-label="New service">{me.show(form_or_reason)}</section>
        </div>
    }
}

fn form_or_reason(me: Option<Actor>) -> AnyView {
    let (least, _) = Permission::CreateService.rule();
    match me {
        Some(actor) if actor.may(Permission::CreateService) => view! { <Create /> }.into_any(),
        Some(actor) => {
            let reason = format!(
                "Creating a service needs the role {}; yours is {}. Ask somebody who has it, or publish a version of \
                 a service that exists.",
                least.as_str(),
                actor.role.as_str()
            );
            view! { <p>{reason}</p> }.into_any()
        }
        None => view! { <p>"Sign in to create a service."</p> }.into_any(),
    }
}

#[component]
fn Create() -> impl IntoView {
    let action = ServerAction::<CreateService>::new();
    let value = action.value();
    let error = error_of(action);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(Ok(path)) = value.get() {
            navigate(&path, NavigateOptions::default());
        }
    });
    view! {
        <ActionForm action>
            <FormAlert error />
            <Field
                label="Name"
                name="name"
                hint="1 to 63 lower-case letters, digits and hyphens, a letter first: it stands in addresses."
                max_length=63
                error
            />
            <Field
                label="Description"
                name="description"
                hint="What it is, in a sentence."
                required=false
                max_length=u32::try_from(NewService::MAX_DESCRIPTION).unwrap_or(u32::MAX)
                error
            />
            <Submit label="Create service" busy="Creating…" pending=action.pending() />
        </ActionForm>
    }
}
