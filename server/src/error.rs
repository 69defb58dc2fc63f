//! What can go wrong inside, and what of it people are told.
//!
//! Internal and external messages are two things: [`Error`] carries the cause and goes to the log;
//! [`shared::ApiError`] is what the other side of the wire reads. The one place where the first becomes the second is
//! the `From` below, so a cause is logged exactly once and never leaves.

use crate::store;
use shared::ApiError;

/// Any failure on the server's side of an operation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An answer that the caller is meant to read.
    #[error(transparent)]
    Domain(#[from] ApiError),
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An access token could not be written.
    #[error("access token: {0}")]
    Token(#[from] serde_json::Error),
    /// A password could not be hashed, or a stored hash could not be read.
    #[error("password hash: {0}")]
    Password(#[from] argon2::password_hash::Error),
    /// A task on the blocking pool panicked, or the runtime is stopping.
    #[error("background task: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// What the database holds can't be what was put there.
    #[error("damaged data: {0}")]
    Damaged(String),
    /// The operating system gave no randomness.
    #[error("random numbers: {0}")]
    Random(String),
}

/// The result of everything inside.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Stored data that can't be read back; `what` names the column and the reason.
    pub fn damaged(what: impl std::fmt::Display) -> Self {
        Self::Damaged(what.to_string())
    }

    /// Whether another transaction was in the way, so that the very same one may succeed on another try.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }

    /// Whether a `UNIQUE` constraint refused the row. The statement's own place knows which one.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_unique_violation())
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Domain(error) => error,
            Error::Store(cause) if cause.is_unavailable() || cause.is_conflict() => {
                tracing::error!(error = %cause, "the database is out of reach or too busy");
                Self::new(
                    shared::ErrorCode::Unavailable,
                    "The hub can't reach its database, or it is too busy. Try again in a moment.",
                )
            }
            cause => {
                tracing::error!(error = %cause, "an operation failed");
                Self::internal()
            }
        }
    }
}
