//! Sessions: a chain of refresh tokens, of which only the last may be exchanged.
//!
//! A request with an unused token is its session's, at once; when its answer leaves, the token is exchanged: it is marked
//! as used, and the answer brings its successor. Two tabs may send the same token at once, so for some seconds of grace a
//! used one is still good and gives the same successor again. After that, or once the successor was exchanged itself, a
//! used token means that two parties hold the chain and one of them stole it: the session ends for both, and the person
//! signs in again.
//!
//! The exchange comes with the answer and not with the request, since the browser only has the successor then: a request
//! that takes minutes would otherwise need as long a grace.

use super::{Authenticated, Credential, Inner, cookies, secrets, secrets::Claims, sql};
use crate::{
    clock::{after, millis},
    error::Result,
    store::retrying,
};
use shared::{
    ApiError, Timestamp,
    accounts::{Caller, SetCookies, Visitor},
    ids::UserId,
};
use std::{fmt, time::Duration};
use uuid::Uuid;

/// A refresh token that a request came with and that its answer exchanges.
#[derive(Clone, PartialEq, Eq)]
pub struct Renewal(String);

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renewal(…)")
    }
}

/// Clocks of several servers, and one that is set right, differ by this much without meaning anything.
pub const SKEW: Duration = Duration::from_secs(5 * 60);

impl Inner {
    /// Who the cookies belong to; refreshes in line.
    pub(super) async fn cookies(&self, header: Option<&str>) -> Result<Authenticated> {
        let found = cookies::Found::read(header);
        let nobody = |set_cookies| Authenticated {
            caller: Caller::Anonymous,
            credential: Credential::None,
            set_cookies,
            renewal: None,
        };
        let somebody = |actor, session, renewal| Authenticated {
            caller: Caller::Known(actor),
            credential: Credential::Session(session),
            set_cookies: SetCookies::default(),
            renewal,
        };
        if !found.any() {
            return Ok(nobody(SetCookies::default()));
        }
        let now = self.clock.now();
        if let Some(claims) = found.access.as_deref().and_then(|token| self.keys.verify(token, now)) {
            let actor = sql::session_actor(&mut *self.store.read().await?, claims.sid, now).await?;
            if let Some(found) = actor {
                return Ok(somebody(found.actor, claims.sid, None));
            }
        }
        let Some(refresh) = found.refresh else { return Ok(nobody(cookies::clear())) };
        let Some(session) = self.holder(&refresh, now).await? else { return Ok(nobody(cookies::clear())) };
        match sql::session_actor(&mut *self.store.read().await?, session, now).await? {
            Some(found) => Ok(somebody(found.actor, session, Some(Renewal(refresh)))),
            None => Ok(nobody(cookies::clear())),
        }
    }

    /// The session of a refresh token that is still good. Reads only, unless there is a theft to act on.
    async fn holder(&self, token: &str, now: Timestamp) -> Result<Option<Uuid>> {
        let hash = secrets::hash(token);
        let found = sql::refresh_token(&mut *self.store.read().await?, &hash).await?;
        let Some(stored) = found.filter(|stored| !stored.over(now)) else { return Ok(None) };
        let Some(used_at) = stored.used_at else { return Ok(Some(stored.session)) };
        let successor = secrets::hash(&self.keys.successor(token));
        let successor = sql::refresh_token(&mut *self.store.read().await?, &successor).await?;
        let gone_on = successor.is_none_or(|successor| successor.used_at.is_some());
        if self.in_grace(used_at, now) && !gone_on {
            return Ok(Some(stored.session));
        }
        tracing::warn!(session = %stored.session, user = %stored.user, "a used refresh token came back: session ended");
        self.end_session(stored.session, now).await?;
        Ok(None)
    }

    fn in_grace(&self, used_at: Timestamp, now: Timestamp) -> bool {
        // A use that is still to come is one from before the clock went back, and proves nothing.
        (-millis(SKEW)..=millis(self.settings.refresh_grace)).contains(&now.millis_since(used_at))
    }

    async fn end_session(&self, session: Uuid, now: Timestamp) -> Result<()> {
        retrying(async || {
            let mut tx = self.store.begin().await?;
            match sql::revoke_session(&mut tx, session, now).await? {
                Some(user) => self.commit_access(tx, None, user, now).await,
                None => Ok(tx.commit().await?),
            }
        })
        .await
    }

