//! The browser's half: carries out what [`Core`] commands, with the browser's clock, timers and network.
//!
//! A page load has one cache, and one thread. Who signs in or out loads a new page, so nothing that somebody cached is
//! ever shown to somebody else.

use super::{
    core::{Command, Core, FetchId, Filter, Input, Millis, MutationId, Update},
    key::{Data, QueryKey},
    slot::Slot,
};
use futures::future::{AbortHandle, Abortable};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use shared::{ApiError, ErrorCode, Result, Timestamp};
use std::{
    cell::{Cell, RefCell},
    future::Future,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

struct Driver {
    core: Core<QueryKey, Data>,
    slots: Vec<(QueryKey, Slot)>,
    /// Fetches under way.
    fetches: Vec<(FetchId, AbortHandle)>,
    timer: Option<TimeoutHandle>,
    outdated: ArcRwSignal<Option<(Timestamp, ApiError)>>,
    refusals: ArcRwSignal<u32>,
    #[cfg(debug_assertions)]
    steps: ArcRwSignal<()>,
}

thread_local! {
    static DRIVER: RefCell<Driver> = RefCell::new(Driver {
        core: Core::new(js_sys::Math::random),
        slots: Vec::new(),
        fetches: Vec::new(),
        timer: None,
        outdated: ArcRwSignal::new(None),
        refusals: ArcRwSignal::new(0),
        #[cfg(debug_assertions)]
        steps: ArcRwSignal::new(()),
    });
    static MUTATIONS: Cell<u64> = const { Cell::new(0) };
}

fn with<T>(use_driver: impl FnOnce(&mut Driver) -> T) -> T {
    DRIVER.with_borrow_mut(use_driver)
}

/// Milliseconds since 1970.
fn now() -> Millis {
    // Whole, positive, and far below 2^53.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let now = js_sys::Date::now() as Millis;
    now
}

/// Tells the core what happened, and does what it says. Never while the driver is borrowed: what is told to signals may
/// come back here.
fn step(input: Input<QueryKey, Data>) {
    for command in with(|driver| driver.core.step(now(), input)) {
        carry_out(command);
    }
    let (outdated, now) = with(|driver| {
        let now = driver.core.outdated().map(|(at, error)| (Timestamp(at.cast_signed()), error.clone()));
        (driver.outdated.clone(), now)
    });
    if outdated.with_untracked(|before| *before != now) {
        outdated.set(now);
    }
    #[cfg(debug_assertions)]
    with(|driver| driver.steps.clone()).notify();
}

fn carry_out(command: Command<QueryKey>) {
    match command {
        Command::Fetch(id, key) => {
            let (handle, registration) = AbortHandle::new_pair();
            with(|driver| driver.fetches.push((id, handle)));
            spawn_local(async move {
                // When it is dropped, the browser's request is aborted.
                if let Ok(result) = Abortable::new(key.fetch(), registration).await {
                    with(|driver| driver.fetches.retain(|(other, _)| *other != id));
                    let refused = result.as_ref().is_err_and(|error| error.code == ErrorCode::Unauthenticated);
                    step(Input::Settle(id, result));
                    if refused {
                        Cache.refused();
                    }
                }
            });
        }
        Command::Cancel(id) => {
            let canceled = with(|driver| {
                let place = driver.fetches.iter().position(|(other, _)| *other == id);
                place.map(|place| driver.fetches.swap_remove(place))
            });
            if let Some((_, handle)) = canceled {
                handle.abort();
            }
        }
        Command::Render(key) => {
            let slot = with(|driver| {
                let (_, slot) = driver.slots.iter().find(|(other, _)| *other == key)?;
                Some((slot.clone(), driver.core.view(&key)))
            });
            if let Some((slot, view)) = slot {
                slot.show(view);
            }
        }
        Command::Forget(key) => with(|driver| driver.slots.retain(|(other, _)| *other != key)),
        Command::WakeAt(at) => {
            let wait = Duration::from_millis(at.saturating_sub(now()));
            let timer = set_timeout_with_handle(|| step(Input::Wake), wait).ok();
            if let Some(before) = with(|driver| mem::replace(&mut driver.timer, timer)) {
                before.clear();
            }
        }
    }
}

fn slot(key: QueryKey) -> Slot {
    with(|driver| {
        if let Some((_, slot)) = driver.slots.iter().find(|(other, _)| *other == key) {
            return slot.clone();
        }
        let slot = Slot::new(driver.core.view(&key));
        driver.slots.push((key, slot.clone()));
        slot
    })
}

/// A query that is on a page.
#[derive(Clone, Copy)]
pub struct Observed(Memo<QueryKey>);

impl Observed {
    pub fn new(key: Box<dyn Fn() -> QueryKey + Send + Sync>) -> Self {
        let key = Memo::new(move |_| key());
        let first = key.get_untracked();
        if let Some(context) = Owner::current_shared_context() {
            // One for each query of a page, in the order in which both sides make them.
            let id = context.next_id();
            if let Some(result) = context.read_data(&id).and_then(|page| first.read(&page)) {
                step(Input::Hydrate(first.clone(), result));
            }
        }
        step(Input::Observe(first.clone()));
        let observed = Arc::new(Mutex::new(Some(first)));
        let left = Arc::clone(&observed);
        Effect::new(move |_| {
            let now = key.get();
            let before = observed.lock().unwrap_or_else(PoisonError::into_inner).replace(now.clone());
            if before.as_ref() != Some(&now) {
                step(Input::Observe(now));
                before.iter().for_each(|before| step(Input::Unobserve(before)));
            }
        });
        on_cleanup(move || {
            let last = left.lock().unwrap_or_else(PoisonError::into_inner).take();
            last.iter().for_each(|last| step(Input::Unobserve(last)));
        });
        Self(key)
    }

    /// What is to be shown. Reads the key at once, and nothing of the page later: what is fetched may come when the page
    /// is gone.
    pub fn result(self) -> impl Future<Output = Result<Data>> + Send + 'static {
        slot(self.0.get()).result()
    }
}

