//! All rules at once, under whatever a server, a network and people may do, against a model that is too plain to be wrong.

use super::{
    rules::{Keys, Tested, Value, busy, core, gone},
    *,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Act {
    Observe(Keys),
    Unobserve(Keys),
    Prefetch(Keys),
    Hydrate(Keys),
    /// Somebody else changes it on the server; the event is still on its way.
    Change(Keys),
    /// All events on their way arrive.
    Deliver,
    /// One of the fetches under way ends: as the server was when it began, or as it is now.
    Answer(usize, Outcome),
    Mutate(Keys, u32),
    /// One of the mutations under way ends.
    End(usize, bool),
    Focus,
    Online,
    Offline,
    Pass(Millis),
}

#[derive(Debug, Clone)]
enum Outcome {
    Then,
    Now,
    Busy(Option<u32>),
    Gone,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let key = 0..3_u8;
    let outcome = prop_oneof![
        2 => Just(Outcome::Then),
        3 => Just(Outcome::Now),
        2 => prop::option::of(0..40_u32).prop_map(Outcome::Busy),
        1 => Just(Outcome::Gone),
    ];
    let act = prop_oneof![
        3 => key.clone().prop_map(Act::Observe),
        2 => key.clone().prop_map(Act::Unobserve),
        1 => key.clone().prop_map(Act::Prefetch),
        1 => key.clone().prop_map(Act::Hydrate),
        2 => key.clone().prop_map(Act::Change),
        2 => Just(Act::Deliver),
        6 => (any::<usize>(), outcome).prop_map(|(index, outcome)| Act::Answer(index, outcome)),
        1 => (key, 1..9_u32).prop_map(|(key, name)| Act::Mutate(key, name)),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(index, success)| Act::End(index, success)),
        1 => Just(Act::Focus),
        1 => Just(Act::Online),
        1 => Just(Act::Offline),
        2 => (0..60_000_u64).prop_map(Act::Pass),
    ];
    prop::collection::vec(act, 1..80)
}

/// The world around the cache: a server, a network, a screen; and, beside it, the plain model of what is shown.
struct World {
    core: Tested,
    now: Millis,
    timer: Option<Millis>,
    server: BTreeMap<Keys, Value>,
    events: Vec<Keys>,
    /// Fetches under way, each with what the server had when it began.
    fetches: Vec<(FetchId, Keys, Value)>,
    /// Fetches that nobody looks at the answer of, yet.
    prefetched: Vec<Keys>,
    mutations: Vec<(MutationId, Keys, u32)>,
    begun: u64,
    observers: BTreeMap<Keys, u32>,
    /// What the screen got, by `Render` alone.
    screen: BTreeMap<Keys, Option<Result<Value>>>,
    /// The last answer that counts.
    model: BTreeMap<Keys, Result<Value>>,
    not_before: BTreeMap<Keys, Millis>,
    offline: bool,
}

impl World {
    fn new() -> Self {
        Self {
            core: core(),
            now: 0,
            timer: None,
            server: (0..3).map(|key| (key, (0, 0))).collect(),
            events: Vec::new(),
            fetches: Vec::new(),
            prefetched: Vec::new(),
            mutations: Vec::new(),
            begun: 0,
            observers: BTreeMap::new(),
            screen: BTreeMap::new(),
            model: BTreeMap::new(),
            not_before: BTreeMap::new(),
            offline: false,
        }
    }

    fn looked_at(&self, key: Keys) -> bool {
        self.observers.get(&key).is_some_and(|count| *count > 0)
    }

    fn step(&mut self, input: Input<Keys, Value>) {
        let prefetch = matches!(input, Input::Prefetch(_));
        for command in self.core.step(self.now, input) {
            match command {
                Command::Fetch(id, key) => {
                    assert!(self.fetches.iter().all(|(_, other, _)| *other != key), "two fetches of {key}");
                    assert!(prefetch || self.looked_at(key), "nobody looks at {key}");
                    assert!(self.not_before.get(&key).is_none_or(|at| *at <= self.now), "too early for {key}");
                    self.fetches.push((id, key, self.server[&key]));
                    if prefetch {
                        self.prefetched.push(key);
                    }
                }
                Command::Cancel(id) => {
                    let place = self.fetches.iter().position(|(other, ..)| *other == id);
                    let (_, key, _) = self.fetches.remove(place.expect("what is canceled is under way"));
                    self.prefetched.retain(|other| *other != key);
                }
                Command::Render(key) => drop(self.screen.insert(key, self.core.view(&key))),
                Command::Forget(key) => {
                    assert!(!self.looked_at(key), "{key} is looked at");
                    self.screen.remove(&key);
                    self.model.remove(&key);
                }
                Command::WakeAt(at) => self.timer = Some(at),
            }
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Observe(key) => {
                *self.observers.entry(key).or_default() += 1;
                self.step(Input::Observe(key));
            }
            Act::Unobserve(key) if self.looked_at(key) => {
                *self.observers.entry(key).or_default() -= 1;
                self.step(Input::Unobserve(&key));
            }
            Act::Unobserve(_) => {}
            Act::Prefetch(key) => self.step(Input::Prefetch(key)),
            Act::Hydrate(key) => {
                // A page is hydrated once, before anything else.
                if self.core.entries.iter().all(|entry| entry.key != key) {
                    self.model.insert(key, Ok(self.server[&key]));
                    self.step(Input::Hydrate(key, Ok(self.server[&key])));
                }
            }
            Act::Change(key) => {
                self.server.entry(key).or_default().0 += 1;
                self.events.push(key);
            }
            Act::Deliver => {
                for key in std::mem::take(&mut self.events) {
                    self.step(Input::Invalidate(&|other| *other == key));
                }
            }
            Act::Answer(index, outcome) => self.answer(index, &outcome),
            Act::Mutate(key, name) => {
                self.begun += 1;
                let id = MutationId(self.begun);
                self.mutations.push((id, key, name));
                let update: Update<Value> = Arc::new(move |(count, _)| (*count, name));
                self.step(Input::Expect(id, Arc::new(move |other| *other == key), update));
            }
            Act::End(index, success) => self.end(index, success),
            Act::Focus => self.step(Input::Focus),
            Act::Online => {
                self.offline = false;
                self.step(Input::Online);
            }
            Act::Offline => {
                self.offline = true;
                self.step(Input::Offline);
            }
            Act::Pass(ms) => self.pass(ms),
        }
        self.check();
    }

