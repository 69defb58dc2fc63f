//! What the hub does in the background.

use crate::{Page, PageQuery, Result, Timestamp, accounts::Caller, ids::JobId};
use serde::{Deserialize, Serialize};

/// How a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// It is due, or will be.
    Waiting,
    /// A server works on it.
    Running,
    /// It failed each time and was put aside.
    Dead,
}

impl JobState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Dead => "dead",
        }
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub id: JobId,
    /// What it does, such as `delete-old-events`.
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub name: String,
    /// Whether it comes again and again.
    pub periodic: bool,
    pub state: JobState,
    /// Attempts that have begun since it last succeeded.
    pub attempts: u32,
    pub created_at: Timestamp,
    /// When it is due, or was when it began.
    pub run_at: Timestamp,
    /// When it last succeeded.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub finished_at: Option<Timestamp>,
    /// Why the last attempt failed, if it did.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub error: Option<String>,
    /// How far it has got, if it says so.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub progress: Option<Progress>,
}

/// How far a job has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// What is done.
    pub done: u32,
    /// What there is to do.
    pub total: u32,
}

/// What the hub does in the background, for admins.
#[async_trait::async_trait]
pub trait Jobs: Send + Sync + 'static {
    /// Newest first.
    async fn jobs(&self, caller: &Caller, page: PageQuery) -> Result<Page<Job>>;
    /// Has a job tried at once, as if for the first time. `not-found` when there is none, or when it runs.
    async fn try_job_again(&self, caller: &Caller, job: JobId) -> Result<()>;
}
