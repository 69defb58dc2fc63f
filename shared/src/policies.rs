//! What a team makes of the findings about a service: its `handshake.toml`.

use crate::{
    IfMatch, Result, Timestamp,
    accounts::Caller,
    names::{DisplayName, ServiceName},
};
use serde::{Deserialize, Serialize};

/// The policy that a service's versions are judged by: the one that was sent last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The file as it was sent.
    pub text: String,
    /// `sha256:` and 64 hexadecimal digits of the text.
    pub digest: String,
    /// Who sent it: a person, or the token's owner.
    pub author: DisplayName,
    pub changed_at: Timestamp,
    /// What is to be said of it today: ignores that have ended, whose findings count again.
    pub notes: Vec<Note>,
}

/// Something to be said of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Line of the text, from 1.
    pub line: u32,
    /// What it is, in a sentence or two.
    pub message: String,
}

impl Policy {
    /// The entity tag of this state: what is said of it may change from one day to the next.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{}.{}\"", self.digest, self.notes.len())
    }

    /// The largest policy, in bytes.
    pub const MAX_BYTES: usize = 64 * 1024;
    /// The most line breaks in one.
    pub const MAX_LINES: usize = 2_000;
}

/// Policies.
#[async_trait::async_trait]
pub trait Policies: Send + Sync + 'static {
    /// What a team makes of the findings about a service; none when nobody has sent a policy.
    async fn read(&self, caller: &Caller, service: &ServiceName) -> Result<Option<Policy>>;
    /// Judges the service's versions by this `handshake.toml` from now on. What versions were published with stays.
    /// `precondition-failed` when somebody was faster.
    async fn set(&self, caller: &Caller, service: &ServiceName, if_match: IfMatch, text: String) -> Result<Policy>;
}
