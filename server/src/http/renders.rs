//! Renders of pages, away from the threads that everything else is answered on.
//!
//! A render computes for many milliseconds between two waits. On the async threads a few dozen of them made everybody
//! else wait, health checks too. So each has a thread of the blocking pool, and only as many compute at the same moment
//! as there are processors: the operating system then gives the async threads their turn. A render that waits, for the
//! database or for a comparison, holds nobody's turn.
//!
//! Rejected: a runtime of its own. Database connections that are opened in it depend on its threads for good, also for
//! requests that render nothing.

use crate::{address::network, fair::Fair};
use axum::extract::Request;
use shared::{
    accounts::{Caller, Visitor},
    ids::UserId,
};
use std::{
    collections::HashMap,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    task::Context,
};
use tokio::{
    runtime::Handle,
    task::{JoinError, spawn_blocking},
};

/// Pages that are rendered at once for one person. A browser loads one at a time; a few tabs that open at once are
/// rendered side by side.
const OF_ONE: usize = 4;

/// Whom a page is for: strangers are told apart by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    Person(UserId),
    Stranger(Option<IpAddr>),
}

impl Who {
    /// The sender of a request, as `auth` found it.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        match request.extensions().get::<Caller>() {
            Some(Caller::Known(actor)) => Self::Person(actor.user),
            _ => Self::Stranger(request.extensions().get::<Visitor>().and_then(|visitor| visitor.address).map(network)),
        }
    }
}

#[derive(Clone)]
pub struct Renders {
    /// One place a render, which bounds their memory.
    all: Fair<Who>,
    processors: Arc<Processors>,
}

impl Renders {
    /// `most` at once, a few of them for one person; more wait.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { all: Fair::new(most, OF_ONE), processors: Arc::new(Processors::new(processors)) }
    }

    /// Runs a render to its end, whatever becomes of the caller once it has begun.
    pub async fn run<T: Send + 'static>(
        &self,
        who: Who,
        render: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        let place = self.all.take(who, 1).await;
        let processors = self.processors.clone();
        let done = spawn_blocking(move || {
            let _place = place;
            let mut render = pin!(render);
            let computes = |cx: &mut Context<'_>| {
                let _processor = processors.take(who);
                render.as_mut().poll(cx)
            };
            Handle::current().block_on(std::future::poll_fn(computes))
        });
        done.await
    }
}

/// Processors that renders may compute on. Where there are several, one person's renders leave one to others.
struct Processors {
    of_one: usize,
    used: Mutex<Used>,
    freed: Condvar,
}

struct Used {
    free: usize,
    by: HashMap<Who, usize>,
}

/// Gives its processor back when dropped, also by a panic.
struct Processor<'a>(&'a Processors, Who);

impl Processors {
    fn new(processors: usize) -> Self {
        let used = Mutex::new(Used { free: processors, by: HashMap::new() });
        Self { of_one: processors.saturating_sub(1).max(1), used, freed: Condvar::new() }
    }

    /// Blocks until one is free.
    fn take(&self, who: Who) -> Processor<'_> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = |used: &mut Used| used.free == 0 || used.by.get(&who).is_some_and(|own| *own >= self.of_one);
        let mut used = self.freed.wait_while(used, busy).unwrap_or_else(PoisonError::into_inner);
        used.free -= 1;
        *used.by.entry(who).or_default() += 1;
        Processor(self, who)
    }
}

impl Drop for Processor<'_> {
    fn drop(&mut self) {
        let Self(processors, who) = self;
        let mut used = processors.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.free += 1;
        if let Some(own) = used.by.get_mut(who) {
            *own -= 1;
            if *own == 0 {
                used.by.remove(who);
            }
        }
        // All of them look: the one that is woken may be one who has to leave it to others.
        processors.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Barrier;

    const ADA: Who = Who::Stranger(None);

    fn on_processors(processors: usize, most: usize) -> Renders {
        Renders { all: Fair::new(most, most), processors: Arc::new(Processors::new(processors)) }
    }

    fn person(n: u128) -> Who {
        Who::Person(UserId(uuid::Uuid::from_u128(n)))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_persons_renders_leave_places_and_processors_to_others() {
        let renders = Renders { all: Fair::new(8, OF_ONE), processors: Arc::new(Processors::new(2)) };
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let ended = Arc::new(Mutex::new(ended));
        let hogs: Vec<_> = (0..50)
            .map(|_| {
                let (renders, ended) = (renders.clone(), ended.clone());
                // Computes, without a pause, until the other one is done.
                tokio::spawn(async move {
                    renders.run(person(1), async move { ended.lock().unwrap().recv().is_err() }).await
                })
            })
            .collect();
        while renders.processors.used.lock().unwrap().by.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(renders.run(person(2), async { 7 }).await.unwrap(), 7);
        drop(end);
        for hog in hogs {
            assert!(hog.await.unwrap().unwrap());
        }
        assert!(renders.processors.used.lock().unwrap().by.is_empty());
    }

    #[tokio::test]
    async fn only_those_compute_at_once_that_have_a_processor() {
        static COMPUTING: AtomicUsize = AtomicUsize::new(0);
        let renders = on_processors(1, 8);
        let render = || async {
            for _ in 0..50 {
                assert_eq!(COMPUTING.fetch_add(1, Ordering::SeqCst), 0);
                std::thread::yield_now();
                COMPUTING.fetch_sub(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        };
        let all = futures::future::join_all((0..8).map(|_| renders.run(ADA, render()))).await;
        assert!(all.into_iter().all(|done| done.is_ok()));
    }

    #[tokio::test]
    async fn a_render_that_waits_holds_nobody_up() {
        let renders = on_processors(1, 2);
        let barrier = Arc::new(Barrier::new(2));
        let meet = |barrier: Arc<Barrier>| async move { barrier.wait().await.is_leader() };
        let (one, other) =
            tokio::join!(renders.run(ADA, meet(barrier.clone())), renders.run(ADA, meet(barrier.clone())));
        assert!(one.unwrap() != other.unwrap(), "they met");
    }

    #[tokio::test]
    async fn a_panic_gives_its_processor_back() {
        let renders = on_processors(1, 1);
        assert!(renders.run(ADA, async { panic!("on purpose") }).await.is_err());
        assert!(renders.run(ADA, async {}).await.is_ok());
    }
}
