//! What keeps a hub's accounts in order: who is there, who may do what, and how access is taken back.

use super::{ApiToken, Caller, Role, User};
use crate::{
    Page, PageQuery, Result, Timestamp,
    ids::{SessionId, UserId},
    names::NewPassword,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What changes about an account; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeUser {
    /// What the person may do from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// `true` ends all sessions and API tokens at once and refuses new ones; `false` lets the person sign in again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// Gives an account a new password.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResetPassword {
    /// The new password, 12 to 256 characters; one is made when it is absent.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Option<String>, format = Password, min_length = 12, max_length = 256)
    )]
    pub password: Option<NewPassword>,
}

/// A password that was just reset.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResetDone {
    pub user: User,
    /// The password that was made, which is never shown again; `null` when it was given.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub password: Option<String>,
}

impl fmt::Debug for ResetDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResetDone").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A sign-in on one browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub id: SessionId,
    pub created_at: Timestamp,
    /// When it was last renewed, which happens every few minutes while it is used.
    pub last_used_at: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
    /// The address that it was begun from.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub address: Option<String>,
    /// What the browser said of itself then.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub user_agent: Option<String>,
}

/// Accounts, looked after: by admins, and by everybody where their own sessions are concerned.
#[async_trait::async_trait]
pub trait ManageAccounts: Send + Sync + 'static {
    /// All accounts of people, oldest first.
    async fn users(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>>;
    /// `conflict` when the hub would be left without an admin who can sign in.
    async fn change_user(&self, caller: &Caller, user: UserId, change: ChangeUser) -> Result<User>;
    /// Also ends the account's sessions. Its API tokens stay.
    async fn reset_password(&self, caller: &Caller, user: UserId, reset: ResetPassword) -> Result<ResetDone>;
    /// The user's sessions that are on, newest first; the caller's own without a user.
    async fn sessions(&self, caller: &Caller, user: Option<UserId>, page: PageQuery) -> Result<Page<Session>>;
    /// One of the caller's own, or anybody's for an admin.
    async fn end_session(&self, caller: &Caller, session: SessionId) -> Result<()>;
    /// All of a user's.
    async fn end_sessions(&self, caller: &Caller, user: UserId) -> Result<()>;
    /// The user's API tokens, newest first.
    async fn api_tokens_of(&self, caller: &Caller, user: UserId, page: PageQuery) -> Result<Page<ApiToken>>;
}
