//! Managing accounts. Who may do it is decided here for all callers: REST, pages and the command line.

use super::{AccountsService, Inner, manage_sql, passwords, secrets, sql};
use crate::{
    error::Result,
    permissions::{self, Grant, ManageAccounts as Manage, ManageOwnSessions, SessionOwner, WholeHub},
    store::retrying,
};
use async_trait::async_trait;
use shared::{
    ApiError, Cursor, ErrorCode, ManageAccounts, Page, PageQuery, Role,
    accounts::{ApiToken, Caller, ChangeUser, ResetDone, ResetPassword, Session, User},
    ids::{SessionId, UserId},
};
use tracing::instrument;

fn no_such_user() -> ApiError {
    ApiError::not_found("such account")
}

fn is_active_admin(user: &User) -> bool {
    user.role == Role::Admin && user.disabled_at.is_none()
}

impl Inner {
    async fn users(&self, grant: &Grant<Manage, WholeHub>, page: &PageQuery) -> Result<Page<User>> {
        let limit = page.limit()?;
        let after = page.cursor.as_ref().map(Cursor::parse::<UserId>).transpose()?;
        let users = manage_sql::users(&mut *self.store.read().await?, grant, after, limit + 1).await?;
        Ok(Page::cut(users, limit, |user| user.id.to_string()))
    }

    /// An account of a person's. The hub's own, which nobody can sign in to, is none.
    async fn person(&self, id: UserId) -> Result<User> {
        let user = sql::user(&mut *self.store.read().await?, id).await?;
        Ok(user.filter(|user| !user.id.0.is_nil()).ok_or_else(no_such_user)?)
    }

    async fn change_user(&self, grant: &Grant<Manage, UserId>, change: &ChangeUser) -> Result<User> {
        let id = *grant.on();
        self.person(id).await?;
        let now = self.clock.now();
        retrying(async || {
            let mut tx = self.store.begin().await?;
            // Two admins who take each other's role away at once would leave none.
            manage_sql::lock_accounts(&mut tx).await?;
            let before = sql::user(&mut tx, id).await?.ok_or_else(no_such_user)?;
            let mut user = before.clone();
            user.role = change.role.unwrap_or(before.role);
            user.disabled_at = match change.disabled {
                None => before.disabled_at,
                Some(true) => before.disabled_at.or(Some(now)),
                Some(false) => None,
            };
            if is_active_admin(&before) && !is_active_admin(&user) && manage_sql::active_admins(&mut tx).await? <= 1 {
                let message = "This is the last admin who can sign in. Make another one first.";
                return Err(ApiError::new(ErrorCode::Conflict, message).into());
            }
            manage_sql::update_user(&mut tx, &user).await?;
            if user.disabled_at.is_some() {
                manage_sql::revoke_sessions(&mut tx, id, now).await?;
                manage_sql::revoke_api_tokens(&mut tx, id, now).await?;
            }
            self.commit_access(tx, Some(grant.actor()), id, now).await?;
            Ok(user)
        })
        .await
    }

    async fn reset_password(&self, grant: &Grant<Manage, UserId>, reset: ResetPassword) -> Result<ResetDone> {
        let id = *grant.on();
        let user = self.person(id).await?;
        let (password, made) = match reset.password {
            Some(given) => (given, None),
            None => {
                let made = secrets::readable()?;
                (made.parse()?, Some(made))
            }
        };
        let hash = passwords::hash(self.guard.own_turn().await?, password).await?;
        let now = self.clock.now();
        retrying(async || {
            let mut tx = self.store.begin().await?;
            // A sign-in that checked the old password before may be about to begin a session.
            sql::lock_user(&mut tx, id).await?;
            sql::set_password(&mut tx, id, &hash, now).await?;
            manage_sql::revoke_sessions(&mut tx, id, now).await?;
            self.commit_access(tx, Some(grant.actor()), id, now).await
        })
        .await?;
        Ok(ResetDone { user, password: made })
    }

