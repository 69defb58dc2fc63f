//! What happens in the hub, as it happens.

pub mod feed;
pub mod functions;
pub mod live;
pub mod stale;
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
mod stream;
#[cfg(any(feature = "hydrate", test))]
mod tabs;

use crate::queries::Query;
use shared::{Page, PageQuery, Result, events::Event};

/// How many recent events are shown.
const RECENT: u32 = 15;

/// The latest events, newest first.
pub struct RecentEvents;

impl Query for RecentEvents {
    type Key = ();
    type Value = Page<Event>;

    async fn fetch((): ()) -> Result<Page<Event>> {
        functions::recent_events(PageQuery { cursor: None, limit: Some(RECENT) }).await
    }
}