    fn answer(&mut self, index: usize, outcome: &Outcome) {
        if self.fetches.is_empty() {
            return;
        }
        let (id, key, then) = self.fetches.remove(index % self.fetches.len());
        self.prefetched.retain(|other| *other != key);
        let result = match outcome {
            Outcome::Then => Ok(then),
            Outcome::Now => Ok(self.server[&key]),
            Outcome::Busy(seconds) => Err(busy(*seconds)),
            Outcome::Gone => {
                // It comes back, as what is gone seldom does, and with an event.
                self.events.push(key);
                Err(gone())
            }
        };
        match &result {
            Err(error) if error.is_transient() => {
                if let Some(seconds) = error.retry_after {
                    self.not_before.insert(key, self.now + Millis::from(seconds) * 1_000);
                }
            }
            result => drop(self.model.insert(key, result.clone())),
        }
        self.step(Input::Settle(id, result));
    }

    fn end(&mut self, index: usize, success: bool) {
        if self.mutations.is_empty() {
            return;
        }
        let (id, key, name) = self.mutations.remove(index % self.mutations.len());
        if success {
            self.server.entry(key).or_default().1 = name;
            if let Some(Ok((_, known))) = self.model.get_mut(&key) {
                *known = name;
            }
        }
        self.step(Input::Conclude(id, success));
    }

    fn pass(&mut self, ms: Millis) {
        let until = self.now + ms;
        while let Some(at) = self.timer.take_if(|at| *at <= until) {
            self.now = self.now.max(at);
            self.step(Input::Wake);
        }
        self.now = until;
    }

    /// What always holds.
    fn check(&self) {
        for key in 0..3 {
            let shown = self.core.view(&key);
            assert_eq!(self.screen.get(&key).cloned().flatten(), shown, "{key}: the screen is behind");
            let mut names = self.mutations.iter().filter(|(_, of, _)| *of == key).map(|(.., name)| *name);
            match (self.model.get(&key), shown) {
                (Some(Ok((count, name))), shown) => {
                    assert_eq!(
                        shown,
                        Some(Ok((*count, names.next_back().unwrap_or(*name)))),
                        "{key}: a good answer stays"
                    );
                }
                (Some(Err(error)), shown) => {
                    // A try that failed since then may have told another error.
                    assert!(matches!(&shown, None | Some(Err(_))), "{key}: {error} became {shown:?}");
                }
                (None, shown) => assert!(!matches!(shown, Some(Ok(_))), "{key}: {shown:?} from nowhere"),
            }
        }
        for (_, key, _) in &self.fetches {
            assert!(self.looked_at(*key) || self.prefetched.contains(key), "a fetch of {key} for nobody");
        }
        let due = self.core.entries.iter().filter_map(|entry| match entry.fetching {
            Fetching::Waiting { until, .. } => Some(until),
            _ => entry.forget_at(),
        });
        assert!(due.min().is_none_or(|due| self.timer.is_some_and(|timer| timer <= due)), "nobody wakes it");
    }

    /// The network is good, all events arrive, all mutations end, and time passes until nothing is under way. What could
    /// not be fetched is tried again by the one who sees that; nothing else is done for the cache.
    fn settle(&mut self) {
        if self.offline {
            self.act(Act::Online);
        }
        while !self.mutations.is_empty() {
            self.act(Act::End(0, self.begun.is_multiple_of(2)));
        }
        for _ in 0..100 {
            self.act(Act::Deliver);
            while !self.fetches.is_empty() {
                self.act(Act::Answer(0, Outcome::Now));
            }
            self.act(Act::Pass(1_000));
        }
        for key in 0..3 {
            let failed = self.core.entries.iter().any(|entry| entry.key == key && entry.error.is_some());
            if failed && self.looked_at(key) {
                self.step(Input::Invalidate(&|other| *other == key));
                self.act(Act::Answer(0, Outcome::Now));
            }
        }
        assert!(self.fetches.is_empty(), "fetches without an end");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_happens_the_screen_ends_up_with_what_the_server_has(acts in acts()) {
        let mut world = World::new();
        for act in acts {
            world.act(act);
        }
        world.settle();
        for key in 0..3 {
            if world.looked_at(key) {
                prop_assert_eq!(world.core.view(&key), Some(Ok(world.server[&key])));
            }
        }
        prop_assert_eq!(world.core.outdated(), None);
        world.pass(GC_TIME);
        for key in 0..3 {
            let known = world.core.entries.iter().any(|entry| entry.key == key);
            prop_assert_eq!(known, world.looked_at(key), "memory of {}", key);
        }
    }
}
