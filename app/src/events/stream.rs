//! The live stream in the browser. All tabs of a browser share one: HTTP/1.1 gives a browser six connections to a host,
//! and a stream holds one for as long as it is open, so that with a stream for each tab the seventh hung.
//!
//! The visible tabs queue for a lock (Web Locks). Who has it holds the stream and tells the others what it brings
//! (`BroadcastChannel`); when that tab is closed or hidden, the next one goes on from where it stands itself. With all
//! tabs hidden nobody holds a stream, and the first that is looked at again catches up. What a page makes of what it is
//! told, and why nothing is missed, is in [`super::tabs`]. The alternative, a shared worker, would be a second program
//! that has to be told of every tab that goes, and some browsers on phones don't have it.
//!
//! Lock and messages carry who is signed in. A message of somebody else, or of nobody, means that somebody signed in or
//! out in another tab: this one has the same cookies, and asks who it is now. Where the browser has no locks, each
//! visible tab has a stream of its own.
//!
//! The browser reconnects by itself as long as it gets no answer; an answer that isn't a stream (the hub is starting,
//! the session has ended) closes the connection for good, and then it is opened again here, with growing pauses.

use super::{
    live::{Live, NOBODY, State},
    stale::stale,
    tabs::{Seen, Staleness, TabMessage},
};
use crate::{
    accounts::Me,
    js,
    queries::{QueryClient, delay_ms, pause},
    ui::from_head,
};
use futures::{
    StreamExt as _,
    channel::{
        mpsc::{self, UnboundedReceiver},
        oneshot,
    },
    future::{Either, select},
};
use leptos::{ev, prelude::*, task::spawn_local};
use shared::events::{Event, EventKind, LIVE, RESYNC};
use std::{cell::Cell, pin::pin, rc::Rc};
use wasm_bindgen::{JsValue, closure::Closure};
use wasm_bindgen_futures::future_to_promise;

/// Name of the channel and of the locks. The number changes with what is said there: tabs of two releases may be open.
const NAME: &str = "handshake-live-1";

/// `EventSource.CLOSED`
const CLOSED: usize = 2;

/// This tab.
struct Tab {
    live: Live,
    queries: QueryClient,
    seen: Cell<Seen>,
    /// Where the stream is, while this tab holds it and it is connected.
    at: Cell<Option<i64>>,
    /// The other tabs; `None` where the browser can't share.
    others: Option<JsValue>,
}

/// Takes part from now on, as long as the page lives.
pub fn start(live: Live, queries: QueryClient) {
    let (turn, turns) = mpsc::unbounded();
    // The receiver lives as long as the page.
    let turn = move || drop(turn.unbounded_send(()));
    Effect::new({
        let turn = turn.clone();
        move |_| {
            live.who.track();
            turn();
        }
    });
    window_event_listener_untyped("visibilitychange", {
        let turn = turn.clone();
        move |_| turn()
    });
    // A network that came back may have taken the connection with it without a word, or never have touched it: a new
    // connection is the only way to know.
    window_event_listener(ev::online, move |_| turn());
    window_event_listener(ev::offline, move |_| live.show(State::Offline));
    let last = from_head("last-event").and_then(|seq| seq.parse().ok());
    let tab = Rc::new(Tab {
        live,
        queries,
        seen: Cell::new(Seen(last.unwrap_or(0))),
        at: Cell::new(None),
        others: channel(),
    });
    if let Some(others) = &tab.others {
        let tab = Rc::clone(&tab);
        let heard = Closure::<dyn FnMut(JsValue)>::new(move |message| tab.overhear(&message));
        js::set(others, "onmessage", heard.into_js_value());
    }
    spawn_local(tab.run(turns));
}

/// The channel to the other tabs, in browsers that also have locks.
fn channel() -> Option<JsValue> {
    js::get(&window().navigator(), "locks")
        .is_object()
        .then(|| js::new("BroadcastChannel", &[NAME.into()]).ok())
        .flatten()
}

fn hidden() -> bool {
    js::get(&document(), "hidden").is_truthy()
}

impl Tab {
    /// Each turn is another person, a tab that is shown or hidden, or a network that came back: what was going on ends,
    /// lock and stream with it, and begins again as things are now.
    async fn run(self: Rc<Self>, mut turns: UnboundedReceiver<()>) {
        loop {
            let who = self.live.who.get_untracked();
            self.lost();
            if let Some(who) = &who {
                self.post(who, TabMessage::Hello);
            }
            match who {
                Some(who) if who != NOBODY && !hidden() => {
                    select(pin!(self.take_part(&who)), turns.next()).await;
                    if self.at.take().is_some() {
                        self.post(&who, TabMessage::Lost);
                    }
                }
                _ => drop(turns.next().await),
            }
        }
    }

    /// Waits for its turn to hold the stream, and holds it until it is dropped.
    async fn take_part(&self, who: &str) {
        let _lock = if self.others.is_some() { lock(who).await } else { None };
        let mut failures = 0_u32;
        loop {
            self.tell(who, TabMessage::Lost);
            if self.follow(who).await {
                failures = 0;
            }
            // It may have been refused because nobody is signed in any more.
            self.queries.invalidate::<Me>(|()| true);
            failures = failures.saturating_add(1);
            pause(delay_ms(failures, js_sys::Math::random())).await;
        }
    }

