//! The program's commands about a hub: serving it, its accounts, its backup. The program itself is `cli`.

mod accounts;
mod backup;

use crate::{
    api,
    config::{self, Flags, Settings},
    demo, start,
};
use clap::Subcommand;
use shared::{ApiError, names::Email, printable::Printable};
use std::fmt::Display;

#[derive(Subcommand)]
pub enum Command {
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
}

impl Command {
    /// Does it, and gives what is to be printed.
    pub async fn run(self) -> Result<String, Error> {
        match self {
            Self::Serve { demo, demo_passwords, flags } => {
                start::serve(Settings::load(&flags)?, demo.then_some(demo_passwords)).await?;
                Ok(String::new())
            }
            Self::User(user) => user.run().await,
            Self::Token(token) => token.run().await,
            Self::Secret(secret) => secret.run().await,
            Self::Backup(backup) => backup.run().await,
            Self::Openapi => Ok(line(api::document()?)),
            Self::Settings => Ok(config::markdown()),
        }
    }
}

fn line(text: impl Display) -> String {
    format!("{text}\n")
}
