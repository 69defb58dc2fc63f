//! Parts of forms: labelled inputs that carry their own error.

use super::state::{details, trace};
use crate::queries::use_query_client;
use leptos::prelude::*;
use shared::{ApiError, ErrorCode};

/// The last error of a form's action, if it has one.
pub type FormError = Signal<Option<ApiError>>;

/// Goes to where a server function said, with a full page load: a new session starts with an empty memory.
pub fn go_on<S>(action: ServerAction<S>)
where
    S: server_fn::ServerFn<Output = String, Error = ApiError> + Clone + Send + Sync + 'static,
{
    let value = action.value();
    Effect::new(move |_| {
        if let Some(Ok(target)) = value.get() {
            let location = window().location();
            let mut to = crate::urls::local(&target).unwrap_or("/").to_owned();
            // The place within the page that somebody wanted: the server never sees it, and browsers carry it along.
            if !to.contains('#') {
                to.push_str(&location.hash().unwrap_or_default());
            }
            // The assignment of an address of this site fails only while the page is being closed.
            let _ = location.set_href(&to);
        }
    });
}

/// The last error of an action.
#[must_use]
pub fn error_of<S>(action: ServerAction<S>) -> FormError
where
    S: server_fn::ServerFn<Output = String, Error = ApiError> + Clone + Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || value.with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned())))
}

/// What of a form's errors isn't said beside one of these fields.
#[must_use]
pub fn elsewhere(error: FormError, fields: &'static [&'static str]) -> FormError {
    let beside = |error: &ApiError| {
        !error.details.is_empty() && error.details.iter().all(|detail| fields.contains(&detail.field.as_str()))
    };
    Signal::derive(move || error.get().filter(|error| !beside(error)))
}

/// An input with its label, hint and error. `field` is the wire's name of it in errors.
#[component]
pub fn Field(
    label: &'static str,
    name: &'static str,
    error: FormError,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] field: Option<&'static str>,
    #[prop(optional)] hint: Option<&'static str>,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(default = true)] required: bool,
    #[prop(optional)] min_length: Option<u32>,
    #[prop(optional)] max_length: Option<u32>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let wire = field.unwrap_or(name);
    let message = Memo::new(move |_| error.with(|error| error.as_ref()?.field(wire).map(str::to_owned)));
    let described = {
        let (hint_id, error_id) = (hint.map(|_| hint_id.clone()), error_id.clone());
        move || match (hint_id.clone(), message.get().is_some()) {
            (Some(hint), true) => Some(format!("{error_id} {hint}")),
            (None, true) => Some(error_id.clone()),
            (hint, false) => hint,
        }
    };
    view! {
        <div class="field">
            <label for=id.clone()>
                {label} {(!required).then(|| view! { <span class="optional">" (optional)"</span> })}
            </label>
            <input
                id=id
                name=name
                type=kind
                required=required
                autocomplete=autocomplete
                minlength=min_length
                maxlength=max_length
                aria-invalid=move || message.get().map(|_| "true")
                aria-describedby=described
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <p class="field-error" role="alert" id=error_id>{move || message.get()}</p>
        </div>
    }
}

/// A text area, for every form; attributes are given to it as to an element, behind `{..}`.
///
/// It takes no children: Leptos' server side doesn't escape those of a `textarea`, and what somebody typed would become
/// markup. What it begins with is escaped here, which has it in the page without script as well.
#[component]
#[allow(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
pub fn TextArea(#[prop(optional, into)] initial: String) -> impl IntoView {
    view! { <textarea inner_html=content(&initial)></textarea> }
}

/// A text as the content of a `textarea`.
fn content(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // A parser of pages drops a line break right behind the tag (HTML, 13.1.2.5); one that is set by script stays.
    if cfg!(feature = "ssr") && !escaped.is_empty() { format!("\n{escaped}") } else { escaped }
}

/// A text of a form, with the line breaks that the hub stores. Browsers send all of them as CRLF (HTML, 4.10.22.4).
#[must_use]
pub fn typed(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The form's error as a whole, announced when it comes. That a session ended is told by the dialog over the page.
#[component]
pub fn FormAlert(error: FormError) -> impl IntoView {
    let client = use_query_client();
    Effect::new(move |_| {
        if error.with(|error| error.as_ref().is_some_and(|error| error.code == ErrorCode::Unauthenticated)) {
            client.refused();
        }
    });
    view! {
        <div role="alert" class="form-alert">
            {move || {
                error
                    .get()
                    .map(|error| {
                        view! {
                            <div class="form-error">
                                <p>{error.message.clone()}</p>
                                {details(&error)}
                                {trace(&error)}
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// The form's button: says what it does, and that it is doing it.
#[component]
pub fn Submit(
    label: &'static str,
    busy: &'static str,
    pending: Memo<bool>,
    /// Whether what it does can't be taken back.
    #[prop(optional)]
    danger: bool,
) -> impl IntoView {
    let class = if danger { "btn danger" } else { "btn primary" };
    view! {
        <button class=class type="submit" aria-disabled=move || pending.get().then_some("true")>
            {move || if pending.get() { busy } else { label }}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Every source file of this crate, with its path.
    fn sources(folder: &Path) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let read = |path: &Path| vec![(path.display().to_string(), fs::read_to_string(path).unwrap())];
        entries.flat_map(|path| if path.is_dir() { sources(&path) } else { read(&path) }).collect()
    }

    #[test]
    fn what_a_text_area_begins_with_is_text() {
        let start = if cfg!(feature = "ssr") { "\n" } else { "" };
        for (text, expected) in [
            ("", String::new()),
            ("a\nb", format!("{start}a\nb")),
            ("\na", format!("{start}\na")),
            ("</textarea><script>&amp;", format!("{start}&lt;/textarea&gt;&lt;script&gt;&amp;amp;")),
        ] {
            assert_eq!(super::content(text), expected, "{text:?}");
        }
        assert_eq!(super::typed("a\r\nb\nc\r"), "a\nb\nc\r");
    }

    /// Leptos 0.8 escapes the children of every element but four (`ESCAPE_CHILDREN` in tachys), and never `inner_html`.
    #[test]
    fn nothing_is_rendered_where_it_would_not_be_escaped() {
        let mut text_areas = 0;
        for (path, text) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            // The words of this very test don't count.
            let text = text.split("#[cfg(test)]").next().unwrap();
            let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            // The one that is escaped.
            let code = code.replacen("<textarea inner_html=content(&initial)></textarea>", "<textarea></textarea>", 1);
            for forbidden in ["<script", "<style", "inner_html", "textarea()", "script()", "style()", "noscript()"] {
                assert!(!code.contains(forbidden), "{path}: {forbidden}");
            }
            for child in code.split("<noscript>").skip(1) {
                let child = child.split("</noscript>").next().unwrap();
                assert!(!child.contains('{'), "{path}: only fixed words in noscript");
            }
            assert_eq!(code.matches("<textarea").count(), code.matches("<textarea></textarea>").count(), "{path}");
            text_areas += code.matches("<textarea").count();
        }
        assert_eq!(text_areas, 1, "every form uses this one");
    }
}
