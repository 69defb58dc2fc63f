//! Accounts, from the machine that the hub runs on: who may read its data folder may do what an admin may, also while the
//! hub doesn't run.

use super::{Error, line};
use crate::{
    config::{Flags, Settings},
    start::Domain,
};
use clap::{Args, Subcommand};
use shared::{
    Accounts as _, ManageAccounts as _, PageQuery, Role, Timestamp,
    accounts::{Actor, Caller, ChangeUser, NewApiToken, ResetPassword, Scope, User},
    ids::{SessionId, TokenId, UserId},
    names::{DisplayName, Email, NewPassword},
    printable::Printable,
};
use std::{
    io::Read as _,
    str::FromStr,
    time::{Duration, SystemTime},
};
use uuid::Uuid;

#[derive(Subcommand)]
pub enum UserCommand {
    /// Create an account. The password is read from standard input.
    Create(NewUser),
    /// List all accounts: address, role, whether it is disabled, name.
    List(HubArgs),
    /// Give an account another role.
    SetRole {
        #[command(flatten)]
        whose: AccountArgs,
        /// viewer, developer, maintainer or admin.
        #[arg(long)]
        role: String,
    },
    /// Set a new password, which is made and printed unless it comes on standard input. Ends the account's sessions.
    ResetPassword {
        #[command(flatten)]
        whose: AccountArgs,
        /// Read the new password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Refuse sign-ins to an account; its sessions and API tokens end at once.
    Disable(AccountArgs),
    /// Let a disabled account be signed in to again.
    Enable(AccountArgs),
    /// List an account's sessions: id, last use, address, browser.
    Sessions(AccountArgs),
    /// End an account's sessions, or one of them.
    EndSessions {
        #[command(flatten)]
        whose: AccountArgs,
        /// Only this one.
        #[arg(long)]
        session: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make an API token for a person and print its secret, which is never shown again.
    Create(NewToken),
    /// List a person's API tokens: id, last use, end, services, name.
    List(AccountArgs),
    /// Revoke an API token by its id.
    Revoke {
        /// The token's id, as `handshake token list` shows it.
        id: String,
        #[command(flatten)]
        hub: HubArgs,
    },
}

#[derive(Subcommand)]
pub enum SecretCommand {
    /// Take the secret that is set now for the hub's. Stop all of its servers first. Sessions go on.
    Adopt(HubArgs),
}

/// Which hub.
#[derive(Args)]
pub struct HubArgs {
    #[command(flatten)]
    flags: Box<Flags>,
}

#[derive(Args)]
pub struct AccountArgs {
    /// The account's address.
    #[arg(long)]
    email: String,
    #[command(flatten)]
    hub: HubArgs,
}

#[derive(Args)]
pub struct NewUser {
    #[arg(long)]
    email: String,
    /// What the person is called on screen.
    #[arg(long)]
    name: String,
    /// viewer, developer, maintainer or admin.
    #[arg(long, default_value = "developer")]
    role: String,
    #[command(flatten)]
    hub: HubArgs,
}

#[derive(Args)]
pub struct NewToken {
    #[command(flatten)]
    whose: AccountArgs,
    /// What the token is for.
    #[arg(long)]
    name: String,
    /// What it may do, comma-separated: read, publish.
    #[arg(long, default_value = "read,publish", value_delimiter = ',')]
    scopes: Vec<String>,
    /// The services that it is good for, comma-separated; all without it.
    #[arg(long, value_delimiter = ',')]
    services: Option<Vec<String>>,
    /// Days until it expires; without it, it is good until it is revoked.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    expires_in_days: Option<u32>,
}

/// Who runs commands on the hub's machine.
fn operator() -> Caller {
    // The hub's own id: nobody's account.
    let name = DisplayName::from_str("Operator").ok();
    name.map_or(Caller::Anonymous, |name| Caller::Known(Actor::person(UserId(Uuid::nil()), name, Role::Admin)))
}

impl HubArgs {
    /// Runs something on the data of a hub that is there.
    async fn with<T, F: Future<Output = Result<T, Error>>>(&self, work: impl FnOnce(Domain) -> F) -> Result<T, Error> {
        let settings = Settings::load(&self.flags)?;
        settings.must_have_database()?;
        Self::on(&settings, work).await
    }

    async fn on<T, F: Future<Output = Result<T, Error>>>(
        settings: &Settings,
        work: impl FnOnce(Domain) -> F,
    ) -> Result<T, Error> {
        let domain = Domain::open(settings).await?;
        let store = domain.store.clone();
        let outcome = work(domain).await;
        store.close().await;
        outcome
    }
}

impl AccountArgs {
    async fn with<T, F: Future<Output = Result<T, Error>>>(
        &self,
        work: impl FnOnce(Domain, User) -> F,
    ) -> Result<T, Error> {
        let email: Email = self.email.parse()?;
        self.hub
            .with(|domain| async move {
                let user = domain.areas.accounts.user_by_email(&email).await?.ok_or(Error::NoUser(email))?;
                work(domain, user).await
            })
            .await
    }

    async fn change(&self, change: ChangeUser) -> Result<String, Error> {
        self.with(|domain, user| async move {
            let user = domain.areas.accounts.change_user(&operator(), user.id, change).await?;
            Ok(line(row(&user)))
        })
        .await
    }
}

impl UserCommand {
    pub async fn run(self) -> Result<String, Error> {
        match self {
            Self::Create(user) => user.create().await,
            Self::List(hub) => hub.with(|domain| async move { list_users(&domain).await }).await,
            Self::SetRole { whose, role } => {
                whose.change(ChangeUser { role: Some(role.parse()?), disabled: None }).await
            }
            Self::Disable(whose) => whose.change(ChangeUser { role: None, disabled: Some(true) }).await,
            Self::Enable(whose) => whose.change(ChangeUser { role: None, disabled: Some(false) }).await,
            Self::ResetPassword { whose, password_stdin } => reset_password(&whose, password_stdin).await,
            Self::Sessions(whose) => {
                whose.with(|domain, user| async move { list_sessions(&domain, &user).await }).await
            }
            Self::EndSessions { whose, session } => end_sessions(&whose, session).await,
        }
    }
}

impl NewUser {
    async fn create(self) -> Result<String, Error> {
        let email: Email = self.email.parse()?;
        let name: DisplayName = self.name.parse()?;
        let role: Role = self.role.parse()?;
        let password = password_from_stdin()?;
        // The one command that may make a hub: its first admin is made before it is served.
        HubArgs::on(&Settings::load(&self.hub.flags)?, |domain| async move {
            let user = domain.areas.accounts.create_user(email, name, password, role).await?;
            let created = format_args!("Created {} ({}) as {}.", user.display_name, user.email, user.role.as_str());
            Ok(line(Printable::new(created)))
        })
        .await
    }
}

fn password_from_stdin() -> Result<NewPassword, Error> {
    let mut password = String::new();
    std::io::stdin().lock().take(4096).read_to_string(&mut password).map_err(Error::Input)?;
    Ok(password.trim_end_matches(['\r', '\n']).parse()?)
}

fn row(user: &User) -> String {
    let state = if user.disabled_at.is_some() { "disabled" } else { "active" };
    format!("{}\t{}\t{state}\t{}", Printable::new(&user.email), user.role.as_str(), Printable::new(&user.display_name))
}

async fn list_users(domain: &Domain) -> Result<String, Error> {
    let mut page = PageQuery { limit: Some(PageQuery::MAX), ..PageQuery::default() };
    let mut lines = String::new();
    loop {
        let users = domain.areas.accounts.users(&operator(), page.clone()).await?;
        lines.extend(users.items.iter().map(|user| line(row(user))));
        page.cursor = users.next_cursor;
        if page.cursor.is_none() {
            return Ok(lines);
        }
    }
}

async fn reset_password(whose: &AccountArgs, password_stdin: bool) -> Result<String, Error> {
    let password = if password_stdin { Some(password_from_stdin()?) } else { None };
    whose
        .with(|domain, user| async move {
            let done = domain.areas.accounts.reset_password(&operator(), user.id, ResetPassword { password }).await?;
            Ok(match done.password {
                // Alone on standard output, so that a script can take it.
                Some(made) => line(made),
                None => line(Printable::new(format_args!("The password of {} is set.", user.email))),
            })
        })
        .await
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), |at| at.to_string())
}

