//! The page's side of the engine: a worker that is asked, watched and replaced.
//!
//! One question is under way at a time; what was typed in the meantime makes one more, however often it changed. A
//! question that takes long is given up when there is something newer to ask, and in any case after [`PATIENCE`]: the
//! engine is bounded in its input, and still a document that someone prepared may keep it busy. The only way to stop
//! a worker is to end it, so the next question starts another one, out of the browser's cache.

use super::protocol::{Findings, Judged, Pane, Shown, WorkerMessage, WorkerRequest};
use crate::js;
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use send_wrapper::SendWrapper;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    EventTarget, MessageEvent,
    js_sys::{Array, JsString, Object, Uint8Array},
};

/// A question is given up after this long, and so is the start of a worker.
const PATIENCE: Duration = Duration::from_secs(20);

/// A question is given up after this long, if there is a newer one.
const PATIENCE_WITH_THE_OLD: Duration = Duration::from_secs(4);

/// Typing rests this long before the engine is asked.
pub const REST: Duration = Duration::from_millis(250);

/// How the engine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Loading,
    Idle,
    Judging,
    /// It could not be loaded, or it broke.
    Failed,
    /// It took too long and was stopped.
    Stopped,
}

/// What the engine judges: how a text is at the moment.
pub trait Source: Send + Sync {
    /// Grows with each change.
    fn version(&self, pane: Pane) -> u32;
    fn bytes(&self, pane: Pane) -> Vec<u8>;
}

/// The engine. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Engine {
    pub state: RwSignal<State>,
    /// The last verdict, which stays until there is another one.
    pub judged: RwSignal<Option<Judged>>,
    /// The findings on screen, in pages, each under a number of its own.
    pub pages: RwSignal<Vec<(u32, Findings)>>,
    /// Which findings are on screen.
    pub shown: RwSignal<Shown>,
    run: StoredValue<Run>,
    source: StoredValue<Box<dyn Source>>,
}

#[derive(Default)]
struct Run {
    worker: Option<SendWrapper<JsValue>>,
    /// Counts workers, so that the last words of an old one are not taken for the new one's.
    generation: u32,
    ready: bool,
    /// Whether a question is under way.
    asked: bool,
    /// Whether something changed that was not asked yet.
    changed: bool,
    /// Versions of the texts that the worker has.
    has: [u32; 3],
    /// Counts verdicts and pages.
    verdict: u32,
    page: u32,
    /// When patience ends with what is under way, and with what is older than what is typed.
    watch: Option<TimeoutHandle>,
    impatience: Option<TimeoutHandle>,
}

impl Run {
    fn stop_watching(&mut self) {
        for timer in [self.watch.take(), self.impatience.take()].into_iter().flatten() {
            timer.clear();
        }
    }

    /// Ends the worker; what it had is forgotten.
    fn end(&mut self) {
        self.stop_watching();
        if let Some(worker) = self.worker.take() {
            // A worker can always be ended.
            let _ = js::call(&worker, "terminate", &[]);
        }
        self.generation += 1;
        (self.ready, self.asked, self.has) = (false, false, [0; 3]);
    }
}

impl Engine {
    /// An engine without a worker yet.
    pub fn new(source: impl Source + 'static) -> Self {
        let engine = Self {
            state: RwSignal::new(State::Loading),
            judged: RwSignal::new(None),
            pages: RwSignal::new(Vec::new()),
            shown: RwSignal::new(Shown::All),
            run: StoredValue::new(Run::default()),
            source: StoredValue::new(Box::new(source)),
        };
        on_cleanup(move || {
            let _ = engine.run.try_update_value(Run::end);
        });
        engine
    }

    /// Starts a worker, in the place of the one before.
    pub fn start(self) {
        self.run.update_value(Run::end);
        let generation = self.run.with_value(|run| run.generation);
        self.state.set(State::Loading);
        match self.worker(generation) {
            Ok(worker) => self.run.update_value(|run| {
                run.worker = Some(SendWrapper::new(worker));
                run.watch =
                    self.after(PATIENCE, generation, move || self.fail(State::Failed, "The engine did not start."));
            }),
            Err(error) => self.fail(State::Failed, &format!("The worker can't be made: {error:?}")),
        }
    }

