//! The statements of this area.

use super::sessions::SKEW;
use crate::{
    clock::after,
    error::{Error, Result},
    permissions::SessionOwner,
    store::{row::parse, system},
};
use shared::{
    Actor, Timestamp,
    accounts::{ApiToken, Scope, User, Visitor},
    ids::{ServiceId, TokenId, UserId},
    names::{Email, ServiceName},
};
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use tracing::instrument;
use uuid::Uuid;

/// Reads a text column back into the type that wrote it.
pub(super) fn time(row: &AnyRow, column: &str) -> Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp))
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn needs_set_up(connection: &mut AnyConnection) -> Result<bool> {
    let at: Option<i64> = sqlx::query_scalar("SELECT set_up_at FROM hub WHERE id = 1").fetch_one(connection).await?;
    Ok(at.is_none())
}

/// Marks the hub as set up; `true` for the one transaction that did it. A second one waits here for the first.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn claim_set_up(connection: &mut AnyConnection, at: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE hub SET set_up_at = $1 WHERE id = 1 AND set_up_at IS NULL")
        .bind(at.0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes the fingerprint of the first secret that the hub is started with; tells the one that is noted.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn note_secret(connection: &mut AnyConnection, fingerprint: &str) -> Result<String> {
    sqlx::query("UPDATE hub SET secret_fingerprint = $1 WHERE id = 1 AND secret_fingerprint IS NULL")
        .bind(fingerprint)
        .execute(&mut *connection)
        .await?;
    Ok(sqlx::query_scalar("SELECT secret_fingerprint FROM hub WHERE id = 1").fetch_one(connection).await?)
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn replace_secret(connection: &mut AnyConnection, fingerprint: &str) -> Result<()> {
    sqlx::query("UPDATE hub SET secret_fingerprint = $1 WHERE id = 1").bind(fingerprint).execute(connection).await?;
    Ok(())
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert_user(connection: &mut AnyConnection, user: &User) -> Result<()> {
    sqlx::query("INSERT INTO users (id, email, display_name, role, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(user.id.to_string())
        .bind(user.email.as_str())
        .bind(user.display_name.as_str())
        .bind(user.role.as_str())
        .bind(user.created_at.0)
        .execute(connection)
        .await?;
    Ok(())
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn set_password(connection: &mut AnyConnection, user: UserId, hash: &str, at: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
    )
    .bind(user.to_string())
    .bind(hash)
    .bind(at.0)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) fn read_user(row: &AnyRow) -> Result<User> {
    Ok(User {
        id: parse(row, "id")?,
        email: parse(row, "email")?,
        display_name: parse(row, "display_name")?,
        role: parse(row, "role")?,
        created_at: Timestamp(row.try_get("created_at")?),
        disabled_at: time(row, "disabled_at")?,
    })
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn user(connection: &mut AnyConnection, id: UserId) -> Result<Option<User>> {
    sqlx::query("SELECT id, email, display_name, role, created_at, disabled_at FROM users WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?
        .map(|row| read_user(&row))
        .transpose()
}

/// The account with this address and its password's hash; nothing when it has no password.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn credentials(connection: &mut AnyConnection, email: &Email) -> Result<Option<(User, String)>> {
    sqlx::query(
        "SELECT u.id, u.email, u.display_name, u.role, u.created_at, u.disabled_at, p.hash
         FROM users u JOIN passwords p ON p.user_id = u.id WHERE u.email = $1",
    )
    .bind(email.as_str())
    .fetch_optional(connection)
    .await?
    .map(|row| Ok((read_user(&row)?, row.try_get("hash")?)))
    .transpose()
}

/// Whether the account may be used, with this hash of its password if one is given, and will be until the transaction
/// ends: what takes access back changes the same row first.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn holds(connection: &mut AnyConnection, user: UserId, hash: Option<&str>) -> Result<bool> {
    lock_user(connection, user).await?;
    Ok(sqlx::query(
        "SELECT u.id FROM users u LEFT JOIN passwords p ON p.user_id = u.id
         WHERE u.id = $1 AND u.disabled_at IS NULL AND ($2 = '' OR p.hash = $2)",
    )
    .bind(user.to_string())
    .bind(hash.unwrap_or_default())
    .fetch_optional(connection)
    .await?
    .is_some())
}

/// One transaction at a time that gives the account access or takes it back.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn lock_user(connection: &mut AnyConnection, user: UserId) -> Result<()> {
    sqlx::query("UPDATE users SET role = role WHERE id = $1").bind(user.to_string()).execute(connection).await?;
    Ok(())
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert_session(
    connection: &mut AnyConnection,
    session: Uuid,
    user: UserId,
    visitor: &Visitor,
    now: Timestamp,
    expires: Timestamp,
) -> Result<()> {
    // Enough to tell browsers apart.
    let agent = visitor.user_agent.as_ref().map(|agent| agent.chars().take(200).collect::<String>());
    sqlx::query(
        "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, address, user_agent)
         VALUES ($1, $2, $3, $3, $4, $5, $6)",
    )
    .bind(session.to_string())
    .bind(user.to_string())
    .bind(now.0)
    .bind(expires.0)
    .bind(visitor.address.map(|address| address.to_string()))
    .bind(agent)
    .execute(connection)
    .await?;
    Ok(())
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn extend_session(
    connection: &mut AnyConnection,
    session: Uuid,
    now: Timestamp,
    expires: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE sessions SET last_used_at = $1, expires_at = $2 WHERE id = $3")
        .bind(now.0)
        .bind(expires.0)
        .bind(session.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a session that is on; tells whose it was.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn revoke_session(connection: &mut AnyConnection, session: Uuid, now: Timestamp) -> Result<Option<UserId>> {
    sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL RETURNING user_id")
        .bind(now.0)
        .bind(session.to_string())
        .fetch_optional(connection)
        .await?
        .map(|row| parse(&row, "user_id"))
        .transpose()
}

/// Sessions that are over take their refresh tokens with them. A refresh token that has expired can't be exchanged, so it
/// needn't be recognised either.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn delete_ended_sessions(connection: &mut AnyConnection, now: Timestamp) -> Result<u64> {
    let sessions =
        sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now.0).execute(&mut *connection).await?;
    let tokens =
        sqlx::query("DELETE FROM refresh_tokens WHERE expires_at <= $1").bind(now.0).execute(connection).await?;
    Ok(sessions.rows_affected() + tokens.rows_affected())
}

/// A session that is on.
pub struct Session {
    pub actor: Actor,
    pub expires_at: Timestamp,
}

/// The user behind a session that is still on, with the name and the role of this moment. One whose last use is still to
/// come is from before the clock went back: it isn't on until then, so that a wrong clock makes no session longer.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn session_actor(connection: &mut AnyConnection, session: Uuid, now: Timestamp) -> Result<Option<Session>> {
    sqlx::query(
        "SELECT u.id, u.display_name, u.role, s.expires_at FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.disabled_at IS NULL AND COALESCE(s.last_used_at, 0) <= $3",
    )
    .bind(session.to_string())
    .bind(now.0)
    .bind(after(now, SKEW).0)
    .fetch_optional(connection)
    .await?
    .map(|row| Ok(Session { actor: actor(&row)?, expires_at: Timestamp(row.try_get("expires_at")?) }))
    .transpose()
}

fn actor(row: &AnyRow) -> Result<Actor> {
    Ok(Actor::person(parse(row, "id")?, parse(row, "display_name")?, parse(row, "role")?))
}

/// A refresh token and its session.
#[derive(Debug)]
pub struct RefreshToken {
    pub session: Uuid,
    pub user: UserId,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    session_revoked_at: Option<Timestamp>,
    session_expires_at: Timestamp,
    session_last_used_at: Option<Timestamp>,
}

impl RefreshToken {
    /// Whether it has expired, or its session is over.
    pub fn over(&self, now: Timestamp) -> bool {
        self.expires_at <= now
            || self.session_revoked_at.is_some()
            || self.session_expires_at <= now
            || self.session_last_used_at.is_some_and(|last| last > after(now, SKEW))
    }
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn refresh_token(connection: &mut AnyConnection, hash: &str) -> Result<Option<RefreshToken>> {
    let row = sqlx::query(
        "SELECT t.session_id, t.expires_at, t.used_at, s.user_id, s.revoked_at, s.last_used_at,
                s.expires_at AS session_expires_at
         FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.hash = $1",
    )
    .bind(hash)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(RefreshToken {
        session: parse(&row, "session_id")?,
        user: parse(&row, "user_id")?,
        expires_at: Timestamp(row.try_get("expires_at")?),
        used_at: time(&row, "used_at")?,
        session_revoked_at: time(&row, "revoked_at")?,
        session_expires_at: Timestamp(row.try_get("session_expires_at")?),
        session_last_used_at: time(&row, "last_used_at")?,
    }))
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert_refresh_token(
    connection: &mut AnyConnection,
    hash: &str,
    session: Uuid,
    expires: Timestamp,
) -> Result<()> {
    sqlx::query("INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES ($1, $2, $3)")
        .bind(hash)
        .bind(session.to_string())
        .bind(expires.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks a token as used; `true` for the one transaction that did it. A second one waits here for the first.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn use_refresh_token(connection: &mut AnyConnection, hash: &str, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE refresh_tokens SET used_at = $1 WHERE hash = $2 AND used_at IS NULL")
        .bind(now.0)
        .bind(hash)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

fn scopes(row: &AnyRow) -> Result<Vec<Scope>> {
    let text: &str = row.try_get("scopes")?;
    text.split(' ')
        .map(|scope| scope.parse().map_err(|error| Error::damaged(format_args!("scopes: {error}"))))
        .collect()
}

/// The names of a bound token's services, in a column of a statement that has `api_tokens` as `t`.
macro_rules! token_services {
    () => {
        "(SELECT string_agg(s.name, ' ') FROM api_token_services b JOIN services s ON s.id = b.service_id \
          WHERE b.token_id = t.id) AS services"
    };
}

/// The services that a token is bound to, by name; all of them may be gone.
fn services(row: &AnyRow) -> Result<Option<Vec<ServiceName>>> {
    if row.try_get::<i64, _>("bound")? == 0 {
        return Ok(None);
    }
    let text: Option<&str> = row.try_get("services")?;
    let mut services = text
        .unwrap_or_default()
        .split_terminator(' ')
        .map(|name| name.parse().map_err(|error| Error::damaged(format_args!("services.name: {error}"))))
        .collect::<Result<Vec<_>>>()?;
    services.sort_unstable();
    Ok(Some(services))
}

/// A token that is good.
pub struct Token {
    pub id: TokenId,
    pub actor: Actor,
    pub last_used_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

/// The token with this hash that is still good, and its owner.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn token_actor(connection: &mut AnyConnection, hash: &str, now: Timestamp) -> Result<Option<Token>> {
    let row = sqlx::query(concat!(
        "SELECT t.id AS token_id, t.scopes, t.last_used_at, t.expires_at, t.bound, u.id, u.display_name, u.role, ",
        // By the names that they had, too: who asks by one is told the name of today.
        "(SELECT string_agg(name, ' ') FROM (SELECT s.name FROM api_token_services b
              JOIN services s ON s.id = b.service_id WHERE b.token_id = t.id
          UNION SELECT n.name FROM api_token_services b
              JOIN service_names n ON n.service_id = b.service_id WHERE b.token_id = t.id) AS names) AS services",
        " FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.hash = $1 AND t.revoked_at IS NULL
           AND (t.expires_at IS NULL OR t.expires_at > $2) AND u.disabled_at IS NULL",
    ))
    .bind(hash)
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let actor = Actor { scopes: Some(scopes(&row)?), services: services(&row)?, ..actor(&row)? };
    let (last_used_at, expires_at) = (time(&row, "last_used_at")?, time(&row, "expires_at")?);
    Ok(Some(Token { id: parse(&row, "token_id")?, actor, last_used_at, expires_at }))
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn api_tokens(
    connection: &mut AnyConnection,
    owner: UserId,
    before: Option<TokenId>,
    limit: usize,
) -> Result<Vec<ApiToken>> {
    // Ids begin with the time they were made, so newest first is by id.
    sqlx::query(concat!(
        "SELECT t.id, t.name, t.scopes, t.created_at, t.last_used_at, t.expires_at, t.bound, ",
        token_services!(),
        " FROM api_tokens t
         WHERE t.user_id = $1 AND t.revoked_at IS NULL AND ($2 = '' OR t.id < $2) ORDER BY t.id DESC LIMIT $3",
    ))
    .bind(owner.to_string())
    .bind(before.map_or_else(String::new, |id| id.to_string()))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| {
        Ok(ApiToken {
            id: parse(row, "id")?,
            name: parse(row, "name")?,
            scopes: scopes(row)?,
            services: services(row)?,
            created_at: Timestamp(row.try_get("created_at")?),
            last_used_at: time(row, "last_used_at")?,
            expires_at: time(row, "expires_at")?,
        })
    })
    .collect()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert_api_token(
    connection: &mut AnyConnection,
    owner: UserId,
    token: &ApiToken,
    hash: &str,
) -> Result<()> {
    let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    sqlx::query(
        "INSERT INTO api_tokens (id, user_id, name, scopes, hash, created_at, expires_at, bound)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(token.id.to_string())
    .bind(owner.to_string())
    .bind(token.name.as_str())
    .bind(scopes.join(" "))
    .bind(hash)
    .bind(token.created_at.0)
    .bind(token.expires_at.map(|at| at.0))
    .bind(i64::from(token.services.is_some()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes a bound token good for a service; `false` when there is no such service.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn bind_api_token(connection: &mut AnyConnection, token: TokenId, service: &ServiceName) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO api_token_services (token_id, service_id) SELECT $1, id FROM services WHERE name = $2",
    )
    .bind(token.to_string())
    .bind(service.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes such a token of the owner's, or of anybody's; tells whose it was.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn revoke_api_token(
    connection: &mut AnyConnection,
    whose: SessionOwner,
    token: TokenId,
    now: Timestamp,
) -> Result<Option<UserId>> {
    sqlx::query(
        "UPDATE api_tokens SET revoked_at = $1 WHERE id = $2 AND ($3 = '' OR user_id = $3) AND revoked_at IS NULL
         RETURNING user_id",
    )
    .bind(now.0)
    .bind(token.to_string())
    .bind(whose.pattern())
    .fetch_optional(connection)
    .await?
    .map(|row| parse(&row, "user_id"))
    .transpose()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn note_use(connection: &mut AnyConnection, token: TokenId, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE api_tokens SET last_used_at = $1 WHERE id = $2")
        .bind(now.0)
        .bind(token.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whose tokens are bound to a service.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn bound_to(connection: &mut AnyConnection, service: ServiceId) -> Result<Vec<UserId>> {
    sqlx::query(
        "SELECT DISTINCT t.user_id FROM api_tokens t JOIN api_token_services b ON b.token_id = t.id
         WHERE b.service_id = $1 AND t.revoked_at IS NULL",
    )
    .bind(service.to_string())
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| parse(row, "user_id"))
    .collect()
}
