//! Failures of the database, and what kind each is.

use sqlx::{Error as Sql, error::DatabaseError, migrate::MigrateError};

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
        let Some(code) = self.database().and_then(DatabaseError::code) else {
            return false;
        };
        matches!(&*code, "40001" | "40P01")
            || (code.len() < 5 && code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6)))
    }

    /// Whether the database could not be reached at all: the connection is gone, the pool is empty or closed, or
    /// PostgreSQL is shutting down, starting or full (classes 08 and 57P, and 53300).
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Sql(
                Sql::Io(_) | Sql::Tls(_) | Sql::PoolTimedOut | Sql::PoolClosed | Sql::WorkerCrashed | Sql::BeginFailed,
            ) => true,
            _ => self.database().and_then(DatabaseError::code).is_some_and(|code| {
                code.len() == 5 && (code.starts_with("08") || code.starts_with("57P") || code == "53300")
            }),
        }
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