    /// One connection, until it is closed for good; whether it ever was live.
    async fn follow(&self, who: &str) -> bool {
        let (send, mut frames) = mpsc::unbounded();
        let heard = Closure::<dyn FnMut(JsValue)>::new(move |frame| drop(send.unbounded_send(frame)));
        let url = format!("/api/v1/events?lastEventId={}", self.seen.get().0);
        let Ok(source) = js::new("EventSource", &[url.into()]).map(Source) else { return false };
        for name in ["message", LIVE, RESYNC, "error"] {
            // It fails only for what isn't a source of events.
            let _ = js::call(&source.0, "addEventListener", &[name.into(), heard.as_ref().clone()]);
        }
        let mut was_live = false;
        while let Some(frame) = frames.next().await {
            let text = |name| js::get(&frame, name).as_string().unwrap_or_default();
            match (text("type").as_str(), text("lastEventId").parse()) {
                ("message", Ok(seq)) => self.tell(who, TabMessage::Event(seq, &text("data"))),
                (RESYNC, Ok(at)) => self.tell(who, TabMessage::Resync(at)),
                (LIVE, Ok(at)) => {
                    was_live = true;
                    self.tell(who, TabMessage::Live(at));
                }
                ("error", _) => {
                    self.tell(who, TabMessage::Lost);
                    if js::number(&source.0, "readyState") == CLOSED {
                        break;
                    }
                }
                _ => {}
            }
        }
        was_live
    }

    /// What the stream brings, to all tabs.
    fn tell(&self, who: &str, message: TabMessage) {
        self.post(who, message);
        self.at.set(match (message, self.at.get()) {
            (TabMessage::Live(at), _) | (TabMessage::Event(at, _) | TabMessage::Resync(at), Some(_)) => Some(at),
            _ => None,
        });
        self.hear(message);
    }

    fn post(&self, who: &str, message: TabMessage) {
        if let Some(others) = &self.others {
            // It fails only for a channel that was closed, and this one never is.
            let _ = js::call(others, "postMessage", &[message.write(who).into()]);
        }
    }

    /// A message of another tab.
    fn overhear(&self, message: &JsValue) {
        let text = js::get(message, "data").as_string().unwrap_or_default();
        let (Some(mine), Some((who, message))) = (self.live.who.get_untracked(), TabMessage::read(&text)) else {
            return;
        };
        if mine != who {
            return self.queries.invalidate::<Me>(|()| true);
        }
        if let (TabMessage::Hello, Some(at)) = (message, self.at.get()) {
            self.post(&mine, TabMessage::Live(at));
        }
        self.hear(message);
    }

    fn hear(&self, message: TabMessage) {
        match message {
            TabMessage::Live(_) => self.live.show(State::Live),
            TabMessage::Lost => self.lost(),
            _ => {}
        }
        let mut seen = self.seen.get();
        let stale = seen.hear(message);
        self.seen.set(seen);
        match (stale, message) {
            (Staleness::Event, TabMessage::Event(_, data)) => self.take(data),
            (Staleness::Nothing, _) => {}
            _ => self.queries.invalidate_all(),
        }
    }

    /// An event: what it makes stale is asked again.
    fn take(&self, data: &str) {
        // By bytes, as server functions read their answers: the same code.
        match serde_json::from_slice::<Event>(data.as_bytes()) {
            Ok(event) => {
                stale(&event.kind).iter().for_each(|stale| stale.invalidate(self.queries));
                if let EventKind::ServiceRenamed { service, before } = event.kind {
                    self.live.renamed.set(Some((before, service)));
                }
            }
            // A newer hub may tell of things that this page doesn't know yet.
            Err(_) => self.queries.invalidate_all(),
        }
    }

    fn lost(&self) {
        let online = window().navigator().on_line();
        self.live.show(if online { State::Reconnecting } else { State::Offline });
    }
}

/// An `EventSource`, closed when it is dropped.
struct Source(JsValue);

impl Drop for Source {
    fn drop(&mut self) {
        // Closing can't fail.
        let _ = js::call(&self.0, "close", &[]);
    }
}

/// Waits for the lock of this person's tabs. It is held as long as what is returned, and one that is no longer waited
/// for is given back at once. `None` if the browser refuses.
async fn lock(who: &str) -> Option<oneshot::Sender<()>> {
    let (granted, grant) = oneshot::channel();
    let (held, released) = oneshot::channel::<()>();
    let hold = Closure::once_into_js(move || {
        // Nobody may wait any more; then `released` is over already, too.
        let _ = granted.send(());
        future_to_promise(async move {
            let _ = released.await;
            Ok(JsValue::UNDEFINED)
        })
    });
    let locks = js::get(&window().navigator(), "locks");
    let request = js::wait(js::call(&locks, "request", &[format!("{NAME} {who}").into(), hold]).ok()?);
    match select(grant, pin!(request)).await {
        Either::Left((Ok(()), _)) => Some(held),
        _ => None,
    }
}
