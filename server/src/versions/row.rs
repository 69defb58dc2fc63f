//! A version as a row of a statement, for those that read versions beside something else.

use crate::{
    error::{Error, Result},
    store::row::{number, parse},
};
use shared::{
    Timestamp,
    findings::Counts,
    versions::{Format, PublishedVerdict, Version},
};
use sqlx::{Row as _, any::AnyRow};

/// The columns of `versions v` that [`version`] reads, beside the service's name as `service`.
macro_rules! version_columns {
    () => {
        "v.id AS version_id, v.number, v.label, v.author, v.published_at, v.digest, v.size, v.format, v.openapi, \
         v.title, v.operations, v.base_label, v.level, v.breaking, v.risky, v.safe"
    };
}
pub(crate) use version_columns;

fn format(row: &AnyRow) -> Result<Format> {
    match row.try_get("format")? {
        "json" => Ok(Format::Json),
        "yaml" => Ok(Format::Yaml),
        other => Err(Error::damaged(format_args!("format: {other}"))),
    }
}

fn counts(row: &AnyRow) -> Result<Counts> {
    Ok(Counts { breaking: number(row, "breaking")?, risky: number(row, "risky")?, safe: number(row, "safe")? })
}

/// A version with its service's name.
pub fn version(row: &AnyRow) -> Result<Version> {
    let verdict = match row.try_get::<Option<&str>, _>("level")? {
        None => None,
        Some(_) => Some(PublishedVerdict {
            level: parse(row, "level")?,
            counts: counts(row)?,
            base: parse(row, "base_label")?,
        }),
    };
    Ok(Version {
        id: parse(row, "version_id")?,
        service: parse(row, "service")?,
        label: parse(row, "label")?,
        number: number(row, "number")?,
        author: parse(row, "author")?,
        published_at: Timestamp(row.try_get("published_at")?),
        size: number(row, "size")?,
        digest: row.try_get("digest")?,
        format: format(row)?,
        openapi: row.try_get("openapi")?,
        title: row.try_get("title")?,
        operations: number(row, "operations")?,
        published_verdict: verdict,
    })
}
