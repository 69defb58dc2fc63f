//! What pages ask about jobs, and what they do to them.

use crate::{
    api::queries,
    client::Traced,
    queries::{Expectations, Mutation, QueryClient},
    ui::time::{Now, clock},
};
use leptos::prelude::*;
use shared::{
    ApiError, Page, PageQuery,
    ids::JobId,
    jobs::{Job, JobState},
};

queries! {
    /// A page of jobs, newest first.
    JobsPage("jobs", read_jobs)(page: PageQuery) -> Page<Job> = |hub, caller| hub.jobs.jobs(&caller, page);
}

/// Has a job tried at once and answers with the path of the list.
#[server(prefix = "/api/ui", endpoint = "try-job-again", client = Traced)]
pub async fn try_job_again(job: JobId) -> Result<String, ApiError> {
    use crate::context::{RequestContext, answer, redirect_to};
    let RequestContext { hub, caller } = RequestContext::open()?;
    answer(hub.jobs.try_job_again(&caller, job).await)?;
    Ok(redirect_to("/settings/jobs".to_owned()))
}

impl Mutation for TryJobAgain {
    fn expect(&self, expectations: &mut Expectations) {
        let id = self.job;
        // By the clock of the page, which goes by steps.
        let now = use_context::<Now>().map_or_else(clock, |Now(now)| now.get_untracked());
        let waits = move |page: &mut Page<Job>| {
            for job in page.items.iter_mut().filter(|job| job.id == id) {
                (job.state, job.error, job.run_at) = (JobState::Waiting, None, now);
            }
        };
        expectations.change::<JobsPage>(|_| true, waits);
    }

    fn invalidate(&self, client: QueryClient) {
        client.invalidate::<JobsPage>(|_| true);
    }
}
