//! The one way to the database: SQLite in a file, or PostgreSQL, behind the same pool type.
//!
//! sqlx's `Any` driver runs one set of SQL on both (`docs/decisions/0001-one-any-pool.md` has the measurements and what
//! was weighed against it). On SQLite there are two pools: one connection that writes, where a transaction starts with
//! `BEGIN IMMEDIATE` and so never fails half-way for a lock it should have taken first, and several that read beside it
//! (WAL). On PostgreSQL both are the same pool. Where else the two differ, [`dialect`] says so.
//!
//! Every statement lives in its area's `sql.rs`, in a function of its own with a tracing span, so that a trace leads
//! from a route down to the statement that was slow.

mod backup;
mod circuit;
pub mod dialect;
mod error;
mod lock;
pub mod once;
mod readiness;
pub mod row;

pub use backup::file_of;
pub use dialect::Backend;
pub use error::Error;
pub use lock::FileLock;

use circuit::Circuit;
use readiness::Readiness;
use sqlx::{
    Any, AnyConnection, Connection as _, Transaction, any::AnyPoolOptions, migrate::Migrator, pool::PoolConnection,
};
use std::{borrow::Cow, sync::Arc, time::Duration};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How long a request waits for a connection before it is told that the hub is too busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How many times a transaction is tried when others were in the way.
const ATTEMPTS: u32 = 5;

/// Where the data is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sqlite:/path/to/file.db` or `postgres://user@host/database`.
    pub url: String,
    /// Connections that read (SQLite), or connections in all (PostgreSQL).
    pub max_connections: u32,
}

/// A transaction that may write. Dropped without `commit`, it never happened.
pub type Tx = Transaction<'static, Any>;

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Backend,
    url: String,
    reader: sqlx::AnyPool,
    writer: sqlx::AnyPool,
    /// For a database that may be away while the hub runs.
    circuit: Option<Arc<Circuit>>,
    readiness: Arc<Readiness>,
}

impl Store {
    /// Connects; creates the SQLite file when there is none.
    pub async fn open(settings: &Settings) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let backend = Backend::of(&settings.url)?;
        let url = backend.connect_url(&settings.url);
        // A pool tries again for as long as it may wait, and then says only that. The first failure says why.
        let mut first = AnyConnection::connect(&url).await?;
        for statement in if backend == Backend::Sqlite { dialect::SQLITE_WRITER } else { &[] } {
            sqlx::raw_sql(*statement).execute(&mut first).await?;
        }
        first.close().await?;
        let pool = |connections: u32, prelude: &'static [&'static str]| {
            AnyPoolOptions::new()
                .max_connections(connections.max(1))
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .after_connect(move |connection, _| {
                    Box::pin(async move {
                        for statement in prelude {
                            sqlx::raw_sql(*statement).execute(&mut *connection).await?;
                        }
                        Ok(())
                    })
                })
                .after_release(|connection, _| Box::pin(ended_well(connection)))
                .connect(&url)
        };
        let (reader, writer) = match backend {
            Backend::Postgres => {
                let both = pool(settings.max_connections, &[]).await?;
                (both.clone(), both)
            }
            Backend::Sqlite => {
                // The writer comes first: it makes the file and turns WAL on.
                let writer = pool(1, dialect::SQLITE_WRITER).await?;
                (pool(settings.max_connections, dialect::SQLITE_READER).await?, writer)
            }
        };
        let circuit = (backend == Backend::Postgres).then(|| Circuit::new(url.clone()));
        Ok(Self { backend, url, reader, writer, circuit, readiness: Arc::default() })
    }

    /// Which database this is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// The address that connections are made to; it may hold a password.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Brings the tables up to this release's state. Safe to run from several servers at once.
    pub async fn migrate(&self) -> Result<(), Error> {
        let mut connection = self.writer.acquire().await?;
        for statement in self.backend.before_migrations() {
            sqlx::raw_sql(*statement).execute(&mut *connection).await?;
        }
        MIGRATIONS.run(&mut *connection).await?;
        Ok(())
    }

    /// Whether the database answers, has every migration of this release and takes a write.
    pub async fn ready(&self) -> Result<(), Error> {
        self.readiness.of(self).await
    }

    /// Finishes what runs and closes every connection.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Whether [`Store::close`] has begun.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.reader.is_closed()
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<PoolConnection<Any>, Error> {
        self.guard(self.reader.acquire()).await
    }

    /// Starts a transaction that writes.
    pub async fn begin(&self) -> Result<Tx, Error> {
        match self.backend {
            Backend::Sqlite => self.guard(self.writer.begin_with("BEGIN IMMEDIATE")).await,
            Backend::Postgres => self.guard(self.writer.begin()).await,
        }
    }

    async fn guard<T>(&self, acquire: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Error> {
        match &self.circuit {
            Some(circuit) => circuit.guard(acquire).await,
            None => Ok(acquire.await?),
        }
    }
}

/// Whether a connection that comes back to its pool may be used again.
///
/// SQLite ends some transactions by itself (`SQLITE_FULL`, `SQLITE_IOERR`). The ROLLBACK that follows fails then, sqlx
/// counts the transaction as open for ever, and the connection could never begin another one.
async fn ended_well(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    // A transaction that was dropped has its ROLLBACK in the queue; an answer to this shows that it has been tried.
    connection.ping().await?;
    let ended = !connection.is_in_transaction();
    if !ended {
        tracing::warn!("a transaction didn't end; its connection is closed");
    }
    Ok(ended)
}

/// Runs a whole transaction again while others were in its way, a bounded number of times and with growing pauses.
pub async fn retrying<T, F: Future<Output = crate::error::Result<T>>>(
    mut transaction: impl FnMut() -> F,
) -> crate::error::Result<T> {
    let mut attempt = 1;
    loop {
        match transaction().await {
            Err(error) if error.is_conflict() && attempt < ATTEMPTS => {
                tracing::debug!(%error, attempt, "another transaction was in the way; trying again");
                tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

/// The database's name for a span's `db.system`.
#[must_use]
pub fn system(connection: &AnyConnection) -> &str {
    connection.backend_name()
}

/// The text without NUL characters, which PostgreSQL can't store: a document may have one, written as `\u0000`.
#[must_use]
pub fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nul_becomes_a_character_that_can_be_stored() {
        assert_eq!(super::storable("a\0b"), "a\u{fffd}b");
    }
}
