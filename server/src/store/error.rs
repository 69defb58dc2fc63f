//! Failures of the database, and what kind each is.

use std::borrow::Cow;

use sqlx::{Error as Sql, error::DatabaseError, migrate::MigrateError};

/// A database's own code for a failure.
enum Code<'a> {
    /// The primary code: the low byte of SQLite's extended ones.
    Sqlite(u32),
    /// SQLSTATE.
    Postgres(Cow<'a, str>),
}

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database address can't be used: {0}")]
    Url(String),
    #[error("database: {0}")]
    Sql(#[from] Sql),
    #[error("migration: {0}")]
    Migrate(#[from] MigrateError),
    /// The tables are older than the program.
    #[error("migration {0} has not been applied")]
    NotMigrated(i64),
    /// The database server didn't answer a moment ago, and is tried again in the background.
    #[error("the database server is away")]
    Away,
    /// Another server has the SQLite file.
    #[error(
        "another server is running on {0}: one SQLite file serves one server. Stop the other one, or use PostgreSQL \
         (--database-url) for several"
    )]
    Locked(std::path::PathBuf),
    #[error("the lock file {0}: {1}")]
    LockFile(std::path::PathBuf, std::io::Error),
}

impl Error {
    fn database(&self) -> Option<&dyn DatabaseError> {
        match self {
            Self::Sql(error) => error.as_database_error(),
            _ => None,
        }
    }

    /// Whether a `UNIQUE` or primary key constraint refused a row.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        self.database().is_some_and(DatabaseError::is_unique_violation)
    }

    /// Whether another transaction was in the way: SQLite's busy and locked (the low byte of its codes), PostgreSQL's
    /// serialization failure and deadlock.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match self.code() {
            Some(Code::Sqlite(code)) => matches!(code, 5 | 6),
            Some(Code::Postgres(state)) => matches!(&*state, "40001" | "40P01"),
            None => false,
        }
    }

    /// Whether the database can't do its work for now: the connection is gone, the pool is empty or closed, SQLite's
    /// file can't be written (read-only 8, input/output error 10, disk full 13) or opened (14), or PostgreSQL is
    /// shutting down, starting or out of something (classes 08, 53, 57P and 58).
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Away
            | Self::Sql(
                Sql::Io(_) | Sql::Tls(_) | Sql::PoolTimedOut | Sql::PoolClosed | Sql::WorkerCrashed | Sql::BeginFailed,
            ) => true,
            _ => match self.code() {
                Some(Code::Sqlite(code)) => matches!(code, 8 | 10 | 13 | 14),
                Some(Code::Postgres(state)) => ["08", "53", "57P", "58"].iter().any(|class| state.starts_with(class)),
                None => false,
            },
        }
    }

    fn code(&self) -> Option<Code<'_>> {
        let code = self.database()?.code()?;
        // SQLSTATE has five characters; SQLite's extended codes have four digits at most.
        if code.len() == 5 { Some(Code::Postgres(code)) } else { Some(Code::Sqlite(code.parse::<u32>().ok()? & 0xff)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_database_is_unavailable_and_a_bad_statement_is_not() {
        assert!(Error::Sql(Sql::PoolTimedOut).is_unavailable());
        assert!(Error::Sql(Sql::Io(std::io::ErrorKind::ConnectionRefused.into())).is_unavailable());
        assert!(!Error::Sql(Sql::RowNotFound).is_unavailable());
    }
}
