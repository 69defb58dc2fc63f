//! Server functions of jobs.

use crate::client::Traced;
use leptos::prelude::*;
use server_fn::codec::GetUrl;
use shared::{ApiError, Page, PageQuery, ids::JobId, jobs::Job};

/// A page of jobs, newest first.
#[server(prefix = "/api/ui", endpoint = "jobs", input = GetUrl, client = Traced)]
pub async fn read_jobs(#[server(default)] page: PageQuery) -> Result<Page<Job>, ApiError> {
    use crate::context::{Door, answer};
    let Door { hub, caller } = Door::open()?;
    answer(hub.jobs.jobs(&caller, page).await)
}

/// Has a job tried at once and answers with the path of the list.
#[server(prefix = "/api/ui", endpoint = "try-job-again", client = Traced)]
pub async fn try_job_again(job: JobId) -> Result<String, ApiError> {
    use crate::context::{Door, answer, land};
    let Door { hub, caller } = Door::open()?;
    answer(hub.jobs.try_job_again(&caller, job).await)?;
    Ok(land("/settings/jobs".to_owned()))
}
