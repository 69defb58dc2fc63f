//! Accounts, sessions and API tokens.
//!
//! A person signs in with a password and gets two cookies. The access cookie is a short-lived JWT that names the user
//! and the session; forged and expired ones are refused without a look at the database. For the others the session
//! and the user's role are read with every request, one look-up by primary key: so signing out, and losing a role,
//! take effect at once. A cache would save some fifty microseconds and bring back the very delay that a short-lived
//! token is there to bound. The refresh cookie is exchanged in line when the access cookie is gone ([`sessions`]).
//!
//! A user has at most one password, in a table of its own, so that other ways to sign in can stand beside it.

pub mod authenticate;
mod cookies;
mod guard;
mod manage;
pub mod manage_rest;
mod manage_sql;
pub mod pages;
mod passwords;
pub mod rest;
mod secrets;
mod sessions;
mod sql;
mod tokens;

pub use secrets::readable;
pub use sessions::Renewal;
pub use tokens::bound_to;

pub use cookies::{ACCESS_COOKIE, DEVICE_COOKIE, REFRESH_COOKIE};

use crate::{
    clock::Clock,
    error,
    events::{self, Bus},
    permissions::{self, Grant, Read},
    store::{Store, Tx, retrying},
};
use async_trait::async_trait;
use guard::{Attempt, Guard};
use quick_cache::sync::Cache;
use secrets::Keys;
use shared::{
    Accounts, Actor, ApiError, ErrorCode, Page, PageQuery, Role, Timestamp,
    accounts::{ApiToken, Caller, IssuedApiToken, NewApiToken, SetCookies, SetUp, SignIn, User, Visitor},
    ids::{TokenId, UserId},
    names::{DisplayName, Email, NewPassword},
};
use std::{sync::Arc, thread, time::Duration};
use tracing::instrument;
use uuid::Uuid;

/// How long things last, and the key that signs.
#[derive(Clone)]
pub struct Settings {
    /// Signs access tokens and links refresh tokens; every server of a hub has the same one.
    pub secret: [u8; 32],
    /// An access token's life: 10 minutes is good.
    pub access_lifetime: Duration,
    /// How long a session lasts without use: 30 days is good.
    pub refresh_lifetime: Duration,
    /// How long a refresh token that was just exchanged still gives its successor: 10 seconds is good.
    pub refresh_grace: Duration,
    /// Makes the first account; with an empty one nobody can.
    pub set_up_code: String,
}

impl Settings {
    /// The usual lifetimes, with this key.
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        Self {
            secret,
            access_lifetime: Duration::from_secs(10 * 60),
            refresh_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
            refresh_grace: Duration::from_secs(10),
            set_up_code: String::new(),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("access_lifetime", &self.access_lifetime)
            .field("refresh_lifetime", &self.refresh_lifetime)
            .field("refresh_grace", &self.refresh_grace)
            .finish_non_exhaustive()
    }
}

/// What proved who a caller is. Whatever outlives a request asks with it again ([`AccountsService::standing`]), so that
/// signing out and revoking a token end it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    None,
    /// A session, by its id.
    Session(Uuid),
    /// An API token, by its hash.
    Token(String),
}

/// Who a request comes from, and what its answer must set.
#[derive(Debug, Clone)]
pub struct Authenticated {
    pub caller: Caller,
    pub credential: Credential,
    /// Empty unless the session turned out to be over.
    pub set_cookies: SetCookies,
    /// Given back with [`AccountsService::exchange`] when the answer is there.
    pub renewal: Option<Renewal>,
}

/// Accounts on the store. Cheap to clone.
#[derive(Clone)]
pub struct AccountsService(Arc<Inner>);

struct Inner {
    store: Store,
    bus: Bus,
    settings: Settings,
    keys: Keys,
    clock: Clock,
    guard: Guard,
    /// When the use of API tokens was last noted, for those in use.
    noted: Cache<TokenId, Timestamp>,
}

/// API tokens whose last use is remembered in memory.
const NOTED: usize = 4_096;

impl AccountsService {
    #[must_use]
    pub fn new(store: Store, bus: Bus, settings: Settings) -> Self {
        Self::with_clock(store, bus, settings, Clock::default())
    }

    /// With a clock that a test can move.
    #[must_use]
    pub fn with_clock(store: Store, bus: Bus, settings: Settings, clock: Clock) -> Self {
        let keys = Keys::new(&settings.secret);
        let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let guard = Guard::new(processors, clock.clone());
        Self(Arc::new(Inner { store, bus, settings, keys, clock, guard, noted: Cache::new(NOTED) }))
    }

