//! What happens in the hub, in order: the outbox that live streams and other servers read.
//!
//! An event is written in the transaction that made it happen, never after it. Its number comes from one row that
//! every writer of an event updates: the second waits for the first to commit, so numbers have no holes and a reader
//! that saw number *n* never meets a smaller one later. A sequence of the database would be faster and would give
//! both up: numbers would be taken before the commit, in another order than the commits. Publishing happens some
//! times a minute, so the wait is not felt.

mod bus;
pub mod rest;
mod sql;
mod streams;

pub use bus::Bus;
pub use sql::KEPT;
pub use streams::Streams;

use crate::{
    error,
    permissions::{self, Grant, Read, Visible},
    store::Store,
};
use async_trait::async_trait;
use shared::{
    Events, Page, PageQuery, Timestamp,
    accounts::{Actor, Caller},
    events::{Event, EventKind},
};
use sqlx::AnyConnection;
use tracing::instrument;

/// The newest event of a transaction that isn't committed yet. [`Bus::commit`] takes it, so that no event is committed
/// without waking those who follow.
#[derive(Debug)]
#[must_use = "the transaction is committed with it, by `Bus::commit`"]
pub struct Appended(i64);

/// Appends an event to the transaction, which [`Bus::commit`] commits.
///
/// From here to the commit every other writer of an event waits: append last.
pub async fn append(
    tx: &mut AnyConnection,
    store: &Store,
    at: Timestamp,
    actor: &Actor,
    kind: &EventKind,
) -> error::Result<Appended> {
    let seq = sql::append(tx, at, &actor.name, kind).await?;
    store.backend().notify(tx, seq).await?;
    Ok(Appended(seq))
}

/// The history of events.
#[derive(Debug, Clone)]
pub struct EventsService {
    store: Store,
}

impl EventsService {
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    async fn page(&self, grant: &Grant<Read, Visible>, page: &PageQuery) -> error::Result<Page<Event>> {
        let limit = page.limit()?;
        let before = page.cursor.as_ref().map_or(Ok(i64::MAX), shared::Cursor::parse::<i64>)?;
        let mut connection = self.store.read().await?;
        let (mut before, mut events) = (before, Vec::new());
        while events.len() <= limit {
            let batch = sql::before(&mut connection, before, 1_000).await?;
            let Some(oldest) = batch.last() else { break };
            before = oldest.seq;
            events.extend(batch.into_iter().filter(|event| grant.on().sees(event.kind.service())));
        }
        events.truncate(limit + 1);
        Ok(Page::cut(events, limit, |event| event.seq.to_string()))
    }
}

#[async_trait]
impl Events for EventsService {
    #[instrument(skip_all)]
    async fn events(&self, caller: &Caller, page: PageQuery) -> shared::Result<Page<Event>> {
        Ok(self.page(&permissions::on_visible(caller)?, &page).await?)
    }
}
