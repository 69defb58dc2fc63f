//! Whether the database can do its work: it answers, is migrated and takes a write.
//!
//! A disk that is full, or a file that became read-only, shows only when something is written. So a row is written, and
//! at most once a second: anybody may ask, and each write waits for the disk.

use super::{Error, MIGRATIONS, Store};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(1);

/// When the database was last found to work.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<Instant>>);

impl Readiness {
    pub async fn of(&self, store: &Store) -> Result<(), Error> {
        // One asks the database, and those who asked meanwhile share the answer.
        let mut proven = self.0.lock().await;
        if proven.is_some_and(|at| at.elapsed() < FRESH) && !store.is_closed() {
            return Ok(());
        }
        *proven = None;
        migrated(store).await?;
        write(store).await?;
        *proven = Some(Instant::now());
        Ok(())
    }
}

async fn migrated(store: &Store) -> Result<(), Error> {
    let mut connection = store.read().await?;
    let applied = sqlx::query_as::<_, (i64, i64)>(
        "SELECT version, CASE WHEN success THEN 1 ELSE 0 END AS done FROM _sqlx_migrations ORDER BY version",
    )
    .fetch_all(&mut *connection)
    .await?;
    let missing = MIGRATIONS.iter().find(|wanted| !applied.contains(&(wanted.version, 1)));
    missing.map_or(Ok(()), |migration| Err(Error::NotMigrated(migration.version)))
}

async fn write(store: &Store) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    sqlx::query("UPDATE readiness SET writes = writes + 1 WHERE id = 1").execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}
