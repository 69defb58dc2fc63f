//! The page: two editors, what one can do with both, and the verdict.

use super::{
    editor::{Editor, EditorView},
    engine::{Engine, REST, Source},
    example,
    findings::Verdict,
    keep::{Link, download, keep, link},
    protocol::{Pane, ReadState},
};
use crate::{
    js,
    ui::{lazy::lazy_page, title::title},
};
use leptos::{leptos_dom::helpers::debounce, prelude::*, task::spawn_local};
use std::time::Duration;

/// `/playground#pair=…`
pub struct PlaygroundRoute;

lazy_page!(PlaygroundRoute);

impl PlaygroundRoute {
    fn page() -> AnyView {
        title(|| "Playground".to_owned());
        view! {
            <div class="head">
                <h1>"Playground"</h1>
                <p class="lead">
                    "Two contracts, and what changed between them, while you type. Nothing that you put here leaves this \
                     page: the engine runs in your browser, also without a network."
                </p>
            </div>
            <noscript>
                <div class="notice">
                    <p>
                        "The playground needs JavaScript and WebAssembly, since the engine runs in the browser. Without \
                         them, the command line gives the same verdict: "
                        <code>"handshake diff old.yaml new.yaml"</code> "."
                    </p>
                </div>
            </noscript>
            <Playground />
        }
        .into_any()
    }
}

/// The page has hydrated and is drawn by then; not every browser says when it is idle.
const SETTLED: Duration = Duration::from_millis(100);

/// The texts as the engine asks for them.
struct Texts([Editor; 3]);

impl Source for Texts {
    fn version(&self, pane: Pane) -> u32 {
        self.0[pane.index()].version.get_untracked()
    }

    fn bytes(&self, pane: Pane) -> Vec<u8> {
        self.0[pane.index()].with_text(|text| text.as_bytes().to_vec())
    }
}

#[component]
fn Playground() -> impl IntoView {
    let editors = Pane::ALL.map(Editor::new);
    let [base, revision, policy] = editors;
    let engine = Engine::new(Texts(editors));
    let notice = RwSignal::new(None::<&'static str>);
    // For screen readers.
    let said = RwSignal::new(String::new());
    judge_what_changes(engine, editors);
    keep(editors, notice);
    let reading = move |pane: Pane| {
        Signal::derive(move || {
            let empty = editors[pane.index()].is_empty();
            let reading = engine.judged.with(|judged| judged.as_ref().map(|judged| judged.reading(pane).clone()));
            reading.filter(|_| !empty).unwrap_or(ReadState::Empty)
        })
    };
    // A link or a reload may bring one; what somebody folds after that stays folded.
    let judged_by = Memo::new(move |was| was == Some(&true) || !policy.is_empty());
    let load = move |_| {
        base.put(example::BASE.to_owned());
        revision.put(example::REVISION.to_owned());
    };
    let swap = move |_| {
        let was = base.with_text(str::to_owned);
        base.put(revision.with_text(str::to_owned));
        revision.put(was);
    };
    view! {
        <div class="playground">
            <div class="inline-form">
                <button class="btn" type="button" on:click=load>"Load an example"</button>
                <button class="btn" type="button" on:click=swap>"Swap"</button>
                <Share editors />
            </div>
            <div role="alert">
                {move || notice.get().map(|notice| view! { <p class="form-error">{notice}</p> })}
            </div>
            <div class="editors">
                <EditorView editor=base reading=reading(Pane::Base) />
                <EditorView editor=revision reading=reading(Pane::Revision) />
            </div>
            <details class="judged-by" open=move || judged_by.get()>
                <summary>"Judge by a policy"</summary>
                <p class="hint">
                    "The " <code>"handshake.toml"</code>
                    " of a team: what rules count as, and findings that were looked at and accepted."
                </p>
                <EditorView editor=policy reading=reading(Pane::Policy) />
            </details>
            <Verdict engine editors said />
            <p class="visually-hidden" role="status">{move || said.get()}</p>
        </div>
    }
}

/// Starts the engine when the page has nothing better to do, and asks it when typing rests.
fn judge_what_changes(engine: Engine, editors: [Editor; 3]) {
    Effect::new(move |_| {
        let start = move || {
            // The page may be gone by then.
            if engine.shown.try_get_untracked().is_some() {
                engine.start();
            }
        };
        set_timeout(start, SETTLED);
    });
    let changed = StoredValue::new(debounce(REST, move |()| engine.changed()));
    Effect::new(move |first: Option<()>| {
        let _ = editors.map(|editor| editor.version.get());
        if first.is_some() {
            changed.update_value(|changed| changed(()));
        }
    });
}

/// The link to all texts, and what there is when they are too long for one.
#[component]
fn Share(editors: [Editor; 3]) -> impl IntoView {
    let made = RwSignal::new(None::<(Link, bool)>);
    let [.., policy] = editors;
    let copy = move |_| {
        spawn_local(async move {
            let link = link(editors).await;
            let copied = match &link {
                Link::Ready(link) => {
                    let clipboard = js::get(&js::get(&window(), "navigator"), "clipboard");
                    match js::call(&clipboard, "writeText", &[link.into()]) {
                        Ok(promise) => js::wait(promise).await.is_ok(),
                        Err(_) => false,
                    }
                }
                _ => false,
            };
            made.set(Some((link, copied)));
        });
    };
    // What was copied is not what is there any more.
    Effect::new(move |_| {
        let _ = editors.map(|editor| editor.version.get());
        made.set(None);
    });
    let downloads = move || {
        let has = |editor: &Editor| editor.pane != Pane::Policy || !editor.is_empty();
        { editors }
            .into_iter()
            .filter(has)
            .map(|editor| {
                view! {
                    <button class="btn" type="button" on:click=move |_| download(editor)>
                        {format!("Download the {}", editor.pane.name())}
                    </button>
                }
            })
            .collect_view()
    };
    let outcome = move || {
        made.get().map(|(link, copied)| match link {
            Link::Ready(_) if copied => {
                let what = if policy.is_empty() { "Both documents" } else { "Both documents and the policy" };
                view! { <p class="progress">{format!("Copied. {what} are in the link itself; no server sees them.")}</p> }
                    .into_any()
            }
            Link::Ready(link) => view! {
                <p class="field">
                    <label for="link">"The link, with all texts in it"</label>
                    <input id="link" type="text" readonly value=link />
                </p>
            }
            .into_any(),
            Link::TooLong(length) => view! {
                <p class="progress">
                    {format!("The documents make a link of {} kB, too long for most programs. Send the files:", length / 1_000)}
                </p>
                {downloads()}
            }
            .into_any(),
            Link::Unable => view! {
                <p class="progress">"This browser can't make a link of them. Send the files:"</p>
                {downloads()}
            }
            .into_any(),
        })
    };
    let empty = move || editors.into_iter().all(Editor::is_empty);
    view! {
        <button class="btn" type="button" disabled=empty on:click=copy>"Copy link"</button>
        <div class="inline-form" role="status">{outcome}</div>
    }
}
