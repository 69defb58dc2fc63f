//! The order in which passwords are hashed when more people sign in than there are processors.
//!
//! Two classes: people with a good record go before strangers. Inside of a class the lines take turns, and a line has
//! one attempt under way at a time, so that its outcome is known before the next one is let in: a hundred connections
//! from one address are one line, and wait behind each other rather than in front of everybody else.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// How many may wait in a line: a few seconds' work.
const LINE: usize = 32;
/// How many of a line may wait for the same account, so that others behind the same address get their turn.
const ACCOUNT: usize = 4;
/// How many may wait in a class.
const CLASS: usize = 256;

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Known,
    Stranger,
}

/// A place to wait in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub class: Class,
    pub line: u64,
    pub account: u64,
}

/// So many are waiting already that one more would only wait in vain.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// Bounded, fair, and first come first served inside of a line. Cheap to clone.
#[derive(Clone)]
pub struct Queue(Arc<Mutex<State>>);

struct State {
    free: usize,
    classes: [Lines; 2],
}

#[derive(Default)]
struct Lines {
    /// Lines in which somebody waits; the next one's turn is first.
    order: VecDeque<u64>,
    lines: HashMap<u64, Line>,
    waiting: usize,
}

#[derive(Default)]
struct Line {
    busy: bool,
    waiting: VecDeque<Waiter>,
}

struct Waiter {
    account: u64,
    turn: oneshot::Sender<Turn>,
}

/// The right to hash, until it is dropped.
pub struct Turn {
    queue: Queue,
    place: Place,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = self.queue.state().leave(self.place);
        self.queue.call(next);
    }
}

impl Queue {
    /// As many turns at once as there are `processors`.
    pub fn new(processors: usize) -> Self {
        Self(Arc::new(Mutex::new(State { free: processors.max(1), classes: Default::default() })))
    }

    /// Waits for a turn.
    pub async fn turn(&self, place: Place) -> Result<Turn, Full> {
        let (turn, mine) = oneshot::channel();
        let next = self.state().enter(place, turn)?;
        self.call(next);
        // Sent away in favour of a shorter line.
        mine.await.map_err(|_| Full)
    }

