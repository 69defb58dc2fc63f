//! The server's half: each query of a page is fetched once, and its value is written into the page for the browser.
//!
//! A page is rendered once and thrown away, so nothing in it gets old, nobody changes it, and there is no network to try
//! again: none of the cache's rules is needed. What is shared here lives as long as its last user, which may be a task on
//! another thread when the page is gone already.

use super::{
    core::{Filter, Update},
    key::{Data, Fetch, QueryKey},
};
use futures::{FutureExt as _, future::Shared};
use leptos::{
    prelude::*,
    server::codee::{Decoder, Encoder},
};
use shared::{ApiError, Result, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};

type SharedFetch = Shared<Fetch>;

/// What the page has fetched so far. A page has a handful of queries.
#[derive(Clone, Default)]
struct Fetches(Arc<Mutex<Vec<(QueryKey, SharedFetch)>>>);

impl Fetches {
    fn fetch(&self, key: QueryKey) -> SharedFetch {
        let mut fetches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, fetch)) = fetches.iter().find(|(other, _)| *other == key) {
            return fetch.clone();
        }
        let fetch = key.fetch().shared();
        fetches.push((key, fetch.clone()));
        fetch
    }
}

#[derive(Clone, Copy)]
pub struct Cache;

impl Cache {
    /// One for each render, never shared between people.
    pub fn provide() -> Self {
        provide_context(Fetches::default());
        Self
    }

    pub fn invalidate(self, _: &dyn Fn(&QueryKey) -> bool) {}

    pub fn leave(self, _: &dyn Fn(&QueryKey) -> bool) {}

    pub fn focus(self) {}

    pub fn online(self) {}

    pub fn offline(self) {}

    pub fn prefetch(self, _: QueryKey) {}

    pub fn begin(self) -> super::core::MutationId {
        super::core::MutationId(0)
    }

    pub fn expect(self, _: super::core::MutationId, _: Filter<QueryKey>, _: Update<Data>) {}

    pub fn conclude(self, _: super::core::MutationId, _: bool) {}

    pub fn refusals(self) -> Signal<u32> {
        Signal::stored(0)
    }

    pub fn refused(self) {}

    pub fn outdated(self) -> Signal<Option<(Timestamp, ApiError)>> {
        Signal::stored(None)
    }
}

/// A query that is on a page.
#[derive(Clone, Copy)]
pub struct Observed(Resource<Result<Data>, Page>);

impl Observed {
    pub fn new(key: Box<dyn Fn() -> QueryKey + Send + Sync>) -> Self {
        let fetches = use_context::<Fetches>().unwrap_or_default();
        Self(Resource::new_with_options(key, move |key| fetches.fetch(key), false))
    }

    pub fn result(self) -> impl Future<Output = Result<Data>> + Send + 'static {
        self.0.into_future()
    }
}

/// How results are written into the page: as JSON, which the browser's half reads ([`QueryKey::read`]).
struct Page;

#[derive(Debug)]
struct Unwritable;

impl Encoder<Result<Data>> for Page {
    type Error = Unwritable;
    type Encoded = String;

    fn encode(result: &Result<Data>) -> std::result::Result<String, Unwritable> {
        #[cfg(feature = "ssr")]
        {
            let json = result.as_ref().map(Data::write);
            if let Ok(None) = json {
                tracing::error!("a value can't be written into the page");
                return serde_json::to_string(&Err::<(), _>(ApiError::internal())).map_err(|_| Unwritable);
            }
            serde_json::to_string(&json).map_err(|_| Unwritable)
        }
        #[cfg(not(feature = "ssr"))]
        {
            let _ = result;
            Err(Unwritable)
        }
    }
}

/// The server reads no pages.
impl Decoder<Result<Data>> for Page {
    type Error = Unwritable;
    type Encoded = str;

    fn decode(_: &str) -> std::result::Result<Result<Data>, Unwritable> {
        Err(Unwritable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::Query;
    use std::sync::atomic::{AtomicU32, Ordering};

    static FETCHED: AtomicU32 = AtomicU32::new(0);

    struct Count;
    impl Query for Count {
        type Key = u32;
        type Value = u32;
        async fn fetch(_: u32) -> Result<u32> {
            Ok(FETCHED.fetch_add(1, Ordering::Relaxed))
        }
    }

    #[test]
    fn a_page_fetches_each_query_once() {
        let page = Fetches::default();
        let [one, again, other] = [1, 1, 2].map(|key| page.fetch(QueryKey::new::<Count>(key)));
        // Who asks twice gets the same answer, also when the page has been thrown away.
        drop(page);
        let value = |fetch: SharedFetch| {
            let data = futures::executor::block_on(fetch);
            data.ok().and_then(|data| data.of::<Count>().copied())
        };
        assert_eq!([one, again, other].map(value), [Some(0), Some(0), Some(1)]);
        assert_eq!(FETCHED.load(Ordering::Relaxed), 2);
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn the_browser_reads_what_the_server_writes() {
        let key = QueryKey::new::<Count>(1);
        for told in [Ok(7), Err(ApiError::not_found("service called x").with_retry_after(3))] {
            let page = Page::encode(&told.clone().map(Data::new::<Count>)).unwrap();
            assert_eq!(key.read(&page).unwrap().map(|data| *data.of::<Count>().unwrap()), told, "{page}");
        }
    }
}
