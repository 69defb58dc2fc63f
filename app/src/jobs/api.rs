//! What pages ask about jobs, and what they do to them.

use crate::{api::queries, client::Traced};
use leptos::prelude::*;
use shared::{ApiError, Page, PageQuery, ids::JobId, jobs::Job};

queries! {
    /// A page of jobs, newest first.
    JobsPage("jobs", read_jobs)(page: PageQuery) -> Page<Job> = |hub, caller| hub.jobs.jobs(&caller, page);
}

/// Has a job tried at once and answers with the path of the list.
#[server(prefix = "/api/ui", endpoint = "try-job-again", client = Traced)]
pub async fn try_job_again(job: JobId) -> Result<String, ApiError> {
    use crate::context::{Door, answer, land};
    let Door { hub, caller } = Door::open()?;
    answer(hub.jobs.try_job_again(&caller, job).await)?;
    Ok(land("/settings/jobs".to_owned()))
}
