//! The cache as a state machine: no Leptos, no browser, no clock of its own.
//!
//! [`Core::step`] takes the time and what happened ([`Input`]), and says what is to be done ([`Command`]). All rules of the
//! cache are here, so a test can play a year of bad network in a millisecond; what drives it (`browser.rs`) only carries
//! out commands. It is generic over keys and values for the tests alone: the app has one of each
//! ([`super::key::QueryKey`], [`super::key::Data`]), and so the code is there once.
//!
//! Entries are in a list that is searched from the start: there are at most a few hundred, most comparisons end at the
//! query's kind, and a hash would be more code for each type of key.

use super::retry::{RETRIES, delay_ms};
use shared::{ApiError, Result};
use std::sync::Arc;

/// A time or a span, in milliseconds.
pub type Millis = u64;

/// An entry that nobody looks at is forgotten after this long.
pub const GC_TIME: Millis = 300_000;

/// A wait that is longer than this is told as an error meanwhile, where there is nothing else to show.
const PATIENCE: Millis = 3_000;

/// What the machine has to know about keys.
pub trait CacheKey: Clone + PartialEq {
    /// After this long an answer is still shown, and fetched again when somebody comes to look.
    fn stale_time(&self) -> Millis;
}

/// One fetch; its answer counts only while the entry waits for this very one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchId(u64);

/// One mutation, with all that it edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MutationId(pub u64);

/// Which keys are meant.
pub type Filter<K> = Arc<dyn Fn(&K) -> bool + Send + Sync>;

/// How a value looks after a mutation. It may be applied to a value that has the change already, and must leave that
/// as it is.
pub type Update<D> = Arc<dyn Fn(&D) -> D + Send + Sync>;

