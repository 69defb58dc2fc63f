//! Sessions: a chain of refresh tokens, of which only the last may be exchanged.
//!
//! Exchanging a token gives its successor and marks it as used. Two tabs may send the same one at once, so for some
//! seconds of grace a used token gives the same successor again. After that, a used token means that two parties hold
//! the chain and one of them stole it: the session ends for both, and the person signs in again.

use super::{Authenticated, Credential, Inner, cookies, secrets, secrets::Claims, sql};
use crate::{
    clock::{after, millis},
    error::Result,
    store::retrying,
};
use shared::{
    ApiError, Timestamp,
    accounts::{Caller, SetCookies},
    ids::UserId,
};
use uuid::Uuid;

/// What became of a refresh token that was handed in.
enum Exchange {
    /// Its successor, already stored.
    Fresh { user: UserId, session: Uuid, successor: String },
    /// It is unknown, expired or used up, or its session has ended.
    Over,
}

impl Inner {
    /// Who the cookies belong to; refreshes in line.
    pub(super) async fn cookies(&self, header: Option<&str>) -> Result<Authenticated> {
        let found = cookies::Found::read(header);
        let nobody =
            |set_cookies| Authenticated { caller: Caller::Anonymous, credential: Credential::None, set_cookies };
        let somebody = |actor, session, set_cookies| Authenticated {
            caller: Caller::Known(actor),
            credential: Credential::Session(session),
            set_cookies,
        };
        if !found.any() {
            return Ok(nobody(SetCookies::default()));
        }
        let now = self.clock.now();
        if let Some(claims) = found.access.as_deref().and_then(|token| self.keys.verify(token, now)) {
            let actor = sql::session_actor(&mut *self.store.read().await?, claims.sid, now).await?;
            if let Some(actor) = actor {
                return Ok(somebody(actor, claims.sid, SetCookies::default()));
            }
        }
        let Some(refresh) = found.refresh else { return Ok(nobody(cookies::clear())) };
        match self.exchange(&refresh, now).await? {
            Exchange::Over => Ok(nobody(cookies::clear())),
            Exchange::Fresh { user, session, successor } => {
                let actor = sql::session_actor(&mut *self.store.read().await?, session, now).await?;
                match actor {
                    Some(actor) => Ok(somebody(actor, session, self.session_cookies(user, session, successor, now)?)),
                    // Signed out in the meantime.
                    None => Ok(nobody(cookies::clear())),
                }
            }
        }
    }

    pub(super) async fn start_session(&self, user: UserId) -> Result<SetCookies> {
        let now = self.clock.now();
        let expires = after(now, self.settings.refresh_lifetime);
        let session = Uuid::now_v7();
        let token = secrets::random()?;
        let hash = secrets::hash(&token);
        retrying(async || {
            let mut tx = self.store.begin().await?;
            sql::delete_expired_sessions(&mut tx, now).await?;
            sql::insert_session(&mut tx, session, user, now, expires).await?;
            sql::insert_refresh_token(&mut tx, &hash, session, expires).await?;
            Ok(tx.commit().await?)
        })
        .await?;
        self.session_cookies(user, session, token, now)
    }

    fn session_cookies(&self, user: UserId, session: Uuid, refresh: String, now: Timestamp) -> Result<SetCookies> {
        let life = self.settings.access_lifetime;
        let claims = Claims { sub: user, sid: session, iat: now.0 / 1000, exp: after(now, life).0 / 1000 };
        Ok(cookies::set(self.keys.sign(&claims)?, life, refresh, self.settings.refresh_lifetime))
    }

    async fn exchange(&self, token: &str, now: Timestamp) -> Result<Exchange> {
        let hash = secrets::hash(token);
        retrying(|| self.try_exchange(token, &hash, now)).await
    }

    async fn try_exchange(&self, token: &str, hash: &str, now: Timestamp) -> Result<Exchange> {
        // Most bad tokens are just old; they don't get to wait for the one connection that writes.
        if sql::refresh_token(&mut *self.store.read().await?, hash).await?.is_none() {
            return Ok(Exchange::Over);
        }
        let mut tx = self.store.begin().await?;
        // First the mark, which one of two racing requests gets, then the look at what there was.
        let marked = sql::use_refresh_token(&mut tx, hash, now).await?;
        let Some(stored) = sql::refresh_token(&mut tx, hash).await? else { return Ok(Exchange::Over) };
        if stored.session_over(now) || stored.expires_at <= now {
            return Ok(Exchange::Over);
        }
        let in_grace = stored.used_at.is_some_and(|at| now.millis_since(at) <= millis(self.settings.refresh_grace));
        if !marked && !in_grace {
            tracing::warn!(session = %stored.session, user = %stored.user, "a used refresh token came back: session ended");
            sql::revoke_session(&mut tx, stored.session, now).await?;
            tx.commit().await?;
            return Ok(Exchange::Over);
        }
        let successor = self.keys.successor(token);
        if marked {
            let expires = after(now, self.settings.refresh_lifetime);
            sql::delete_expired_refresh_tokens(&mut tx, stored.session, now).await?;
            sql::insert_refresh_token(&mut tx, &secrets::hash(&successor), stored.session, expires).await?;
            sql::extend_session(&mut tx, stored.session, expires).await?;
        }
        tx.commit().await?;
        Ok(Exchange::Fresh { user: stored.user, session: stored.session, successor })
    }

    pub(super) async fn sign_out(&self, header: Option<&str>) -> Result<SetCookies> {
        let found = cookies::Found::read(header);
        let now = self.clock.now();
        // An expired access token still says which session it was, and ending that is what is asked for.
        let mut session = found.access.as_deref().and_then(|token| self.keys.verify_signature(token)).map(|c| c.sid);
        if let Some(refresh) = &found.refresh {
            let stored = sql::refresh_token(&mut *self.store.read().await?, &secrets::hash(refresh)).await?;
            session = stored.map(|stored| stored.session).or(session);
        }
        if let Some(session) = session {
            retrying(async || {
                let mut tx = self.store.begin().await?;
                sql::revoke_session(&mut tx, session, now).await?;
                Ok(tx.commit().await?)
            })
            .await?;
        }
        Ok(cookies::clear())
    }

    /// Who is behind a bearer token.
    pub(super) async fn bearer(&self, token: &str) -> Result<(Caller, Credential)> {
        let refused = || ApiError::new(shared::ErrorCode::Unauthenticated, "The API token is unknown or revoked.");
        if !token.starts_with(secrets::API_TOKEN_PREFIX) {
            return Err(refused().into());
        }
        let hash = secrets::hash(token);
        let found = sql::token_actor(&mut *self.store.read().await?, &hash).await?;
        let Some((id, actor, last_used)) = found else { return Err(refused().into()) };
        self.note_use(id, last_used, self.clock.now());
        Ok((Caller::Known(actor), Credential::Token(hash)))
    }
}
