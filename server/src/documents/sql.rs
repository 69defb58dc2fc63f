//! The statements about documents.

use crate::{
    error::Result,
    store::{row::number, system},
};
use shared::versions::Format;
use sqlx::{AnyConnection, Row as _};
use tracing::instrument;

/// A document as it is stored.
pub struct Stored {
    pub coding: String,
    pub bytes: Vec<u8>,
    pub size: usize,
}

/// Stores a document, unless it is there already. Its row is locked in both cases, so that [`delete_unused`] waits for
/// the version that is to have it.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert(connection: &mut AnyConnection, digest: &str, format: Format, document: &Stored) -> Result<()> {
    sqlx::query(
        "INSERT INTO documents (digest, size, format, coding, bytes) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (digest) DO UPDATE SET size = excluded.size",
    )
    .bind(digest)
    .bind(i64::try_from(document.size).unwrap_or(i64::MAX))
    .bind(format.as_str())
    .bind(document.coding.as_str())
    .bind(document.bytes.as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

/// How large a document is, in bytes.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn size(connection: &mut AnyConnection, digest: &str) -> Result<Option<usize>> {
    let row =
        sqlx::query("SELECT size FROM documents WHERE digest = $1").bind(digest).fetch_optional(connection).await?;
    row.map(|row| number(&row, "size")).transpose()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn document(connection: &mut AnyConnection, digest: &str) -> Result<Option<Stored>> {
    let row = sqlx::query("SELECT size, coding, bytes FROM documents WHERE digest = $1")
        .bind(digest)
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(Stored { coding: row.try_get("coding")?, bytes: row.try_get("bytes")?, size: number(&row, "size")? })
    })
    .transpose()
}

/// Deletes some of the documents that no version has; how many they were.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn delete_unused(connection: &mut AnyConnection, most: u32) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM documents WHERE digest IN (SELECT d.digest FROM documents d
             WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.digest = d.digest) LIMIT $1)",
    )
    .bind(i64::from(most))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
