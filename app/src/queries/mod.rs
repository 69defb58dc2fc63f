//! Server state on a page: what is fetched is cached, shared, kept up to date, and changed before the server has answered.
//!
//! The pattern is the one of TanStack Query and SWR, and so are the words. A page names what it needs and how it looks:
//!
//! ```ignore
//! let service = use_query::<ServiceByName>(move || name.get());
//! view! { <h1>{service.show(|service| service.name.into_any())}</h1> }
//! ```
//!
//! | file | what it is |
//! |---|---|
//! | `core.rs` | every rule of the cache, as a state machine that knows neither Leptos nor a browser |
//! | `browser.rs` | carries out what it commands: fetches, timers, signals |
//! | `slot.rs` | what is shown for a key, to all who look at it |
//! | `server.rs` | the same interface for a render, which needs none of the rules |
//! | `key.rs` | keys and values without their types, so that all of this is in the browser once |
//! | `mutation.rs` | what changes something: shown at once, taken back when it fails |
//! | `infinite.rs` | lists that grow page by page |
//! | `devtools.rs` | a panel that shows the cache, in builds for development |
//!
//! State that only the page has (a filter, an open panel) is not kept here but in signals or in the address. Plain signals
//! for server state were the alternative; they know neither age nor who else looks. Why this isn't a library is told in
//! `docs/decisions/0023-queries.md`.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg_attr(not(any(feature = "hydrate", test)), allow(dead_code, reason = "the rules are the browser's"))]
mod core;
#[cfg(all(feature = "hydrate", debug_assertions))]
mod devtools;
mod infinite;
mod key;
mod mutation;
mod retry;
#[cfg(not(feature = "hydrate"))]
mod server;
#[cfg(any(feature = "hydrate", test))]
mod slot;

#[cfg(feature = "hydrate")]
use browser::{Cache, Observed};
#[cfg(not(feature = "hydrate"))]
use server::{Cache, Observed};

use crate::ui::state::{failure, is_of_the_page, skeleton};
use key::Data;
use leptos::{ev, prelude::*};
use serde::{Serialize, de::DeserializeOwned};
use shared::{ApiError, Result, Timestamp};
use std::{fmt, future::Future, marker::PhantomData, sync::Arc, time::Duration};

pub use infinite::{InfiniteQuery, use_infinite_query};
pub use key::QueryKey;
pub use mutation::{Expectations, Mutation, MutationHandle, use_mutation};
pub use retry::delay_ms;
#[cfg(feature = "hydrate")]
pub use retry::pause;

/// Something that can be asked of the hub.
pub trait Query: 'static {
    type Key: Clone + PartialEq + fmt::Debug + Send + Sync + 'static;
    type Value: Clone + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// After this long a value is still shown, and fetched again in the background when somebody comes to look: by
    /// opening a page, or by coming back to the window.
    const STALE_TIME: Duration = Duration::from_secs(30);

    fn fetch(key: Self::Key) -> impl Future<Output = Result<Self::Value>> + Send + 'static;
}

/// The cache. Cheap to copy.
#[derive(Clone, Copy)]
pub struct QueryClient(Cache);

impl QueryClient {
    /// The cache of this page load, or of this render: never shared between people.
    pub fn provide() -> Self {
        let client = Self(Cache::provide());
        provide_context(client);
        client.watch();
        client
    }

    /// Fetches what may have become old when people come back: to the window, or from a place without network. In the
    /// browser only, since effects run there.
    fn watch(self) {
        Effect::new(move |_| {
            let focus = window_event_listener(ev::focus, move |_| self.0.focus());
            let online = window_event_listener(ev::online, move |_| self.0.online());
            let offline = window_event_listener(ev::offline, move |_| self.0.offline());
            #[cfg(all(feature = "hydrate", debug_assertions))]
            devtools::listen();
            on_cleanup(move || [focus, online, offline].into_iter().for_each(WindowListenerHandle::remove));
        });
    }

    /// Makes the values of one query stale whose key fits; those on screen are fetched again at once.
    pub fn invalidate<Q: Query>(self, fits: impl Fn(&Q::Key) -> bool) {
        self.0.invalidate(&|key| key.of::<Q>().is_some_and(&fits));
    }

