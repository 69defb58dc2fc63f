//! Server state on a page: one cache, keyed by what was asked.
//!
//! In the browser a thin wrapper of our own around leptos-fetch ([`browser`]), which deduplicates, serves what it has
//! while it asks anew, and takes over the answers that came with the page. Added here: a stale time, retries of what
//! may pass ([`retry`]), fetch again when the window gets the focus or the network returns ([`watch`]), and keeping
//! the last good answer while the hub can't be reached. Pages see [`Query`] and [`QueryHandle`] and nothing of leptos-fetch,
//! so that it can be replaced in this folder. Plain signals were the alternative; they know neither age nor who else
//! asks. On the server, where nothing gets old, each question of a page is asked once ([`server`]).
//!
//! The cache itself knows neither the kinds of questions nor the types of answers ([`erased`]): leptos-fetch's code
//! is in the browser once, not once for each query.

#[cfg(feature = "hydrate")]
mod browser;
mod erased;
mod retry;
#[cfg(not(feature = "hydrate"))]
mod server;
mod watch;

#[cfg(feature = "hydrate")]
use browser::Cache;
#[cfg(not(feature = "hydrate"))]
use server::Cache;

use crate::ui::state::{failure, skeleton};
use erased::{Data, InPage, QueryKey};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use shared::Result;
use std::{
    any::TypeId,
    future::Future,
    hash::Hash,
    marker::PhantomData,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

pub use retry::delay_ms;
#[cfg(feature = "hydrate")]
pub use retry::pause;
pub use watch::refetch_when_people_return;

/// After this long an answer is shown, and asked anew in the background.
const STALE: Duration = Duration::from_secs(30);

/// Something that can be asked of the hub.
pub trait Query: 'static {
    type Key: Clone + PartialEq + Hash + Send + Sync + 'static;
    type Value: Clone + Serialize + DeserializeOwned + Send + Sync + 'static;
    fn fetch(key: Self::Key) -> impl Future<Output = Result<Self::Value>> + Send + 'static;
}

/// The cache. Cheap to copy.
#[derive(Clone, Copy)]
pub struct QueryClient(Cache);

impl QueryClient {
    /// Puts a new, empty cache into the context: one for each page load in the browser, one for each render on the
    /// server, never shared between people.
    pub fn provide() -> Self {
        Self(Cache::provide())
    }

    /// Makes the queries of one kind stale whose key fits; those on screen are asked anew at once.
    pub fn invalidate<Q: Query>(self, fits: impl Fn(&Q::Key) -> bool) {
        self.0.invalidate(TypeId::of::<Q>(), &|question| question.key().is_some_and(&fits));
    }

    /// Makes everything stale.
    pub fn invalidate_all(self) {
        self.0.invalidate_all();
    }
}

/// A question that is on screen, with its answer as it comes and changes.
pub struct QueryHandle<Q: Query> {
    answer: Resource<Result<Data>, InPage>,
    queries: QueryClient,
    query: PhantomData<fn() -> Q>,
}

impl<Q: Query> Clone for QueryHandle<Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: Query> Copy for QueryHandle<Q> {}

/// Asks, and asks again when what `key` reads changes. Call it outside of any `Suspense`.
pub fn use_query<Q: Query>(key: impl Fn() -> Q::Key + Send + Sync + 'static) -> QueryHandle<Q> {
    let (answer, queries) = use_any(Box::new(move || QueryKey::new::<Q>(key())));
    QueryHandle { answer, queries, query: PhantomData }
}

fn use_any(question: Box<dyn Fn() -> QueryKey + Send + Sync>) -> (Resource<Result<Data>, InPage>, QueryClient) {
    let cache = expect_context::<Cache>();
    (cache.resource(while_alive(question)), QueryClient(cache))
}

/// The question of a page that is on screen, or the last one of a page that is gone.
///
/// Cached queries outlive their page by a moment; an event that asks them anew just then would read signals that were
/// disposed of with the page, which panics.
fn while_alive(question: Box<dyn Fn() -> QueryKey + Send + Sync>) -> impl Fn() -> QueryKey + Send + Sync {
    // Disposed of by the owner that disposes of the page's signals.
    let page = StoredValue::new(());
    let last = RwLock::new(None);
    move || {
        let gone = page.is_disposed();
        let kept = if gone { last.read().unwrap_or_else(PoisonError::into_inner).clone() } else { None };
        kept.unwrap_or_else(|| {
            let question = question();
            *last.write().unwrap_or_else(PoisonError::into_inner) = Some(question.clone());
            question
        })
    }
}

impl<Q: Query> QueryHandle<Q> {
    /// Shows the answer; a skeleton before it is there; the error, with a way to try again, if there is none.
    /// A newer answer replaces the older one in place.
    pub fn show(self, view: impl Fn(Q::Value) -> AnyView + Send + Sync + 'static) -> AnyView {
        self.show_or(view, failure)
    }

    /// Has all questions of this kind asked again.
    pub fn refresh(&self) -> impl Fn() + Copy + Send + Sync + 'static {
        let queries = self.queries;
        move || queries.invalidate::<Q>(|_| true)
    }

    /// Like [`Self::show`], with another view for errors.
    pub fn show_or(
        self,
        view: impl Fn(Q::Value) -> AnyView + Send + Sync + 'static,
        otherwise: fn(&shared::ApiError, Callback<()>) -> AnyView,
    ) -> AnyView {
        let queries = self.queries;
        let again = Callback::new(move |()| queries.invalidate::<Q>(|_| true));
        let view = move |answer: Result<Data>| match answer.and_then(|answer| answer.open::<Q>()) {
            Ok(value) => view(value),
            Err(error) => otherwise(&error, again),
        };
        show_any(self.answer, Arc::new(view))
    }
}

fn show_any(
    answer: Resource<Result<Data>, InPage>,
    view: Arc<dyn Fn(Result<Data>) -> AnyView + Send + Sync>,
) -> AnyView {
    view! {
        <Transition fallback=skeleton>
            {move || {
                let view = Arc::clone(&view);
                Suspend::new(async move { view(answer.await) })
            }}
        </Transition>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Echo;
    impl Query for Echo {
        type Key = u32;
        type Value = u32;
        async fn fetch(key: u32) -> Result<u32> {
            Ok(key)
        }
    }

    #[test]
    fn a_page_that_is_gone_is_not_asked_for_its_signals() {
        let page = Owner::new();
        let key = page.with(|| {
            let number = RwSignal::new(7);
            while_alive(Box::new(move || QueryKey::new::<Echo>(number.get_untracked())))
        });
        assert_eq!(key().key(), Some(&7_u32));
        page.cleanup();
        assert_eq!(key().key(), Some(&7_u32));
    }
}