    async fn sessions(&self, grant: &Grant<ManageOwnSessions, UserId>, page: &PageQuery) -> Result<Page<Session>> {
        self.person(*grant.on()).await?;
        let limit = page.limit()?;
        let before = page.cursor.as_ref().map(Cursor::parse::<SessionId>).transpose()?;
        let now = self.clock.now();
        let sessions = manage_sql::sessions(&mut *self.store.read().await?, grant, before, now, limit + 1).await?;
        Ok(Page::cut(sessions, limit, |session| session.id.to_string()))
    }

    async fn end_one_session(&self, grant: &Grant<ManageOwnSessions, SessionOwner>, session: SessionId) -> Result<()> {
        let now = self.clock.now();
        retrying(async || {
            let mut tx = self.store.begin().await?;
            let ended = manage_sql::revoke_session_of(&mut tx, grant, session, now).await?;
            let user = ended.ok_or_else(|| ApiError::not_found("such session that is on"))?;
            self.commit_access(tx, Some(grant.actor()), user, now).await
        })
        .await
    }

    async fn end_sessions(&self, grant: &Grant<ManageOwnSessions, UserId>) -> Result<()> {
        let user = *grant.on();
        self.person(user).await?;
        let now = self.clock.now();
        retrying(async || {
            let mut tx = self.store.begin().await?;
            manage_sql::revoke_sessions(&mut tx, user, now).await?;
            self.commit_access(tx, Some(grant.actor()), user, now).await
        })
        .await
    }
}

#[async_trait]
impl ManageAccounts for AccountsService {
    #[instrument(skip_all)]
    async fn users(&self, caller: &Caller, page: PageQuery) -> shared::Result<Page<User>> {
        Ok(self.0.users(&permissions::on_hub(caller)?, &page).await?)
    }

    #[instrument(skip_all)]
    async fn change_user(&self, caller: &Caller, user: UserId, change: ChangeUser) -> shared::Result<User> {
        let grant = permissions::on_account(caller, user)?;
        let changed = self.0.change_user(&grant, &change).await?;
        tracing::info!(by = %grant.actor().user, %user, role = changed.role.as_str(), disabled = changed.disabled_at.is_some(),
            "an account was changed");
        Ok(changed)
    }

    #[instrument(skip_all)]
    async fn reset_password(&self, caller: &Caller, user: UserId, reset: ResetPassword) -> shared::Result<ResetDone> {
        let grant = permissions::on_account(caller, user)?;
        let done = self.0.reset_password(&grant, reset).await?;
        tracing::info!(by = %grant.actor().user, %user, "a password was reset");
        Ok(done)
    }

    #[instrument(skip_all)]
    async fn sessions(&self, caller: &Caller, user: Option<UserId>, page: PageQuery) -> shared::Result<Page<Session>> {
        let grant = match user {
            Some(user) => permissions::on_user(caller, user)?,
            None => permissions::on_own(caller)?,
        };
        Ok(self.0.sessions(&grant, &page).await?)
    }

    #[instrument(skip_all)]
    async fn end_session(&self, caller: &Caller, session: SessionId) -> shared::Result<()> {
        Ok(self.0.end_one_session(&permissions::on_anybodys(caller)?, session).await?)
    }

    #[instrument(skip_all)]
    async fn end_sessions(&self, caller: &Caller, user: UserId) -> shared::Result<()> {
        Ok(self.0.end_sessions(&permissions::on_user(caller, user)?).await?)
    }

    #[instrument(skip_all)]
    async fn api_tokens_of(&self, caller: &Caller, user: UserId, page: PageQuery) -> shared::Result<Page<ApiToken>> {
        let grant = permissions::on_account(caller, user)?;
        self.0.person(user).await?;
        Ok(self.0.api_tokens(&grant, &page).await?)
    }
}