    /// What fits isn't at its address any more: the page leaves it, and doesn't ask for it again. All else is stale.
    pub fn leave(self, fits: impl Fn(&QueryKey) -> bool) {
        self.0.leave(&fits);
        self.0.invalidate(&|key| !fits(key));
    }

    /// Makes everything stale.
    pub fn invalidate_all(self) {
        self.0.invalidate(&|_| true);
    }

    /// Fetches what somebody is likely to need soon, unless it is there and fresh.
    pub fn prefetch<Q: Query>(self, key: Q::Key) {
        self.prefetch_key(QueryKey::new::<Q>(key));
    }

    /// Like [`Self::prefetch`], of any query.
    pub fn prefetch_key(self, key: QueryKey) {
        self.0.prefetch(key);
    }

    /// Counts up when the hub said that nobody is signed in: to a fetch, or to what is told by [`Self::refused`].
    #[must_use]
    pub fn refusals(self) -> Signal<u32> {
        self.0.refusals()
    }

    /// The hub said to something other than a fetch that nobody is signed in.
    pub fn refused(self) {
        self.0.refused();
    }

    /// If something on screen could not be brought up to date: the time of the oldest value, and why.
    #[must_use]
    pub fn outdated(self) -> Signal<Option<(Timestamp, ApiError)>> {
        self.0.outdated()
    }
}

/// The cache of this page.
#[must_use]
pub fn use_query_client() -> QueryClient {
    expect_context()
}

/// A query that is on screen, with its value as it comes and changes.
pub struct QueryHandle<Q: Query> {
    observed: Observed,
    client: QueryClient,
    query: PhantomData<fn() -> Q>,
}

impl<Q: Query> Clone for QueryHandle<Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: Query> Copy for QueryHandle<Q> {}

/// Fetches, and fetches again when what `key` reads changes. Call it outside of any `Suspense`.
pub fn use_query<Q: Query>(key: impl Fn() -> Q::Key + Send + Sync + 'static) -> QueryHandle<Q> {
    let observed = Observed::new(Box::new(move || QueryKey::new::<Q>(key())));
    QueryHandle { observed, client: use_query_client(), query: PhantomData }
}

impl<Q: Query> QueryHandle<Q> {
    /// Shows the value; a skeleton before it is there; the error, with a way to try again, if there is none.
    /// A newer value replaces the older one in place.
    pub fn show(self, view: impl Fn(Q::Value) -> AnyView + Send + Sync + 'static) -> AnyView {
        self.show_or(view, failure)
    }

    /// Like [`Self::show`], for what stands on a page beside another query of the same thing: when that isn't there, or
    /// isn't for the person at hand, the other one says so, and this one says nothing.
    pub fn show_beside(self, view: impl Fn(Q::Value) -> AnyView + Send + Sync + 'static) -> AnyView {
        self.show_or(view, |error, again| if is_of_the_page(error) { ().into_any() } else { failure(error, again) })
    }

    /// Like [`Self::show`], with another view for errors.
    pub fn show_or(
        self,
        view: impl Fn(Q::Value) -> AnyView + Send + Sync + 'static,
        otherwise: fn(&ApiError, Callback<()>) -> AnyView,
    ) -> AnyView {
        let client = self.client;
        let again = Callback::new(move |()| client.invalidate::<Q>(|_| true));
        let view = move |result: Result<Data>| match result.map(|data| data.of::<Q>().cloned()) {
            Ok(Some(value)) => view(value),
            Ok(None) => otherwise(&ApiError::internal(), again),
            Err(error) => otherwise(&error, again),
        };
        show_any(self.observed, Arc::new(view))
    }
}

/// One resource, one boundary.
fn show_any(observed: Observed, view: Arc<dyn Fn(Result<Data>) -> AnyView + Send + Sync>) -> AnyView {
    view! {
        <Transition fallback=skeleton>
            {move || {
                let (view, result) = (Arc::clone(&view), observed.result());
                Suspend::new(async move { view(result.await) })
            }}
        </Transition>
    }
    .into_any()
}
