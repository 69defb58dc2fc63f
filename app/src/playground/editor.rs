//! One of the three editors: a text area with line numbers, for a part of a document ([`super::text`]).
//!
//! A text area and not an editor component of somebody's: people and their tools know it (screen readers, spell
//! checkers, voice, undo), Tab leaves it, and it costs nothing to load.

use super::{
    protocol::{Pane, ReadState},
    text::{Part, Selection, Text},
};
use crate::{
    js,
    ui::{form::TextArea, prose::prose},
};
use leptos::{
    ev::{self, DragEvent},
    html::{Pre, Textarea},
    leptos_dom::helpers::queue_microtask,
    prelude::*,
    task::spawn_local,
};
use shared::error::Detail;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, js_sys::Uint8Array};

/// The engine reads no larger documents.
const LARGEST: usize = 50 * 1024 * 1024;

/// A larger paste is put into the document by us: the text area would lay all of it out first.
const LARGE_PASTE: usize = 50_000;

/// Height of a line; `playground.css` has the same.
const LINE: u32 = 20;

/// One text's editor. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Editor {
    pub pane: Pane,
    text: StoredValue<Text>,
    /// Grows with each change of the document.
    pub version: RwSignal<u32>,
    part: RwSignal<Part>,
    /// What is wrong with the file that somebody chose.
    problem: RwSignal<Option<String>>,
    dragged: RwSignal<bool>,
    /// Whether what was typed waits to be taken over.
    typing: StoredValue<bool>,
    area: NodeRef<Textarea>,
    gutter: NodeRef<Pre>,
}

impl Editor {
    pub fn new(pane: Pane) -> Self {
        let text = Text::default();
        Self {
            pane,
            part: RwSignal::new(text.part()),
            text: StoredValue::new(text),
            version: RwSignal::new(0),
            problem: RwSignal::new(None),
            dragged: RwSignal::new(false),
            typing: StoredValue::new(false),
            area: NodeRef::new(),
            gutter: NodeRef::new(),
        }
    }

    pub fn with_text<T>(self, read: impl FnOnce(&str) -> T) -> T {
        self.text.with_value(|text| read(text.all()))
    }

    pub fn is_empty(self) -> bool {
        self.part.with(|part| part.bytes == 0)
    }

    /// Puts another document in the place of this one.
    pub fn put(self, text: String) {
        self.text.set_value(Text::new(text));
        self.problem.set(None);
        self.redraw();
        self.mark(None);
        self.touch();
    }

    /// What somebody typed, or the browser restored, before the script was there.
    pub fn adopt(self) {
        if self.value().is_some_and(|value| !value.is_empty()) {
            self.typed();
        }
    }

    fn touch(self) {
        self.version.update(|version| *version += 1);
    }

    fn element(self) -> Option<JsValue> {
        self.area.get_untracked().map(JsValue::from)
    }

    fn value(self) -> Option<String> {
        js::get(&self.element()?, "value").as_string()
    }

    /// Takes over what was typed, at the end of the event: some ways of typing for people (dictation, extensions, tests)
    /// enter a text line by line in one go, with an event for each.
    fn input(self) {
        if !self.typing.get_value() {
            self.typing.set_value(true);
            queue_microtask(move || {
                if self.typing.try_set_value(false).is_none() {
                    self.typed();
                }
            });
        }
    }

    /// Takes over what was typed. A few milliseconds, whatever the size of the document.
    fn typed(self) {
        let Some(value) = self.value() else { return };
        let grown = self.text.try_update_value(|text| text.edit(&value)).unwrap_or_default();
        if grown {
            let caret = self.element().map(|area| js::number(&area, "selectionEnd")).unwrap_or_default();
            let selection = self.text.try_update_value(|text| text.show_around(caret));
            self.redraw();
            self.select(selection, false);
        } else {
            self.part.set(self.text.with_value(Text::part));
        }
        self.problem.set(None);
        self.mark(None);
        self.touch();
    }

    /// Writes the part that is to be shown into the text area.
    fn redraw(self) {
        if let Some(area) = self.element() {
            js::set(&area, "value", self.text.with_value(|text| JsValue::from_str(text.shown())));
            js::set(&area, "scrollTop", 0);
            js::set(&area, "scrollLeft", 0);
        }
        self.part.set(self.text.with_value(Text::part));
    }

    /// Shows another part.
    fn leaf(self, turn: fn(&mut Text)) {
        self.text.update_value(turn);
        self.mark(None);
        self.redraw();
    }