    fn worker(self, generation: u32) -> Result<JsValue, JsValue> {
        let options = JsValue::from(Object::new());
        js::set(&options, "type", "module");
        js::set(&options, "name", "engine");
        let worker = js::new("Worker", &[super::worker_path().into(), options])?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            if self.run.try_with_value(|run| run.generation) == Some(generation) {
                self.take(&message);
            }
        });
        let failed = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if self.run.try_with_value(|run| run.generation) == Some(generation) {
                self.fail(State::Failed, &js::get(&event, "message").as_string().unwrap_or_default());
            }
        });
        let target: &EventTarget = worker.unchecked_ref();
        target.add_event_listener_with_callback("message", on_message.into_js_value().unchecked_ref())?;
        let failed = failed.into_js_value();
        target.add_event_listener_with_callback("error", failed.unchecked_ref())?;
        // By the output's name: chunks of the page at hand are preloaded beside them.
        let preloads = [r#"link[rel="modulepreload"][href*="/handshake"]"#, r#"link[as="fetch"][href*="/handshake"]"#];
        let [script, module] = preloads.map(|link| {
            let link = document().query_selector(link).ok().flatten();
            JsValue::from(link.and_then(|link| link.get_attribute("href")))
        });
        js::call(&worker, "postMessage", &[Array::of2(&script, &module).into()])?;
        Ok(worker)
    }

    /// The documents changed.
    pub fn changed(self) {
        self.run.update_value(|run| run.changed = true);
        match self.state.get_untracked() {
            // Whatever it was that broke the engine or kept it busy: this is something else.
            State::Failed | State::Stopped => self.start(),
            State::Judging => self.grow_impatient(),
            State::Loading | State::Idle => self.request(),
        }
    }

    fn grow_impatient(self) {
        self.run.update_value(|run| {
            if run.impatience.is_none() {
                run.impatience = self.after(PATIENCE_WITH_THE_OLD, run.generation, move || self.start());
            }
        });
    }

    /// Asks for a verdict, if there is something to ask and nothing under way.
    fn request(self) {
        if !self.run.with_value(|run| run.ready && run.changed && !run.asked) {
            return;
        }
        let shown = self.shown.get_untracked();
        let sources = Pane::ALL.map(|pane| {
            let has = self.run.with_value(|run| run.has[pane.index()]);
            self.source.with_value(|source| (source.version(pane) != has).then(|| source.bytes(pane)))
        });
        let versions = Pane::ALL.map(|pane| self.source.with_value(|source| source.version(pane)));
        let verdict = self.run.try_update_value(|run| {
            run.verdict += 1;
            (run.asked, run.changed, run.has) = (true, false, versions);
            run.watch = self.after(PATIENCE, run.generation, move || self.fail(State::Stopped, "It took too long."));
            run.verdict
        });
        self.state.set(State::Judging);
        self.send(&WorkerRequest::Judge { verdict: verdict.unwrap_or_default(), shown }, sources);
    }

    fn send(self, request: &WorkerRequest, sources: [Option<Vec<u8>>; 3]) {
        let request = serde_json::to_string(request).unwrap_or_default();
        let sources = sources.map(|source| source.map(|source| Uint8Array::from(&*source)));
        // The bytes are handed over, not copied once more.
        let handed: Array = sources.iter().flatten().map(|bytes| js::get(bytes, "buffer")).collect();
        let [base, revision, policy] = sources.map(JsValue::from);
        let message = Array::of4(&JsString::from(request), &base, &revision, &policy);
        self.run.with_value(|run| {
            if let Some(worker) = &run.worker {
                // What can't be sent is not answered, and the watch takes it from there.
                let _ = js::call(worker, "postMessage", &[message.into(), handed.into()]);
            }
        });
    }

    /// Shows other findings.
    pub fn filter(self, shown: Shown) {
        self.shown.set(shown);
        self.more(0);
    }

    /// Asks for a page of findings.
    pub fn more(self, from: usize) {
        if let Some(verdict) = self.judged.with_untracked(|judged| judged.as_ref().map(|judged| judged.verdict)) {
            self.send(
                &WorkerRequest::Findings { verdict, shown: self.shown.get_untracked(), from },
                [None, None, None],
            );
        }
    }

    fn take(self, message: &MessageEvent) {
        let text = message.data().as_string().unwrap_or_default();
        match serde_json::from_slice(text.as_bytes()) {
            Ok(WorkerMessage::Ready) => {
                self.run.update_value(|run| {
                    run.stop_watching();
                    run.ready = true;
                });
                self.state.set(State::Idle);
                self.request();
            }
            Ok(WorkerMessage::Failed(reason)) => self.fail(State::Failed, &reason),
            Ok(WorkerMessage::Judged(mut judged)) => {
                self.run.update_value(|run| {
                    run.stop_watching();
                    run.asked = false;
                });
                let first = std::mem::take(&mut judged.findings);
                let any = judged.ignored > 0 || judged.counts.is_some_and(|counts| counts.total() > 0);
                self.judged.set(Some(*judged));
                self.state.set(State::Idle);
                self.pages.update(Vec::clear);
                if any {
                    self.show(first);
                }
                self.request();
            }
            Ok(WorkerMessage::Findings(page)) => {
                let current = self.judged.with_untracked(|judged| judged.as_ref().map(|judged| judged.verdict));
                if current == Some(page.verdict) {
                    self.show(page);
                }
            }
            Err(error) => self.fail(State::Failed, &error.to_string()),
        }
    }

    /// Puts a page of findings below those that are there.
    fn show(self, page: Findings) {
        if page.shown != self.shown.get_untracked() {
            // Another filter was chosen while the verdict was under way.
            return self.more(0);
        }
        let number = self.run.try_update_value(|run| {
            run.page += 1;
            run.page
        });
        self.pages.update(|pages| {
            if pages.iter().any(|(_, other)| other.shown != page.shown) {
                pages.clear();
            }
            pages.push((number.unwrap_or_default(), page));
        });
    }

    fn fail(self, state: State, reason: &str) {
        leptos::logging::warn!("the engine was ended: {reason}");
        self.run.update_value(|run| {
            run.end();
            // It is to be asked again, by the one that starts next.
            run.changed = true;
        });
        self.state.set(state);
    }

    /// Does something later, unless the worker is another one by then.
    fn after(self, time: Duration, generation: u32, then: impl FnOnce() + 'static) -> Option<TimeoutHandle> {
        let then = move || {
            if self.run.try_with_value(|run| run.generation) == Some(generation) {
                then();
            }
        };
        set_timeout_with_handle(then, time).ok()
    }
}
