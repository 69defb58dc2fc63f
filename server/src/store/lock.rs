//! One server on one SQLite file: a second one would never hear of the first one's events.

use super::{Backend, Error, Store, file_of};
use std::{
    fs::{File, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
};

/// Says that this server is the only one on the file. The operating system takes it back with the process, however
/// that ends. Commands don't need it: what they write, the server reads with its next look.
#[derive(Debug)]
pub struct FileLock(#[allow(dead_code, reason = "held, never read")] File);

impl Store {
    /// Locks the SQLite file for a server; nothing to lock on PostgreSQL.
    pub fn lock(&self) -> Result<Option<FileLock>, Error> {
        let Some(database) = file_of(&self.url).filter(|_| self.backend == Backend::Sqlite) else { return Ok(None) };
        // The file itself, under whatever name it was given.
        let database = database.canonicalize().unwrap_or(database);
        // A file of its own beside the database: SQLite has its locks inside the database file.
        let mut path = database.clone().into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let failed = |error| Error::LockFile(path.clone(), error);
        let file = File::options().create(true).append(true).mode(0o600).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(FileLock(file))),
            Err(TryLockError::WouldBlock) => Err(Error::Locked(database)),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
