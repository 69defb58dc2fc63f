//! The live stream in the browser: one connection a page, opened when somebody is signed in.
//!
//! It starts at the position that the page's data stands for, so that nothing is missed between the render and the
//! connection, and each reconnection starts behind the last event that arrived. The browser reconnects by itself as
//! long as it gets no answer; an answer that isn't a stream (the hub is starting, the session has ended) closes the
//! connection for good, and then it is opened anew here, with growing pauses.

use crate::queries::Queries;
use leptos::prelude::*;

/// What the indicator shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Connected: what is on screen is what is in the hub.
    Live,
    /// Not connected, trying.
    Reconnecting,
    /// The browser itself has no network.
    Offline,
}

impl State {
    const fn data(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::Offline => "offline",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting",
            Self::Offline => "Offline",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Live => "Changes appear here as they happen.",
            Self::Reconnecting => "Not connected; what is shown may be old. Trying again.",
            Self::Offline => "This browser has no network. What is shown may be old.",
        }
    }
}

/// The page's live stream. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Live {
    state: RwSignal<State>,
    wanted: RwSignal<bool>,
}

impl Live {
    /// A stream that isn't open yet. On the server it never opens, since effects don't run there.
    #[must_use]
    pub fn new(queries: Queries) -> Self {
        let live = Self { state: RwSignal::new(State::Reconnecting), wanted: RwSignal::new(false) };
        #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
        Effect::new(move |opened: Option<bool>| {
            let opened = opened.unwrap_or(false);
            if live.wanted.get() && !opened {
                browser::start(live.state, queries);
                return true;
            }
            opened
        });
        #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
        let _ = queries;
        live
    }

    /// Opens it, if it isn't yet.
    pub fn open(self) {
        if !self.wanted.get_untracked() {
            self.wanted.set(true);
        }
    }
}

/// Says whether the page is live.
#[component]
pub fn Indicator(live: Live) -> impl IntoView {
    let state = live.state;
    view! {
        <span class="live" role="status" data-live=move || state.get().data() title=move || state.get().title()>
            <i aria-hidden="true"></i>
            <span>{move || state.get().words()}</span>
        </span>
    }
}

#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
mod browser {
    use super::State;
    use crate::{
        events::stale::stale,
        queries::{Queries, delay_ms, pause},
        ui::{from_head, time::clock},
    };
    use futures::{
        StreamExt,
        channel::mpsc,
        future::{Either, select},
        stream::select_all,
    };
    use gloo_net::eventsource::{State as Connection, futures::EventSource};
    use leptos::{ev, prelude::*, task::spawn_local};
    use shared::events::{Event, RESYNC};
    use std::pin::pin;
    use web_sys::MessageEvent;

    /// After this long without a connection the hub may have forgotten what happened in between.
    const LONG_GAP_MS: i64 = 10 * 60_000;

    /// Opens the stream and keeps it open as long as the page lives.
    pub fn start(state: RwSignal<State>, queries: Queries) {
        // A network that came back may have taken the connection with it without a word, or never have touched it:
        // a new connection is the only way to know.
        let (back, returns) = mpsc::unbounded();
        let up = move |_| {
            state.set(State::Reconnecting);
            // The receiver lives as long as the page; if it ever ended, so has the stream.
            let _ = back.unbounded_send(());
        };
        let down = move |_| state.set(State::Offline);
        window_event_listener(ev::offline, down);
        window_event_listener(ev::online, up);
        spawn_local(async move {
            let mut stream = Stream { state, queries, last: last_event(), failures: 0, lost_at: None };
            let mut returns = returns;
            loop {
                let returned = matches!(select(pin!(stream.follow()), returns.next()).await, Either::Right(_));
                stream.lost();
                if returned {
                    stream.failures = 0;
                }
                stream.failures = stream.failures.saturating_add(1);
                pause(delay_ms(stream.failures, js_sys::Math::random())).await;
            }
        });
    }

    fn last_event() -> Option<i64> {
        from_head("last-event").and_then(|seq| seq.parse().ok())
    }

    struct Stream {
        state: RwSignal<State>,
        queries: Queries,
        /// Position of the last event that this page took into account.
        last: Option<i64>,
        /// Connections in a row that came to nothing.
        failures: u32,
        /// Since when there is no connection, in milliseconds.
        lost_at: Option<shared::Timestamp>,
    }

    impl Stream {
        /// One connection, until it is closed for good.
        async fn follow(&mut self) {
            let url = match self.last {
                Some(seq) => format!("/api/v1/events?lastEventId={seq}"),
                None => "/api/v1/events".to_owned(),
            };
            let mut source = match EventSource::new(&url) {
                Ok(source) => source,
                Err(error) => return leptos::logging::warn!("the live stream can't be opened: {error}"),
            };
            // The browser's own two events say when a connection comes and goes. Events of the hub have no name.
            let names = ["message", RESYNC, "open", "error"];
            let subscriptions: Result<Vec<_>, _> = names.into_iter().map(|name| source.subscribe(name)).collect();
            let mut messages = match subscriptions {
                Ok(subscriptions) => select_all(subscriptions.into_iter().map(Box::pin)),
                Err(error) => return leptos::logging::warn!("the live stream can't be read: {error}"),
            };
            while let Some(Ok((name, message))) = messages.next().await {
                match name.as_str() {
                    "open" => self.connected(),
                    "error" if source.state() == Connection::Closed => return,
                    "error" => self.lost(),
                    RESYNC => {
                        self.remember(&message);
                        self.queries.invalidate_all();
                    }
                    _ => self.take(&message),
                }
            }
        }

        fn connected(&mut self) {
            self.failures = 0;
            self.state.set(State::Live);
            if self.lost_at.take().is_some_and(|since| clock().millis_since(since) > LONG_GAP_MS) {
                self.queries.invalidate_all();
            }
        }

        fn lost(&mut self) {
            self.lost_at.get_or_insert_with(clock);
            let online = window().navigator().on_line();
            self.state.set(if online { State::Reconnecting } else { State::Offline });
        }

        /// An event: what it makes stale is asked anew.
        fn take(&mut self, message: &MessageEvent) {
            self.remember(message);
            // By bytes, as server functions read their answers: the same code.
            let event =
                message.data().as_string().and_then(|data| serde_json::from_slice::<Event>(data.as_bytes()).ok());
            match event {
                Some(event) => {
                    self.last = Some(event.seq);
                    stale(&event.kind).iter().for_each(|stale| stale.invalidate(self.queries));
                }
                // A newer hub may tell of things that this page doesn't know yet.
                None => self.queries.invalidate_all(),
            }
        }

        fn remember(&mut self, message: &MessageEvent) {
            if let Ok(seq) = message.last_event_id().parse() {
                self.last = Some(seq);
            }
        }
    }
}
