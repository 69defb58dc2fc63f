//! `handshake diff OLD NEW`: the engine's verdict on a change, for people, pull requests and pipelines.

use super::{
    report::{self, Format},
    source::{self, Named, Source},
};
use clap::{Args, ValueEnum};
use contract::Limits;
use shared::{Finding, Level, findings::Counts};
use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

/// What to compare, and how to tell.
#[derive(Debug, Args)]
pub struct Diff {
    /// The contract as it was: a file, `-` for standard input, or `git:REV:PATH`.
    old: Source,
    /// The contract as it is to be: a file, `-` for standard input, or `git:REV:PATH`.
    new: Source,
    /// How the findings are written.
    #[arg(long, short, value_enum, default_value = "text")]
    format: Format,
    /// The least level that makes the command exit with 1.
    #[arg(long, value_enum, default_value = "breaking")]
    fail_on: FailOn,
    /// Colours and shapes in text.
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
}

/// From which level on the command fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Breaking,
    Risky,
    Safe,
    /// Never.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

/// Both documents and what lies between them, for the reports.
pub struct Change<'a> {
    pub old: &'a Named,
    pub new: &'a Named,
    pub findings: &'a [Finding],
    pub counts: Counts,
    pub fail_on: FailOn,
}

impl FailOn {
    /// Whether a finding of this level fails.
    #[must_use]
    pub fn fails(self, level: Level) -> bool {
        match self {
            Self::Breaking => level >= Level::Breaking,
            Self::Risky => level >= Level::Risky,
            Self::Safe => level >= Level::Safe,
            Self::None => false,
        }
    }
}

/// The report can't be made; the command exits with 2.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Source(#[from] source::Error),
    #[error("only one of the two documents can come from standard input")]
    BothStdin,
    #[error("the report can't be written: {0}")]
    Write(#[from] io::Error),
    #[error("the report can't be written: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the report can't be written: {0}")]
    Junit(#[from] quick_junit::SerializeError),
}

impl Diff {
    /// Prints the report; 1 when something is at or above `--fail-on`.
    pub fn run(&self) -> Result<ExitCode, Error> {
        if self.old == Source::Stdin && self.new == Source::Stdin {
            return Err(Error::BothStdin);
        }
        let limits = Limits::default();
        let (old, new) = (self.old.read(&limits)?, self.new.read(&limits)?);
        let findings = contract::compare(&old.document, &new.document);
        let change =
            Change { old: &old, new: &new, counts: Counts::of(&findings), findings: &findings, fail_on: self.fail_on };
        let colors = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        let text = report::write(self.format, &change, colors)?;
        match io::stdout().lock().write_all(text.as_bytes()) {
            // A reader that has seen enough, such as `head`, is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
        let failed = findings.iter().any(|finding| self.fail_on.fails(finding.level));
        Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_fails_from_its_level_on() {
        use FailOn::{Breaking, None, Risky, Safe};
        for (fail_on, levels) in [
            (Breaking, &[Level::Breaking][..]),
            (Risky, &[Level::Breaking, Level::Risky]),
            (Safe, &[Level::Breaking, Level::Risky, Level::Safe]),
            (None, &[]),
        ] {
            for level in Level::ALL {
                assert_eq!(fail_on.fails(level), levels.contains(&level), "{fail_on:?} {level}");
            }
        }
    }
}
