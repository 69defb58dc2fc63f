//! Writes that a client may send again: each happens once, and every repetition gets its first answer.
//!
//! A client gives its request a key (`Idempotency-Key`). The key is stored with the answer, in the transaction that does
//! the work: either both are there or neither is. A second request with the same key waits for the first one's
//! transaction. What was asked is stored as a fingerprint, so that a key that comes with another request is refused.

use super::{Store, Tx, retrying};
use crate::{
    clock::millis,
    digest,
    error::{Error, Result},
};
use serde::{Serialize, de::DeserializeOwned};
use shared::{ApiError, ErrorCode, Timestamp, ids::UserId};
use sqlx::{AnyConnection, Row as _};
use std::time::Duration;

/// How long a key is good for.
pub const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest key.
const LONGEST_KEY: usize = 255;

/// A request that is done once. Without a key each one is done.
#[derive(Debug)]
pub struct Once {
    user: UserId,
    key: Option<Key>,
}

#[derive(Debug)]
struct Key {
    key: String,
    fingerprint: String,
}

/// A request that has begun.
pub enum Begun<T> {
    /// It is to be done now.
    New(Work),
    /// It was done before, with this answer.
    Repeated(T),
}

/// A transaction in which a request is done. Dropped, it never happened; it is committed with what [`Work::answered`]
/// gives, so that no work is stored without its answer.
pub struct Work {
    tx: Tx,
    key: Option<(UserId, String)>,
}

impl Work {
    /// To do the work with.
    pub fn tx(&mut self) -> &mut AnyConnection {
        &mut self.tx
    }

    /// Stores the answer; the transaction is ready to be committed.
    pub async fn answered<T: Serialize>(mut self, answer: &T) -> Result<Tx> {
        if let Some((user, key)) = &self.key {
            let json =
                serde_json::to_string(answer).map_err(|error| Error::damaged(format_args!("an answer: {error}")))?;
            remember(&mut self.tx, *user, key, &json).await?;
        }
        Ok(self.tx)
    }
}

impl Once {
    /// `asked` is all that the request asks for, in parts that can't contain a line break.
    pub fn new(user: UserId, key: Option<String>, asked: &[&str]) -> Result<Self, ApiError> {
        let takes = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
        let key = match key {
            None => None,
            Some(key) if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(takes) => {
                let message =
                    format!("An Idempotency-Key has 1 to {LONGEST_KEY} visible ASCII characters without quotes.");
                let error = ApiError::new(ErrorCode::BadRequest, message.clone());
                return Err(error.with_detail("Idempotency-Key", message));
            }
            Some(key) => Some(Key { key, fingerprint: digest::sha256(asked.join("\n").as_bytes()) }),
        };
        Ok(Self { user, key })
    }

    /// Whether the request has a key.
    #[must_use]
    pub const fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The answer to a request that was done before.
    pub async fn answer<T: DeserializeOwned>(&self, store: &Store, now: Timestamp) -> Result<Option<T>> {
        let Some(key) = &self.key else { return Ok(None) };
        let stored = find(&mut *store.read().await?, self.user, &key.key, now).await?;
        stored.map(|stored| stored.answer(key)).transpose()
    }

    /// Begins a transaction to do the work in, unless it was done before. Another request with the same key that is being
    /// done is waited for.
    pub async fn begin<T: DeserializeOwned>(&self, store: &Store, now: Timestamp) -> Result<Begun<T>> {
        let mut tx = store.begin().await?;
        let Some(key) = &self.key else { return Ok(Begun::New(Work { tx, key: None })) };
        if claim(&mut tx, self.user, key, now).await? {
            return Ok(Begun::New(Work { tx, key: Some((self.user, key.key.clone())) }));
        }
        let stored = find(&mut tx, self.user, &key.key, now).await?;
        let stored = stored.ok_or_else(|| Error::damaged("an idempotency key that was just there is gone"))?;
        Ok(Begun::Repeated(stored.answer(key)?))
    }
}

/// What is stored under a key.
struct Stored {
    fingerprint: String,
    answer: String,
}

impl Stored {
    fn answer<T: DeserializeOwned>(&self, key: &Key) -> Result<T> {
        if self.fingerprint != key.fingerprint {
            let message = "This Idempotency-Key came with another request before. Use a new key for a new request.";
            return Err(ApiError::new(ErrorCode::IdempotencyMismatch, message).into());
        }
        serde_json::from_str(&self.answer).map_err(|error| Error::damaged(format_args!("a stored answer: {error}")))
    }
}

/// Keys from before this moment aren't good any more.
fn since(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_sub(millis(LIFETIME)))
}

/// A key that is good, with its answer.
async fn find(connection: &mut AnyConnection, user: UserId, key: &str, now: Timestamp) -> Result<Option<Stored>> {
    let row =
        sqlx::query("SELECT fingerprint, answer FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND at > $3")
            .bind(user.to_string())
            .bind(key)
            .bind(since(now).0)
            .fetch_optional(connection)
            .await?;
    row.map(|row| Ok(Stored { fingerprint: row.try_get("fingerprint")?, answer: row.try_get("answer")? })).transpose()
}

/// Takes a key; `false` when it is taken and good. One that isn't good any more is taken over.
async fn claim(connection: &mut AnyConnection, user: UserId, key: &Key, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO idempotency_keys (user_id, key, fingerprint, answer, at) VALUES ($1, $2, $3, '', $4)
         ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, answer = '', at = excluded.at
         WHERE idempotency_keys.at <= $5",
    )
    .bind(user.to_string())
    .bind(key.key.as_str())
    .bind(key.fingerprint.as_str())
    .bind(now.0)
    .bind(since(now).0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn remember(connection: &mut AnyConnection, user: UserId, key: &str, answer: &str) -> Result<()> {
    sqlx::query("UPDATE idempotency_keys SET answer = $1 WHERE user_id = $2 AND key = $3")
        .bind(answer)
        .bind(user.to_string())
        .bind(key)
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes keys that aren't good any more; tells how many.
pub async fn delete_old(store: &Store, now: Timestamp) -> Result<u64> {
    retrying(async || {
        let mut tx = store.begin().await?;
        let done =
            sqlx::query("DELETE FROM idempotency_keys WHERE at <= $1").bind(since(now).0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    })
    .await
}
