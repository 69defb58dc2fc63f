//! Who people and machines are, and what they may do.

mod manage;

pub use manage::{ChangeUser, ManageAccounts, ResetDone, ResetPassword, Session};

use crate::{
    ApiError, ErrorCode, Page, PageQuery, Result, Timestamp,
    ids::{TokenId, UserId},
    names::{DisplayName, Email, NewPassword, ServiceName},
};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// What a person may do; each role may do all that the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads everything.
    Viewer,
    /// Publishes versions and makes API tokens.
    Developer,
    /// Creates services.
    Maintainer,
    /// Manages accounts.
    Admin,
}

impl Role {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Developer => "developer",
            Self::Maintainer => "maintainer",
            Self::Admin => "admin",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = ApiError;
    fn from_str(text: &str) -> Result<Self> {
        [Self::Viewer, Self::Developer, Self::Maintainer, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| ApiError::invalid("role", "A role is viewer, developer, maintainer or admin."))
    }
}

/// What an API token may do, never more than its owner's role allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Reads services, versions and verdicts.
    Read,
    /// Publishes versions.
    Publish,
}

impl Scope {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Publish => "publish",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = ApiError;
    fn from_str(text: &str) -> Result<Self> {
        [Self::Read, Self::Publish]
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| ApiError::invalid("scopes", "A scope is read or publish."))
    }
}

/// One thing that somebody may or may not do. The one table of who may do what is [`Permission::rule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    Read,
    Publish,
    CreateService,
    ManageService,
    DeleteService,
    ManageOwnSessions,
    ManageOwnTokens,
    ManageAccounts,
    ManageJobs,
}

impl Permission {
    /// The least role, and the token scope that covers it (`None`: no token may).
    #[must_use]
    pub const fn rule(self) -> (Role, Option<Scope>) {
        match self {
            Self::Read => (Role::Viewer, Some(Scope::Read)),
            Self::Publish => (Role::Developer, Some(Scope::Publish)),
            Self::CreateService | Self::ManageService => (Role::Maintainer, None),
            Self::ManageOwnSessions => (Role::Viewer, None),
            Self::ManageOwnTokens => (Role::Developer, None),
            Self::DeleteService | Self::ManageAccounts | Self::ManageJobs => (Role::Admin, None),
        }
    }
}

/// A person, or a person's token, that proved who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    pub user: UserId,
    pub name: DisplayName,
    pub role: Role,
    /// Present when an API token spoke, with what it may do.
    pub scopes: Option<Vec<Scope>>,
    /// Present when an API token spoke that is good for these services only.
    #[serde(default)]
    pub services: Option<Vec<ServiceName>>,
}

impl Actor {
    /// A person, with all that the role allows.
    #[must_use]
    pub const fn person(user: UserId, name: DisplayName, role: Role) -> Self {
        Self { user, name, role, scopes: None, services: None }
    }

    /// Whether this may be used on the service at all; a token that is bound to others may not.
    #[must_use]
    pub fn reaches(&self, service: &ServiceName) -> bool {
        self.services.as_ref().is_none_or(|services| services.contains(service))
    }

    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let (role, scope) = permission.rule();
        self.role >= role
            && self.scopes.as_ref().is_none_or(|scopes| scope.is_some_and(|scope| scopes.contains(&scope)))
    }
}

/// Who asks. Handed to every operation; the operation decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    Anonymous,
    Known(Actor),
}

impl Caller {
    /// The actor, if it may do this; otherwise 401 or 403.
    pub fn require(&self, permission: Permission) -> Result<&Actor> {
        match self {
            Self::Anonymous => Err(ApiError::unauthenticated()),
            Self::Known(actor) if actor.may(permission) => Ok(actor),
            Self::Known(actor) => {
                let (role, scope) = permission.rule();
                let message = match (&actor.scopes, scope) {
                    (Some(_), None) => "An API token can't do this; sign in instead.".to_owned(),
                    (Some(_), Some(scope)) if actor.role >= role => {
                        format!("This needs an API token with the scope {}.", scope.as_str())
                    }
                    _ => format!("This needs the role {}; yours is {}.", role.as_str(), actor.role.as_str()),
                };
                Err(ApiError::new(ErrorCode::Forbidden, message))
            }
        }
    }
}

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub display_name: DisplayName,
    pub role: Role,
    pub created_at: Timestamp,
    /// Since when nobody can sign in to it; `null` while people can.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub disabled_at: Option<Timestamp>,
}

/// Where a request that proves who somebody is comes from.
#[derive(Clone, Default)]
pub struct Visitor {
    /// The client's address, as well as the hub can know it.
    pub address: Option<IpAddr>,
    /// The request's `Cookie` header.
    pub cookies: Option<String>,
    /// The request's `User-Agent` header.
    pub user_agent: Option<String>,
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visitor").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Makes the first admin, on a hub that has nobody yet.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetUp {
    pub email: Email,
    pub display_name: DisplayName,
    /// 12 to 256 characters; a few words are good.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 12, max_length = 256))]
    pub password: NewPassword,
    /// What the hub printed on its console when it started; it proves that the sender runs the hub.
    #[cfg_attr(feature = "openapi", schema(max_length = 256))]
    pub code: String,
}

