//! The command line: the hub itself, its accounts, and the engine for pipelines.
//!
//! Exit codes: 0 when all is well, 1 when a check found what it looks for, 2 when an input can't be used.

mod accounts;
mod backup;
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
    demo, start,
};
use clap::{Parser, Subcommand};
use printable::Printable;
use shared::{ApiError, names::Email};
use std::{io::Write as _, process::ExitCode};

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
        /// Passwords of the demo's accounts: the public ones, or random ones that are printed.
        #[arg(long, env = "HANDSHAKE_DEMO_PASSWORDS", value_enum, default_value_t = demo::Passwords::Public)]
        demo_passwords: demo::Passwords,
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
    User(accounts::UserCommand),
    /// Manage API tokens.
    #[command(subcommand)]
    Token(accounts::TokenCommand),
    /// Manage the secret that signs access tokens.
    #[command(subcommand)]
    Secret(accounts::SecretCommand),
    /// Copy the hub's SQLite database into a new file. Safe while the hub serves.
    Backup(backup::Backup),
    /// Print the hub's own OpenAPI document.
    Openapi,
    /// Print the licences of the software that is part of this program.
    Licenses,
    /// Print the page about settings, in Markdown.
    Settings,
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
    Backup(#[from] backup::Error),
    #[error(transparent)]
    OpenApi(#[from] serde_json::Error),
    #[error("{}", Printable::new(&.0.message))]
    Refused(#[from] ApiError),
    #[error("there is no account for {0}")]
    NoUser(Email),
    #[error("{0} is no id")]
    NoId(String),
    #[error("standard input can't be read: {0}")]
    Input(std::io::Error),
    #[error("standard output can't be written: {0}")]
    Output(std::io::Error),
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

/// Writes to standard output. A reader that has seen enough, such as `head`, is no failure.
fn print(text: impl std::fmt::Display) -> Result<(), Error> {
    match write!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Error::Output),
    }
}

/// Writes a line to standard output.
fn print_line(text: impl std::fmt::Display) -> Result<(), Error> {
    print(format_args!("{text}\n"))
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
        Command::Serve { demo, demo_passwords, flags } => {
            start::serve(Settings::load(&flags)?, demo.then_some(demo_passwords)).await?;
        }
        Command::Diff(diff) => return Ok(diff.run()?),
        Command::Publish(publish) => return Ok(publish.run()?),
        Command::Lint(lint) => return Ok(lint.run()?),
        Command::Rules(rules) => rules.run()?,
        Command::User(user) => user.run().await?,
        Command::Token(token) => token.run().await?,
        Command::Secret(secret) => secret.run().await?,
        Command::Backup(backup) => backup.run().await?,
        Command::Openapi => print_line(crate::api::document()?)?,
        Command::Licenses => print(include_str!("../../licenses.txt"))?,
        Command::Settings => print(config::markdown())?,
    }
    Ok(ExitCode::SUCCESS)
}
