//! The statements of this area.

use crate::{
    error::{Error, Result},
    store::system,
};
use shared::{
    Timestamp,
    events::{Event, EventKind},
    names::DisplayName,
};
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use tracing::instrument;

/// How many of the newest events are kept. A client that was away for longer is told to read everything anew.
pub const KEPT: i64 = 100_000;
/// Old events go when this many have gathered, not one with every event.
const PRUNE_EVERY: i64 = 500;

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn append(
    connection: &mut AnyConnection,
    at: Timestamp,
    actor: &DisplayName,
    kind: &EventKind,
) -> Result<i64> {
    let seq: i64 = sqlx::query_scalar("UPDATE hub SET event_seq = event_seq + 1 WHERE id = 1 RETURNING event_seq")
        .fetch_one(&mut *connection)
        .await?;
    let kind = serde_json::to_string(kind).map_err(|error| Error::damaged(format_args!("event: {error}")))?;
    sqlx::query("INSERT INTO events (seq, at, actor, kind) VALUES ($1, $2, $3, $4)")
        .bind(seq)
        .bind(at.0)
        .bind(actor.as_str())
        .bind(kind)
        .execute(&mut *connection)
        .await?;
    if seq % PRUNE_EVERY == 0 {
        sqlx::query("DELETE FROM events WHERE seq <= $1").bind(seq - KEPT).execute(connection).await?;
    }
    Ok(seq)
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn latest(connection: &mut AnyConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT event_seq FROM hub WHERE id = 1").fetch_one(connection).await?)
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn oldest(connection: &mut AnyConnection) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar("SELECT seq FROM events ORDER BY seq LIMIT 1").fetch_optional(connection).await?)
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn after(connection: &mut AnyConnection, seq: i64, limit: usize) -> Result<Vec<Event>> {
    sqlx::query("SELECT seq, at, actor, kind FROM events WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?
        .iter()
        .map(event)
        .collect()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn before(connection: &mut AnyConnection, seq: i64, limit: usize) -> Result<Vec<Event>> {
    sqlx::query("SELECT seq, at, actor, kind FROM events WHERE seq < $1 ORDER BY seq DESC LIMIT $2")
        .bind(seq)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?
        .iter()
        .map(event)
        .collect()
}

fn event(row: &AnyRow) -> Result<Event> {
    let kind: &str = row.try_get("kind")?;
    let actor: &str = row.try_get("actor")?;
    Ok(Event {
        seq: row.try_get("seq")?,
        at: Timestamp(row.try_get("at")?),
        actor: actor.parse().map_err(|error| Error::damaged(format_args!("events.actor: {error}")))?,
        kind: serde_json::from_str(kind).map_err(|error| Error::damaged(format_args!("events.kind: {error}")))?,
    })
}