async fn list_sessions(domain: &Domain, user: &User) -> Result<String, Error> {
    let mut page = PageQuery { limit: Some(PageQuery::MAX), ..PageQuery::default() };
    let mut lines = String::new();
    loop {
        let sessions = domain.areas.accounts.sessions(&operator(), Some(user.id), page.clone()).await?;
        for session in &sessions.items {
            let said = |text: &Option<String>| Printable::new(text.as_deref().unwrap_or("-"));
            let (address, agent) = (said(&session.address), said(&session.user_agent));
            lines += &line(format_args!("{}\t{}\t{address}\t{agent}", session.id, session.last_used_at));
        }
        page.cursor = sessions.next_cursor;
        if page.cursor.is_none() {
            return Ok(lines);
        }
    }
}

async fn end_sessions(whose: &AccountArgs, session: Option<String>) -> Result<String, Error> {
    let session = session.map(|id| id.parse::<SessionId>().map_err(|_| Error::NoId(id))).transpose()?;
    whose
        .with(|domain, user| async move {
            match session {
                Some(session) => domain.areas.accounts.end_session(&operator(), session).await?,
                None => domain.areas.accounts.end_sessions(&operator(), user.id).await?,
            }
            Ok(line("Ended."))
        })
        .await
}

impl TokenCommand {
    pub async fn run(self) -> Result<String, Error> {
        match self {
            Self::Create(token) => token.create().await,
            Self::List(whose) => whose.with(|domain, user| async move { list_tokens(&domain, &user).await }).await,
            Self::Revoke { id, hub } => {
                let token = id.parse::<TokenId>().map_err(|_| Error::NoId(id))?;
                hub.with(|domain| async move {
                    domain.areas.accounts.revoke_api_token(&operator(), token).await?;
                    Ok(line("Revoked."))
                })
                .await
            }
        }
    }
}

