//! The rules one by one.

use super::*;
use shared::ErrorCode;

const STALE: Millis = 30_000;

impl CacheKey for u8 {
    fn stale_time(&self) -> Millis {
        STALE
    }
}

pub(super) type Keys = u8;
/// What the server has: a counter that others raise, and a name that mutations set.
pub(super) type Value = (u32, u32);
pub(super) type Tested = Core<Keys, Value>;

pub(super) fn core() -> Tested {
    Core::new(|| 1.0)
}

pub(super) fn busy(seconds: Option<u32>) -> ApiError {
    ApiError { retry_after: seconds, ..ApiError::new(ErrorCode::Unavailable, "Busy.") }
}

pub(super) fn gone() -> ApiError {
    ApiError::not_found("such thing")
}

fn is_seven(key: &Keys) -> bool {
    *key == 7
}

/// The fetch that was asked for, if one was.
fn fetched(commands: &[Command<Keys>]) -> Option<FetchId> {
    commands.iter().find_map(|command| if let Command::Fetch(id, _) = command { Some(*id) } else { None })
}

fn canceled(commands: &[Command<Keys>]) -> bool {
    commands.iter().any(|command| matches!(command, Command::Cancel(_)))
}

fn wakes(commands: &[Command<Keys>]) -> Option<Millis> {
    commands.iter().rev().find_map(|command| if let Command::WakeAt(at) = command { Some(*at) } else { None })
}

/// A key that is looked at and was answered at time 0.
fn answered() -> Tested {
    let mut core = core();
    let id = fetched(&core.step(0, Input::Observe(7))).unwrap();
    core.step(0, Input::Settle(id, Ok((1, 0))));
    core
}

#[test]
fn two_who_look_at_the_same_thing_share_a_fetch() {
    let mut core = core();
    let id = fetched(&core.step(0, Input::Observe(7))).unwrap();
    assert_eq!(fetched(&core.step(0, Input::Observe(7))), None);
    assert_eq!(core.view(&7), None);
    assert_eq!(core.step(5, Input::Settle(id, Ok((1, 0)))), [Command::Render(7)]);
    assert_eq!(core.view(&7), Some(Ok((1, 0))));
}

#[test]
fn an_answer_is_fresh_for_its_time_and_shown_while_it_is_fetched_again() {
    let mut core = answered();
    assert_eq!(fetched(&core.step(STALE - 1, Input::Observe(7))), None);
    assert!(fetched(&core.step(STALE, Input::Observe(7))).is_some());
    assert_eq!(core.view(&7), Some(Ok((1, 0))));
}

#[test]
fn the_focus_fetches_what_is_on_screen_and_stale() {
    let mut core = answered();
    core.step(0, Input::Hydrate(8, Ok((1, 0))));
    assert_eq!(fetched(&core.step(STALE - 1, Input::Focus)), None);
    let commands = core.step(STALE, Input::Focus);
    assert!(matches!(commands[..], [Command::Fetch(_, 7)]), "{commands:?}");
}

#[test]
fn an_invalidation_during_a_fetch_has_it_fetched_once_more() {
    let mut core = answered();
    let first = fetched(&core.step(1, Input::Invalidate(&is_seven))).unwrap();
    for _ in 0..3 {
        assert_eq!(core.step(2, Input::Invalidate(&is_seven)), []);
    }
    let second = fetched(&core.step(3, Input::Settle(first, Ok((2, 0))))).unwrap();
    assert_eq!(core.view(&7), Some(Ok((2, 0))), "many events don't keep answers from being shown");
    assert_eq!(fetched(&core.step(4, Input::Settle(second, Ok((3, 0))))), None);
}

#[test]
fn what_the_page_leaves_is_shown_until_then_and_fetched_by_who_comes_back() {
    let mut core = answered();
    let running = fetched(&core.step(1, Input::Invalidate(&is_seven))).unwrap();
    assert_eq!(core.step(2, Input::Leave(&is_seven)), [Command::Cancel(running)]);
    assert_eq!(core.view(&7), Some(Ok((1, 0))));
    assert_eq!(fetched(&core.step(2, Input::Unobserve(&7))), None);
    assert!(fetched(&core.step(3, Input::Observe(7))).is_some());
}

#[test]
fn a_fetch_is_canceled_when_the_last_one_leaves_and_its_answer_is_nothing_then() {
    let mut core = core();
    let id = fetched(&core.step(0, Input::Observe(7))).unwrap();
    core.step(0, Input::Observe(7));
    assert!(!canceled(&core.step(1, Input::Unobserve(&7))));
    assert!(core.step(1, Input::Unobserve(&7)).contains(&Command::Cancel(id)));
    core.step(2, Input::Settle(id, Ok((1, 0))));
    assert_eq!(core.view(&7), None);
}

#[test]
fn what_fails_is_tried_again_with_growing_pauses_and_then_told() {
    let mut core = core();
    let mut now = 0;
    let mut id = fetched(&core.step(now, Input::Observe(7))).unwrap();
    for pause in [400, 800, 1600] {
        let commands = core.step(now, Input::Settle(id, Err(busy(None))));
        assert_eq!(commands, [Command::WakeAt(now + pause)]);
        assert_eq!(fetched(&core.step(now + pause - 1, Input::Focus)), None);
        now += pause;
        id = fetched(&core.step(now, Input::Wake)).unwrap();
    }
    core.step(now, Input::Settle(id, Err(busy(None))));
    assert_eq!(core.view(&7), Some(Err(busy(None))));
}

