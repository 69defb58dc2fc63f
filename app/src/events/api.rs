//! What pages ask about events.

use crate::api::queries;
use shared::{Page, events::Event};

#[cfg(feature = "ssr")]
use shared::PageQuery;

/// How many recent events are shown.
#[cfg(feature = "ssr")]
const RECENT: u32 = 15;

queries! {
    /// The latest events, newest first.
    RecentEvents("recent-events", read_recent_events)() -> Page<Event> =
        |hub, caller| hub.events.events(&caller, PageQuery { cursor: None, limit: Some(RECENT) });
}
