//! What the tabs of a browser tell each other about the one live stream that they share, and what a page makes of it.
//!
//! Numbers of events have no holes (`server/src/events`). So each page knows by itself whether it has heard everything:
//! the next event has the next number. One that doesn't, or a stream that is further than the page, means that something
//! was missed, and then everything on the page is asked again. It doesn't matter who held the stream meanwhile, which
//! message came first, or that two tabs tell the same event.

/// What one tab tells the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TabMessage<'a> {
    /// Here is a page: who holds the stream answers with where it is.
    Hello,
    /// The stream is connected, and everything up to this event has been told.
    Live(i64),
    /// The stream is not connected.
    Lost,
    /// An event: its number and its JSON.
    Event(i64, &'a str),
    /// Events up to this one were left out, or the database is another one.
    Resync(i64),
}

impl<'a> TabMessage<'a> {
    /// As text: who tells it (an id, without spaces), and what.
    pub fn write(self, who: &str) -> String {
        let (word, seq, data) = match self {
            Self::Hello => ("hello", 0, ""),
            Self::Live(at) => ("live", at, ""),
            Self::Lost => ("lost", 0, ""),
            Self::Event(seq, data) => ("event", seq, data),
            Self::Resync(at) => ("resync", at, ""),
        };
        format!("{who} {word} {seq} {data}")
    }

    /// Who tells it, and what; `None` for what isn't known.
    pub fn read(text: &'a str) -> Option<(&'a str, Self)> {
        let mut parts = text.splitn(4, ' ');
        let (who, word, seq) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
        let message = match word {
            "hello" => Self::Hello,
            "live" => Self::Live(seq),
            "lost" => Self::Lost,
            "event" => Self::Event(seq, parts.next()?),
            "resync" => Self::Resync(seq),
            _ => return None,
        };
        Some((who, message))
    }
}

/// The last event that a page's data stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen(pub i64);

/// What is stale on a page after it was told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staleness {
    Nothing,
    /// What the event says.
    Event,
    Everything,
}