impl NewToken {
    async fn create(self) -> Result<String, Error> {
        let scopes = self.scopes.iter().map(|scope| scope.trim().parse()).collect::<Result<Vec<Scope>, _>>()?;
        let expires_at = self.expires_in_days.map(|days| {
            let end = SystemTime::now() + Duration::from_secs(u64::from(days) * 24 * 60 * 60);
            let since = end.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            Timestamp(crate::clock::millis(since))
        });
        let names = |names: Vec<String>| names.iter().map(|name| name.trim().parse()).collect::<Result<Vec<_>, _>>();
        let services = self.services.map(names).transpose()?;
        let new = NewApiToken { name: self.name.parse()?, scopes, services, expires_at };
        self.whose
            .with(|domain, user| async move {
                let owner = Caller::Known(Actor::person(user.id, user.display_name, user.role));
                let issued = domain.areas.accounts.create_api_token(&owner, new).await?;
                // Alone on standard output, so that a script can take it.
                Ok(line(issued.secret))
            })
            .await
    }
}

async fn list_tokens(domain: &Domain, user: &User) -> Result<String, Error> {
    let mut page = PageQuery { limit: Some(PageQuery::MAX), ..PageQuery::default() };
    let mut lines = String::new();
    loop {
        let tokens = domain.areas.accounts.api_tokens_of(&operator(), user.id, page.clone()).await?;
        for token in &tokens.items {
            let name = Printable::new(&token.name);
            let services = match &token.services {
                None => "all services".to_owned(),
                Some(services) => services.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            };
            let (used, ends) = (time(token.last_used_at), time(token.expires_at));
            lines += &line(format_args!("{}\t{used}\t{ends}\t{services}\t{name}", token.id));
        }
        page.cursor = tokens.next_cursor;
        if page.cursor.is_none() {
            return Ok(lines);
        }
    }
}

impl SecretCommand {
    pub async fn run(self) -> Result<String, Error> {
        let Self::Adopt(hub) = self;
        hub.with(|domain| async move {
            domain.areas.accounts.adopt_secret().await?;
            Ok(line("The hub's servers start with this secret from now on."))
        })
        .await
    }
}
