//! Wakes the one reader of this server, which reads new events from the database into the ring that streams are fed from.
//!
//! Only the newest number travels from who wrote an event: nothing is lost with a message, and it makes no difference
//! whether this server or another one wrote it. On PostgreSQL a task of its own listens for the others' notifications.

use super::{
    Appended,
    ring::{Entry, Ring},
    sql,
};
use crate::{
    error::{Error, Result},
    store::{Backend, Store, Tx, dialect::CHANNEL},
};
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
/// Events that the reader reads at once.
const BATCH: usize = 200;
/// The pauses between two attempts to connect or to read again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The number of the newest event, and a way to wait for the next. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    latest: watch::Sender<i64>,
    /// The newest event that is in the ring.
    head: watch::Sender<i64>,
    ring: Arc<Ring>,
    tasks: Vec<AbortHandle>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Bus {
    /// Starts at the database's newest event, reads what comes and, on PostgreSQL, listens for what other servers write,
    /// until the last clone is dropped.
    pub async fn open(store: Store) -> Result<Self> {
        let latest = watch::Sender::new(0);
        let mut tasks = Vec::new();
        if store.backend() == Backend::Postgres {
            // Listening starts before the newest number is read: an event between the two is heard, not missed.
            let connection = connect(&store).await?;
            tasks.push(tokio::spawn(listen(store.clone(), latest.clone(), Some(connection))).abort_handle());
        }
        catch_up(&store, &latest).await?;
        let start = *latest.borrow();
        let (head, ring) = (watch::Sender::new(start), Arc::new(Ring::new(start)));
        let reader = Reader { store: store.clone(), ring: Arc::clone(&ring), head: head.clone(), at: start };
        tasks.push(tokio::spawn(reader.run(latest.subscribe())).abort_handle());
        Ok(Self(Arc::new(Inner { store, latest, head, ring, tasks })))
    }

    /// The newest event's number; 0 when nothing has happened yet.
    #[must_use]
    pub fn latest(&self) -> i64 {
        *self.0.latest.borrow()
    }

    /// The newest event's number as the database has it, whichever server wrote it.
    pub async fn newest(&self) -> Result<i64> {
        match self.0.store.backend() {
            // There is one server, which knows of each event before its writer does.
            Backend::Sqlite => Ok(self.latest()),
            Backend::Postgres => Ok(sql::latest(&mut *self.0.store.read().await?).await?),
        }
    }

    /// Follows the newest event's number.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.0.latest.subscribe()
    }

    /// Follows the newest event that [`Bus::recent`] has.
    #[must_use]
    pub fn heads(&self) -> watch::Receiver<i64> {
        self.0.head.subscribe()
    }

    /// What is in memory after this number, oldest first; `None` when some of it isn't any more.
    #[must_use]
    pub fn recent(&self, seq: i64) -> Option<Vec<Arc<Entry>>> {
        self.0.ring.after(seq)
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
    pub async fn read_after(&self, seq: i64, limit: usize) -> Result<Vec<Arc<Entry>>> {
        Ok(read_after(&self.0.store, seq, limit).await?.into_iter().map(Arc::new).collect())
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

async fn read_after(store: &Store, seq: i64, limit: usize) -> Result<Vec<Entry>> {
    let recorded = sql::after(&mut *store.read().await?, seq, limit).await?;
    let entry = |recorded| Entry::new(recorded).map_err(|error| Error::damaged(format_args!("event: {error}")));
    recorded.into_iter().map(entry).collect()
}

/// Reads each event once, for all streams.
struct Reader {
    store: Store,
    ring: Arc<Ring>,
    head: watch::Sender<i64>,
    at: i64,
}

impl Reader {
    async fn run(mut self, mut latest: watch::Receiver<i64>) {
        let mut pause = SHORTEST_PAUSE;
        // Ends with the bus, whose number it waits for.
        while let Ok(newest) = latest.wait_for(|newest| *newest > self.at).await.map(|newest| *newest) {
            match self.read(newest).await {
                Ok(()) => pause = SHORTEST_PAUSE,
                Err(_) if self.store.is_closed() => return,
                Err(error) => {
                    tracing::warn!(%error, ?pause, "new events can't be read; trying again");
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn read(&mut self, newest: i64) -> Result<()> {
        while self.at < newest {
            let entries = read_after(&self.store, self.at, BATCH).await?;
            // Events that an operator deleted by hand aren't waited for.
            self.at = entries.last().map_or(newest, |last| last.seq);
            for entry in entries {
                self.ring.push(entry);
            }
            self.head.send_replace(self.at);
        }
        Ok(())
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
    let mut pause = SHORTEST_PAUSE;
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
            Ok(()) => pause = SHORTEST_PAUSE,
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
            // The connection was lost: the caller makes a new one and catches up.
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
