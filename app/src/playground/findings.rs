//! The verdict below the editors: in a sentence, by level, finding by finding.

use super::{
    editor::Editor,
    engine::{Engine, State},
    protocol::{Findings, Judged, Pane, ReadState, Shown},
};
use crate::{
    comparisons::compare::groups,
    js,
    ui::{
        state::Empty,
        verdict::{shape, word},
    },
};
use leptos::{ev::MouseEvent, leptos_dom::helpers::queue_microtask, prelude::*};
use shared::{Finding, Level, findings::Place};
use wasm_bindgen::JsValue;

/// The verdict and its findings. The last one stays, dimmed, while the engine is at the next.
#[component]
pub fn Verdict(engine: Engine, editors: [Editor; 3], said: RwSignal<String>) -> impl IntoView {
    let Engine { state, judged, pages, shown, .. } = engine;
    let busy = Memo::new(move |_| state.get() == State::Judging || (state.get() == State::Loading && !blank(editors)));
    let summary = Memo::new(move |_| judged.with(|judged| judged.as_ref().map(Summary::of)));
    // Announced when it is another one, not whenever somebody pauses.
    Effect::new(move |_| {
        if let Some(Summary { words, .. }) = summary.get() {
            said.set(words);
        }
    });
    let jump = move |finding: &Finding| jump_button(editors, said, finding);
    view! {
        <section class="verdict" aria-labelledby="verdict-title" aria-busy=move || busy.get().then_some("true")>
            <h2 id="verdict-title" class="visually-hidden">"Verdict"</h2>
            {move || trouble(state.get(), engine)}
            {move || match summary.get() {
                Some(summary) => summary.view(engine),
                None if blank(editors) => nothing_yet(),
                None => ().into_any(),
            }}
            <div class="findings" on:click=move |event| whole_row(&event)>
                <For
                    each=move || pages.get()
                    key=|(number, _)| *number
                    children=move |(_, page)| page_view(page, shown.get_untracked(), &jump, engine)
                />
            </div>
        </section>
    }
}

fn blank(editors: [Editor; 3]) -> bool {
    let [base, revision, _] = editors;
    base.is_empty() && revision.is_empty()
}

/// What a verdict comes down to.
#[derive(Debug, Clone, PartialEq)]
struct Summary {
    /// For screen readers.
    words: String,
    counts: Option<shared::findings::Counts>,
    /// How many findings the policy ignores.
    ignored: usize,
    /// Which documents are missing, and which texts can't be read.
    missing: Vec<Pane>,
    refused: Vec<Pane>,
}

impl Summary {
    fn of(judged: &Judged) -> Self {
        let is_missing = |pane: &Pane| *judged.reading(*pane) == ReadState::Empty;
        let is_refused = |pane: &Pane| matches!(judged.reading(*pane), ReadState::Refused(_));
        let missing: Vec<Pane> = Pane::DOCUMENTS.into_iter().filter(is_missing).collect();
        let refused: Vec<Pane> = Pane::ALL.into_iter().filter(is_refused).collect();
        let ignored = judged.ignored;
        let words = match judged.counts {
            Some(counts) if counts.total() == 0 => format!("{}.", no_changes(ignored)),
            Some(counts) => format!("{}: {}.", word(counts.verdict()), counts.in_words()),
            None if refused.is_empty() => String::new(),
            None => {
                let names: Vec<_> = refused.iter().map(|pane| pane.name()).collect();
                format!("The {} can't be read.", names.join(" and the "))
            }
        };
        Self { words, counts: judged.counts, ignored, missing, refused }
    }

    fn view(self, engine: Engine) -> AnyView {
        let Some(counts) = self.counts else {
            if let [_, _] = self.missing[..] {
                return nothing_yet();
            }
            let text = match (&self.refused[..], &self.missing[..]) {
                ([], [Pane::Base]) => "Add the base: the document that the revision is compared with.",
                ([], _) => "Add the revision: the document as it is going to be.",
                _ => "Fix the error shown below the editor.",
            };
            return view! { <Empty title="Nothing to compare yet"><p>{text}</p></Empty> }.into_any();
        };
        let worst = counts.verdict();
        let ignored = self.ignored;
        let verdict = if counts.total() == 0 { no_changes(ignored) } else { word(worst) };
        let sentence = match (counts.total(), ignored) {
            (0, 0) => "The two documents say the same to everybody who uses the service.".to_owned(),
            (0, _) => format!("{ignored} ignored by the policy."),
            (_, 0) => format!("{}. Choose a finding to see it in both documents.", counts.in_words()),
            _ => format!(
                "{}, {ignored} ignored by the policy. Choose a finding to see it in both documents.",
                counts.in_words()
            ),
        };
        let chip = move |wanted: Shown, label: String| {
            view! {
                <button
                    class="chip"
                    type="button"
                    aria-pressed=move || (engine.shown.get() == wanted).to_string()
                    on:click=move |_| engine.filter(wanted)
                >
                    {label}
                </button>
            }
        };
        let levels = Level::ALL
            .into_iter()
            .map(|level| chip(Shown::Level(level), format!("{} {} {}", shape(level), word(level), counts.get(level))))
            .collect_view();
        let ignored = (ignored > 0).then(|| chip(Shown::Ignored, format!("Ignored {ignored}")));
        view! {
            <div class=format!("summary {worst}")>
                <strong><span aria-hidden="true">{shape(worst)}</span> " " {verdict}</strong>
                <p>{sentence}</p>
            </div>
            <div class="filters" role="group" aria-label="Findings by level">
                {chip(Shown::All, format!("All {}", counts.total()))} {levels} {ignored}
            </div>
        }
        .into_any()
    }
}

