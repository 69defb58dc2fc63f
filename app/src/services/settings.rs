//! What people decide about a service: name, description, archive; and deleting it.

use super::api::{DeleteService, SaveSettings, ServiceByName, SettingsOf};
use crate::{
    accounts::{Me, refusal},
    queries::{MutationHandle, use_mutation, use_query},
    ui::{
        breadcrumbs::breadcrumbs,
        form::{FormAlert, Submit, TextArea},
        lazy::lazy_page,
        title::title,
    },
};
use leptos::{
    form::ActionForm,
    html::{Input, Textarea},
    prelude::*,
};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use shared::{
    accounts::Permission,
    services::{NewService, Service, ServiceSettings},
};

/// `/services/{service}/settings`
pub struct SettingsRoute;

lazy_page!(SettingsRoute);

/// What somebody has typed in place of what the hub has; nothing where they haven't. Stored beside the form, which is
/// drawn again when the hub has something newer.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<Option<Typed>>,
    description: RwSignal<Option<Typed>>,
}

#[derive(Clone, PartialEq, Eq)]
struct Typed {
    text: String,
    /// What the hub had when they began.
    from: String,
}

impl SettingsRoute {
    fn page() -> AnyView {
        let params = use_params_map();
        let name = Memo::new(move |_| params.with(|params| params.get("service")).unwrap_or_default());
        let me = use_query::<Me>(|| ());
        let settings = use_query::<SettingsOf>(move || name.get());
        let service = use_query::<ServiceByName>(move || name.get());
        let (save, delete) = (use_mutation::<SaveSettings>(), use_mutation::<DeleteService>());
        let draft = Draft { name: RwSignal::new(None), description: RwSignal::new(None) };
        let navigate = use_navigate();
        let gone = navigate.clone();
        save.on_success(move |path| {
            draft.name.set(None);
            draft.description.set(None);
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
                    <FormAlert error=save.error() />
                    {settings.show(move |settings| forms(settings, name.get_untracked(), save, draft))}
                </section>
                <section class="panel padded" aria-labelledby="delete">
                    <h2 id="delete">"Delete"</h2>
                    <FormAlert error=delete.error() />
                    {service.show(move |service| deletion(&service, delete))}
                </section>
            </div>
        }
        .into_any()
    }
}

fn forms(settings: ServiceSettings, service: String, save: MutationHandle<SaveSettings>, draft: Draft) -> AnyView {
    let ServiceSettings { name, description, archived, revision } = settings;
    let name = name.to_string();
    let (label, explanation) = if archived {
        ("Restore", "It is archived: it can be read, and nothing can be published to it.")
    } else {
        ("Archive", "An archived service can be read; nothing can be published to it, and lists leave it out.")
    };
    let max = u32::try_from(NewService::MAX_DESCRIPTION).unwrap_or(u32::MAX);
    let whose = service.clone();
    let name_field =
        field("Name", "name", "Old addresses lead to the new name.", &name, draft.name, Kind::Line, 63, save);
    let hint = "What it is, in a sentence or two.";
    let description_field =
        field("Description", "description", hint, &description, draft.description, Kind::Lines, max, save);
    view! {
        <ActionForm action=save.action>
            <input type="hidden" name="service" value=whose />
            <input type="hidden" name="revision" value=revision />
            <input type="hidden" name="archived" value=archived.to_string() />
            {name_field}
            {description_field}
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

/// One line or several.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Line,
    Lines,
}

/// An input that begins with what the hub has. When that changes while somebody types, both are shown.
#[allow(clippy::too_many_arguments, reason = "one place for both inputs")]
fn field(
    label: &'static str,
    wire: &'static str,
    hint: &'static str,
    stored: &str,
    draft: RwSignal<Option<Typed>>,
    kind: Kind,
    max_length: u32,
    save: MutationHandle<SaveSettings>,
) -> AnyView {
    let id = format!("field-{wire}");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described = format!("{error_id} {hint_id}");
    let error = save.error();
    let message = Memo::new(move |_| error.with(|error| error.as_ref()?.field(wire).map(str::to_owned)));
    let stored = StoredValue::new(stored.to_owned());
    let shown = draft.get_untracked().map_or_else(|| stored.get_value(), |typed| typed.text);
    let required = kind == Kind::Line;
    let (line, lines) = (NodeRef::<Input>::new(), NodeRef::<Textarea>::new());
    let value = move || line.get().map(|line| line.value()).or_else(|| lines.get().map(|lines| lines.value()));
    let put = move |text: &str| {
        line.get().into_iter().for_each(|line| line.set_value(text));
        lines.get().into_iter().for_each(|lines| lines.set_value(text));
    };
    let type_in = move |text: String| {
        // The first letter says what the draft began from.
        draft.update(|draft| match draft {
            Some(typed) => typed.text = text,
            None => *draft = Some(Typed { text, from: stored.get_value() }),
        });
    };
    let initial = shown.clone();
    Effect::new(move |_| {
        // What was typed before the script was there.
        if let Some(text) = value().filter(|text| *text != initial && draft.get_untracked().is_none()) {
            type_in(text);
        }
    });
    let other = move || {
        let stored = stored.get_value();
        let newer = draft.get().is_some_and(|typed| typed.from != stored && typed.text != stored);
        newer.then(|| {
            let take = stored.clone();
            view! {
                <div class="hint newer">
                    <p>{format!("On the hub: {}", if stored.is_empty() { "nothing" } else { &stored })}</p>
                    <button
                        class="btn"
                        type="button"
                        on:click=move |_| {
                            put(&take);
                            draft.set(None);
                        }
                    >
                        "Take it"
                    </button>
                </div>
            }
        })
    };
    let invalid = move || message.get().map(|_| "true");
    let control = match kind {
        Kind::Line => view! {
            <input
                id=id.clone()
                name=wire
                type="text"
                required=required
                maxlength=max_length
                value=shown.clone()
                node_ref=line
                autocomplete="off"
                aria-invalid=invalid
                aria-describedby=described
                on:input=move |event| type_in(event_target_value(&event))
            />
        }
        .into_any(),
        Kind::Lines => view! {
            <TextArea
                initial=shown.clone()
                {..}
                id=id.clone()
                name=wire
                class="words"
                rows="4"
                maxlength=max_length
                node_ref=lines
                autocomplete="off"
                aria-invalid=invalid
                aria-describedby=described
                on:input=move |event| type_in(event_target_value(&event))
            />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label for=id>
                {label} {(!required).then(|| view! { <span class="optional">" (optional)"</span> })}
            </label>
            {control}
            <p class="hint" id=hint_id>{hint}</p>
            {other}
            <p class="field-error" id=error_id>{move || message.get()}</p>
        </div>
    }
    .into_any()
}

fn deletion(service: &Service, delete: MutationHandle<DeleteService>) -> AnyView {
    let name = service.name.to_string();
    let versions = match service.versions {
        1 => "1 version".to_owned(),
        n => format!("{n} versions"),
    };
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
            <Submit label="Delete this service" busy="Deleting…" pending=delete.pending() />
        </ActionForm>
    }
    .into_any()
}
