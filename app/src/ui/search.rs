//! A search that lives in the address: a form without script, filtering while one types with it.

use leptos::{ev, html::Input, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Typing rests this long before it is searched.
const REST: Duration = Duration::from_millis(200);

/// A search box over `q` of the address.
///
/// `href` makes the address for a text; `kept` are the other parts of the query that a form without script must keep.
#[component]
pub fn Search(
    label: &'static str,
    action: Signal<String>,
    q: Memo<String>,
    kept: Signal<Vec<(&'static str, String)>>,
    href: Callback<String, String>,
) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let sought = StoredValue::new(q.get_untracked());
    let navigate = use_navigate();
    let go = move |wanted: String| {
        sought.set_value(wanted.clone());
        // Each keystroke is no page of its own in the history.
        navigate(&href.run(wanted), NavigateOptions { replace: true, scroll: false, ..Default::default() });
    };
    let later = StoredValue::new(debounce(REST, go));
    let search = move |typed| later.update_value(|later| later(typed));
    Effect::new(move |_| {
        let (now, Some(input)) = (q.get(), input.get()) else { return };
        if now != sought.get_value() {
            // A link may change the search too; what is being typed wins over its own echo.
            input.set_value(&now);
            sought.set_value(now);
        } else if input.value() != now {
            // Somebody typed before the script was there.
            search(input.value());
        }
    });
    let hidden = move || {
        kept.get()
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
            .collect_view()
    };
    view! {
        <form method="get" action=move || action.get() role="search" class="search" on:submit=move |event| event.prevent_default()>
            {hidden}
            <input
                type="search"
                name="q"
                aria-label=label
                placeholder=label
                autocomplete="off"
                spellcheck="false"
                value=q.get_untracked()
                node_ref=input
                on:input=move |event| search(event_target_value(&event))
            />
            <kbd aria-hidden="true">"/"</kbd>
            <noscript>
                <button class="btn" type="submit">"Search"</button>
            </noscript>
        </form>
    }
}

/// `/` puts the cursor into the page's search, if it has one and nobody is typing.
pub fn slash_focuses_search() {
    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, move |event| {
            if event.key() != "/" || event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            let typing = document()
                .active_element()
                .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
            let search = document().query_selector("input[type=search]").ok().flatten();
            if let (false, Some(search)) = (typing, search.and_then(|input| input.dyn_into::<HtmlElement>().ok())) {
                event.prevent_default();
                // Focusing an element that is in the document does not fail.
                let _ = search.focus();
            }
        });
        on_cleanup(move || keys.remove());
    });
}
