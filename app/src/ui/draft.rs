//! Fields that begin with what the hub has, and merge what somebody types with what others change meanwhile.
//!
//! What is typed is never replaced: it is kept beside the form, which is drawn again when the hub has something newer.
//! Where that isn't what the draft began from, it is shown below the field. Without a script the same comes back with a
//! refused form, which the server hands in ([`Refused`]).

use super::form::{FormError, TextArea, typed};
use crate::js;
use leptos::{
    html::{Input, Textarea},
    prelude::*,
    server::SharedValue,
};
use server_fn::ServerFn;
use shared::ApiError;
use wasm_bindgen::JsValue;

/// What somebody has typed in place of what the hub has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub text: String,
    /// Which state of the hub it began from.
    pub from: String,
}

/// A field's draft, if it has one. Made once for a page.
#[derive(Clone, Copy)]
pub struct DraftOf {
    field: &'static str,
    draft: RwSignal<Option<Draft>>,
    /// Whether the browser has seen the field: before, what is in it may have been typed before the script was there.
    seen: StoredValue<bool>,
}

impl DraftOf {
    /// The draft of a field, which may come from a refused form.
    #[must_use]
    pub fn new(field: &'static str, refused: &Refused) -> Self {
        let draft = refused.text(field).zip(refused.text(&from(field)));
        let draft = draft.map(|(text, from)| Draft { text: typed(text), from: typed(from) });
        Self { field, draft: RwSignal::new(draft), seen: StoredValue::new(false) }
    }

    #[must_use]
    pub fn exists(self) -> bool {
        self.draft.with(Option::is_some)
    }

    /// The field shows what the hub has again.
    pub fn discard(self) {
        self.draft.set(None);
    }
}

/// Name of the hidden field that says what a draft began from.
fn from(field: &str) -> String {
    format!("from_{field}")
}

/// The fields of a form that was sent without a script and refused; none for other pages.
pub struct Refused(Vec<(String, String)>);

impl Refused {
    /// Of the form of this function: the named fields. Call it once for a page, outside of any `Suspense`.
    #[must_use]
    pub fn of<S: ServerFn>(fields: &[&str]) -> Self {
        // Both sides of the page begin with the same.
        Self(SharedValue::new(|| sent(S::PATH, fields)).into_inner())
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, text)| text.as_str())
    }
}

