//! `handshake diff OLD NEW`: the engine's verdict on a change, for people, pull requests and pipelines.

use super::{
    policy,
    report::{self, Format},
    source::{self, Named, Source},
};
use clap::{Args, ValueEnum};
use contract::{Date, Ignored, Limits, Options};
use shared::{Finding, Level, findings::Counts};
use std::{
    collections::HashMap,
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::UNIX_EPOCH,
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
    /// The policy: levels of rules, and findings to ignore. `handshake.toml` of the working directory if it is there.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The day that sunsets and ignores are judged on, as in 2027-03-31; today if absent.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
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
    /// Findings that the policy ignores.
    pub ignored: &'a [Ignored],
    /// The policy's file, with the line and last day of each ignore that has ended.
    pub policy: &'a str,
    pub expired: Vec<(usize, Date)>,
    /// The engine's levels of the findings to which the policy gives another.
    pub engine_levels: HashMap<*const Finding, Level>,
}

impl Change<'_> {
    /// The level that the engine gave a finding of [`Self::findings`], where the policy gives it another.
    #[must_use]
    pub fn engine_level(&self, finding: &Finding) -> Option<Level> {
        self.engine_levels.get(&std::ptr::from_ref(finding)).copied()
    }

    /// What a report says of ignores that have ended, with their lines.
    pub fn endings(&self) -> impl Iterator<Item = (usize, String)> {
        let say = |(line, last): &(usize, Date)| {
            (*line, format!("this ignore ended on {last}: its findings count again. Mend them, or name a later day."))
        };
        self.expired.iter().map(say)
    }
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
    #[error(transparent)]
    Policy(#[from] policy::Error),
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
        let loaded = policy::load(self.config.as_deref())?;
        let today = self.today.unwrap_or_else(today);
        let options = Options::default().on(today).notice(loaded.policy.notice);
        let findings = contract::compare_with(&old.document, &new.document, &options);
        let judged = loaded.policy.judge(findings, Some(today));
        let (findings, levels) = (&judged.findings, &judged.engine_levels);
        let engine_levels =
            findings.iter().zip(levels).filter_map(|(finding, level)| Some((std::ptr::from_ref(finding), (*level)?)));
        let change = Change {
            old: &old,
            new: &new,
            counts: Counts::of(findings),
            findings,
            fail_on: self.fail_on,
            ignored: &judged.ignored,
            policy: &loaded.file,
            expired: loaded.expired(&judged.expired),
            engine_levels: engine_levels.collect(),
        };
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

/// The machine's day, in UTC.
fn today() -> Date {
    // A clock before 1970 is a broken one; whatever it says, nothing has ended yet.
    let since = UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    Date::from_unix_seconds(i64::try_from(since).unwrap_or(i64::MAX))
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