/// What happened.
pub enum Input<'a, K, D> {
    /// A part of the page looks at this from now on.
    Observe(K),
    /// It looks no longer.
    Unobserve(&'a K),
    /// Somebody is likely to look at this soon.
    Prefetch(K),
    /// The server's render had asked it already.
    Hydrate(K, Result<D>),
    /// A fetch has ended.
    Settle(FetchId, Result<D>),
    /// What fits may have changed on the server.
    Invalidate(&'a dyn Fn(&K) -> bool),
    /// What fits isn't at its address any more, and the page is about to leave it: it is stale, and not fetched for those
    /// who still look.
    Leave(&'a dyn Fn(&K) -> bool),
    /// The window got the focus.
    Focus,
    /// The network returned.
    Online,
    /// The browser has no network.
    Offline,
    /// A mutation has begun, and this is how it is expected to end. One mutation may say several.
    Expect(MutationId, Filter<K>, Update<D>),
    /// A mutation has ended: well, or not.
    Conclude(MutationId, bool),
    /// The time of the last [`Command::WakeAt`] has come.
    Wake,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command<K> {
    /// Fetch it, and tell by [`Input::Settle`].
    Fetch(FetchId, K),
    /// Nobody waits for this fetch any more.
    Cancel(FetchId),
    /// [`Core::view`] has something else to show.
    Render(K),
    /// The entry is gone.
    Forget(K),
    /// Send [`Input::Wake`] then, and at no earlier time that was asked for before.
    WakeAt(Millis),
}

enum Fetching {
    Idle,
    /// `again`: what is being fetched was invalidated meanwhile, so that its answer may be old when it comes.
    Running {
        id: FetchId,
        again: bool,
    },
    /// It failed, and is tried again. `told`: the server has said when, and is not asked earlier.
    Waiting {
        until: Millis,
        told: bool,
    },
}

struct Entry<K, D> {
    key: K,
    /// The last good answer, as the server gave it, and when.
    data: Option<(Millis, D)>,
    /// Why the latest fetch failed, and when, if it did.
    error: Option<(Millis, ApiError)>,
    invalidated: bool,
    fetching: Fetching,
    /// Of the fetch under way, so far.
    failures: u32,
    observers: u32,
    /// When the last observer left, or, without any yet, when the entry was made.
    left_at: Millis,
}

impl<K: CacheKey, D> Entry<K, D> {
    fn is_stale(&self, now: Millis) -> bool {
        let settled_at = match (&self.data, &self.error) {
            (_, Some((_, error))) if error.is_transient() => return true,
            (_, Some((at, _))) | (Some((at, _)), None) => *at,
            (None, None) => return true,
        };
        self.invalidated || now.saturating_sub(settled_at) >= self.key.stale_time()
    }

    fn is_idle(&self) -> bool {
        matches!(self.fetching, Fetching::Idle)
    }

    /// When it is to be forgotten, if nobody comes to look.
    fn forget_at(&self) -> Option<Millis> {
        (self.observers == 0 && self.is_idle()).then(|| self.left_at.saturating_add(GC_TIME))
    }
}

struct Expectation<K, D> {
    mutation: MutationId,
    filter: Filter<K>,
    update: Update<D>,
}

/// The cache.
pub struct Core<K, D> {
    entries: Vec<Entry<K, D>>,
    expectations: Vec<Expectation<K, D>>,
    fetches: u64,
    offline: bool,
    wake_at: Option<Millis>,
    /// From 0 to 1; see [`delay_ms`].
    random: fn() -> f64,
    commands: Vec<Command<K>>,
}

impl<K: CacheKey, D: Clone> Core<K, D> {
    pub const fn new(random: fn() -> f64) -> Self {
        Self {
            entries: Vec::new(),
            expectations: Vec::new(),
            fetches: 0,
            offline: false,
            wake_at: None,
            random,
            commands: Vec::new(),
        }
    }

    /// What is to be shown for a key: the last good answer as mutations under way are expected to change it, or else why
    /// there is none, or else nothing yet.
    pub fn view(&self, key: &K) -> Option<Result<D>> {
        let entry = self.entries.iter().find(|entry| entry.key == *key)?;
        match (&entry.data, &entry.error) {
            (Some((_, data)), _) => Some(Ok(self.expected(key, data.clone()))),
            (None, Some((_, error))) => Some(Err(error.clone())),
            (None, None) => None,
        }
    }

    fn expected(&self, key: &K, data: D) -> D {
        let fitting = self.expectations.iter().filter(|expectation| (expectation.filter)(key));
        fitting.fold(data, |data, expectation| (expectation.update)(&data))
    }

    /// If something on screen could not be brought up to date: the time of the oldest answer, and why.
    pub fn outdated(&self) -> Option<(Millis, &ApiError)> {
        let on_screen = self.entries.iter().filter(|entry| entry.observers > 0);
        on_screen.filter_map(|entry| Some((entry.data.as_ref()?.0, &entry.error.as_ref()?.1))).min_by_key(|(at, _)| *at)
    }

    /// Every entry: key, state, age in milliseconds, observers.
    #[cfg(all(feature = "hydrate", debug_assertions))]
    pub fn inspect(&self, now: Millis) -> Vec<(K, &'static str, Option<Millis>, u32)> {
        let inspected = self.entries.iter().map(|entry| {
            let state = match (&entry.fetching, &entry.data, &entry.error) {
                (Fetching::Running { .. }, ..) => "fetching",
                (Fetching::Waiting { .. }, ..) => "waiting to try again",
                (_, Some(_), Some(_)) => "old, and could not be fetched",
                (_, None, Some(_)) => "error",
                _ if entry.is_stale(now) => "stale",
                _ => "fresh",
            };
            let settled_at = entry.data.as_ref().map(|(at, _)| *at).or_else(|| entry.error.as_ref().map(|(at, _)| *at));
            (entry.key.clone(), state, settled_at.map(|at| now.saturating_sub(at)), entry.observers)
        });
        inspected.collect()
    }

    /// The one way in.
    pub fn step(&mut self, now: Millis, input: Input<K, D>) -> Vec<Command<K>> {
        match input {
            Input::Observe(key) => self.observe(now, key),
            Input::Unobserve(key) => self.unobserve(now, key),
            Input::Prefetch(key) => {
                let index = self.entry(now, key);
                self.fetch_if(index, |entry| entry.is_stale(now));
            }
            Input::Hydrate(key, result) => self.hydrate(now, key, result),
            Input::Settle(id, result) => self.settle(now, id, result),
            Input::Invalidate(fits) => self.invalidate(fits),
            Input::Leave(fits) => self.leave(fits),
            Input::Focus => self.fetch_each(|entry| entry.observers > 0 && entry.is_stale(now)),
            Input::Online => {
                self.offline = false;
                self.invalidate(&|_| true);
            }
            Input::Offline => self.offline = true,
            Input::Expect(mutation, filter, update) => {
                self.render_each(&*filter);
                self.expectations.push(Expectation { mutation, filter, update });
            }
            Input::Conclude(mutation, success) => self.conclude(mutation, success),
            Input::Wake => self.wake_at = None,
        }
        self.work_off(now);
        std::mem::take(&mut self.commands)
    }

    /// The entry's place; it is made if there is none.
    fn entry(&mut self, now: Millis, key: K) -> usize {
        self.entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
            self.entries.push(Entry {
                key,
                data: None,
                error: None,
                invalidated: false,
                fetching: Fetching::Idle,
                failures: 0,
                observers: 0,
                left_at: now,
            });
            self.entries.len() - 1
        })
    }

    fn observe(&mut self, now: Millis, key: K) {
        let index = self.entry(now, key);
        self.entries[index].observers += 1;
        self.fetch_if(index, |entry| entry.is_stale(now));
    }

    fn unobserve(&mut self, now: Millis, key: &K) {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == *key) else { return };
        entry.observers = entry.observers.saturating_sub(1);
        if entry.observers > 0 {
            return;
        }
        entry.left_at = now;
        match entry.fetching {
            Fetching::Running { id, .. } => self.commands.push(Command::Cancel(id)),
            Fetching::Waiting { told: true, .. } => return,
            _ => {}
        }
        entry.fetching = Fetching::Idle;
        // What may have passed when somebody looks again is not the first thing to show them.
        if entry.error.take_if(|(_, error)| error.is_transient()).is_some() {
            entry.invalidated = true;
            self.commands.push(Command::Render(entry.key.clone()));
        }
    }

    fn hydrate(&mut self, now: Millis, key: K, result: Result<D>) {
        let index = self.entry(now, key);
        let entry = &mut self.entries[index];
        if entry.data.is_none() && entry.is_idle() {
            match result {
                Ok(data) => (entry.data, entry.error) = (Some((now, data)), None),
                Err(error) => entry.error = Some((now, error)),
            }
            self.commands.push(Command::Render(entry.key.clone()));
        }
    }

    fn settle(&mut self, now: Millis, settled: FetchId, result: Result<D>) {
        let running = |entry: &Entry<K, D>| match entry.fetching {
            Fetching::Running { id, again } if id == settled => Some(again),
            _ => None,
        };
        let found = self.entries.iter().enumerate().find_map(|(index, entry)| Some((index, running(entry)?)));
        // A fetch that was canceled may end all the same; nobody waits for it.
        let Some((index, again)) = found else { return };
        let (offline, random) = (self.offline, (self.random)());
        let entry = &mut self.entries[index];
        entry.fetching = Fetching::Idle;
        match result {
            Ok(data) => (entry.data, entry.error, entry.invalidated) = (Some((now, data)), None, again),
            Err(error) if error.is_transient() => {
                entry.failures += 1;
                let told = error.retry_after.map(|seconds| Millis::from(seconds) * 1_000);
                let wait = Millis::from(delay_ms(entry.failures, random)).max(told.unwrap_or_default());
                let patient = entry.failures <= RETRIES && wait <= PATIENCE;
                let observed = entry.observers > 0;
                if told.is_some() || (observed && !offline && entry.failures <= RETRIES) {
                    entry.fetching = Fetching::Waiting { until: now.saturating_add(wait), told: told.is_some() };
                }
                if !observed || (patient && !entry.is_idle()) {
                    return;
                }
                entry.error = Some((now, error));
            }
            // It is known that the last good answer is none any more.
            Err(error) => (entry.data, entry.error, entry.invalidated) = (None, Some((now, error)), again),
        }
        self.commands.push(Command::Render(entry.key.clone()));
        self.fetch_if(index, |entry| again && entry.observers > 0);
    }

    fn invalidate(&mut self, fits: &dyn Fn(&K) -> bool) {
        for entry in self.entries.iter_mut().filter(|entry| fits(&entry.key)) {
            entry.invalidated = true;
            match &mut entry.fetching {
                // Let it end: were it begun again for each event, many events would keep it from ever ending.
                Fetching::Running { again, .. } => *again = true,
                Fetching::Waiting { told: false, .. } => entry.fetching = Fetching::Idle,
                _ => {}
            }
        }
        self.fetch_each(|entry| entry.observers > 0 && fits(&entry.key));
    }

    fn leave(&mut self, fits: &dyn Fn(&K) -> bool) {
        for entry in self.entries.iter_mut().filter(|entry| fits(&entry.key)) {
            entry.invalidated = true;
            match entry.fetching {
                Fetching::Running { id, .. } => self.commands.push(Command::Cancel(id)),
                Fetching::Waiting { told: true, .. } => continue,
                _ => {}
            }
            entry.fetching = Fetching::Idle;
        }
    }

    fn conclude(&mut self, mutation: MutationId, success: bool) {
        let (ended, going_on) =
            std::mem::take(&mut self.expectations).into_iter().partition(|it| it.mutation == mutation);
        self.expectations = going_on;
        let ended: Vec<Expectation<K, D>> = ended;
        for Expectation { filter, update, .. } in ended {
            for entry in self.entries.iter_mut().filter(|entry| filter(&entry.key)) {
                if let (true, Some((_, data))) = (success, &mut entry.data) {
                    *data = update(data);
                }
                // What is being fetched may have been read before the change.
                if let Fetching::Running { id, .. } = entry.fetching {
                    entry.fetching = Fetching::Idle;
                    self.commands.push(Command::Cancel(id));
                }
            }
            self.render_each(&*filter);
            // Expected isn't known; and how a failed mutation ended nobody knows but the server.
            self.invalidate(&*filter);
        }
    }

    fn render_each(&mut self, fits: &dyn Fn(&K) -> bool) {
        let fitting = self.entries.iter().filter(|entry| entry.data.is_some() && fits(&entry.key));
        self.commands.extend(fitting.map(|entry| Command::Render(entry.key.clone())));
    }

    fn fetch_each(&mut self, wanted: impl Fn(&Entry<K, D>) -> bool) {
        for index in 0..self.entries.len() {
            self.fetch_if(index, &wanted);
        }
    }

    /// Fetches an entry that is wanted, unless that is under way.
    fn fetch_if(&mut self, index: usize, wanted: impl Fn(&Entry<K, D>) -> bool) {
        if self.entries[index].is_idle() && wanted(&self.entries[index]) {
            self.entries[index].failures = 0;
            self.fetch(index);
        }
    }

    fn fetch(&mut self, index: usize) {
        self.fetches += 1;
        let id = FetchId(self.fetches);
        let entry = &mut self.entries[index];
        entry.fetching = Fetching::Running { id, again: false };
        self.commands.push(Command::Fetch(id, entry.key.clone()));
    }

    /// What is due: tries again, forgets, and says when the next is due.
    fn work_off(&mut self, now: Millis) {
        for index in 0..self.entries.len() {
            let entry = &mut self.entries[index];
            if matches!(entry.fetching, Fetching::Waiting { until, .. } if until <= now) {
                entry.fetching = Fetching::Idle;
                if entry.observers > 0 {
                    self.fetch(index);
                }
            }
        }
        let commands = &mut self.commands;
        self.entries.retain(|entry| {
            let forgotten = entry.forget_at().is_some_and(|at| at <= now);
            if forgotten {
                commands.push(Command::Forget(entry.key.clone()));
            }
            !forgotten
        });
        let due = |entry: &Entry<K, D>| match entry.fetching {
            Fetching::Waiting { until, .. } => Some(until),
            _ => entry.forget_at(),
        };
        let next = self.entries.iter().filter_map(due).min();
        if let Some(at) = next.filter(|_| next != self.wake_at) {
            commands.push(Command::WakeAt(at));
        }
        self.wake_at = next;
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod rules;
