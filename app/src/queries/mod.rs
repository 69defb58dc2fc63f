//! Server state in the browser: one cache, keyed by what was asked.
//!
//! A thin wrapper of our own around leptos-fetch, which deduplicates, serves what it has while it asks anew, and
//! carries the server's answers into the browser. Added here: a stale time, retries of what may pass ([`retry`]),
//! asking again when the window gets the focus or the network returns ([`watch`]), and keeping the last good answer
//! while the hub can't be reached. Pages see [`Query`] and [`Asked`] and nothing of leptos-fetch, so that it can be
//! replaced in this folder. Plain signals were the alternative; they know neither age nor who else asks.

mod retry;
mod watch;

use crate::ui::state::{failure, skeleton};
use leptos::prelude::*;
use leptos_fetch::{QueryClient, QueryOptions};
use serde::{Serialize, de::DeserializeOwned};
use shared::Result;
use std::{
    any::{Any, TypeId},
    collections::HashMap,
    future::Future,
    hash::Hash,
    marker::PhantomData,
    sync::Arc,
    time::Duration,
};

pub use retry::delay_ms;
#[cfg(feature = "hydrate")]
pub use retry::pause;
pub use watch::refetch_when_people_return;

/// After this long an answer is shown, and asked anew in the background.
const STALE: Duration = Duration::from_secs(30);
/// After this long without anybody looking, an answer is forgotten.
const FORGET: Duration = Duration::from_secs(300);

/// Something that can be asked of the hub.
pub trait Query: 'static {
    type Key: Clone + PartialEq + Hash + Send + Sync + 'static;
    type Value: Clone + Serialize + DeserializeOwned + Send + Sync + 'static;
    fn fetch(key: Self::Key) -> impl Future<Output = Result<Self::Value>> + Send + 'static;
}

/// One function for each kind of query: leptos-fetch tells caches apart by the function's type.
async fn run<Q: Query>(key: Q::Key) -> Result<Q::Value> {
    let client = use_context::<QueryClient>();
    let result = retry::run(|| Q::fetch(key.clone())).await;
    match (&result, client) {
        // Old and true until proven otherwise is better than nothing; the live indicator says that it is old.
        (Err(error), Some(client)) if error.is_transient() => match client.get_cached_query(run::<Q>, &key) {
            Some(Ok(last)) => Ok(last),
            _ => result,
        },
        _ => result,
    }
}

/// Makes the queries of one kind stale whose key fits.
type Invalidate = fn(QueryClient, &dyn Fn(&dyn Any) -> bool);

fn invalidate<Q: Query>(client: QueryClient, fits: &dyn Fn(&dyn Any) -> bool) {
    client.invalidate_queries_with_predicate(run::<Q>, |key| fits(key));
}

/// The cache. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Queries {
    client: QueryClient,
    /// How to make each kind stale that was asked. To name a kind of query is to load its code: the table of what an
    /// event makes stale names many, and this keeps those out of the first load that nobody asked yet.
    asked: StoredValue<HashMap<TypeId, Invalidate>>,
}

impl Queries {
    /// Puts a new, empty cache into the context: one for each page load in the browser, one for each render on the
    /// server, never shared between people.
    pub fn provide() -> Self {
        let options = QueryOptions::new().with_gc_time(FORGET).with_stale_time(STALE);
        let client = QueryClient::new().with_options(options).provide();
        let queries = Self { client, asked: StoredValue::new(HashMap::new()) };
        provide_context(queries);
        queries
    }

    /// Makes the queries of one kind stale whose key fits; those on screen are asked anew at once.
    pub fn invalidate<Q: Query>(self, fits: impl Fn(&Q::Key) -> bool) {
        if let Some(invalidate) = self.asked.with_value(|asked| asked.get(&TypeId::of::<Q>()).copied()) {
            invalidate(self.client, &|key| key.downcast_ref().is_some_and(&fits));
        }
    }

    /// Makes everything stale.
    pub fn invalidate_all(self) {
        self.client.invalidate_all_queries();
    }
}

/// A question that is on screen, with its answer as it comes and changes.
pub struct Asked<Q: Query> {
    answer: Resource<Result<Q::Value>>,
    queries: Queries,
    query: PhantomData<fn() -> Q>,
}

impl<Q: Query> Clone for Asked<Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: Query> Copy for Asked<Q> {}

/// Asks, and asks again when what `key` reads changes. Call it outside of any `Suspense`.
pub fn ask<Q: Query>(key: impl Fn() -> Q::Key + Send + Sync + 'static) -> Asked<Q> {
    let queries = expect_context::<Queries>();
    queries.asked.update_value(|asked| {
        asked.insert(TypeId::of::<Q>(), invalidate::<Q>);
    });
    Asked { answer: queries.client.resource(run::<Q>, key), queries, query: PhantomData }
}

impl<Q: Query> Asked<Q> {
    /// Shows the answer; a skeleton before it is there; the error, with a way to try again, if there is none.
    /// A newer answer replaces the older one in place.
    pub fn show(self, view: impl Fn(Q::Value) -> AnyView + Send + Sync + 'static) -> AnyView {
        self.show_or(view, failure)
    }

    /// Like [`Self::show`], with another view for errors.
    pub fn show_or(
        self,
        view: impl Fn(Q::Value) -> AnyView + Send + Sync + 'static,
        otherwise: fn(&shared::ApiError, Callback<()>) -> AnyView,
    ) -> AnyView {
        let Self { answer, queries, .. } = self;
        let view = Arc::new(view);
        let again = Callback::new(move |()| queries.invalidate::<Q>(|_| true));
        view! {
            <Transition fallback=skeleton>
                {move || {
                    let view = Arc::clone(&view);
                    Suspend::new(async move {
                        match answer.await {
                            Ok(value) => view(value),
                            Err(error) => otherwise(&error, again),
                        }
                    })
                }}
            </Transition>
        }
        .into_any()
    }
}
