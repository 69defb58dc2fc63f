//! Versions of a service's contract.

use crate::{
    Level, Page, PageQuery, Result, Timestamp,
    accounts::Caller,
    findings::Counts,
    ids::VersionId,
    names::{DisplayName, ServiceName, VersionLabel},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names a version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VersionRef {
    pub service: ServiceName,
    pub label: VersionLabel,
}

impl fmt::Display for VersionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version {} of {}", self.label, self.service)
    }
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Json,
    Yaml,
}

impl Format {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }

    /// `application/json`, or `application/yaml` (RFC 9512).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Yaml => "application/yaml",
        }
    }
}

/// One immutable version of a service's contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Version {
    pub id: VersionId,
    pub service: ServiceName,
    pub label: VersionLabel,
    /// 1 for the service's first version, then 2, 3, …
    pub number: u32,
    /// Who published it: a person, or the token's owner.
    pub author: DisplayName,
    pub published_at: Timestamp,
    /// The document's size in bytes.
    pub size: u64,
    /// `sha256:` and 64 hexadecimal digits of the document's bytes.
    pub digest: String,
    pub format: Format,
    /// OpenAPI version as written in the document.
    pub openapi: String,
    /// `info.title`.
    pub title: String,
    /// How many operations the document has.
    pub operations: u32,
    /// As it was given when this version was published, against the one before; absent on a service's first version.
    pub published_verdict: Option<PublishedVerdict>,
}

/// The verdict that a version was published with; it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PublishedVerdict {
    /// The worst level found.
    pub level: Level,
    pub counts: Counts,
    /// The version that it was compared with.
    pub base: VersionLabel,
}

/// A document to publish.
#[derive(Debug, Clone, Default)]
pub struct Publish {
    /// JSON or YAML, UTF-8.
    pub document: Vec<u8>,
    /// Absent: `info.version`.
    pub label: Option<VersionLabel>,
    /// Chosen by the client, 1 to 255 visible ASCII characters: a client that sends the same request again under the same key
    /// within 24 hours gets the first answer again. With another request it is an `idempotency-mismatch`.
    pub idempotency_key: Option<String>,
    /// The `handshake.toml` to judge by from now on, this version included; the service's stays when absent.
    pub policy: Option<String>,
}

/// What publishing did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// `false` when the very same document is the latest version already: nothing was done.
    pub created: bool,
    pub version: Version,
    /// The version against the one before it, as the service's policy judges it now; absent on a service's first one.
    pub verdict: Option<Verdict>,
}

/// What a policy makes of a change, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The worst level of what counts.
    pub level: Level,
    pub counts: Counts,
    /// Findings that the policy ignores; in none of the counts.
    pub ignored_count: u32,
}

/// A document's bytes, and whatever must live as long as they are used.
pub struct SourceBytes(Box<dyn AsRef<[u8]> + Send + Sync>);

impl SourceBytes {
    pub fn new(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self(Box::new(bytes))
    }
}

impl AsRef<[u8]> for SourceBytes {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl fmt::Debug for SourceBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceBytes({} bytes)", self.as_ref().len())
    }
}

/// A version's document as it was published, byte for byte.
#[derive(Debug)]
pub struct Source {
    pub bytes: SourceBytes,
    pub format: Format,
    pub digest: String,
}

/// Versions.
#[async_trait::async_trait]
pub trait Versions: Send + Sync + 'static {
    /// Newest first.
    async fn list(&self, caller: &Caller, service: &ServiceName, page: PageQuery) -> Result<Page<Version>>;
    async fn read(&self, caller: &Caller, version: &VersionRef) -> Result<Version>;
    /// Reads, compares with the version in force, and stores, in one transaction with the event.
    /// `invalid-contract` with places when it can't be read; `label-taken` when another document has the label.
    async fn publish(&self, caller: &Caller, service: &ServiceName, publish: Publish) -> Result<Published>;
    /// The document, byte for byte as it was published.
    async fn source(&self, caller: &Caller, version: &VersionRef) -> Result<Source>;
}
