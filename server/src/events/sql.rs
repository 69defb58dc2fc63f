//! The statements of this area.

use super::{ACCOUNT, Recorded};
use crate::{
    error::{Error, Result},
    permissions::{Grant, Read, Visible},
    store::{row::parse, system},
};
use shared::{
    Timestamp,
    events::{Event, EventSubject},
    ids::UserId,
    names::DisplayName,
};
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use tracing::instrument;

/// What is written about an event before it has its number.
pub struct New<'a> {
    pub at: Timestamp,
    pub kind: &'a str,
    pub actor_id: UserId,
    pub actor: &'a DisplayName,
    pub subject: EventSubject,
    pub service: Option<&'a str>,
    pub payload: String,
}

/// Numbers an event and writes it to the outbox and to the audit trail.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn append(connection: &mut AnyConnection, new: &New<'_>) -> Result<i64> {
    let seq: i64 = sqlx::query_scalar("UPDATE hub SET event_seq = event_seq + 1 WHERE id = 1 RETURNING event_seq")
        .fetch_one(&mut *connection)
        .await?;
    for insert in [
        "INSERT INTO outbox (seq, at, kind, actor_id, actor, subject_type, subject_id, service, payload)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        "INSERT INTO audit (seq, at, kind, actor_id, actor, subject_type, subject_id, service, payload)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    ] {
        sqlx::query(insert)
            .bind(seq)
            .bind(new.at.0)
            .bind(new.kind)
            .bind(new.actor_id.to_string())
            .bind(new.actor.as_str())
            .bind(new.subject.kind.as_str())
            .bind(new.subject.id.as_str())
            .bind(new.service)
            .bind(new.payload.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(seq)
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn latest(connection: &mut AnyConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT event_seq FROM hub WHERE id = 1").fetch_one(connection).await?)
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn oldest(connection: &mut AnyConnection) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar("SELECT seq FROM outbox ORDER BY seq LIMIT 1").fetch_optional(connection).await?)
}

/// What the outbox has after a number, oldest first.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn after(connection: &mut AnyConnection, seq: i64, limit: usize) -> Result<Vec<Recorded>> {
    sqlx::query(
        "SELECT seq, at, actor_id, actor, subject_type, subject_id, payload FROM outbox
         WHERE seq > $1 ORDER BY seq LIMIT $2",
    )
    .bind(seq)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        let about: &str = row.try_get("subject_type")?;
        Ok(if about == ACCOUNT {
            Recorded::Access { seq: row.try_get("seq")?, user: parse(row, "subject_id")? }
        } else {
            Recorded::Event(Box::new(event(row)?))
        })
    })
    .collect()
}

/// The audit trail before a number, newest first: what somebody may see of it. What happened to accounts is told to
/// nobody yet.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn before(
    connection: &mut AnyConnection,
    grant: &Grant<Read, Visible>,
    seq: i64,
    limit: usize,
) -> Result<Vec<Event>> {
    sqlx::query(
        "SELECT seq, at, actor_id, actor, subject_type, subject_id, payload FROM audit
         WHERE seq < $1 AND subject_type <> 'account' AND ($3 = '' OR $3 LIKE '%,' || service || ',%')
         ORDER BY seq DESC LIMIT $2",
    )
    .bind(seq)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(grant.on().pattern())
    .fetch_all(connection)
    .await?
    .iter()
    .map(event)
    .collect()
}

/// Deletes what is older than it needs to be; tells how many events went.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn delete_old(connection: &mut AnyConnection, outbox: Timestamp, audit: Timestamp) -> Result<u64> {
    let gone = sqlx::query("DELETE FROM outbox WHERE at < $1").bind(outbox.0).execute(&mut *connection).await?;
    let past = sqlx::query("DELETE FROM audit WHERE at < $1").bind(audit.0).execute(connection).await?;
    Ok(gone.rows_affected() + past.rows_affected())
}

fn event(row: &AnyRow) -> Result<Event> {
    let payload: &str = row.try_get("payload")?;
    let actor_id: Option<&str> = row.try_get("actor_id")?;
    Ok(Event {
        seq: row.try_get("seq")?,
        at: Timestamp(row.try_get("at")?),
        actor: parse(row, "actor")?,
        actor_id: actor_id.map(|_| parse(row, "actor_id")).transpose()?,
        subject: Some(EventSubject { kind: row.try_get("subject_type")?, id: row.try_get("subject_id")? }),
        kind: serde_json::from_str(payload).map_err(|error| Error::damaged(format_args!("payload: {error}")))?,
    })
}