    /// The code that makes the first account, for the console and for tests.
    #[must_use]
    pub fn set_up_code(&self) -> &str {
        &self.0.settings.set_up_code
    }

    /// Who sent a request with these `Cookie` and `Authorization` headers.
    ///
    /// A bearer token that isn't valid is an error: a machine must learn that its token is no good. Cookies that
    /// aren't are nobody, and the answer clears them: a person gets the sign-in page.
    pub async fn authenticate(
        &self,
        cookie: Option<&str>,
        authorization: Option<&str>,
    ) -> shared::Result<Authenticated> {
        if let Some(token) = authorization.and_then(bearer) {
            let (caller, credential) = self.0.bearer(token).await?;
            return Ok(Authenticated { caller, credential, set_cookies: SetCookies::default(), renewal: None });
        }
        Ok(self.0.cookies(cookie).await?)
    }

    /// Whether these headers come from somebody whom the hub knows: a person that it signed in, or a good token. It has
    /// no effect and renews nothing, so an expired access token still counts.
    pub async fn knows(&self, cookie: Option<&str>, authorization: Option<&str>) -> bool {
        if let Some(token) = authorization.and_then(bearer) {
            return matches!(self.standing(&Credential::Token(secrets::hash(token))).await, Ok((Caller::Known(_), _)));
        }
        cookies::Found::read(cookie).access.is_some_and(|token| self.0.keys.verify_signature(&token).is_some())
    }

    /// The cookies that the answer to a request brings whose refresh token is used with it.
    pub async fn exchange(&self, renewal: &Renewal) -> shared::Result<SetCookies> {
        Ok(self.0.exchange(renewal).await?)
    }

    /// Whether the secret is the one that this hub's other servers and earlier starts have. The first one is taken for it.
    pub async fn is_own_secret(&self) -> shared::Result<bool> {
        let noted = retrying(async || {
            let mut tx = self.0.store.begin().await?;
            let noted = sql::note_secret(&mut tx, self.0.keys.fingerprint()).await?;
            tx.commit().await?;
            Ok(noted)
        })
        .await?;
        Ok(noted == self.0.keys.fingerprint())
    }

    /// Takes the secret for the hub's from now on. Sessions go on: their refresh tokens don't depend on it.
    pub async fn adopt_secret(&self) -> shared::Result<()> {
        let done = retrying(async || {
            let mut tx = self.0.store.begin().await?;
            sql::replace_secret(&mut tx, self.0.keys.fingerprint()).await?;
            Ok(tx.commit().await?)
        });
        Ok(done.await?)
    }

    /// Who the credential stands for now, with the rights that the account has now: nobody once the session has ended,
    /// the token is revoked or the account is gone.
    ///
    /// For what outlives a request, such as a live stream; also tells how long it holds unless something is taken away.
    pub async fn standing(&self, credential: &Credential) -> shared::Result<(Caller, Option<Duration>)> {
        let now = self.0.clock.now();
        let mut connection = self.0.store.read().await.map_err(error::Error::from)?;
        let found = match credential {
            Credential::None => None,
            Credential::Session(session) => sql::session_actor(&mut connection, *session, now)
                .await?
                .map(|session| (session.actor, Some(session.expires_at))),
            Credential::Token(hash) => {
                sql::token_actor(&mut connection, hash, now).await?.map(|token| (token.actor, token.expires_at))
            }
        };
        let Some((actor, until)) = found else { return Ok((Caller::Anonymous, None)) };
        let left = until.map(|until| Duration::from_millis(u64::try_from(until.millis_since(now)).unwrap_or(0)));
        Ok((Caller::Known(actor), left))
    }

    /// Deletes sessions and refresh tokens that are over; tells how many.
    pub async fn delete_ended_sessions(&self) -> error::Result<u64> {
        let now = self.0.clock.now();
        retrying(async || {
            let mut tx = self.0.store.begin().await?;
            let gone = sql::delete_ended_sessions(&mut tx, now).await?;
            tx.commit().await?;
            Ok(gone)
        })
        .await
    }

    /// The hub itself, for what it publishes on its own: an account without a password, which nobody can sign in to.
    pub async fn hub(&self) -> shared::Result<Caller> {
        let user = User {
            id: UserId(Uuid::nil()),
            // No mail goes to a name under `.invalid`, and nobody can own one (RFC 2606).
            email: "hub@handshake.invalid".parse()?,
            display_name: "Handshake".parse()?,
            role: Role::Maintainer,
            created_at: self.0.clock.now(),
            disabled_at: None,
        };
        self.0.ensure_user(&user).await?;
        Ok(Caller::Known(Actor::person(user.id, user.display_name, user.role)))
    }

