//! `handshake`: the engine for pipelines and, with the feature `serve`, the hub itself.
//!
//! Without that feature it builds in a minute or two: no web server, no database, no pages.
//!
//! Exit codes: 0 when all is well, 1 when a check found what it looks for, 2 when an input can't be used.

mod diff;
mod files;
mod lint;
mod policy;
mod publish;
mod report;
mod rules;
mod source;

use clap::{Parser, Subcommand};
use shared::printable;
use std::{fmt::Display, io::Write as _, process::ExitCode};

/// Pages and comparisons make and drop many small values on many threads (`docs/decisions/0022-mimalloc.md`).
#[cfg(feature = "serve")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Keeps a frontend and a backend in agreement: publishes API contracts, says what changed and whom it breaks.
#[derive(Parser)]
#[command(name = "handshake", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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
    /// Print the licences of the software that is part of this program.
    Licenses,
    #[cfg(feature = "serve")]
    #[command(flatten)]
    Hub(server::commands::Command),
}

/// A command failed; the text says why.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Diff(#[from] diff::Error),
    #[error(transparent)]
    Publish(#[from] publish::Error),
    #[error(transparent)]
    Lint(#[from] lint::Error),
    #[error(transparent)]
    Rules(#[from] rules::Error),
    #[cfg(feature = "serve")]
    #[error(transparent)]
    Hub(#[from] server::commands::Error),
    #[cfg(feature = "serve")]
    #[error("the program's threads can't be started: {0}")]
    Runtime(std::io::Error),
    #[error("standard output can't be written: {0}")]
    Output(std::io::Error),
}

impl Error {
    /// Says on standard error what went wrong, however many lines that takes.
    fn print(&self) {
        printable::lines(&format!("handshake: {self}")).for_each(|line| eprintln!("{line}"));
    }

    /// 2 where an input can't be used, as the commands of the engine promise; 1 otherwise.
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Diff(_) | Self::Lint(_) | Self::Publish(_) | Self::Rules(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Writes to standard output. A reader that has seen enough, such as `head`, is no failure.
fn print(text: impl Display) -> Result<(), Error> {
    match write!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Error::Output),
    }
}

/// Writes a line to standard output.
fn print_line(text: impl Display) -> Result<(), Error> {
    print(format_args!("{text}\n"))
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        error.print();
        error.exit_code()
    })
}

/// Runs the command that the process was started with.
fn run() -> Result<ExitCode, Error> {
    let cli = match arguments() {
        Ok(cli) => cli,
        // An argument that can't be used is quoted.
        Err(error) if error.use_stderr() => {
            printable::lines(error.render().to_string().trim_end()).for_each(|line| eprintln!("{line}"));
            return Ok(ExitCode::from(2));
        }
        Err(help) => help.exit(),
    };
    match cli.command {
        Command::Diff(diff) => return Ok(diff.run()?),
        Command::Publish(publish) => return Ok(publish.run()?),
        Command::Lint(lint) => return Ok(lint.run()?),
        Command::Rules(rules) => rules.run()?,
        Command::Licenses => print(include_str!("../licenses.txt"))?,
        #[cfg(feature = "serve")]
        Command::Hub(command) => {
            let runtime = tokio::runtime::Runtime::new().map_err(Error::Runtime)?;
            print(runtime.block_on(command.run())?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `cargo leptos watch` starts the program without a word: that serves, as its first user expects.
#[cfg(feature = "serve")]
fn arguments() -> Result<Cli, clap::Error> {
    if std::env::args_os().len() == 1 { Cli::try_parse_from(["handshake", "serve"]) } else { Cli::try_parse() }
}

#[cfg(not(feature = "serve"))]
fn arguments() -> Result<Cli, clap::Error> {
    Cli::try_parse()
}
