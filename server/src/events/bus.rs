//! Wakes whoever follows the events: only the newest number travels, the events themselves are read from the database.
//!
//! So a slow follower costs no memory, nothing is lost with a message, and it makes no difference whether this server
//! or another one wrote the event. On PostgreSQL a task of its own listens for the others' notifications.

use super::{Appended, sql};
use crate::{
    error::{Error, Result},
    store::{Backend, Store, Tx, dialect::CHANNEL},
};
use shared::events::Event;
use sqlx::postgres::PgListener;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{sleep, timeout},
};
use tracing::Instrument as _;

/// How long the listener trusts silence before it looks for itself: a connection can die without a word.
const SILENCE: Duration = Duration::from_secs(15);
/// The longest pause between two attempts to connect again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The number of the newest event, and a way to wait for the next. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    latest: watch::Sender<i64>,
    listener: Option<AbortHandle>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

impl Bus {
    /// Starts at the database's newest event and, on PostgreSQL, listens for those of other servers until the last
    /// clone is dropped.
    pub async fn open(store: Store) -> Result<Self> {
        let latest = watch::Sender::new(0);
        let listener = match store.backend() {
            Backend::Sqlite => None,
            Backend::Postgres => {
                // Listening starts before the newest number is read: an event between the two is heard, not missed.
                let connection = connect(&store).await?;
                let task = tokio::spawn(listen(store.clone(), latest.clone(), Some(connection)));
                Some(task.abort_handle())
            }
        };
        let bus = Self(Arc::new(Inner { store, latest, listener }));
        catch_up(&bus.0.store, &bus.0.latest).await?;
        Ok(bus)
    }

    /// The newest event's number; 0 when nothing has happened yet.
    #[must_use]
    pub fn latest(&self) -> i64 {
        *self.0.latest.borrow()
    }

    /// Follows the newest event's number.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.0.latest.subscribe()
    }

    /// Commits a transaction and wakes followers of its newest event.
    ///
    /// In a task of its own: a client that hangs up during the commit can't keep others from hearing of it.
    pub async fn commit(&self, tx: Tx, newest: Appended) -> Result<()> {
        let bus = self.clone();
        let commit = async move {
            tx.commit().await?;
            advance(&bus.0.latest, newest.0);
            Ok(())
        };
        tokio::spawn(commit.in_current_span()).await?
    }

    /// Events after number `seq`, oldest first.
    pub async fn read_after(&self, seq: i64, limit: usize) -> Result<Vec<Event>> {
        let mut connection = self.0.store.read().await?;
        sql::after(&mut connection, seq, limit).await
    }

    /// The oldest event that is still kept; `None` when there is none. Who has seen less than the one before it has
    /// missed something that can't be read any more.
    pub async fn oldest(&self) -> Result<Option<i64>> {
        let mut connection = self.0.store.read().await?;
        sql::oldest(&mut connection).await
    }

    /// Whether a follower that has seen `seq` can go on from there and miss nothing. Not when older events are gone,
    /// nor when `seq` is still to come: then the database is another one than it followed.
    pub async fn can_resume(&self, seq: i64) -> Result<bool> {
        let mut connection = self.0.store.read().await?;
        let latest = sql::latest(&mut connection).await?;
        let oldest = sql::oldest(&mut connection).await?.unwrap_or(latest + 1);
        Ok((oldest - 1..=latest).contains(&seq))
    }
}

fn advance(latest: &watch::Sender<i64>, seq: i64) {
    // Commits may be told of out of order; the number only grows.
    latest.send_if_modified(|known| {
        let newer = seq > *known;
        *known = seq.max(*known);
        newer
    });
}

async fn catch_up(store: &Store, latest: &watch::Sender<i64>) -> Result<()> {
    let mut connection = store.read().await?;
    advance(latest, sql::latest(&mut connection).await?);
    Ok(())
}

async fn connect(store: &Store) -> Result<PgListener> {
    let mut listener = PgListener::connect(store.url()).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Hears other servers' events for as long as it runs. A lost connection is made again, and what happened meanwhile is
/// caught up with.
async fn listen(store: Store, latest: watch::Sender<i64>, mut connection: Option<PgListener>) {
    let mut pause = Duration::from_millis(250);
    loop {
        let outcome = match connection.take() {
            Some(listener) => hear(&store, &latest, listener).await,
            None => match connect(&store).await {
                Ok(listener) => {
                    connection = Some(listener);
                    catch_up(&store, &latest).await
                }
                Err(error) => Err(error),
            },
        };
        match outcome {
            Ok(()) => pause = Duration::from_millis(250),
            Err(_) if store.is_closed() => return,
            Err(error) => {
                tracing::warn!(%error, ?pause, "lost touch with the other servers' events; connecting again");
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Listens until the connection is lost or fails.
async fn hear(store: &Store, latest: &watch::Sender<i64>, mut listener: PgListener) -> Result<()> {
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            // The connection was lost: whoever calls makes a new one and catches up.
            Ok(Ok(None)) => return Ok(()),
            Ok(Ok(Some(notification))) => match notification.payload().parse() {
                Ok(seq) => advance(latest, seq),
                Err(_) => tracing::warn!(payload = notification.payload(), "a notification that isn't ours"),
            },
            Ok(Err(error)) => return Err(Error::from(error)),
            Err(_) => catch_up(store, latest).await?,
        }
    }
}
