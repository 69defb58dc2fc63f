//! API tokens: for machines, scoped, shown once, stored hashed.

use super::{Inner, secrets, sql};
use crate::{
    error::Result,
    permissions::{Grant, ManageOwnTokens, SessionOwner},
    store::retrying,
};
use shared::{
    ApiError, Cursor, Page, PageQuery, Timestamp,
    accounts::{ApiToken, IssuedApiToken, NewApiToken},
    ids::{ServiceId, TokenId, UserId},
};
use sqlx::AnyConnection;
use tracing::Instrument as _;
use uuid::Uuid;

/// A token's last use is written at most this often, so that reading with a token isn't a write each time.
const NOTE_EVERY_MS: i64 = 60_000;

impl Inner {
    pub(super) async fn api_tokens<A>(&self, grant: &Grant<A, UserId>, page: &PageQuery) -> Result<Page<ApiToken>> {
        let limit = page.limit()?;
        let before = page.cursor.as_ref().map(Cursor::parse::<TokenId>).transpose()?;
        let mut connection = self.store.read().await?;
        let tokens = sql::api_tokens(&mut connection, *grant.on(), before, limit + 1).await?;
        Ok(Page::cut(tokens, limit, |token| token.id.to_string()))
    }

    pub(super) async fn create_api_token(
        &self,
        grant: &Grant<ManageOwnTokens, UserId>,
        new: NewApiToken,
    ) -> Result<IssuedApiToken> {
        let mut scopes = new.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(ApiError::invalid("scopes", "Choose at least one scope: read or publish.").into());
        }
        let services = new.services.map(|mut services| {
            services.sort_unstable();
            services.dedup();
            services
        });
        if services.as_ref().is_some_and(Vec::is_empty) {
            return Err(ApiError::invalid("services", "Name a service, or leave this out to mean all of them.").into());
        }
        let now = self.clock.now();
        if new.expires_at.is_some_and(|at| at <= now) {
            return Err(ApiError::invalid("expiresAt", "A token can't expire before it is made.").into());
        }
        let secret = format!("{}{}", secrets::API_TOKEN_PREFIX, secrets::random()?);
        let token = ApiToken {
            id: TokenId(Uuid::now_v7()),
            name: new.name,
            scopes,
            services,
            created_at: now,
            last_used_at: None,
            expires_at: new.expires_at,
        };
        let hash = secrets::hash(&secret);
        retrying(async || {
            let mut tx = self.store.begin().await?;
            // The account may have been disabled since the request began, with all tokens that it had.
            if !sql::holds(&mut tx, *grant.on(), None).await? {
                return Err(ApiError::unauthenticated().into());
            }
            sql::insert_api_token(&mut tx, *grant.on(), &token, &hash).await?;
            for service in token.services.iter().flatten() {
                if !sql::bind_api_token(&mut tx, token.id, service).await? {
                    return Err(ApiError::invalid("services", format!("There is no service called {service}.")).into());
                }
            }
            Ok(tx.commit().await?)
        })
        .await?;
        Ok(IssuedApiToken { token, secret })
    }

    pub(super) async fn revoke_api_token(
        &self,
        grant: &Grant<ManageOwnTokens, SessionOwner>,
        token: TokenId,
    ) -> Result<()> {
        let now = self.clock.now();
        retrying(async || {
            let mut tx = self.store.begin().await?;
            let revoked = sql::revoke_api_token(&mut tx, *grant.on(), token, now).await?;
            let user = revoked.ok_or_else(|| ApiError::not_found("such API token"))?;
            self.commit_access(tx, Some(grant.actor()), user, now).await
        })
        .await
    }

    /// Notes a token's use beside the request: a read neither waits for the writer nor fails with it.
    pub(super) fn note_use(&self, token: TokenId, last: Option<Timestamp>, now: Timestamp) {
        // A use that is still to come is from before the clock went back.
        let lately = |at: Timestamp| (0..NOTE_EVERY_MS).contains(&now.millis_since(at));
        if last.is_some_and(lately) || self.noted.get(&token).is_some_and(lately) {
            return;
        }
        self.noted.insert(token, now);
        let store = self.store.clone();
        let note = async move {
            let done = retrying(async || {
                let mut tx = store.begin().await?;
                sql::note_use(&mut tx, token, now).await?;
                Ok(tx.commit().await?)
            })
            .await;
            if let Err(error) = done {
                tracing::warn!(%error, %token, "the use of an API token isn't noted");
            }
        };
        tokio::spawn(note.in_current_span());
    }
}

/// Whose tokens are bound to a service.
pub async fn bound_to(tx: &mut AnyConnection, service: ServiceId) -> Result<Vec<UserId>> {
    sql::bound_to(tx, service).await
}