impl fmt::Debug for SetUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetUp").field("email", &self.email).finish_non_exhaustive()
    }
}

/// Signs in with a password.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    /// The account's address, in any case.
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub email: String,
    /// The account's password.
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 256))]
    pub password: String,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("email", &self.email).finish_non_exhaustive()
    }
}

/// The outcome of signing in, refreshing or signing out: `Set-Cookie` values for the answer.
/// Opaque to `app`, which only hands them on, so that no token is ever in a page's reach.
#[derive(Clone, Default)]
pub struct SetCookies(pub Vec<String>);

impl fmt::Debug for SetCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetCookies({})", self.0.len())
    }
}

/// An API token's record; the secret itself is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    pub id: TokenId,
    /// What it is for, in its owner's words.
    pub name: DisplayName,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The services that it is good for; `null` when it is good for all.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub services: Option<Vec<ServiceName>>,
    pub created_at: Timestamp,
    /// When it was last sent; absent when it never was.
    pub last_used_at: Option<Timestamp>,
    /// Until when it is good; `null` when it is good until it is revoked.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiToken {
    /// What it is for.
    pub name: DisplayName,
    /// What it may do.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 2))]
    pub scopes: Vec<Scope>,
    /// The services that it is good for; all when this is absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub services: Option<Vec<ServiceName>>,
    /// Until when it is good; until it is revoked when this is absent.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A token that was just made. `secret` is never shown again.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IssuedApiToken {
    pub token: ApiToken,
    /// What is sent as `Authorization: Bearer`.
    pub secret: String,
}

impl fmt::Debug for IssuedApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedApiToken").field("token", &self.token).finish_non_exhaustive()
    }
}

/// Accounts, sessions and API tokens.
#[async_trait::async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Whether the hub still waits for its first admin.
    async fn needs_set_up(&self) -> Result<bool>;
    /// Makes the first admin and signs them in. `already-set-up` once anybody exists, `forbidden` with a wrong code.
    async fn set_up(&self, visitor: &Visitor, admin: SetUp) -> Result<(User, SetCookies)>;
    /// `wrong-credentials` for an unknown address and for a wrong password alike, in the same time; `rate-limited` after
    /// too many of them.
    async fn sign_in(&self, visitor: &Visitor, sign_in: SignIn) -> Result<(User, SetCookies)>;
    /// Ends the session that the request's cookies (the `Cookie` header) belong to. Never fails for lack of one.
    async fn sign_out(&self, cookies: Option<&str>) -> Result<SetCookies>;
    /// Who is signed in.
    async fn me(&self, caller: &Caller) -> Result<User>;
    /// The caller's own API tokens, newest first.
    async fn api_tokens(&self, caller: &Caller, page: PageQuery) -> Result<Page<ApiToken>>;
    async fn create_api_token(&self, caller: &Caller, token: NewApiToken) -> Result<IssuedApiToken>;
    /// One of the caller's own, or anybody's for an admin.
    async fn revoke_api_token(&self, caller: &Caller, token: TokenId) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role, scopes: Option<Vec<Scope>>) -> Caller {
        Caller::Known(Actor { scopes, ..Actor::person(UserId(uuid::Uuid::nil()), "Ada".parse().unwrap(), role) })
    }

    #[test]
    fn who_may_do_what() {
        use Permission::{CreateService, ManageAccounts, Publish, Read};
        let token = |scopes: &[Scope]| Some(scopes.to_vec());
        for (caller, permission, code) in [
            (Caller::Anonymous, Read, Some(ErrorCode::Unauthenticated)),
            (actor(Role::Viewer, None), Read, None),
            (actor(Role::Viewer, None), Publish, Some(ErrorCode::Forbidden)),
            (actor(Role::Developer, None), Publish, None),
            (actor(Role::Developer, None), CreateService, Some(ErrorCode::Forbidden)),
            (actor(Role::Maintainer, None), CreateService, None),
            (actor(Role::Maintainer, None), ManageAccounts, Some(ErrorCode::Forbidden)),
            (actor(Role::Admin, None), ManageAccounts, None),
            (actor(Role::Admin, token(&[Scope::Publish])), Publish, None),
            (actor(Role::Admin, token(&[Scope::Publish])), Read, Some(ErrorCode::Forbidden)),
            (actor(Role::Admin, token(&[Scope::Read, Scope::Publish])), ManageAccounts, Some(ErrorCode::Forbidden)),
            (actor(Role::Viewer, token(&[Scope::Publish])), Publish, Some(ErrorCode::Forbidden)),
        ] {
            assert_eq!(caller.require(permission).err().map(|e| e.code), code, "{caller:?} {permission:?}");
        }
    }
}