    /// Selects a line, scrolls to it and marks it; `focus` also puts the cursor there.
    pub fn jump(self, line: u32, column: u32, focus: bool) {
        let before = self.part.get_untracked();
        let selection = self.text.try_update_value(|text| text.find(line, column));
        if self.text.with_value(Text::part) != before {
            self.redraw();
        }
        self.select(selection, focus);
        self.mark(selection.map(|selection| selection.row));
    }

    fn select(self, selection: Option<Selection>, focus: bool) {
        let (Some(area), Some(Selection { start, end, row })) = (self.element(), selection) else { return };
        // None of this fails on a text area.
        let _ = js::call(&area, "setSelectionRange", &[JsValue::from(start), JsValue::from(end), "forward".into()]);
        js::set(&area, "scrollTop", f64::from(row.saturating_sub(5) * LINE));
        js::set(&area, "scrollLeft", 0);
        if focus && let Some(area) = area.dyn_ref::<HtmlElement>() {
            let options = JsValue::from(web_sys::js_sys::Object::new());
            js::set(&options, "preventScroll", false);
            let _ = js::call(area, "focus", &[options]);
        }
    }

    /// Marks a row of the part, since a selection shows only where the cursor is.
    fn mark(self, row: Option<u32>) {
        if let Some(area) = self.element() {
            let top = row.map_or_else(|| "-100px".to_owned(), |row| format!("{}px", row * LINE + 8));
            let _ = js::call(&js::get(&area, "style"), "setProperty", &["--mark".into(), top.into()]);
        }
    }

    fn scrolled(self) {
        if let (Some(area), Some(gutter)) = (self.element(), self.gutter.get_untracked()) {
            js::set(&gutter, "scrollTop", js::get(&area, "scrollTop"));
        }
    }

    fn pasted(self, event: &ev::ClipboardEvent) {
        let data = js::get(event, "clipboardData");
        let file = js::get(&js::get(&data, "files"), "0");
        if file.is_object() {
            event.prevent_default();
            return self.open(file);
        }
        let text = js::call(&data, "getData", &["text/plain".into()]).ok().and_then(|text| text.as_string());
        let (Some(area), Some(text)) = (self.element(), text) else { return };
        if text.len() > LARGE_PASTE {
            event.prevent_default();
            let (from, to) = (js::number(&area, "selectionStart"), js::number(&area, "selectionEnd"));
            let selection = self.text.try_update_value(|document| document.paste(from, to, text));
            self.redraw();
            self.select(selection, false);
            self.mark(None);
            self.touch();
        }
    }

    fn dropped(self, event: &DragEvent) {
        self.dragged.set(false);
        let file = js::get(&js::get(&js::get(event, "dataTransfer"), "files"), "0");
        if file.is_object() {
            event.prevent_default();
            self.open(file);
        }
    }

