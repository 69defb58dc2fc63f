//! The one place where SQLite and PostgreSQL differ.

use super::Error;
use sqlx::AnyConnection;

/// The database behind the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file beside the server.
    Sqlite,
    /// PostgreSQL, or what speaks its protocol.
    Postgres,
}

/// Every answer of success is on disk (`FULL`), readers never wait for the writer (`WAL`), and a second process waits
/// for the lock instead of failing.
pub(super) const SQLITE_WRITER: &[&str] = &[
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];

/// A statement that writes on a reading connection is a defect; SQLite refuses it.
pub(super) const SQLITE_READER: &[&str] = &["PRAGMA busy_timeout = 5000", "PRAGMA query_only = ON"];

/// The channel on which PostgreSQL tells other servers of a new event.
pub const CHANNEL: &str = "handshake_events";

impl Backend {
    /// By the address's scheme.
    pub fn of(url: &str) -> Result<Self, Error> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") if url.contains(":memory:") || url.contains("mode=memory") => Err(Error::Url(
                "a database in memory has one connection and is gone with it: name a file instead".to_owned(),
            )),
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(Error::Url("it starts with sqlite: or postgres://".to_owned())),
        }
    }

    /// The address to connect to: a SQLite file is created unless the address says otherwise.
    pub(super) fn connect_url(self, url: &str) -> String {
        match self {
            Self::Sqlite if !url.contains("mode=") => {
                format!("{url}{}mode=rwc", if url.contains('?') { '&' } else { '?' })
            }
            _ => url.to_owned(),
        }
    }

    /// SQLite sorts text by its bytes unless told otherwise; PostgreSQL by the database's language, where `a-b` may
    /// come after `ab`. The collation gives both the first order under one name.
    pub(super) const fn before_migrations(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[],
            // Two servers may start at once: IF NOT EXISTS alone can lose that race, the lock can't.
            Self::Postgres => &["BEGIN; SELECT pg_advisory_xact_lock(4712001); \
                 CREATE COLLATION IF NOT EXISTS \"binary\" (LOCALE = 'C'); COMMIT"],
        }
    }

    /// Tells other servers, once the transaction commits, that there is an event. SQLite has no other servers.
    pub async fn notify(self, connection: &mut AnyConnection, seq: i64) -> Result<(), Error> {
        if self == Self::Postgres {
            sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(seq.to_string()).execute(connection).await?;
        }
        Ok(())
    }
}
