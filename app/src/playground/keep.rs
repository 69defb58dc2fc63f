//! What outlives the page: a link's documents when it is opened, and the tab's own when it is reloaded.

use super::{
    editor::Editor,
    protocol::Pane,
    share::{self, NAME},
};
use crate::js;
use leptos::{ev, leptos_dom::helpers::debounce, prelude::*, task::spawn_local};
use std::time::Duration;
use wasm_bindgen::JsValue;

/// The tab's memory, which ends with the tab.
const STORE: &str = "handshake-playground";

/// Typing rests this long before the tab's memory is written.
const REST: Duration = Duration::from_millis(400);

/// The link to all texts, or its length if that is too long for a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    Ready(String),
    TooLong(usize),
    /// The browser can't compress.
    Unable,
}

/// All texts as they are now, in one piece.
fn framed([base, revision, policy]: [Editor; 3]) -> Vec<u8> {
    base.with_text(|base| {
        revision.with_text(|revision| policy.with_text(|policy| share::frame([base, revision, policy])))
    })
}

/// Makes the link. The fragment never leaves the browser: servers see the address without it.
pub async fn link(editors: [Editor; 3]) -> Link {
    let Some(packed) = share::pack(&framed(editors)).await else { return Link::Unable };
    let location = window().location();
    let link =
        format!("{}{}#{NAME}{packed}", location.origin().unwrap_or_default(), location.pathname().unwrap_or_default());
    if link.len() > share::LONGEST_LINK { Link::TooLong(link.len()) } else { Link::Ready(link) }
}

/// Brings back what a link or the tab's memory has, and remembers from then on. `notice` gets what went wrong.
pub fn keep(editors: [Editor; 3], notice: RwSignal<Option<&'static str>>) {
    let restored = StoredValue::new(false);
    Effect::new(move |_| {
        let opened = move || {
            let fragment = window().location().hash().unwrap_or_default();
            let packed = fragment.strip_prefix('#').and_then(|fragment| fragment.strip_prefix(NAME)).map(str::to_owned);
            let Some(packed) = packed else { return false };
            spawn_local(async move {
                match share::unpack(&packed).await {
                    Some(pair) => put(editors, pair),
                    None => {
                        notice.set(Some("This link is damaged or holds too much: its documents can't be restored."));
                    }
                }
                without_fragment();
                restored.set_value(true);
            });
            true
        };
        let changed = window_event_listener(ev::hashchange, move |_| {
            opened();
        });
        on_cleanup(move || changed.remove());
        if !opened() {
            spawn_local(async move {
                let stored = js::call(&js::get(&window(), "sessionStorage"), "getItem", &[STORE.into()]);
                let stored = stored.ok().and_then(|stored| stored.as_string());
                let pair = match stored {
                    Some(stored) => share::unpack(&stored).await,
                    None => None,
                };
                match pair {
                    // What is typed by now is newer.
                    Some(pair) if editors.iter().all(|editor| editor.with_text(str::is_empty)) => put(editors, pair),
                    _ => editors.iter().for_each(|editor| editor.adopt()),
                }
                restored.set_value(true);
            });
        }
    });
    let later = StoredValue::new(debounce(REST, move |()| {
        if restored.get_value() {
            remember(editors);
        }
    }));
    Effect::new(move |first: Option<()>| {
        let _ = editors.map(|editor| editor.version.get());
        if first.is_some() {
            later.update_value(|later| later(()));
        }
    });
}

fn put(editors: [Editor; 3], texts: [String; 3]) {
    for (editor, text) in editors.into_iter().zip(texts) {
        editor.put(text);
    }
}

/// What is edited from here on is no longer what the link says.
fn without_fragment() {
    let window = window();
    let history = js::get(&window, "history");
    let location = window.location();
    let address = format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    // The page's own address can always be set.
    let _ = js::call(&history, "replaceState", &[js::get(&history, "state"), "".into(), address.into()]);
}

fn remember(editors: [Editor; 3]) {
    let store = js::get(&window(), "sessionStorage");
    let before = editors.map(|editor| editor.version.get_untracked());
    let framed = framed(editors);
    spawn_local(async move {
        let Some(packed) = share::pack(&framed).await else { return };
        if editors.map(|editor| editor.version.get_untracked()) != before {
            // The next one is on its way.
            return;
        }
        // A browser keeps about five million characters. What is more is not kept, and neither is what was before:
        // it would come back as if it were the last.
        if js::call(&store, "setItem", &[STORE.into(), JsValue::from_str(&packed)]).is_err() {
            let _ = js::call(&store, "removeItem", &[STORE.into()]);
        }
    });
}

/// Hands a document to the browser as a file.
pub fn download(editor: Editor) {
    let text = editor.with_text(JsValue::from_str);
    let json = editor.with_text(|text| text.trim_start().starts_with('{'));
    let name = match editor.pane {
        Pane::Policy => contract::policy_file::FILE.to_owned(),
        pane => format!("{}.{}", pane.name(), if json { "json" } else { "yaml" }),
    };
    let parts: JsValue = web_sys::js_sys::Array::of1(&text).into();
    let urls = js::get(&window(), "URL");
    let url = js::new("Blob", &[parts]).and_then(|blob| js::call(&urls, "createObjectURL", &[blob]));
    if let (Ok(url), Ok(link)) = (url, document().create_element("a")) {
        js::set(&link, "href", url.clone());
        js::set(&link, "download", name);
        let _ = js::call(&link, "click", &[]);
        let _ = js::call(&urls, "revokeObjectURL", &[url]);
    }
}