#[cfg(feature = "ssr")]
fn sent(function: &str, fields: &[&str]) -> Vec<(String, String)> {
    let refused = use_context::<leptos::server::ServerActionError>().is_some_and(|error| error.path() == function);
    let form = use_context::<crate::context::RefusedForm>().filter(|_| refused);
    let wanted = |name: &str| fields.iter().any(|field| name == *field || name == from(field));
    form.map(|form| form.0.iter().filter(|(name, _)| wanted(name)).cloned().collect()).unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn sent(_: &str, _: &[&str]) -> Vec<(String, String)> {
    Vec::new()
}

/// A field that begins with what the hub has. `state` names the hub's state of it: the text itself, or a tag of it.
/// `field` is the wire's name of it in errors.
#[component]
#[allow(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
pub fn DraftField(
    draft: DraftOf,
    label: &'static str,
    hint: &'static str,
    stored: String,
    #[prop(optional)] state: Option<String>,
    error: FormError,
    #[prop(optional)] field: Option<&'static str>,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] required: bool,
    #[prop(optional)] max_length: Option<u32>,
) -> impl IntoView {
    let DraftOf { field: name, draft, seen } = draft;
    // As the browser has it in the field.
    let stored = typed(&stored);
    let state = state.unwrap_or_else(|| stored.clone());
    let id = format!("field-{name}");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described = format!("{error_id} {hint_id}");
    let wire = field.unwrap_or(name);
    let message = Memo::new(move |_| error.with(|error| problem(error.as_ref()?, wire)));
    let (input, area) = (NodeRef::<Input>::new(), NodeRef::<Textarea>::new());
    let element = move || input.get().map(JsValue::from).or_else(|| area.get().map(JsValue::from));
    let shown = draft.get_untracked().map_or_else(|| stored.clone(), |draft| draft.text);
    follow(draft, seen, (stored.clone(), state.clone()), element);
    let began = state.clone();
    let began = move || draft.get().map_or_else(|| began.clone(), |draft| draft.from);
    let type_in = {
        let (stored, state) = (stored.clone(), state.clone());
        move |text: String| {
            draft.update(|draft| {
                let from = draft.take().map_or_else(|| state.clone(), |draft| draft.from);
                *draft = (text != stored).then_some(Draft { text, from });
            });
        }
    };
    let invalid = move || message.get().map(|_| "true");
    let entry = match kind {
        Kind::Line => view! {
            <input
                id=id.clone()
                name=name
                type="text"
                required=required
                maxlength=max_length
                value=shown
                node_ref=input
                autocomplete="off"
                aria-invalid=invalid
                aria-describedby=described
                on:input=move |event| type_in(event_target_value(&event))
            />
        }
        .into_any(),
        Kind::Text | Kind::Code => view! {
            <TextArea
                initial={shown}
                {..}
                id=id.clone()
                name=name
                class=kind.class()
                required=required
                maxlength=max_length
                node_ref=area
                rows=kind.rows()
                spellcheck=matches!(kind, Kind::Code).then_some("false")
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
                {label} {(!required && kind != Kind::Code).then(|| view! { <span class="optional">" (optional)"</span> })}
            </label>
            {entry}
            <input type="hidden" name=from(name) value=began />
            <p class="hint" id=hint_id>{hint}</p>
            {move || {
                let theirs = draft.get().is_some_and(|draft| draft.from != state && draft.text != stored);
                theirs.then(|| on_the_hub(&stored, draft))
            }}
            <p class="field-error" role="alert" id=error_id>{move || message.get()}</p>
        </div>
    }
}

/// What is wrong with a field, and where.
fn problem(error: &ApiError, field: &str) -> Option<String> {
    let detail = error.details.iter().find(|detail| detail.field == field)?;
    Some(detail.line.map_or_else(|| detail.message.clone(), |line| format!("Line {line}: {}", detail.message)))
}

/// How a field looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Line,
    /// Some lines for people.
    Text,
    /// Many lines for programs.
    Code,
}

impl Kind {
    const fn class(self) -> &'static str {
        if matches!(self, Self::Code) { "code" } else { "words" }
    }

    const fn rows(self) -> u32 {
        if matches!(self, Self::Code) { 16 } else { 4 }
    }
}

/// In the browser, keeps field and draft together: takes over what was typed before the script was there, and puts into
/// the field what the hub has where there is no draft.
fn follow(
    draft: RwSignal<Option<Draft>>,
    seen: StoredValue<bool>,
    (stored, state): (String, String),
    element: impl Fn() -> Option<JsValue> + 'static,
) {
    Effect::new(move |_| {
        let Some(element) = element() else { return };
        let value = js::get(&element, "value").as_string().unwrap_or_default();
        let first = !seen.get_value();
        seen.set_value(true);
        match draft.get() {
            None if first && value != stored => draft.set(Some(Draft { text: value, from: state.clone() })),
            draft => {
                let text = draft.map_or_else(|| stored.clone(), |draft| draft.text);
                if value != text {
                    js::set(&element, "value", text);
                }
            }
        }
    });
}

/// What somebody else has made of it, and the way to have that instead.
fn on_the_hub(stored: &str, draft: RwSignal<Option<Draft>>) -> AnyView {
    let short = if stored.is_empty() { Some("nothing") } else { Some(stored).filter(|text| !text.contains('\n')) };
    let long = short.is_none().then(|| {
        view! { <pre class="sample" tabindex="0" role="group" aria-label="On the hub">{stored.to_owned()}</pre> }
    });
    view! {
        <div class="theirs" role="status">
            <p>"On the hub: " {short.map(str::to_owned)}</p>
            {long}
            <button class="btn" type="button" on:click=move |_| draft.set(None)>
                "Take it"
            </button>
        </div>
    }
    .into_any()
}
