//! The statements of looking after accounts.

use super::{
    sessions::SKEW,
    sql::{read_user, time},
};
use crate::{
    clock::after,
    error::Result,
    permissions::{Grant, ManageAccounts, ManageOwnSessions, SessionOwner, WholeHub},
    store::{row::parse, system},
};
use shared::{
    Timestamp,
    accounts::{Session, User},
    ids::{SessionId, UserId},
};
use sqlx::{AnyConnection, Row as _};
use tracing::instrument;
use uuid::Uuid;

/// Accounts of people; the hub's own has the nil id.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn users(
    connection: &mut AnyConnection,
    _: &Grant<ManageAccounts, WholeHub>,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<User>> {
    // Ids begin with the time they were made, so oldest first is by id.
    sqlx::query(
        "SELECT id, email, display_name, role, created_at, disabled_at FROM users
         WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after.map_or_else(Uuid::nil, |id| id.0).to_string())
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?
    .iter()
    .map(read_user)
    .collect()
}

/// One transaction at a time from here on.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn lock_accounts(connection: &mut AnyConnection) -> Result<()> {
    sqlx::query("UPDATE hub SET set_up_at = set_up_at WHERE id = 1").execute(connection).await?;
    Ok(())
}

/// Admins who can sign in.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn active_admins(connection: &mut AnyConnection) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT COUNT(*) FROM users u JOIN passwords p ON p.user_id = u.id
         WHERE u.role = 'admin' AND u.disabled_at IS NULL",
    )
    .fetch_one(connection)
    .await?)
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn update_user(connection: &mut AnyConnection, user: &User) -> Result<()> {
    sqlx::query("UPDATE users SET role = $1, disabled_at = $2 WHERE id = $3")
        .bind(user.role.as_str())
        .bind(user.disabled_at.map(|at| at.0))
        .bind(user.id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn revoke_sessions(connection: &mut AnyConnection, user: UserId, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL")
        .bind(now.0)
        .bind(user.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn revoke_api_tokens(connection: &mut AnyConnection, user: UserId, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE api_tokens SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL")
        .bind(now.0)
        .bind(user.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends such a session of the owner's, or of anybody's; tells whose it was.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn revoke_session_of(
    connection: &mut AnyConnection,
    grant: &Grant<ManageOwnSessions, SessionOwner>,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<UserId>> {
    sqlx::query(
        "UPDATE sessions SET revoked_at = $1
         WHERE id = $2 AND ($3 = '' OR user_id = $3) AND revoked_at IS NULL AND expires_at > $1 RETURNING user_id",
    )
    .bind(now.0)
    .bind(session.to_string())
    .bind(grant.on().pattern())
    .fetch_optional(connection)
    .await?
    .map(|row| parse(&row, "user_id"))
    .transpose()
}

/// A user's sessions that are on.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn sessions(
    connection: &mut AnyConnection,
    grant: &Grant<ManageOwnSessions, UserId>,
    before: Option<SessionId>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Session>> {
    sqlx::query(
        "SELECT id, created_at, last_used_at, expires_at, address, user_agent FROM sessions
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 AND COALESCE(last_used_at, 0) <= $3
           AND ($4 = '' OR id < $4)
         ORDER BY id DESC LIMIT $5",
    )
    .bind(grant.on().to_string())
    .bind(now.0)
    .bind(after(now, SKEW).0)
    .bind(before.map_or_else(String::new, |id| id.to_string()))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        let created_at = Timestamp(row.try_get("created_at")?);
        Ok(Session {
            id: parse(row, "id")?,
            created_at,
            last_used_at: time(row, "last_used_at")?.unwrap_or(created_at),
            expires_at: Timestamp(row.try_get("expires_at")?),
            address: row.try_get("address")?,
            user_agent: row.try_get("user_agent")?,
        })
    })
    .collect()
}