    /// The account with this address: for the command line.
    pub async fn user_by_email(&self, email: &Email) -> shared::Result<Option<User>> {
        let mut connection = self.0.store.read().await.map_err(error::Error::from)?;
        Ok(sql::credentials(&mut connection, email).await?.map(|(user, _)| user))
    }

    /// Makes an account: for the command line and for demo data, which ask nobody. `name-taken` when the address is.
    pub async fn create_user(
        &self,
        email: Email,
        name: DisplayName,
        password: NewPassword,
        role: Role,
    ) -> shared::Result<User> {
        Ok(self.0.create_user(email, name, password, role, false).await?.0)
    }
}

impl Inner {
    /// Makes an account; as `first`, only if there is none yet. Also gives its password's hash.
    async fn create_user(
        &self,
        email: Email,
        display_name: DisplayName,
        password: NewPassword,
        role: Role,
        first: bool,
    ) -> error::Result<(User, String)> {
        let hash = passwords::hash(self.guard.own_turn().await?, password).await?;
        let created_at = self.clock.now();
        let user = User { id: UserId(Uuid::now_v7()), email, display_name, role, created_at, disabled_at: None };
        let done = retrying(async || {
            let mut tx = self.store.begin().await?;
            let was_first = sql::claim_set_up(&mut tx, created_at).await?;
            if first && !was_first {
                return Err(already_set_up().into());
            }
            sql::insert_user(&mut tx, &user).await?;
            sql::set_password(&mut tx, user.id, &hash, created_at).await?;
            Ok(tx.commit().await?)
        })
        .await;
        match done {
            Err(error) if error.is_unique_violation() => {
                let message = format!("There is an account for {} already.", user.email);
                Err(ApiError::new(ErrorCode::NameTaken, message.clone()).with_detail("email", message).into())
            }
            done => done.map(|()| (user, hash)),
        }
    }

    async fn ensure_user(&self, user: &User) -> error::Result<()> {
        if sql::user(&mut *self.store.read().await?, user.id).await?.is_some() {
            return Ok(());
        }
        let done = retrying(async || {
            let mut tx = self.store.begin().await?;
            sql::insert_user(&mut tx, user).await?;
            Ok(tx.commit().await?)
        })
        .await;
        match done {
            // Another server was first.
            Err(error) if error.is_unique_violation() => Ok(()),
            done => done,
        }
    }

    /// Commits that what an account may do has changed, by somebody or else by its owner.
    async fn commit_access(&self, mut tx: Tx, by: Option<&Actor>, account: UserId, at: Timestamp) -> error::Result<()> {
        let by = match by {
            Some(actor) => (actor.user, actor.name.clone()),
            None => match sql::user(&mut tx, account).await? {
                Some(owner) => (owner.id, owner.display_name),
                // The account is gone, and its sessions with it.
                None => return Ok(tx.commit().await?),
            },
        };
        let told = events::append_access(&mut tx, &self.store, at, (by.0, &by.1), account).await?;
        self.bus.commit(tx, told).await
    }

    async fn needs_set_up(&self) -> error::Result<bool> {
        sql::needs_set_up(&mut *self.store.read().await?).await
    }

    async fn set_up(&self, visitor: &Visitor, admin: SetUp) -> error::Result<(User, SetCookies)> {
        // Hashing costs memory and time; a hub that has its admin doesn't spend them on strangers.
        if !self.needs_set_up().await? {
            return Err(already_set_up().into());
        }
        self.check_set_up_code(visitor, &admin.code)?;
        let (user, hash) = self.create_user(admin.email, admin.display_name, admin.password, Role::Admin, true).await?;
        let cookies = self.welcome(visitor, &user, &hash).await?.ok_or_else(wrong_credentials)?;
        Ok((user, cookies))
    }

    fn check_set_up_code(&self, visitor: &Visitor, given: &str) -> error::Result<()> {
        // An account of its own for each address: the code can't be guessed, so many strangers needn't slow down the one
        // who has it.
        let account = format!("set-up {:?}", visitor.address);
        let attempt = Attempt { account: &account, address: visitor.address, device: None };
        self.guard.check_only(attempt)?;
        let code = &self.settings.set_up_code;
        if code.is_empty() || !self.keys.is_code(given, code) {
            self.guard.failed(attempt);
            let message = "This isn't the code that the hub printed when it started last.";
            return Err(ApiError::new(ErrorCode::Forbidden, message).with_detail("code", message).into());
        }
        Ok(())
    }

