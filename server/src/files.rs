//! The data folder and what lies in it: for the user alone that the hub runs as.

use sqlx::sqlite::SqliteConnectOptions;
use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// What group and others may do.
const OTHERS: u32 = 0o077;

/// Makes the folder, when it is absent, for its owner alone. One that is there stays as it is: it may hold other things.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        if is_open(path)? {
            tracing::warn!(folder = %path.display(), "others than its owner may look into the data folder: chmod 700 it");
        }
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Whether group or others may do anything with a file or folder.
pub fn is_open(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.mode() & OTHERS != 0)
}

/// Keeps a SQLite database for its owner alone: makes its file, before SQLite does, and closes one that is open to others.
/// SQLite gives its log and its index (`-wal`, `-shm`) the rights that the database has.
pub fn keep_database_private(url: &str) -> io::Result<()> {
    let Ok(options) = url.parse::<SqliteConnectOptions>() else { return Ok(()) };
    let database = options.get_filename();
    // Whether it may be made is in the address; where it can't be, opening it tells better why.
    if !database.exists() && !url.contains("mode=") && database.parent().is_none_or(is_folder) {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(database);
        // Another process may have been faster.
        if let Err(error) = made
            && error.kind() != ErrorKind::AlreadyExists
        {
            return Err(error);
        }
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut path = database.as_os_str().to_owned();
        path.push(suffix);
        close(&PathBuf::from(path))?;
    }
    Ok(())
}

/// A relative path's parent is empty: the working directory.
fn is_folder(path: &Path) -> bool {
    path.as_os_str().is_empty() || path.is_dir()
}

fn close(path: &Path) -> io::Result<()> {
    match is_open(path) {
        Ok(false) => Ok(()),
        Ok(true) => match fs::set_permissions(path, Permissions::from_mode(0o600)) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                tracing::warn!(file = %path.display(), "others may read the database, and it isn't ours to change that");
                Ok(())
            }
            done => done,
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether the process may do anything on this machine.
#[must_use]
pub fn runs_as_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{self, Store};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[tokio::test]
    async fn what_the_hub_stores_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a/data");
        make_folder(&data).unwrap();
        assert_eq!(mode(&data), 0o700);
        let database = data.join("hub.db");
        let url = format!("sqlite:{}", database.display());
        for _ in 0..2 {
            keep_database_private(&url).unwrap();
            let store = Store::open(&store::Settings { url: url.clone(), max_connections: 2 }).await.unwrap();
            store.migrate().await.unwrap();
            for suffix in ["", "-wal", "-shm"] {
                assert_eq!(mode(&data.join(format!("hub.db{suffix}"))), 0o600, "{suffix}");
            }
            store.close().await;
            // One from before is closed when it is opened next.
            fs::set_permissions(&database, Permissions::from_mode(0o644)).unwrap();
        }
        keep_database_private("sqlite:/nowhere/at/all.db").unwrap();
        keep_database_private("postgres://localhost/hub").unwrap();
    }
}
