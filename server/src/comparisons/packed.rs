//! What the engine found, as it is stored and as it waits in memory: JSON, compressed with zstd.

use crate::error::{Error, Result};
use contract::Report;
use serde::{Deserialize, Serialize};
use shared::Finding;
use std::borrow::Cow;

/// What the engine found under no policy.
#[derive(Debug)]
pub struct Packed {
    /// The JSON, compressed.
    pub findings: Vec<u8>,
    /// Bytes of the JSON.
    pub size: usize,
}

/// What is compressed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    operations: usize,
    left_out: usize,
    findings: Cow<'a, [Finding]>,
}

impl Packed {
    pub fn new(report: &Report) -> Result<Self> {
        let Report { findings, operations, left_out, .. } = report;
        let content = Content { operations: *operations, left_out: *left_out, findings: Cow::Borrowed(findings) };
        let json = serde_json::to_vec(&content).map_err(|error| Error::damaged(format_args!("findings: {error}")))?;
        let findings = zstd::bulk::compress(&json, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(Error::damaged)?;
        Ok(Self { findings, size: json.len() })
    }

    pub fn unpack(&self) -> Result<Report> {
        let json = zstd::bulk::decompress(&self.findings, self.size).map_err(Error::damaged)?;
        let Content { operations, left_out, findings } = serde_json::from_slice(&json)
            .map_err(|error| Error::damaged(format_args!("comparisons.findings: {error}")))?;
        Ok(Report { findings: findings.into_owned(), operations, left_out, ..Report::default() })
    }
}