/// A verdict when nothing counts.
const fn no_changes(ignored: usize) -> &'static str {
    if ignored == 0 { "No changes that clients can feel" } else { "No changes that count" }
}

fn nothing_yet() -> AnyView {
    view! {
        <Empty title="Nothing to compare yet">
            <p>
                "Put the contract as it is on the left and as it is going to be on the right, or load the example. The \
                 verdict comes while you type."
            </p>
        </Empty>
    }
    .into_any()
}

/// What is to be said of the engine itself.
fn trouble(state: State, engine: Engine) -> Option<AnyView> {
    let (message, why) = match state {
        State::Loading => return Some(view! { <p class="progress">"The engine is loading…"</p> }.into_any()),
        State::Idle | State::Judging => return None,
        State::Failed => (
            "The engine could not be loaded, or it broke.",
            "Your documents are still here. If the hub was updated in the meantime, reload the page.",
        ),
        State::Stopped => (
            "The engine was stopped: it took longer than 20 seconds.",
            "Your documents are still here. A change of them starts it again.",
        ),
    };
    let view = view! {
        <div class="failure panel" role="alert">
            <p class="failure-message">{message}</p>
            <p>{why}</p>
            <button class="btn" type="button" on:click=move |_| engine.start()>"Restart the engine"</button>
        </div>
    };
    Some(view.into_any())
}

fn page_view(page: Findings, shown: Shown, jump: &dyn Fn(&Finding) -> AnyView, engine: Engine) -> AnyView {
    let Findings { items, next, .. } = page;
    if items.is_empty() {
        let text = match shown {
            Shown::All => return ().into_any(),
            Shown::Level(level) => format!("Nothing here is {level}. Look at all of them."),
            Shown::Ignored => "The policy ignores nothing here.".to_owned(),
        };
        return view! { <Empty title="No findings"><p>{text}</p></Empty> }.into_any();
    }
    // Gone as soon as there is a page below this one.
    let more = next.map(|from| {
        let opened = RwSignal::new(false);
        view! {
            <p class="more" hidden=move || opened.get()>
                <button
                    class="btn"
                    type="button"
                    on:click=move |_| {
                        opened.set(true);
                        engine.more(from);
                    }
                >
                    "Show more"
                </button>
            </p>
        }
    });
    view! {
        {groups(items, jump)}
        {more}
    }
    .into_any()
}

/// Where a finding is written: a button that shows both editors the place.
fn jump_button(editors: [Editor; 3], said: RwSignal<String>, finding: &Finding) -> AnyView {
    let (base, revision) = (finding.base.clone(), finding.revision.clone());
    let label = |place: &Option<Place>| match place {
        Some(Place { line, column, .. }) => format!("{line}:{column}"),
        None => "–".to_owned(),
    };
    let words = match (&base, &revision) {
        (Some(base), Some(revision)) => {
            format!("line {} of the base, line {} of the revision", base.line, revision.line)
        }
        (Some(base), None) => format!("line {} of the base", base.line),
        (None, Some(revision)) => format!("line {} of the revision", revision.line),
        (None, None) => return view! { <span>"–"</span> }.into_any(),
    };
    let text = format!("{} → {}", label(&base), label(&revision));
    let name = format!("Show {words}");
    let jump = move |_| {
        // The revision is what people fix; the cursor goes to the base only if there is nothing in the revision.
        for (editor, place) in editors.into_iter().zip([&base, &revision]) {
            if let Some(Place { line, column, .. }) = place {
                editor.jump(*line, *column, editor.pane == Pane::Revision || revision.is_none());
            }
        }
        let mut words = words.clone();
        words[..1].make_ascii_uppercase();
        said.set(format!("{words}."));
    };
    view! { <button class="jump" type="button" aria-label=name on:click=jump>{text}</button> }.into_any()
}

/// A click anywhere on a finding is one on its button, unless it is on something of its own, or selects text.
fn whole_row(event: &MouseEvent) {
    let target = event.target().map(JsValue::from).unwrap_or_default();
    let find = |of: &JsValue, method: &str, selector: &str| {
        js::call(of, method, &[selector.into()]).ok().filter(JsValue::is_object)
    };
    let selects = js::call(&window(), "getSelection", &[]).is_ok_and(|it| js::get(&it, "isCollapsed").is_falsy());
    if find(&target, "closest", "a, button, details").is_none()
        && !selects
        && let Some(row) = find(&target, "closest", ".finding")
        && let Some(button) = find(&row, "querySelector", ".jump")
    {
        // After this one: its click comes through here as well, and a listener can't be called while it runs. What was
        // found by that name is a button, which can always be clicked.
        queue_microtask(move || drop(js::call(&button, "click", &[])));
    }
}
