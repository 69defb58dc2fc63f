//! What people decide about a service: name, description, archive; and deleting it.

use super::api::{DeleteService, SaveSettings, ServiceByName, SettingsOf};
use crate::{
    accounts::{Me, refusal},
    queries::{MutationHandle, use_mutation, use_query},
    ui::{
        breadcrumbs::breadcrumbs,
        draft::{DraftField, DraftOf, Kind, Refused},
        form::{FormAlert, Submit, elsewhere},
        lazy::lazy_page,
        title::title,
    },
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use shared::{
    accounts::Permission,
    services::{NewService, Service, ServiceSettings},
    words::count,
};

/// `/services/{service}/settings`
pub struct SettingsRoute;

lazy_page!(SettingsRoute);

/// What somebody has typed. Kept beside the form, which is drawn again when the hub has something newer.
#[derive(Clone, Copy)]
struct Drafts {
    name: DraftOf,
    description: DraftOf,
}

impl Drafts {
    fn new() -> Self {
        let refused = Refused::of::<SaveSettings>(&["name", "description"]);
        Self { name: DraftOf::new("name", &refused), description: DraftOf::new("description", &refused) }
    }

    fn discard(self) {
        self.name.discard();
        self.description.discard();
    }
}

impl SettingsRoute {
    fn page() -> AnyView {
        let params = use_params_map();
        let name = Memo::new(move |_| params.with(|params| params.get("service")).unwrap_or_default());
        let me = use_query::<Me>(|| ());
        let settings = use_query::<SettingsOf>(move || name.get());
        let service = use_query::<ServiceByName>(move || name.get());
        let (save, delete) = (use_mutation::<SaveSettings>(), use_mutation::<DeleteService>());
        let drafts = Drafts::new();
        let navigate = use_navigate();
        let gone = navigate.clone();
        save.on_success(move |path| {
            drafts.discard();
            navigate(&path, NavigateOptions::default());
        });
        delete.on_success(move |path| gone(&path, NavigateOptions::default()));
        let heading = Memo::new(move |_| format!("{}: settings", name.get()));
        title(move || heading.get());
        view! {
            <div class="narrow">
                <div class="head">
                    {breadcrumbs(move || name.get())}
                    <h1>{move || heading.get()}</h1>
                </div>
                <section class="panel padded" aria-label="Settings">
                    <div class="gate">
                        {me.show(|me| refusal(me, Permission::ManageService, "Changing a service"))}
                    </div>
                    <FormAlert error=elsewhere(save.error(), &["name", "description"]) />
                    {settings.show(move |settings| forms(settings, name.get_untracked(), save, drafts))}
                </section>
                <section class="panel padded" aria-labelledby="delete">
                    <h2 id="delete">"Delete"</h2>
                    <FormAlert error=delete.error() />
                    {service.show_beside(move |service| deletion(&service, delete))}
                </section>
            </div>
        }
        .into_any()
    }
}

fn forms(settings: ServiceSettings, service: String, save: MutationHandle<SaveSettings>, drafts: Drafts) -> AnyView {
    let ServiceSettings { name, description, archived, revision } = settings;
    let name = name.to_string();
    let (label, explanation) = if archived {
        ("Restore", "It is archived: it can be read, and nothing can be published to it.")
    } else {
        ("Archive", "An archived service can be read; nothing can be published to it, and lists leave it out.")
    };
    let max = u32::try_from(NewService::MAX_DESCRIPTION).unwrap_or(u32::MAX);
    let (whose, stored) = (service.clone(), (name.clone(), description.clone()));
    view! {
        <ActionForm action=save.action>
            <input type="hidden" name="service" value=whose />
            <input type="hidden" name="revision" value=revision />
            <input type="hidden" name="archived" value=archived.to_string() />
            <DraftField
                draft=drafts.name
                label="Name"
                hint="Old addresses lead to the new name."
                stored=stored.0
                error=save.error()
                required=true
                max_length=63
            />
            <DraftField
                draft=drafts.description
                label="Description"
                hint="What it is, in a sentence or two."
                stored=stored.1
                error=save.error()
                kind=Kind::Text
                max_length=max
            />
            <Submit label="Save" busy="Saving…" pending=save.pending() />
        </ActionForm>
        <h2>{label}</h2>
        <p>{explanation}</p>
        <ActionForm action=save.action>
            <input type="hidden" name="service" value=service />
            <input type="hidden" name="revision" value=revision />
            <input type="hidden" name="archived" value=(!archived).to_string() />
            <input type="hidden" name="name" value=name />
            <input type="hidden" name="description" value=description />
            <button class="btn" type="submit">{label}</button>
        </ActionForm>
    }
    .into_any()
}

fn deletion(service: &Service, delete: MutationHandle<DeleteService>) -> AnyView {
    let name = service.name.to_string();
    let versions = count(service.versions, "version");
    view! {
        <p>
            {format!("Deletes {name} for good: {versions}, with all documents and comparisons, and its policy. Links to it end.")}
        </p>
        <ActionForm action=delete.action>
            <input type="hidden" name="service" value=name.clone() />
            <div class="field">
                <label for="field-confirmation">{format!("Type {name} to delete it")}</label>
                <input id="field-confirmation" name="confirmation" type="text" required=true autocomplete="off" />
            </div>
            <Submit label="Delete this service" busy="Deleting…" pending=delete.pending() danger=true />
        </ActionForm>
    }
    .into_any()
}