    /// Begins a session for whom the password with this hash proved; the one that the browser had ends with it. `None`
    /// when the password was changed or the account disabled since it was checked.
    pub(super) async fn start_session(
        &self,
        user: UserId,
        hash: &str,
        browser: &cookies::Found,
        visitor: &Visitor,
    ) -> Result<Option<SetCookies>> {
        let now = self.clock.now();
        let before = self.session_of(browser).await?;
        let expires = after(now, self.settings.refresh_lifetime);
        let session = Uuid::now_v7();
        let token = secrets::random()?;
        let token_hash = secrets::hash(&token);
        let started = retrying(async || {
            let mut tx = self.store.begin().await?;
            if !sql::holds(&mut tx, user, Some(hash)).await? {
                return Ok(false);
            }
            let ended = match before {
                Some(before) => sql::revoke_session(&mut tx, before, now).await?,
                None => None,
            };
            sql::insert_session(&mut tx, session, user, visitor, now, expires).await?;
            sql::insert_refresh_token(&mut tx, &token_hash, session, expires).await?;
            match ended {
                Some(user) => self.commit_access(tx, None, user, now).await?,
                None => tx.commit().await?,
            }
            Ok(true)
        })
        .await?;
        started.then(|| self.session_cookies(user, session, token, now)).transpose()
    }

    fn session_cookies(&self, user: UserId, session: Uuid, refresh: String, now: Timestamp) -> Result<SetCookies> {
        let life = self.settings.access_lifetime;
        let claims = Claims { sub: user, sid: session, iat: now.0 / 1000, exp: after(now, life).0 / 1000 };
        Ok(cookies::set(self.keys.sign(&claims)?, life, refresh, self.settings.refresh_lifetime))
    }

    /// The cookies that follow from the token which a request came with; none when another one was faster and is gone
    /// long enough that the browser has its cookies.
    pub(super) async fn exchange(&self, Renewal(token): &Renewal) -> Result<SetCookies> {
        let (now, hash) = (self.clock.now(), secrets::hash(token));
        retrying(|| self.try_exchange(token, &hash, now)).await
    }

    async fn try_exchange(&self, token: &str, hash: &str, now: Timestamp) -> Result<SetCookies> {
        let mut tx = self.store.begin().await?;
        // First the mark, which one of two racing requests gets, then the look at what there was.
        let marked = sql::use_refresh_token(&mut tx, hash, now).await?;
        let found = sql::refresh_token(&mut tx, hash).await?;
        let Some(stored) = found.filter(|stored| !stored.over(now)) else { return Ok(SetCookies::default()) };
        if !marked && !stored.used_at.is_some_and(|used_at| self.in_grace(used_at, now)) {
            return Ok(SetCookies::default());
        }
        let successor = self.keys.successor(token);
        if marked {
            let expires = after(now, self.settings.refresh_lifetime);
            sql::insert_refresh_token(&mut tx, &secrets::hash(&successor), stored.session, expires).await?;
            sql::extend_session(&mut tx, stored.session, now, expires).await?;
        }
        tx.commit().await?;
        self.session_cookies(stored.user, stored.session, successor, now)
    }

    /// The session that a browser's cookies belong to, whether it is still on or not.
    async fn session_of(&self, found: &cookies::Found) -> Result<Option<Uuid>> {
        if let Some(refresh) = &found.refresh {
            let stored = sql::refresh_token(&mut *self.store.read().await?, &secrets::hash(refresh)).await?;
            if let Some(stored) = stored {
                return Ok(Some(stored.session));
            }
        }
        // An expired access token still says which session it was.
        Ok(found.access.as_deref().and_then(|token| self.keys.verify_signature(token)).map(|claims| claims.sid))
    }

    pub(super) async fn sign_out(&self, header: Option<&str>) -> Result<SetCookies> {
        if let Some(session) = self.session_of(&cookies::Found::read(header)).await? {
            self.end_session(session, self.clock.now()).await?;
        }
        Ok(cookies::clear())
    }

    /// Who is behind a bearer token.
    pub(super) async fn bearer(&self, token: &str) -> Result<(Caller, Credential)> {
        let refused =
            || ApiError::new(shared::ErrorCode::Unauthenticated, "The API token is unknown, expired or revoked.");
        if !token.starts_with(secrets::API_TOKEN_PREFIX) {
            return Err(refused().into());
        }
        let hash = secrets::hash(token);
        let now = self.clock.now();
        let found = sql::token_actor(&mut *self.store.read().await?, &hash, now).await?;
        let Some(token) = found else { return Err(refused().into()) };
        self.note_use(token.id, token.last_used_at, now);
        Ok((Caller::Known(token.actor), Credential::Token(hash)))
    }
}