    /// Reads a file that somebody chose, dropped or pasted.
    fn open(self, file: JsValue) {
        let name = js::get(&file, "name").as_string().unwrap_or_default();
        if js::number(&file, "size") > LARGEST {
            let problem = format!("{name} has more than 50 MiB, which is the most that is read.");
            return self.problem.set(Some(problem));
        }
        spawn_local(async move {
            let Ok(promise) = js::call(&file, "arrayBuffer", &[]) else { return };
            let text = js::wait(promise).await.ok().map(|buffer| String::from_utf8(Uint8Array::new(&buffer).to_vec()));
            match text {
                Some(Ok(text)) => self.put(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
                Some(Err(_)) => self.problem.set(Some(format!("{name} is not UTF-8 text. Save it as UTF-8 first."))),
                None => self.problem.set(Some(format!("{name} can't be read. Is it still there?"))),
            }
        });
    }
}

/// The editor's view. `reading` is what the engine made of the document.
#[component]
pub fn EditorView(editor: Editor, #[prop(into)] reading: Signal<ReadState>) -> impl IntoView {
    let Editor { pane, part, problem, dragged, area, gutter, .. } = editor;
    let (name, title) = (pane.name(), pane.title());
    let (accept, placeholder) = match pane {
        Pane::Policy => (".toml,application/toml", "Type or paste a policy, or drop a handshake.toml here."),
        _ => (
            ".json,.yaml,.yml,application/json,application/yaml",
            "Type or paste an OpenAPI document, or drop a file here.",
        ),
    };
    let numbers = Memo::new(move |_| part.with(|part| (part.first, part.last)));
    let gutter_text = move || {
        let (first, last) = numbers.get();
        (first..=last).map(|line| line.to_string()).collect::<Vec<_>>().join("\n")
    };
    let chosen = move |event: ev::Event| {
        let Some(input) = event.target() else { return };
        let file = js::get(&js::get(&input, "files"), "0");
        if file.is_object() {
            editor.open(file);
        }
        // The same file, chosen again, is read again.
        js::set(&input, "value", "");
    };
    let about = move || match reading.get() {
        ReadState::Read(words) => words,
        _ => String::new(),
    };
    let size = move || part.with(|part| size(*part));
    view! {
        <section
            class="panel editor"
            class:dragged=move || dragged.get()
            aria-labelledby=format!("{name}-title")
            on:dragover=move |event: DragEvent| {
                event.prevent_default();
                dragged.set(true);
            }
            on:dragleave=move |_| dragged.set(false)
            on:drop=move |event: DragEvent| editor.dropped(&event)
        >
            <header>
                <h2 id=format!("{name}-title")>{title}</h2>
                <span class="sub">{size}</span>
                <div class="actions">
                    <label class="btn file">
                        "Open a file"
                        <span class="visually-hidden">{format!(" as {name}")}</span>
                        <input
                            type="file"
                            id=format!("{name}-file")
                            accept=accept
                            on:change=chosen
                        />
                    </label>
                    <button
                        class="btn"
                        type="button"
                        aria-label=format!("Clear {name}")
                        on:click=move |_| editor.put(String::new())
                    >
                        "Clear"
                    </button>
                </div>
            </header>
            <div class="code">
                <pre class="gutter" aria-hidden="true" node_ref=gutter>{gutter_text}</pre>
                <TextArea
                    {..}
                    id=format!("{name}-text")
                    aria-labelledby=format!("{name}-title")
                    aria-describedby=format!("{name}-about")
                    aria-invalid=move || matches!(reading.get(), ReadState::Refused(_)).then_some("true")
                    placeholder=placeholder
                    wrap="off"
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="off"
                    node_ref=area
                    on:input=move |_| editor.input()
                    on:scroll=move |_| editor.scrolled()
                    on:paste=move |event: ev::ClipboardEvent| editor.pasted(&event)
                />
            </div>
            {move || (!part.with(|part| part.whole)).then(|| leaves(editor))}
            <p class="about" id=format!("{name}-about") hidden=move || about().is_empty()>{about}</p>
            <div role="alert">
                {move || problem.get().map(|problem| view! { <p class="field-error">{problem}</p> })}
            </div>
            {move || match reading.get() {
                ReadState::Refused(problems) => Some(refusal(editor, problems)),
                _ => None,
            }}
        </section>
    }
}

/// How large the document is.
fn size(part: Part) -> String {
    let lines = if part.lines == 1 { "1 line".to_owned() } else { format!("{} lines", part.lines) };
    match part.bytes {
        0 => "empty".to_owned(),
        bytes if bytes < 10_000 => lines,
        bytes if bytes < 1_000_000 => format!("{lines}, {} kB", bytes / 1_000),
        bytes => format!("{lines}, {}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// The way through a large document.
fn leaves(editor: Editor) -> AnyView {
    let part = editor.part;
    let go_id = format!("{}-line", editor.pane.name());
    let go = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let form = event.target().map(JsValue::from).unwrap_or_default();
        let line = js::get(&js::get(&js::get(&form, "elements"), "line"), "value").as_string();
        if let Some(line) = line.and_then(|line| line.parse().ok()) {
            editor.jump(line, 1, true);
        }
    };
    view! {
        <div class="leaves">
            <p>
                {move || part.with(|part| format!("Lines {} to {} of {}.", part.first, part.last, part.lines))}
                " A document of this size is shown in parts; each can be edited."
            </p>
            <form class="inline-form goto" on:submit=go>
                <button class="btn" type="button" on:click=move |_| editor.leaf(Text::earlier)>"Earlier"</button>
                <button class="btn" type="button" on:click=move |_| editor.leaf(Text::later)>"Later"</button>
                <label for=go_id.clone()>"Line"</label>
                <input id=go_id type="number" name="line" min="1" />
                <button class="btn" type="submit">"Go"</button>
            </form>
        </div>
    }
    .into_any()
}

/// Why the document can't be read; each problem leads to its place.
fn refusal(editor: Editor, problems: Vec<Detail>) -> AnyView {
    let problems = problems
        .into_iter()
        .map(|Detail { message, line, column, .. }| {
            let place = line.map(|line| {
                let label = match column {
                    Some(column) => format!("line {line}, column {column}"),
                    None => format!("line {line}"),
                };
                let column = column.unwrap_or(1);
                view! {
                    <button class="place-link" type="button" on:click=move |_| editor.jump(line, column, true)>
                        {label}
                    </button>
                    " "
                }
            });
            view! { <li>{place} {prose(&message)}</li> }
        })
        .collect_view();
    view! {
        <div class="refusal">
            <p class="failure-message">{format!("The {} can't be read:", editor.pane.name())}</p>
            <ul class="details">{problems}</ul>
        </div>
    }
    .into_any()
}
