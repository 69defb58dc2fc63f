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

/// Keeps a document, unless it is there already.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert(connection: &mut AnyConnection, digest: &str, format: Format, document: &Stored) -> Result<()> {
    sqlx::query(
        "INSERT INTO documents (digest, size, format, coding, bytes) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (digest) DO NOTHING",
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