impl Seen {
    pub fn hear(&mut self, message: TabMessage) -> Staleness {
        let (seq, stale) = match message {
            TabMessage::Event(seq, _) if seq == self.0 + 1 => (seq, Staleness::Event),
            TabMessage::Event(seq, _) | TabMessage::Live(seq) if seq > self.0 => (seq, Staleness::Everything),
            TabMessage::Resync(at) => (at, Staleness::Everything),
            _ => (self.0, Staleness::Nothing),
        };
        self.0 = seq;
        stale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    #[test]
    fn what_is_told_survives() {
        let data = r#"{"actor": "Ada L", "type": "x"}"#;
        for message in [
            TabMessage::Hello,
            TabMessage::Live(7),
            TabMessage::Lost,
            TabMessage::Event(8, data),
            TabMessage::Resync(9),
        ] {
            assert_eq!(TabMessage::read(&message.write("u-1")), Some(("u-1", message)));
        }
        for text in ["", "u-1", "u-1 live", "u-1 live x ", "u-1 later 1 "] {
            assert_eq!(TabMessage::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_page_takes_the_next_event_and_notices_what_it_missed() {
        let mut seen = Seen(5);
        assert_eq!((seen.hear(TabMessage::Event(5, "")), seen), (Staleness::Nothing, Seen(5)));
        assert_eq!((seen.hear(TabMessage::Event(6, "")), seen), (Staleness::Event, Seen(6)));
        assert_eq!((seen.hear(TabMessage::Event(8, "")), seen), (Staleness::Everything, Seen(8)));
        assert_eq!((seen.hear(TabMessage::Live(7)), seen), (Staleness::Nothing, Seen(8)));
        assert_eq!((seen.hear(TabMessage::Live(9)), seen), (Staleness::Everything, Seen(9)));
        // Another database, such as after a restore, starts lower.
        assert_eq!((seen.hear(TabMessage::Resync(3)), seen), (Staleness::Everything, Seen(3)));
    }

    /// What may happen to a browser's tabs, in any order.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        Publish,
        /// A page is loaded.
        Load,
        /// A tab takes over the stream, from where it stands itself. The one before may have told the others everything
        /// or not.
        Lead(usize),
        /// The stream brings its next event.
        Stream,
        /// Who holds the stream says where it is.
        Live,
        /// A tab hears the next message of another one.
        Hear(usize, usize),
        /// A tab is closed.
        Close(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => Just(Step::Publish),
            1 => Just(Step::Load),
            1 => (0_usize..5).prop_map(Step::Lead),
            3 => Just(Step::Stream),
            1 => Just(Step::Live),
            6 => (0_usize..5, 0_usize..5).prop_map(|(tab, from)| Step::Hear(tab, from)),
            1 => (0_usize..5).prop_map(Step::Close),
        ];
        prop::collection::vec(step, 0..120)
    }

    struct Tab {
        id: usize,
        seen: Seen,
        /// The last event that its data really stands for.
        shows: i64,
        /// Messages of each other tab, in the order in which that one sent them.
        inbox: Vec<(usize, VecDeque<TabMessage<'static>>)>,
    }

    impl Tab {
        fn hear(&mut self, message: TabMessage, latest: i64) {
            match self.seen.hear(message) {
                Staleness::Nothing => {}
                Staleness::Event => {
                    assert_eq!(self.shows.max(self.seen.0 - 1), self.shows, "an event was missed before {message:?}");
                    self.shows = self.shows.max(self.seen.0);
                }
                Staleness::Everything => self.shows = latest,
            }
            assert!(self.seen.0 <= self.shows, "it believes in more than it shows");
        }
    }

    #[derive(Default)]
    struct World {
        latest: i64,
        loaded: usize,
        tabs: Vec<Tab>,
        /// Which tab holds the stream, and how far it is.
        leader: Option<(usize, i64)>,
    }

    impl World {
        fn tell(&mut self, from: usize, message: TabMessage<'static>) {
            for tab in &mut self.tabs {
                if tab.id == from {
                    tab.hear(message, self.latest);
                } else if let Some((_, queue)) = tab.inbox.iter_mut().find(|(id, _)| *id == from) {
                    queue.push_back(message);
                } else {
                    tab.inbox.push((from, VecDeque::from([message])));
                }
            }
        }

        fn take(&mut self, step: Step) {
            match step {
                Step::Publish => self.latest += 1,
                Step::Load => {
                    let (id, at) = (self.loaded, self.latest);
                    self.loaded += 1;
                    self.tabs.push(Tab { id, seen: Seen(at), shows: at, inbox: Vec::new() });
                }
                Step::Lead(tab) => {
                    if let Some(tab) = self.tabs.get(tab) {
                        self.leader = Some((tab.id, tab.seen.0));
                    }
                }
                Step::Stream => {
                    if let Some((leader, at)) = self.leader.filter(|(_, at)| *at < self.latest) {
                        self.leader = Some((leader, at + 1));
                        self.tell(leader, TabMessage::Event(at + 1, ""));
                    }
                }
                Step::Live => {
                    if let Some((leader, at)) = self.leader {
                        self.tell(leader, TabMessage::Live(at));
                    }
                }
                Step::Hear(tab, from) => {
                    let latest = self.latest;
                    if let Some(tab) = self.tabs.get_mut(tab)
                        && let Some((_, queue)) = tab.inbox.get_mut(from)
                        && let Some(message) = queue.pop_front()
                    {
                        tab.hear(message, latest);
                    }
                }
                Step::Close(tab) if tab < self.tabs.len() => {
                    let closed = self.tabs.remove(tab);
                    self.leader = self.leader.filter(|(leader, _)| *leader != closed.id);
                }
                Step::Close(_) => {}
            }
        }
    }

    proptest! {
        #[test]
        fn no_tab_misses_an_event_whoever_holds_the_stream(steps in steps()) {
            let mut world = World::default();
            for step in steps {
                world.take(step);
            }
            // In the end somebody holds the stream, and it tells all that happened.
            world.take(Step::Load);
            world.take(Step::Publish);
            world.take(Step::Lead(0));
            for _ in 0..=world.latest {
                world.take(Step::Stream);
            }
            world.take(Step::Live);
            for tab in &mut world.tabs {
                while let Some((_, queue)) = tab.inbox.iter_mut().find(|(_, queue)| !queue.is_empty()) {
                    let message = queue.pop_front().unwrap();
                    tab.hear(message, world.latest);
                }
                prop_assert_eq!((tab.seen.0, tab.shows), (world.latest, world.latest));
            }
        }
    }
}
