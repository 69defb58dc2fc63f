//! What is shown for a key, to all who look at it.

use super::key::Data;
use leptos::prelude::*;
use shared::Result;
use std::{
    future::{Future, poll_fn},
    mem,
    sync::{Arc, Mutex, PoisonError},
    task::{Poll, Waker},
};

/// A view that changes, and that one can wait for.
#[derive(Clone)]
pub struct Slot {
    view: ArcRwSignal<Option<Result<Data>>>,
    wakers: Arc<Mutex<Vec<Waker>>>,
}

impl Slot {
    pub fn new(view: Option<Result<Data>>) -> Self {
        Self { view: ArcRwSignal::new(view), wakers: Arc::default() }
    }

    pub fn show(&self, view: Option<Result<Data>>) {
        self.view.set(view);
        let wakers = mem::take(&mut *self.wakers.lock().unwrap_or_else(PoisonError::into_inner));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Ready when there is something to show. It owns what it reads, so that it may outlive its page.
    pub fn result(self) -> impl Future<Output = Result<Data>> + Send + 'static {
        poll_fn(move |context| match self.view.get() {
            Some(result) => Poll::Ready(result),
            // A suspended view learns of changes only when it has been shown; until then it has to be woken.
            None => {
                self.wakers.lock().unwrap_or_else(PoisonError::into_inner).push(context.waker().clone());
                Poll::Pending
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::Query;
    use futures::{FutureExt as _, executor::LocalPool, task::LocalSpawnExt as _};
    use std::{cell::Cell, rc::Rc};

    struct Echo;
    impl Query for Echo {
        type Key = u32;
        type Value = u32;
        async fn fetch(key: u32) -> Result<u32> {
            Ok(key)
        }
    }

    /// A signal of a page that is gone panics when it is read.
    #[test]
    fn what_is_waited_for_may_come_when_the_page_is_gone() {
        let slot = Slot::new(None);
        let page = Owner::new();
        let waiting = page.with(|| {
            let key = Memo::new(|_| 7_u32);
            assert_eq!(key.get_untracked(), 7);
            slot.clone().result()
        });
        let mut pool = LocalPool::new();
        let came = Rc::new(Cell::new(None));
        let told = Rc::clone(&came);
        pool.spawner().spawn_local(waiting.map(move |result| told.set(result.unwrap().of::<Echo>().copied()))).unwrap();
        pool.run_until_stalled();
        page.cleanup();
        assert_eq!(came.get(), None);
        slot.show(Some(Ok(Data::new::<Echo>(7))));
        pool.run_until_stalled();
        assert_eq!(came.get(), Some(7));
    }
}
