//! The policy that a command judges by: `handshake.toml`, or the file that is named.

use clap::Args;
use contract::Date;
use contract::policy_file::{FILE, Invalid, Loaded, parse};
use shared::printable::Printable;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// The policy can't be used; the command exits with 2.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} can't be read: {cause}", Printable::new(.file.display()))]
    Read { file: PathBuf, cause: io::Error },
    #[error("{}", Printable::new(.0))]
    Invalid(#[from] Invalid),
}

/// Which policy a command judges by, and on which day.
#[derive(Debug, Args)]
pub struct By {
    /// The policy: what rules count as, and findings to ignore. `handshake.toml` of the working directory if it is there.
    // Its name was `--config`, which elsewhere means the server's settings.
    #[arg(long, alias = "config", value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The day that sunsets and ignores are judged on, as in 2027-03-31; today if absent.
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

impl By {
    pub fn load(&self) -> Result<Loaded, Error> {
        load(self.policy.as_deref())
    }

    /// The day named, or the machine's in UTC.
    pub fn today(&self) -> Date {
        self.today.unwrap_or_else(today)
    }
}

/// The machine's day in UTC.
pub fn today() -> Date {
    // A clock before 1970 is a broken one; whatever it says, nothing has ended yet.
    let since = UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    Date::from_unix_seconds(i64::try_from(since).unwrap_or(i64::MAX))
}

/// The policy in a file; in `handshake.toml` of the working directory when none is named, and none when that isn't
/// there.
pub fn load(named: Option<&Path>) -> Result<Loaded, Error> {
    let file = named.unwrap_or(Path::new(FILE));
    match fs::read_to_string(file) {
        Ok(text) => Ok(parse(&file.display().to_string(), &text)?),
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(Loaded::default()),
        Err(cause) => Err(Error::Read { file: file.to_owned(), cause }),
    }
}

/// What is to be said of ignores that have ended and of those that cover nothing, each with its line.
pub fn notes(loaded: &Loaded, expired: &[usize], unused: &[usize]) -> Vec<(usize, Printable)> {
    let mut notes: Vec<_> = loaded.endings(expired).into_iter().chain(loaded.unused(unused)).collect();
    notes.sort_unstable();
    notes.into_iter().map(|(line, says)| (line, Printable::new(says))).collect()
}
