//! The cache in the browser: leptos-fetch, with retries and the last good answer.

use super::{
    STALE,
    erased::{Data, InPage, QueryKey},
    retry,
};
use leptos::prelude::*;
use leptos_fetch::{QueryClient, QueryOptions};
use shared::Result;
use std::{any::TypeId, time::Duration};

/// After this long without anybody looking, an answer is forgotten.
const FORGET: Duration = Duration::from_secs(300);

#[derive(Clone, Copy)]
pub struct Cache(QueryClient<InPage>);

impl Cache {
    pub fn provide() -> Self {
        let options = QueryOptions::new().with_gc_time(FORGET).with_stale_time(STALE);
        let cache = Self(QueryClient::new().set_codec::<InPage>().with_options(options));
        provide_context(cache);
        cache
    }

    pub fn resource(self, question: impl Fn() -> QueryKey + Send + Sync + 'static) -> Resource<Result<Data>, InPage> {
        self.0.resource(run, question)
    }

    pub fn invalidate(self, kind: TypeId, fits: &dyn Fn(&QueryKey) -> bool) {
        self.0.invalidate_queries_with_predicate(run, |question: &QueryKey| question.is(kind) && fits(question));
    }

    pub fn invalidate_all(self) {
        self.0.invalidate_all_queries();
    }
}

/// Asks the hub, on behalf of the cache.
async fn run(question: QueryKey) -> Result<Data> {
    let cache = use_context::<Cache>();
    let result = retry::run(|| question.fetch()).await;
    match (&result, cache) {
        // Old and true until proven otherwise is better than nothing; the live indicator says that it is old.
        (Err(error), Some(Cache(client))) if error.is_transient() => match client.get_cached_query(run, &question) {
            Some(Ok(last)) => Ok(last),
            _ => result,
        },
        _ => result,
    }
}
