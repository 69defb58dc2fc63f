//! Publishing a version: one multipart form that works with and without script.

use super::api::{PublishVersion, publish_version};
use crate::{
    accounts::{Me, refusal},
    queries::{QueryHandle, use_query},
    services::api::ServicesPage,
    ui::{
        form::{Field, FormAlert, FormError, Submit, TextArea, elsewhere},
        lazy::lazy_page,
        title::title,
    },
};
use leptos::{ev::SubmitEvent, prelude::*, server::ServerActionError};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use server_fn::{ServerFn, error::ServerFnUrlError};
use shared::{
    ApiError, Page, PageQuery,
    accounts::Permission,
    services::{OWN_SERVICE, Service, ServiceQuery},
};
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement};

/// `/publish?service=…`
pub struct PublishRoute;

/// The page's queries, and what their keys depend on.
struct PublishQueries {
    me: QueryHandle<Me>,
    services: QueryHandle<ServicesPage>,
}

impl PublishQueries {
    fn new() -> Self {
        Self {
            me: use_query::<Me>(|| ()),
            services: use_query::<ServicesPage>(|| ServiceQuery {
                cursor: None,
                limit: Some(PageQuery::MAX),
                ..ServiceQuery::default()
            }),
        }
    }
}

lazy_page!(PublishRoute);

impl PublishRoute {
    fn page() -> AnyView {
        let PublishQueries { me, services } = PublishQueries::new();
        title(|| "Publish a version".to_owned());
        view! {
            <div class="head">
                <h1>"Publish a version"</h1>
                <p class="lead">
                    "An OpenAPI document (2.0, 3.0, 3.1 or 3.2), JSON or YAML. It is read, compared with the version in force, and \
                     kept; a version never changes afterwards."
                </p>
            </div>
            <section class="panel padded" aria-label="Publish">
                <div class="gate">{me.show(|me| refusal(me, Permission::Publish, "Publishing"))}</div>
                <PublishForm services />
            </section>
        }
        .into_any()
    }
}

/// An error that came in the address, after a form that was posted without script.
fn error_in_address() -> Option<ApiError> {
    use_context::<ServerActionError>()
        .filter(|error| error.path() == PublishVersion::PATH)
        .map(|error| ServerFnUrlError::<ApiError>::decode_err(error.err()))
}

#[component]
fn PublishForm(services: QueryHandle<ServicesPage>) -> impl IntoView {
    let query = use_query_map();
    let chosen = RwSignal::new(query.with_untracked(|query| query.get("service")).unwrap_or_default());
    // Not the action's first value: an action that isn't `Sync` ties its value to the thread that made it, and a
    // render on the server may end on another one.
    let before = error_in_address();
    let action = Action::new_unsync(|form: &FormData| publish_version(form.clone().into()));
    let (value, pending) = (action.value(), action.pending());
    let error: FormError = Signal::derive(move || {
        value.with(|value| match value {
            Some(outcome) => outcome.as_ref().err().cloned(),
            None => before.clone(),
        })
    });
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(Ok(path)) = value.get() {
            navigate(&path, NavigateOptions::default());
        }
    });
    let submit = move |event: SubmitEvent| {
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        // Without the form's data there is nothing better than to let the browser send it.
        let Some(Ok(data)) = form.map(|form| FormData::new_with_form(&form)) else { return };
        event.prevent_default();
        if !pending.get_untracked() {
            action.dispatch_local(data);
        }
    };
    view! {
        <form method="post" action=PublishVersion::url() enctype="multipart/form-data" on:submit=submit>
            <FormAlert error=elsewhere(error, &["label"]) />
            <div class="field">
                <label for="publish-service">"Service"</label>
                {services.show(move |page| pick(&page, chosen))}
            </div>
            <div class="field">
                <label for="publish-file">"File"</label>
                <input
                    id="publish-file"
                    type="file"
                    name="file"
                    accept=".json,.yaml,.yml,application/json,application/yaml"
                />
            </div>
            <div class="field">
                <label for="publish-document">"Document"</label>
                <TextArea
                    {..}
                    id="publish-document"
                    name="document"
                    spellcheck="false"
                    autocomplete="off"
                    aria-describedby="publish-document-hint"
                />
                <p class="hint" id="publish-document-hint">"Pasted, when there is no file."</p>
            </div>
            <Field
                label="Version label"
                name="label"
                hint="Without one, the document's own info.version."
                required=false
                max_length=64
                error
            />
            <Submit label="Publish" busy="Publishing…" pending />
            <p class="progress" role="status">
                {move || pending.get().then_some("Sending the document; the hub reads it and compares it with the version in force…")}
            </p>
        </form>
    }
}

/// The services to choose from. The choice itself is kept outside, so that a new service in the list doesn't undo it.
fn pick(page: &Page<Service>, chosen: RwSignal<String>) -> AnyView {
    let more = page.next_cursor.is_some();
    let mut names: Vec<String> = page.items.iter().map(|service| service.name.to_string()).collect();
    let wanted = chosen.get_untracked();
    // The hub publishes to its own service by itself; nobody should by mistake, for being listed first.
    names.retain(|name| name != OWN_SERVICE || *name == wanted);
    if names.is_empty() && !more {
        return view! { <p>"There is no service yet. " <a href="/services/new">"Create one first"</a></p> }.into_any();
    }
    if !wanted.is_empty() && !names.contains(&wanted) && more {
        names.insert(0, wanted.clone());
    }
    let options = names
        .into_iter()
        .map(|name| view! { <option value=name.clone() selected=name == wanted>{name.clone()}</option> })
        .collect_view();
    let hint = more.then(|| {
        view! {
            <p class="hint">
                "The first " {PageQuery::MAX} " services are listed; for another one, start from its page under "
                <a href="/services">"Services"</a> "."
            </p>
        }
    });
    view! {
        <select
            id="publish-service"
            name="service"
            required
            on:change=move |event| chosen.set(event_target_value(&event))
        >
            {options}
        </select>
        {hint}
    }
    .into_any()
}
