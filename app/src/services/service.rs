//! One service: its versions over time, and the way to compare any two.

use super::api::ServiceByName;
use crate::{
    accounts::may,
    queries::use_query,
    ui::{lazy::lazy_page, list::Paged, size::size, state::Empty, time::Ago, title::title, verdict::CountChips},
    urls,
    versions::api::VersionsPage,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use shared::{Cursor, Page, accounts::Permission, services::Service, versions::Version, words::count};

/// `/services/{service}?cursor=…`
pub struct ServiceRoute;

lazy_page!(ServiceRoute);

impl ServiceRoute {
    fn page() -> AnyView {
        let params = use_params_map();
        let query = use_query_map();
        let name = Memo::new(move |_| params.with(|params| params.get("service")).unwrap_or_default());
        let cursor = Memo::new(move |_| query.with(|query| query.get("cursor")).map(Cursor));
        let service = use_query::<ServiceByName>(move || name.get());
        let versions = use_query::<VersionsPage>(move || (name.get(), cursor.get()));
        let list = Paged {
            first: versions,
            filter: name,
            key: |name, cursor| (name, cursor),
            href: |name, Cursor(cursor)| urls::with_query(&urls::service(name), &[("cursor", Some(cursor))]),
            view: |name, versions| timeline(name, versions),
        };
        // The form below the list picks from the same page of versions, by a resource of its own: one boundary each.
        let pick = use_query::<VersionsPage>(move || (name.get(), None));
        title(move || name.get());
        view! {
            <div class="head">
                <h1>{move || name.get()}</h1>
                <div class="actions">
                    <a class="btn" href=move || urls::policy(&name.get())>"Policy"</a>
                    {may(Permission::ManageService)
                        .then(|| view! { <a class="btn" href=move || urls::settings(&name.get())>"Settings"</a> })}
                    {may(Permission::Publish)
                        .then(|| {
                            view! {
                                <a class="btn primary" href=move || urls::publish(Some(&name.get()))>"Publish a version"</a>
                            }
                        })}
                </div>
                {service.show(|service| lead(&service))}
            </div>
            <section class="panel" aria-labelledby="versions">
                <header>
                    <h2 id="versions">"Versions"</h2>
                    <span class="sub">"each compared with the one before it"</span>
                </header>
                {list.show()}
            </section>
            {pick.show_or(|page| compare_form(&page), |_, _| ().into_any())}
        }
        .into_any()
    }
}

fn lead(service: &Service) -> AnyView {
    let count = count(service.versions, "version");
    let text = if service.description.is_empty() { count } else { format!("{} · {count}", service.description) };
    let archived = service.archived_at.map(|at| {
        view! {
            <p class="notice">
                "Archived " <Ago at />
                ". Everything can still be read; nothing can be published until the service is restored."
            </p>
        }
    });
    view! {
        <p class="lead lines">{text}</p>
        {archived}
    }
    .into_any()
}

fn timeline(service: &str, versions: Vec<Version>) -> AnyView {
    if versions.is_empty() {
        let href = urls::publish(Some(service));
        return view! {
            <Empty title="Nothing published yet">
                <p>
                    "Everything starts from the OpenAPI document of the service. "
                    {if may(Permission::Publish) {
                        view! { <a href=href>"Publish the first version"</a> }.into_any()
                    } else {
                        "A developer of this hub can publish it.".into_any()
                    }}
                </p>
            </Empty>
        }
        .into_any();
    }
    view! { <ol class="timeline">{versions.into_iter().map(row).collect_view()}</ol> }.into_any()
}

fn row(version: Version) -> AnyView {
    let (service, label) = (version.service.to_string(), version.label.to_string());
    let level = version.published_verdict.as_ref().map_or("none", |verdict| verdict.level.as_str());
    let verdict = match version.published_verdict {
        Some(verdict) => {
            let href = urls::compare(&service, verdict.base.as_str(), &label, None, None);
            let title = format!("Compared with {}", verdict.base);
            view! {
                <CountChips counts=verdict.counts />
                <a href=href title=title.clone() aria-label=format!("Compare {label} with {}", verdict.base)>"Compare"</a>
            }
            .into_any()
        }
        None => view! { <span class="v none">"First"</span> }.into_any(),
    };
    view! {
        <li>
            <span class=format!("node {level}") aria-hidden="true"></span>
            <a class="mono" href=urls::version(&service, &label)><b>{label.clone()}</b></a>
            <span class="about">
                {format!("published by {}", version.author)}
                <span class="sub">
                    {format!("{}, {}, ", size(version.size), count(version.operations, "operation"))}
                    <code title=version.digest.clone()>{short(&version.digest)}</code>
                </span>
            </span>
            <span class="verdict">{verdict}</span>
            <Ago at=version.published_at />
        </li>
    }
    .into_any()
}

/// The first digits of a digest, enough to tell two apart by eye.
fn short(digest: &str) -> String {
    digest.strip_prefix("sha256:").unwrap_or(digest).chars().take(12).collect()
}

/// A size in bytes as people read it.
/// Any two versions, by a form that works without script.
fn compare_form(page: &Page<Version>) -> AnyView {
    let Some(service) = page.items.first().filter(|_| page.items.len() > 1).map(|v| v.service.to_string()) else {
        return ().into_any();
    };
    let labels: Vec<String> = page.items.iter().map(|version| version.label.to_string()).collect();
    let options = |chosen: usize| {
        labels
            .iter()
            .enumerate()
            .map(|(index, label)| view! { <option value=label.clone() selected=index == chosen>{label.clone()}</option> })
            .collect_view()
    };
    view! {
        <section class="panel padded" aria-labelledby="compare-any">
            <h2 id="compare-any">"Compare any two versions"</h2>
            <form method="get" action=format!("{}/compare", urls::service(&service)) class="inline-form">
                <div class="field">
                    <label for="compare-base">"From"</label>
                    <select id="compare-base" name="base">{options(1)}</select>
                </div>
                <div class="field">
                    <label for="compare-revision">"To"</label>
                    <select id="compare-revision" name="revision">{options(0)}</select>
                </div>
                <button class="btn" type="submit">"Compare"</button>
            </form>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn digests_are_short() {
        assert_eq!(short("sha256:0123456789abcdef"), "0123456789ab");
    }
}
