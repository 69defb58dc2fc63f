//! A copy of a SQLite database as it was at one moment, while others read and write it.

use super::{Error, Store};
use sqlx::{AnyConnection, Connection as _, sqlite::SqliteConnectOptions};
use std::{
    path::{Path, PathBuf},
    str::FromStr as _,
};

/// The file of a SQLite database.
pub fn file_of(url: &str) -> Option<PathBuf> {
    SqliteConnectOptions::from_str(url).ok().map(|options| options.get_filename().to_owned())
}

impl Store {
    /// Copies a SQLite database into a file that is empty. It is one read transaction: nobody waits for it.
    pub async fn copy_to(&self, file: &Path) -> Result<(), Error> {
        let Some(file) = file.to_str() else {
            return Err(Error::Url(format!("{} isn't text in UTF-8", file.display())));
        };
        // SQLite writes the copy only over a connection that may write; it writes nothing to the database itself.
        let mut connection = AnyConnection::connect(&self.url).await?;
        sqlx::query("VACUUM INTO $1").bind(file).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }
}
