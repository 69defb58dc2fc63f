//! A copy of the database that is whole, also while the hub serves.

use crate::{
    config::{Flags, Settings},
    store::{self, Backend, Store},
};
use clap::Args;
use shared::printable::Printable;
use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

#[derive(Args)]
pub struct Backup {
    /// The file to write. It must not exist yet.
    #[arg(value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    flags: Box<Flags>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("PostgreSQL has tools for this: back the database up with pg_dump")]
    Postgres,
    #[error("{0} can't be written: {1}")]
    Target(PathBuf, io::Error),
    #[error("the backup failed, and nothing was written: {0}")]
    Store(#[from] store::Error),
}

impl Backup {
    pub async fn run(self) -> Result<String, super::Error> {
        let settings = Settings::load(&self.flags)?;
        settings.must_have_database()?;
        self.write(&settings).await?;
        Ok(super::line(format_args!("Wrote {}.", Printable::new(self.to.display()))))
    }

    async fn write(&self, settings: &Settings) -> Result<(), Error> {
        let url = settings.database_url();
        if Backend::of(&url)? == Backend::Postgres {
            return Err(Error::Postgres);
        }
        // Made first, for its owner alone: SQLite writes into a file that is there and empty.
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.to);
        made.map_err(|error| Error::Target(self.to.clone(), error))?;
        let copied = copy(settings, &self.to).await;
        if copied.is_err() {
            // What is half written is no backup. The failure is told already.
            let _ = fs::remove_file(&self.to);
        }
        Ok(copied?)
    }
}

async fn copy(settings: &Settings, to: &Path) -> Result<(), store::Error> {
    let open = store::Settings { url: settings.database_url(), max_connections: 1 };
    let store = Store::open(&open).await?;
    let copied = store.copy_to(to).await;
    store.close().await;
    copied
}
