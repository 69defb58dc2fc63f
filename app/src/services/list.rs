//! All services.

use super::{api::ServicesPage, start::Start};
use crate::{
    accounts::may,
    queries::use_query,
    ui::{lazy::lazy_page, list::NextPage, state::Empty, time::Ago, title::title, verdict::VerdictChip},
    urls,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use shared::{
    Cursor, Page,
    accounts::Permission,
    services::{OWN_SERVICE, Service, ServiceQuery},
    words::number,
};

/// Services that the dashboard shows before it leads to the whole list.
pub const SERVICES_ON_DASHBOARD: u32 = 20;

/// `/services?archived=true&cursor=…`
pub struct ServiceListRoute;

lazy_page!(ServiceListRoute);

impl ServiceListRoute {
    fn page() -> AnyView {
        let query = use_query_map();
        let archived = Memo::new(move |_| query.with(|query| query.get("archived").as_deref() == Some("true")));
        let services = use_query::<ServicesPage>(move || ServiceQuery {
            archived: archived.get(),
            cursor: query.with(|query| query.get("cursor")).map(Cursor),
            limit: None,
        });
        title(|| "Services".to_owned());
        // Read when an answer is drawn: an address that changes must not draw the answer of before in another way.
        let shown = move || (archived.get_untracked(), query.with_untracked(|query| query.get("cursor").is_none()));
        view! {
            <div class="head">
                <h1>"Services"</h1>
                <div class="actions">
                    {may(Permission::CreateService)
                        .then(|| view! { <a class="btn primary" href="/services/new">"New service"</a> })}
                </div>
            </div>
            <nav class="tabs" aria-label="Which services">
                <a href="/services" aria-current=move || (!archived.get()).then_some("page")>"In use"</a>
                <a href="/services?archived=true" aria-current=move || archived.get().then_some("page")>"Archived"</a>
            </nav>
            <section class="panel" aria-label="Services">{services.show(move |services| page(services, shown()))}</section>
        }
        .into_any()
    }
}

fn page(page: Page<Service>, (archived, first): (bool, bool)) -> AnyView {
    let which = ("archived", archived.then_some("true"));
    let next = page
        .next_cursor
        .map(|Cursor(cursor)| urls::with_query("/services", &[which, ("cursor", Some(&cursor))]))
        .map(|href| view! { <NextPage href /> });
    let services = match (archived, first) {
        (true, _) if page.items.is_empty() => view! {
            <Empty title="No archived services">
                <p>"A service that is no longer published to can be archived in its settings."</p>
            </Empty>
        }
        .into_any(),
        (false, true) => services_or_start(page.items),
        _ => services_table(page.items),
    };
    view! {
        {services}
        {next}
    }
    .into_any()
}

/// The services, and what to do where there is none but the hub's own.
pub fn services_or_start(services: Vec<Service>) -> AnyView {
    let start = services.iter().all(|service| service.name.as_str() == OWN_SERVICE).then(|| view! { <Start /> });
    let table = (!services.is_empty()).then(|| services_table(services));
    view! {
        {start}
        {table}
    }
    .into_any()
}

/// Services with what is in force and what changed last.
fn services_table(services: Vec<Service>) -> AnyView {
    let rows = services.into_iter().map(row).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label="Services, scrolls sideways when narrow">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Service"</th>
                        <th scope="col">"In force"</th>
                        <th scope="col">"Last change"</th>
                        <th scope="col" class="num hide-s">"Operations"</th>
                        <th scope="col" class="hide-s">"Published"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(service: Service) -> AnyView {
    let name = service.name.to_string();
    let cells = match service.latest {
        Some(version) => {
            let href = urls::version(&name, version.label.as_str());
            view! {
                <td class="mono">
                    <a href=href>{version.label.to_string()}</a>
                </td>
                <td><VerdictChip verdict=version.published_verdict /></td>
                <td class="num hide-s">{number(version.operations)}</td>
                <td class="hide-s"><Ago at=version.published_at /></td>
            }
            .into_any()
        }
        None => {
            let href = urls::publish(Some(&name));
            view! {
                <td colspan="4">
                    "Nothing published yet. "
                    {may(Permission::Publish).then(|| view! { <a href=href>"Publish the first version"</a> })}
                </td>
            }
            .into_any()
        }
    };
    view! {
        <tr>
            <td>
                <a href=urls::service(&name)><b>{name.clone()}</b></a>
                {(!service.description.is_empty()).then(|| view! { <span class="sub">{service.description}</span> })}
            </td>
            {cells}
        </tr>
    }
    .into_any()
}
