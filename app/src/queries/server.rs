//! The cache on the server: each question of a page is asked once.
//!
//! A page is rendered once and thrown away, so nothing in it gets old, and there is no network to try again. leptos-fetch
//! has no part here: its cache ends with the page, and where a task of the page still runs on another thread just then,
//! it panics. What is shared here lives as long as its last user.

use super::erased::{Data, Fetch, InPage, QueryKey};
use futures::{FutureExt as _, future::Shared};
use leptos::prelude::*;
use shared::Result;
use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What the page has asked so far.
#[derive(Clone, Default)]
struct Fetches(Arc<Mutex<HashMap<QueryKey, Shared<Fetch>>>>);

impl Fetches {
    fn answer(&self, question: QueryKey) -> Shared<Fetch> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.entry(question).or_insert_with_key(|question| question.fetch().shared()).clone()
    }
}

#[derive(Clone, Copy)]
pub struct Cache;

impl Cache {
    pub fn provide() -> Self {
        provide_context(Fetches::default());
        provide_context(Self);
        Self
    }

    pub fn resource(self, question: impl Fn() -> QueryKey + Send + Sync + 'static) -> Resource<Result<Data>, InPage> {
        let asked = expect_context::<Fetches>();
        Resource::new_with_options(question, move |question| asked.answer(question), false)
    }

    /// Only the browser's answers get old.
    pub fn invalidate(self, _: TypeId, _: &dyn Fn(&QueryKey) -> bool) {}

    pub fn invalidate_all(self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::Query;
    use std::sync::atomic::{AtomicU32, Ordering};

    static ASKED: AtomicU32 = AtomicU32::new(0);

    struct Count;
    impl Query for Count {
        type Key = u32;
        type Value = u32;
        async fn fetch(_: u32) -> Result<u32> {
            Ok(ASKED.fetch_add(1, Ordering::Relaxed))
        }
    }

    #[test]
    fn a_page_asks_each_question_once() {
        let page = Fetches::default();
        let [one, again, other] = [1, 1, 2].map(|key| page.answer(QueryKey::new::<Count>(key)));
        // Whoever asks twice gets the same answer, also when the page has been thrown away.
        drop(page);
        let opened = |answer: Shared<Fetch>| {
            let answer = futures::executor::block_on(answer);
            answer.and_then(|answer| answer.open::<Count>())
        };
        assert_eq!([one, again, other].map(|answer| opened(answer).ok()), [Some(0), Some(0), Some(1)]);
        assert_eq!(ASKED.load(Ordering::Relaxed), 2);
    }
}