/// Every entry as people who develop look at it: key, state, age in milliseconds, observers. Changes with each step.
#[cfg(debug_assertions)]
pub fn inspect() -> Vec<(String, &'static str, Option<Millis>, u32)> {
    with(|driver| driver.steps.clone()).track();
    let entries = with(|driver| driver.core.inspect(now()));
    entries.into_iter().map(|(key, state, age, observers)| (key.text(), state, age, observers)).collect()
}

#[derive(Clone, Copy)]
pub struct Cache;

impl Cache {
    pub const fn provide() -> Self {
        Self
    }

    pub fn invalidate(self, fits: &dyn Fn(&QueryKey) -> bool) {
        step(Input::Invalidate(fits));
    }

    pub fn leave(self, fits: &dyn Fn(&QueryKey) -> bool) {
        step(Input::Leave(fits));
    }

    pub fn focus(self) {
        step(Input::Focus);
    }

    pub fn online(self) {
        step(Input::Online);
    }

    pub fn offline(self) {
        step(Input::Offline);
    }

    pub fn prefetch(self, key: QueryKey) {
        step(Input::Prefetch(key));
    }

    pub fn begin(self) -> MutationId {
        MutationId(MUTATIONS.replace(MUTATIONS.get() + 1))
    }

    pub fn expect(self, mutation: MutationId, filter: Filter<QueryKey>, update: Update<Data>) {
        step(Input::Expect(mutation, filter, update));
    }

    pub fn conclude(self, mutation: MutationId, success: bool) {
        step(Input::Conclude(mutation, success));
    }

    pub fn refusals(self) -> Signal<u32> {
        with(|driver| driver.refusals.clone()).into()
    }

    pub fn refused(self) {
        *with(|driver| driver.refusals.clone()).write() += 1;
    }

    /// If something on screen could not be brought up to date: the time of the oldest answer, and why.
    pub fn outdated(self) -> Signal<Option<(Timestamp, ApiError)>> {
        with(|driver| driver.outdated.clone()).into()
    }
}