#[test]
fn the_server_says_when_to_come_again() {
    let mut core = core();
    let id = fetched(&core.step(0, Input::Observe(7))).unwrap();
    let commands = core.step(0, Input::Settle(id, Err(busy(Some(20)))));
    assert_eq!(wakes(&commands), Some(20_000));
    assert_eq!(core.view(&7), Some(Err(busy(Some(20)))), "twenty seconds are too long to say nothing");
    // Neither events nor people who go and come back make it sooner.
    assert_eq!(fetched(&core.step(1, Input::Invalidate(&is_seven))), None);
    core.step(1, Input::Unobserve(&7));
    assert_eq!(fetched(&core.step(2, Input::Observe(7))), None);
    let id = fetched(&core.step(20_000, Input::Wake)).unwrap();
    core.step(20_001, Input::Settle(id, Ok((1, 0))));
    assert_eq!(core.view(&7), Some(Ok((1, 0))));
}

#[test]
fn an_event_ends_a_pause() {
    let mut core = core();
    let id = fetched(&core.step(0, Input::Observe(7))).unwrap();
    core.step(0, Input::Settle(id, Err(busy(None))));
    assert!(fetched(&core.step(1, Input::Online)).is_some());
}

#[test]
fn the_last_good_answer_stays_while_the_server_is_away_and_is_known_to_be_old() {
    let mut core = answered();
    core.step(1, Input::Offline);
    let id = fetched(&core.step(2, Input::Invalidate(&is_seven))).unwrap();
    core.step(3, Input::Settle(id, Err(busy(None))));
    assert_eq!(core.view(&7), Some(Ok((1, 0))));
    assert_eq!(core.outdated(), Some((0, &busy(None))));
    let id = fetched(&core.step(4, Input::Online)).unwrap();
    core.step(5, Input::Settle(id, Ok((2, 0))));
    assert_eq!((core.view(&7), core.outdated()), (Some(Ok((2, 0))), None));
}

#[test]
fn what_is_gone_is_not_shown_any_longer() {
    let mut core = answered();
    let id = fetched(&core.step(1, Input::Invalidate(&is_seven))).unwrap();
    core.step(2, Input::Settle(id, Err(gone())));
    assert_eq!((core.view(&7), core.outdated()), (Some(Err(gone())), None));
    assert_eq!(fetched(&core.step(3, Input::Focus)), None, "it is an answer, and fresh");
}

#[test]
fn a_prefetched_answer_is_there_when_somebody_looks() {
    let mut core = core();
    let id = fetched(&core.step(0, Input::Prefetch(7))).unwrap();
    assert_eq!(fetched(&core.step(0, Input::Prefetch(7))), None);
    core.step(1, Input::Settle(id, Ok((1, 0))));
    assert_eq!(fetched(&core.step(2, Input::Observe(7))), None);
    assert_eq!(core.view(&7), Some(Ok((1, 0))));
    // One that failed is no news to anybody.
    let id = fetched(&core.step(0, Input::Prefetch(8))).unwrap();
    core.step(1, Input::Settle(id, Err(busy(None))));
    assert_eq!(core.view(&8), None);
}

#[test]
fn what_nobody_looks_at_is_forgotten_after_a_while() {
    let mut core = answered();
    let commands = core.step(10, Input::Unobserve(&7));
    assert_eq!(wakes(&commands), Some(10 + GC_TIME));
    core.step(20, Input::Observe(7));
    assert_eq!(core.step(10 + GC_TIME, Input::Wake), []);
    core.step(GC_TIME, Input::Unobserve(&7));
    assert_eq!(core.step(2 * GC_TIME, Input::Wake), [Command::Forget(7)]);
    assert_eq!(core.view(&7), None);
}

fn rename(to: u32) -> (Filter<Keys>, Update<Value>) {
    (Arc::new(is_seven), Arc::new(move |(count, _)| (*count, to)))
}

#[test]
fn a_mutation_shows_at_once_and_is_taken_back_when_it_fails() {
    let mut core = answered();
    let (filter, update) = rename(5);
    assert_eq!(core.step(1, Input::Expect(MutationId(1), filter, update)), [Command::Render(7)]);
    assert_eq!(core.view(&7), Some(Ok((1, 5))));
    // An answer that came meanwhile is one from before.
    let id = fetched(&core.step(2, Input::Invalidate(&is_seven))).unwrap();
    core.step(3, Input::Settle(id, Ok((2, 0))));
    assert_eq!(core.view(&7), Some(Ok((2, 5))));
    let commands = core.step(4, Input::Conclude(MutationId(1), false));
    assert_eq!(core.view(&7), Some(Ok((2, 0))));
    assert!(fetched(&commands).is_some(), "the server knows what became of it: {commands:?}");
}

#[test]
fn a_mutation_that_went_well_is_not_undone_by_an_answer_from_before() {
    let mut core = answered();
    let (filter, update) = rename(5);
    core.step(1, Input::Expect(MutationId(1), filter, update));
    let before = fetched(&core.step(2, Input::Invalidate(&is_seven))).unwrap();
    let commands = core.step(3, Input::Conclude(MutationId(1), true));
    assert!(commands.contains(&Command::Cancel(before)), "{commands:?}");
    core.step(4, Input::Settle(before, Ok((1, 0))));
    assert_eq!(core.view(&7), Some(Ok((1, 5))));
    core.step(5, Input::Settle(fetched(&commands).unwrap(), Ok((1, 5))));
    assert_eq!(core.view(&7), Some(Ok((1, 5))));
}
