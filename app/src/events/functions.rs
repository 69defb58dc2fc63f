//! Server functions of events.

use crate::client::Traced;
use leptos::prelude::*;
use server_fn::codec::GetUrl;
use shared::{ApiError, Page, PageQuery, events::Event};

/// A page of the history, newest first.
#[server(prefix = "/api/ui", endpoint = "recent-events", input = GetUrl, client = Traced)]
pub async fn recent_events(#[server(default)] page: PageQuery) -> Result<Page<Event>, ApiError> {
    use crate::context::{Door, answer};
    let Door { hub, caller } = Door::open()?;
    answer(hub.events.events(&caller, page).await)
}