    /// Tells those whose turn it is. Outside of the lock: a turn that nobody takes is dropped here, which frees it.
    fn call(&self, next: Vec<(Place, oneshot::Sender<Turn>)>) {
        for (place, turn) in next {
            // A caller that went away meanwhile gives the turn back.
            drop(turn.send(Turn { queue: self.clone(), place }));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(
        &mut self,
        place: Place,
        turn: oneshot::Sender<Turn>,
    ) -> Result<Vec<(Place, oneshot::Sender<Turn>)>, Full> {
        self.classes[place.class as usize].enter(place, turn)?;
        Ok(self.next())
    }

    fn leave(&mut self, place: Place) -> Vec<(Place, oneshot::Sender<Turn>)> {
        self.free += 1;
        self.classes[place.class as usize].leave(place.line);
        self.next()
    }

    fn next(&mut self) -> Vec<(Place, oneshot::Sender<Turn>)> {
        let mut next = Vec::new();
        while self.free > 0 {
            let [known, strangers] = &mut self.classes;
            let Some(called) = known.next(Class::Known).or_else(|| strangers.next(Class::Stranger)) else { break };
            self.free -= 1;
            next.push(called);
        }
        next
    }
}

impl Lines {
    fn enter(&mut self, place: Place, turn: oneshot::Sender<Turn>) -> Result<(), Full> {
        let line = self.lines.entry(place.line).or_default();
        let before = line.waiting.len();
        line.waiting.retain(|waiter| !waiter.turn.is_closed());
        self.waiting -= before - line.waiting.len();
        let (of_line, of_account) =
            (line.waiting.len(), line.waiting.iter().filter(|waiter| waiter.account == place.account).count());
        if of_line >= LINE || of_account >= ACCOUNT || (self.waiting >= CLASS && !self.make_room(of_line)) {
            self.tidy(place.line);
            return Err(Full);
        }
        if of_line == 0 && !self.order.contains(&place.line) {
            self.order.push_back(place.line);
        }
        let line = self.lines.entry(place.line).or_default();
        line.waiting.push_back(Waiter { account: place.account, turn });
        self.waiting += 1;
        Ok(())
    }

    /// Sends away the last one of the longest line, if that is longer than the caller's line.
    fn make_room(&mut self, of_line: usize) -> bool {
        let longest = self.lines.values_mut().max_by_key(|line| line.waiting.len());
        let Some(longest) = longest.filter(|line| line.waiting.len() > of_line + 1) else { return false };
        longest.waiting.pop_back();
        self.waiting -= 1;
        true
    }

    fn leave(&mut self, line: u64) {
        if let Some(line) = self.lines.get_mut(&line) {
            line.busy = false;
        }
        self.tidy(line);
    }

    fn tidy(&mut self, line: u64) {
        if self.lines.get(&line).is_some_and(|line| !line.busy && line.waiting.is_empty()) {
            self.lines.remove(&line);
        }
    }

    /// The next one of the first line that has nobody under way.
    fn next(&mut self, class: Class) -> Option<(Place, oneshot::Sender<Turn>)> {
        for _ in 0..self.order.len() {
            let number = self.order.pop_front()?;
            let Some(line) = self.lines.get_mut(&number) else { continue };
            if line.busy {
                self.order.push_back(number);
                continue;
            }
            let Some(waiter) = line.waiting.pop_front() else {
                self.tidy(number);
                continue;
            };
            self.waiting -= 1;
            line.busy = true;
            if !line.waiting.is_empty() {
                self.order.push_back(number);
            }
            return Some((Place { class, line: number, account: waiter.account }, waiter.turn));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn stranger(line: u64, account: u64) -> Place {
        Place { class: Class::Stranger, line, account }
    }

    #[tokio::test]
    async fn a_long_line_does_not_stand_before_a_short_one() {
        let queue = Queue::new(1);
        let first = queue.turn(stranger(1, 0)).await.unwrap();
        let mut flood: Vec<_> = (1..=20).map(|account| Box::pin(queue.turn(stranger(1, account)))).collect();
        assert!(flood.iter_mut().all(|waiting| waiting.now_or_never().is_none()));
        let mut other = Box::pin(queue.turn(stranger(2, 0)));
        assert!(other.as_mut().now_or_never().is_none());
        let mut known = Box::pin(queue.turn(Place { class: Class::Known, line: 3, account: 0 }));
        assert!(known.as_mut().now_or_never().is_none());
        drop(first);
        drop(known.now_or_never().unwrap().unwrap());
        // Now it is the flood's turn, and then the other line's, however many the flood still has.
        let one = flood[0].as_mut().now_or_never().unwrap().unwrap();
        drop(one);
        assert!(other.now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn a_line_has_one_under_way() {
        let queue = Queue::new(4);
        let first = queue.turn(stranger(1, 0)).await.unwrap();
        let mut second = Box::pin(queue.turn(stranger(1, 0)));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(queue.turn(stranger(2, 0)).now_or_never().unwrap().is_ok());
        drop(first);
        assert!(second.now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn waiting_is_bounded_and_those_who_left_do_not_count() {
        let queue = Queue::new(1);
        let _running = queue.turn(stranger(0, 0)).await.unwrap();
        let wait = |place| {
            let mut waiting = Box::pin(queue.turn(place));
            match waiting.as_mut().now_or_never() {
                None => Ok(waiting),
                Some(outcome) => Err(outcome.err()),
            }
        };
        let of_account: Vec<_> = (0..ACCOUNT).map(|_| wait(stranger(1, 7)).ok().unwrap()).collect();
        assert_eq!(wait(stranger(1, 7)).err().unwrap(), Some(Full));
        let of_line: Vec<_> = (100..).take(LINE - ACCOUNT).map(|n| wait(stranger(1, n)).ok().unwrap()).collect();
        assert_eq!(wait(stranger(1, 99)).err().unwrap(), Some(Full));
        drop(of_account);
        let again = wait(stranger(1, 7)).ok().unwrap();
        // With all places taken, a new line takes one of the longest line's, and only then none.
        let rest: Vec<_> = (2..).take(CLASS - LINE + ACCOUNT - 1).map(|n| wait(stranger(n, 0)).ok().unwrap()).collect();
        let newcomer = wait(stranger(9_999, 0)).ok().unwrap();
        assert_eq!(again.now_or_never().unwrap().err(), Some(Full));
        drop((of_line, rest, newcomer));
        assert!(wait(stranger(1, 7)).is_ok());
    }
}
