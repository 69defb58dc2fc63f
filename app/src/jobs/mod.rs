//! What the hub does in the background, for admins.

pub mod api;

use crate::{
    queries::{use_mutation, use_query},
    ui::{
        form::FormAlert,
        lazy::lazy_page,
        list::NextPage,
        state::Empty,
        time::{Ago, Now, ago},
        title::title,
    },
    urls,
};
use api::{JobsPage, TryJobAgain};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shared::{
    Cursor, Page, PageQuery, Timestamp,
    jobs::{Job, JobState},
};

/// `/settings/jobs?cursor=…`
pub struct JobsRoute;

lazy_page!(JobsRoute);

impl JobsRoute {
    fn page() -> AnyView {
        let query = use_query_map();
        let jobs = use_query::<JobsPage>(move || PageQuery {
            cursor: query.with(|query| query.get("cursor")).map(Cursor),
            limit: None,
        });
        title(|| "Jobs".to_owned());
        let again = use_mutation::<TryJobAgain>();
        view! {
            <div class="head">
                <h1>"Jobs"</h1>
                <p class="lead">"Background work. A failed job is tried again with growing pauses, 8 times in all."</p>
            </div>
            <FormAlert error=again.error() />
            <section class="panel" aria-label="Jobs">{jobs.show(move |jobs| list(jobs, again.action))}</section>
        }
        .into_any()
    }
}

fn list(page: Page<Job>, action: ServerAction<TryJobAgain>) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <Empty title="No jobs">
                <p>"Nothing is waiting or running."</p>
            </Empty>
        }
        .into_any();
    }
    let next = page
        .next_cursor
        .map(|Cursor(cursor)| urls::with_query("/settings/jobs", &[("cursor", Some(&cursor))]))
        .map(|href| view! { <NextPage href /> });
    let rows = page.items.into_iter().map(|job| row(job, action)).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label="Jobs, scrolls sideways when narrow">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Job"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="num">"Attempts"</th>
                        <th scope="col">"Due"</th>
                        <th scope="col">"Last success"</th>
                        <th scope="col">"Actions"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {next}
    }
    .into_any()
}

fn row(job: Job, action: ServerAction<TryJobAgain>) -> AnyView {
    let state = match job.state {
        JobState::Waiting if job.error.is_some() => "Failed, waiting",
        JobState::Waiting => "Waiting",
        JobState::Running => "Running",
        JobState::Dead => "Failed",
    };
    let run = (job.state != JobState::Running).then(|| {
        let (label, name) = (format!("Run now: {}", job.name), job.id.to_string());
        view! {
            <ActionForm action>
                <input type="hidden" name="job" value=name />
                <button class="btn" type="submit" aria-label=label>"Run now"</button>
            </ActionForm>
        }
    });
    let Now(now) = expect_context();
    view! {
        <tr>
            <td>
                <b>{job.name}</b>
                {job.error.map(|error| view! { <span class="sub">{error}</span> })}
            </td>
            <td>{state} {job.progress.map(|at| view! { <span class="sub">{format!("{} of {}", at.done, at.total)}</span> })}</td>
            <td class="num">{job.attempts}</td>
            <td>{move || due(job.run_at, now.get())}</td>
            <td>{job.finished_at.map_or_else(|| "Never".into_any(), |at| view! { <Ago at /> }.into_any())}</td>
            <td>{run}</td>
        </tr>
    }
    .into_any()
}

fn due(at: Timestamp, now: Timestamp) -> String {
    const MINUTE: i64 = 60_000;
    match at.millis_since(now) {
        ms if ms <= 0 => ago(at, now),
        ms if ms < 60 * MINUTE => format!("in {} min", (ms + MINUTE - 1) / MINUTE),
        ms => format!("in {} h", ms / (60 * MINUTE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_still_to_come_says_when() {
        for (at, expected) in [(0, "just now"), (1, "in 1 min"), (59 * 60_000, "in 59 min"), (120 * 60_000, "in 2 h")] {
            assert_eq!(due(Timestamp(at), Timestamp(0)), expected);
        }
    }
}
