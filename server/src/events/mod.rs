//! What happens in the hub, in order: the outbox that live streams and other servers read.
//!
//! An event is written in the transaction that made it happen, never after it. Its number comes from one row that
//! every writer of an event updates: the second waits for the first to commit, so numbers have no holes and a reader
//! that saw number *n* never meets a smaller one later. A sequence of the database would be faster and would give
//! both up: numbers would be taken before the commit, in another order than the commits. Publishing happens some
//! times a minute, so the wait is not felt.
//!
//! Each event is written twice: to the outbox, for days, and to the audit trail, which is the history that people read
//! and lasts for a year and longer. What an account may do is an event, too, which streams act on ([`follow`]) and which
//! is told to nobody yet.

mod bus;
pub mod follow;
pub mod rest;
mod ring;
mod sql;
mod streams;

pub use bus::Bus;
pub use ring::{Entry, EntryKind};
pub use streams::Streams;

use crate::{
    error,
    permissions::{self, Grant, Read, Visible},
    store::{Store, retrying},
};
use async_trait::async_trait;
use shared::{
    Events, Page, PageQuery, Timestamp,
    accounts::{Actor, Caller},
    events::{Event, EventKind, EventSubject},
    ids::{ServiceId, UserId, VersionId},
    names::{DisplayName, ServiceName},
};
use sqlx::AnyConnection;
use tracing::instrument;

/// The newest event of a transaction that isn't committed yet. [`Bus::commit`] takes it, so that no event is committed
/// without waking those who follow.
#[derive(Debug)]
#[must_use = "the transaction is committed with it, by `Bus::commit`"]
pub struct Appended(i64);

/// The type of subject that isn't told of.
const ACCOUNT: &str = "account";

/// What the outbox has.
#[derive(Debug)]
pub enum Recorded {
    Event(Box<Event>),
    /// What this account may do has changed.
    Access {
        seq: i64,
        user: UserId,
    },
}

/// A service that something was done to.
#[must_use]
pub fn service(id: ServiceId) -> EventSubject {
    EventSubject { kind: "service".to_owned(), id: id.to_string() }
}

/// A version that something was done to.
#[must_use]
pub fn version(id: VersionId) -> EventSubject {
    EventSubject { kind: "version".to_owned(), id: id.to_string() }
}

/// Appends an event to the transaction, which [`Bus::commit`] commits.
///
/// From here to the commit every other writer of an event waits: append last.
pub async fn append(
    tx: &mut AnyConnection,
    store: &Store,
    at: Timestamp,
    actor: &Actor,
    subject: EventSubject,
    kind: &EventKind,
) -> error::Result<Appended> {
    let payload = serde_json::to_string(kind).map_err(|error| error::Error::damaged(format_args!("event: {error}")))?;
    let service = kind.service().map(ServiceName::as_str);
    let (actor_id, actor, kind) = (actor.user, &actor.name, kind.name());
    write(tx, store, sql::New { at, kind, actor_id, actor, subject, service, payload }).await
}

/// Appends, as [`append`] does, that what an account may do has changed: its streams are asked again before they tell of
/// anything that comes after.
pub async fn append_access(
    tx: &mut AnyConnection,
    store: &Store,
    at: Timestamp,
    (actor_id, actor): (UserId, &DisplayName),
    account: UserId,
) -> error::Result<Appended> {
    let subject = EventSubject { kind: ACCOUNT.to_owned(), id: account.to_string() };
    let (kind, payload) = ("access-changed", r#"{"type":"access-changed"}"#.to_owned());
    write(tx, store, sql::New { at, kind, actor_id, actor, subject, service: None, payload }).await
}

async fn write(tx: &mut AnyConnection, store: &Store, new: sql::New<'_>) -> error::Result<Appended> {
    let seq = sql::append(tx, &new).await?;
    store.backend().notify(tx, seq).await?;
    Ok(Appended(seq))
}

/// How many days events are stored; 0 is for ever.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// For streams that go on where they stopped.
    pub outbox_days: u32,
    /// For people who look back.
    pub audit_days: u32,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

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

    /// Deletes what is older than it needs to be; tells how many entries went.
    pub async fn delete_old(&self, now: Timestamp, retention: Retention) -> error::Result<u64> {
        let before = |days: u32| match days {
            0 => Timestamp(i64::MIN),
            days => Timestamp(now.0.saturating_sub(i64::from(days) * DAY_MS)),
        };
        retrying(async || {
            let mut tx = self.store.begin().await?;
            let gone = sql::delete_old(&mut tx, before(retention.outbox_days), before(retention.audit_days)).await?;
            tx.commit().await?;
            Ok(gone)
        })
        .await
    }

    async fn page(&self, grant: &Grant<Read, Visible>, page: &PageQuery) -> error::Result<Page<Event>> {
        let limit = page.limit()?;
        let before = page.cursor.as_ref().map_or(Ok(i64::MAX), shared::Cursor::parse::<i64>)?;
        let mut connection = self.store.read().await?;
        let events = sql::before(&mut connection, grant, before, limit + 1).await?;
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
