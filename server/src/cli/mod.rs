//! The command line: the hub itself, its accounts, and the engine for pipelines.
//!
//! Exit codes: 0 when all is well, 1 when a check found what it looks for, 2 when an input can't be used.

mod diff;
mod lint;
mod policy;
mod printable;
mod publish;
mod report;
mod rules;
mod source;

use crate::{
    config::{self, Flags, Settings},
    start,
};
use clap::{Args, Parser, Subcommand};
use printable::Printable;
use shared::{
    Accounts as _, ApiError, Role,
    accounts::{Actor, Caller, NewApiToken, Scope},
    names::{DisplayName, Email, NewPassword},
};
use std::{io::Read as _, process::ExitCode};

/// Keeps a frontend and a backend in agreement: publishes API contracts, says what changed and whom it breaks.
#[derive(Parser)]
#[command(name = "handshake", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the hub.
    Serve {
        /// Fill an empty hub with demo users and services, and print their sign-ins. For trying it out only.
        #[arg(long, env = "HANDSHAKE_DEMO")]
        demo: bool,
        #[command(flatten)]
        flags: Box<Flags>,
    },
    /// Compare two contracts and say what the change breaks.
    ///
    /// Exits with 1 when a finding is at or above --fail-on, and with 2 when a document can't be used.
    Diff(diff::Diff),
    /// Publish a contract to a hub and say what the change breaks.
    ///
    /// Exits with 1 when the verdict is at or above --fail-on, and with 2 when nothing could be published.
    Publish(publish::Publish),
    /// Say how a contract keeps to the practices of a good one, with a score of 0 to 100.
    ///
    /// Exits with 1 when a finding is at or above --fail-on or the score is below --min-score, and with 2 when the
    /// document can't be used.
    Lint(lint::Lint),
    /// List the rules that findings come from, or explain one.
    Rules(rules::Rules),
    /// Manage people's accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Manage API tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Manage the secret that signs access tokens.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Print the hub's own OpenAPI document.
    Openapi,
    /// Print the table of settings as Markdown.
    Settings,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Create an account. The password is read from standard input.
    Create(NewUser),
}

#[derive(Args)]
struct NewUser {
    #[arg(long)]
    email: String,
    /// What the person is called on screen.
    #[arg(long)]
    name: String,
    /// viewer, developer, maintainer or admin.
    #[arg(long, default_value = "developer")]
    role: String,
    #[command(flatten)]
    flags: Box<Flags>,
}

#[derive(Subcommand)]
enum SecretCommand {
    /// Take the secret that is set now for the hub's. Stop all of its servers first. Sessions go on.
    Adopt {
        #[command(flatten)]
        flags: Box<Flags>,
    },
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make an API token for a person and print its secret, which is never shown again.
    Create(NewToken),
}

#[derive(Args)]
struct NewToken {
    /// Address of the token's owner.
    #[arg(long)]
    email: String,
    /// What the token is for.
    #[arg(long)]
    name: String,
    /// What it may do, comma-separated: read, publish.
    #[arg(long, default_value = "read,publish", value_delimiter = ',')]
    scopes: Vec<String>,
    #[command(flatten)]
    flags: Box<Flags>,
}

/// A command failed; the text says why.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Config(#[from] config::Error),
    #[error(transparent)]
    Start(#[from] start::Error),
    #[error(transparent)]
    Diff(#[from] diff::Error),
    #[error(transparent)]
    Publish(#[from] publish::Error),
    #[error(transparent)]
    Lint(#[from] lint::Error),
    #[error(transparent)]
    Rules(#[from] rules::Error),
    #[error(transparent)]
    OpenApi(#[from] serde_json::Error),
    #[error("{}", Printable::new(&.0.message))]
    Refused(#[from] ApiError),
    #[error("there is no account for {0}")]
    NoUser(Email),
    #[error("standard input can't be read: {0}")]
    Input(#[from] std::io::Error),
}

impl Error {
    /// Says on standard error what went wrong, however many lines that takes.
    pub fn print(&self) {
        printable::lines(&format!("handshake: {self}")).for_each(|line| eprintln!("{line}"));
    }

    /// 2 where an input can't be used, as the commands of the engine promise; 1 otherwise.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Diff(_) | Self::Lint(_) | Self::Publish(_) | Self::Rules(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Runs the command that the process was started with.
pub async fn run() -> Result<ExitCode, Error> {
    // `cargo leptos watch` starts the program without a word: that serves, as its first user expects.
    let arguments =
        if std::env::args_os().len() == 1 { Cli::try_parse_from(["handshake", "serve"]) } else { Cli::try_parse() };
    let cli = match arguments {
        Ok(cli) => cli,
        // An argument that can't be used is quoted.
        Err(error) if error.use_stderr() => {
            printable::lines(error.render().to_string().trim_end()).for_each(|line| eprintln!("{line}"));
            return Ok(ExitCode::from(2));
        }
        Err(help) => help.exit(),
    };
    match cli.command {
        Command::Serve { demo, flags } => start::serve(Settings::load(&flags)?, demo).await?,
        Command::Diff(diff) => return Ok(diff.run()?),
        Command::Publish(publish) => return Ok(publish.run()?),
        Command::Lint(lint) => return Ok(lint.run()?),
        Command::Rules(rules) => rules.run()?,
        Command::User(UserCommand::Create(user)) => create_user(user).await?,
        Command::Token(TokenCommand::Create(token)) => create_token(token).await?,
        Command::Secret(SecretCommand::Adopt { flags }) => adopt_secret(&flags).await?,
        Command::Openapi => println!("{}", crate::http::openapi::document()?),
        Command::Settings => print!("{}", config::markdown_table()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn create_user(user: NewUser) -> Result<(), Error> {
    let settings = Settings::load(&user.flags)?;
    let email: Email = user.email.parse()?;
    let name: DisplayName = user.name.parse()?;
    let role: Role = user.role.parse()?;
    let mut password = String::new();
    std::io::stdin().lock().take(4096).read_to_string(&mut password)?;
    let password: NewPassword = password.trim_end_matches(['\r', '\n']).parse()?;
    let domain = start::Domain::open(&settings).await?;
    let user = domain.accounts.create_user(email, name, password, role).await?;
    println!(
        "{}",
        Printable::new(format_args!("Created {} ({}) as {}.", user.display_name, user.email, user.role.as_str()))
    );
    domain.store.close().await;
    Ok(())
}

async fn adopt_secret(flags: &Flags) -> Result<(), Error> {
    let domain = start::Domain::open(&Settings::load(flags)?).await?;
    domain.accounts.adopt_secret().await?;
    println!("The hub's servers start with this secret from now on.");
    domain.store.close().await;
    Ok(())
}

async fn create_token(token: NewToken) -> Result<(), Error> {
    let settings = Settings::load(&token.flags)?;
    let email: Email = token.email.parse()?;
    let scopes = token.scopes.iter().map(|scope| scope.trim().parse()).collect::<Result<Vec<Scope>, _>>()?;
    let new = NewApiToken { name: token.name.parse()?, scopes };
    let domain = start::Domain::open(&settings).await?;
    let user = domain.accounts.user_by_email(&email).await?.ok_or(Error::NoUser(email))?;
    let owner = Caller::Known(Actor { user: user.id, name: user.display_name, role: user.role, scopes: None });
    let issued = domain.accounts.create_api_token(&owner, new).await?;
    // Alone on standard output, so that a script can take it.
    println!("{}", issued.secret);
    domain.store.close().await;
    Ok(())
}
