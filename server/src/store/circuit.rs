//! A short circuit for a database server that is away.
//!
//! A pool that can't connect tries for as long as somebody waits, so each request would wait ten seconds for nothing.
//! Once a connection of its own shows that the server is away, all that wait and all that come are refused at once; the
//! same probe tries until the server is back.

use super::Error;
use sqlx::{AnyConnection, Connection as _, Error as Sql};
use std::{
    pin::pin,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// Waiting longer for a connection than this is worth a look whether there is anything to wait for.
const SLOW: Duration = Duration::from_secs(1);
/// How long the probe waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two probes of a server that is away.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Circuit {
    url: String,
    /// Whether the server is away.
    open: watch::Sender<bool>,
    probing: AtomicBool,
}

impl Circuit {
    pub fn new(url: String) -> Arc<Self> {
        Arc::new(Self { url, open: watch::Sender::new(false), probing: AtomicBool::new(false) })
    }

    /// Waits for a connection while the server is there.
    pub async fn guard<T>(self: &Arc<Self>, acquire: impl Future<Output = Result<T, Sql>>) -> Result<T, Error> {
        let mut open = self.open.subscribe();
        if *open.borrow() {
            return Err(Error::Away);
        }
        let mut acquire = pin!(acquire);
        tokio::select! {
            done = &mut acquire => return done.map_err(|error| self.failed(error)),
            () = sleep(SLOW) => self.probe(),
        }
        tokio::select! {
            done = acquire => done.map_err(|error| self.failed(error)),
            _ = open.wait_for(|open| *open) => Err(Error::Away),
        }
    }

    fn failed(self: &Arc<Self>, error: Sql) -> Error {
        if !matches!(error, Sql::PoolClosed) {
            self.probe();
        }
        error.into()
    }

    /// Looks for the server, unless somebody does already.
    fn probe(self: &Arc<Self>) {
        if !self.probing.swap(true, Ordering::AcqRel) {
            tokio::spawn(probe(Arc::downgrade(self)));
        }
    }
}

/// Opens the circuit while the server is away and closes it when it is back; ends then, or with the store.
async fn probe(circuit: Weak<Circuit>) {
    while let Some(circuit) = circuit.upgrade() {
        match timeout(PATIENCE, AnyConnection::connect(&circuit.url)).await {
            Ok(Err(error)) if is_away(&error) => circuit.tell(true, &error),
            Err(elapsed) => circuit.tell(true, &elapsed),
            // A server that refuses a connection is there: callers get its error from the pool.
            Ok(_) => {
                circuit.tell(false, &"it answers");
                circuit.probing.store(false, Ordering::Release);
                return;
            }
        }
        drop(circuit);
        sleep(PAUSE).await;
    }
}

impl Circuit {
    fn tell(&self, away: bool, why: &dyn std::fmt::Display) {
        if self.open.send_if_modified(|open| std::mem::replace(open, away) != away) {
            if away {
                tracing::error!(%why, "the database is away: requests are refused until it is back");
            } else {
                tracing::info!("the database is back");
            }
        }
    }
}

fn is_away(error: &Sql) -> bool {
    match error {
        Sql::Io(_) | Sql::Tls(_) | Sql::Protocol(_) => true,
        // Shutting down, crashed or starting (class 57P).
        _ => error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .is_some_and(|code| code.starts_with("57P")),
    }
}
