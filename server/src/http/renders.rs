//! Renders of pages, away from the threads that everything else is answered on.
//!
//! A render computes for many milliseconds between two waits. On the async threads a few dozen of them made everybody
//! else wait, health checks too. So each has a thread of the blocking pool, and only as many compute at the same moment
//! as there are processors: the operating system then gives the async threads their turn. A render that waits, for the
//! database or for a comparison, holds nobody's turn.
//!
//! Rejected: a runtime of its own. Database connections that are opened in it depend on its threads for good, also for
//! requests that render nothing.

use std::{
    pin::pin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    task::Context,
};
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};

#[derive(Clone)]
pub struct Renders {
    /// One permit a render, which bounds their memory.
    all: Arc<Semaphore>,
    processors: Arc<Processors>,
}

impl Renders {
    /// `most` at once; more wait.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            all: Arc::new(Semaphore::new(most)),
            processors: Arc::new(Processors { free: Mutex::new(processors), freed: Condvar::new() }),
        }
    }

    /// Runs a render to its end, whatever becomes of the caller once it has begun. `None`: the hub is stopping.
    pub async fn run<T: Send + 'static>(
        &self,
        render: impl Future<Output = T> + Send + 'static,
    ) -> Option<Result<T, JoinError>> {
        let permit = self.all.clone().acquire_owned().await.ok()?;
        let processors = self.processors.clone();
        let done = spawn_blocking(move || {
            let _permit = permit;
            let mut render = pin!(render);
            let computes = |cx: &mut Context<'_>| {
                let _processor = processors.take();
                render.as_mut().poll(cx)
            };
            Handle::current().block_on(std::future::poll_fn(computes))
        });
        Some(done.await)
    }
}

/// Processors that a render may compute on.
struct Processors {
    free: Mutex<usize>,
    freed: Condvar,
}

/// Gives its processor back when dropped, also by a panic.
struct Processor<'a>(&'a Processors);

impl Processors {
    /// Blocks until one is free.
    fn take(&self) -> Processor<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Processor(self)
    }
}

impl Drop for Processor<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Barrier;

    fn on_one_processor(most: usize) -> Renders {
        let processors = Arc::new(Processors { free: Mutex::new(1), freed: Condvar::new() });
        Renders { all: Arc::new(Semaphore::new(most)), processors }
    }

    #[tokio::test]
    async fn only_those_compute_at_once_that_have_a_processor() {
        static COMPUTING: AtomicUsize = AtomicUsize::new(0);
        let renders = on_one_processor(8);
        let render = || async {
            for _ in 0..50 {
                assert_eq!(COMPUTING.fetch_add(1, Ordering::SeqCst), 0);
                std::thread::yield_now();
                COMPUTING.fetch_sub(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        };
        let all = futures::future::join_all((0..8).map(|_| renders.run(render()))).await;
        assert!(all.into_iter().all(|done| done.unwrap().is_ok()));
    }

    #[tokio::test]
    async fn a_render_that_waits_holds_nobody_up() {
        let renders = on_one_processor(2);
        let barrier = Arc::new(Barrier::new(2));
        let meet = |barrier: Arc<Barrier>| async move { barrier.wait().await.is_leader() };
        let (one, other) = tokio::join!(renders.run(meet(barrier.clone())), renders.run(meet(barrier.clone())));
        assert!(one.unwrap().unwrap() != other.unwrap().unwrap(), "they met");
    }

    #[tokio::test]
    async fn a_panic_gives_its_processor_back() {
        let renders = on_one_processor(1);
        assert!(renders.run(async { panic!("on purpose") }).await.unwrap().is_err());
        assert!(renders.run(async {}).await.unwrap().is_ok());
    }
}