    async fn sign_in(&self, visitor: &Visitor, sign_in: SignIn) -> error::Result<(User, SetCookies)> {
        let found = cookies::Found::read(visitor.cookies.as_deref());
        let email = sign_in.email.parse::<Email>().ok();
        let device = match (&found.device, &email) {
            (Some(mark), Some(email)) => self.keys.device_name(mark, email.as_str()),
            _ => None,
        };
        let attempt = Attempt { account: &sign_in.email, address: visitor.address, device };
        let turn = self.guard.turn(attempt).await?;
        let known = match email {
            Some(email) => sql::credentials(&mut *self.store.read().await?, &email).await?,
            None => None,
        };
        let (user, hash) = known.map_or((None, None), |(user, hash)| (Some(user), Some(hash)));
        let (right, turn) = passwords::verify(turn, sign_in.password, hash.clone()).await?;
        let user = user.filter(|_| right);
        if user.as_ref().is_some_and(|user| user.disabled_at.is_none()) {
            self.guard.succeeded(attempt);
        } else {
            self.guard.failed(attempt);
        }
        // The next one in the line sees how this one went.
        drop(turn);
        let Some((user, hash)) = user.zip(hash) else { return Err(wrong_credentials().into()) };
        if user.disabled_at.is_some() {
            // Only who has the password learns it.
            let message = "This account is disabled. An admin of this hub can enable it.";
            return Err(ApiError::new(ErrorCode::Forbidden, message).into());
        }
        let cookies = self.welcome(visitor, &user, &hash).await?.ok_or_else(wrong_credentials)?;
        Ok((user, cookies))
    }

    /// A session for somebody whom the password with this hash has just proved, and a mark for the browser. `None` when it
    /// isn't the password any more.
    async fn welcome(&self, visitor: &Visitor, user: &User, hash: &str) -> error::Result<Option<SetCookies>> {
        let found = cookies::Found::read(visitor.cookies.as_deref());
        let Some(mut cookies) = self.start_session(user.id, hash, &found, visitor).await? else { return Ok(None) };
        let email = user.email.as_str();
        let device = match found.device.filter(|mark| self.keys.device_name(mark, email).is_some()) {
            Some(mark) => mark,
            None => self.keys.device(email)?,
        };
        cookies::mark(&mut cookies, device);
        Ok(Some(cookies))
    }

    async fn me(&self, grant: &Grant<Read, UserId>) -> error::Result<User> {
        let user = sql::user(&mut *self.store.read().await?, *grant.on()).await?;
        // The account went away between the request's start and here.
        user.ok_or_else(|| ApiError::unauthenticated().into())
    }
}

/// The token of an `Authorization: Bearer` header (RFC 6750). Other schemes aren't the hub's: a proxy in front of it may
/// ask for its own.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn wrong_credentials() -> ApiError {
    ApiError::new(ErrorCode::WrongCredentials, "The address or the password is wrong.")
}

fn already_set_up() -> ApiError {
    ApiError::new(ErrorCode::AlreadySetUp, "This hub has its first admin already. Sign in instead.")
}

#[async_trait]
impl Accounts for AccountsService {
    #[instrument(skip_all)]
    async fn needs_set_up(&self) -> shared::Result<bool> {
        Ok(self.0.needs_set_up().await?)
    }

    #[instrument(skip_all)]
    async fn set_up(&self, visitor: &Visitor, admin: SetUp) -> shared::Result<(User, SetCookies)> {
        Ok(self.0.set_up(visitor, admin).await?)
    }

    #[instrument(skip_all)]
    async fn sign_in(&self, visitor: &Visitor, sign_in: SignIn) -> shared::Result<(User, SetCookies)> {
        Ok(self.0.sign_in(visitor, sign_in).await?)
    }

    #[instrument(skip_all)]
    async fn sign_out(&self, cookies: Option<&str>) -> shared::Result<SetCookies> {
        Ok(self.0.sign_out(cookies).await?)
    }

    #[instrument(skip_all)]
    async fn me(&self, caller: &Caller) -> shared::Result<User> {
        Ok(self.0.me(&permissions::on_self(caller)?).await?)
    }

    #[instrument(skip_all)]
    async fn api_tokens(&self, caller: &Caller, page: PageQuery) -> shared::Result<Page<ApiToken>> {
        Ok(self.0.api_tokens(&permissions::on_own::<permissions::ManageOwnTokens>(caller)?, &page).await?)
    }

    #[instrument(skip_all)]
    async fn create_api_token(&self, caller: &Caller, token: NewApiToken) -> shared::Result<IssuedApiToken> {
        Ok(self.0.create_api_token(&permissions::on_own(caller)?, token).await?)
    }

    #[instrument(skip_all)]
    async fn revoke_api_token(&self, caller: &Caller, token: TokenId) -> shared::Result<()> {
        Ok(self.0.revoke_api_token(&permissions::on_anybodys(caller)?, token).await?)
    }
}
