//! The hub's own contract as people read it: the conventions of its API, its error codes, its operations.

pub mod api;

use crate::{
    contracts::{Links, operation},
    queries::{Query, QueryHandle, use_query},
    ui::{lazy::lazy_page, origin, title::title},
    urls,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use shared::{
    ApiError, ErrorCode, Result,
    contracts::{OperationSummary, OperationView, Outline},
    words::count,
};

/// The hub's own contract. One operation at a time is whole: all of them would be a page of more than a megabyte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnContract {
    pub outline: Outline,
    pub operations: Vec<OperationSummary>,
    pub shown: Option<OperationView>,
}

/// Asks for the hub's own contract.
pub struct OwnContractQuery;

impl Query for OwnContractQuery {
    /// The operation that is wanted whole: `get /api/v1/services`.
    type Key = Option<String>;
    type Value = OwnContract;

    async fn fetch(operation: Option<String>) -> Result<OwnContract, ApiError> {
        api::read_own_contract(operation).await
    }
}

/// The rules that hold for every operation: a term and what it means here.
const CONVENTIONS: [(&str, &str); 8] = [
    (
        "Addresses",
        "Nouns in the plural under /api/v1, in kebab-case; JSON in camelCase; times in RFC 3339, UTC; ids are UUIDs of \
         version 7.",
    ),
    (
        "One envelope",
        "Every JSON answer is {\"success\": true, \"data\": …, \"error\": null}, or the reverse with an error that has a \
         code, a message, details and a traceId.",
    ),
    ("Problem details", "Accept: application/problem+json gets errors as RFC 9457 writes them."),
    ("Pages", "Lists answer with items and nextCursor; send it back as cursor. limit is 1 to 200, 50 when absent."),
    ("Caching", "Reads carry an ETag; If-None-Match with it is answered 304 when nothing changed."),
    (
        "Repeating writes",
        "Publishing takes an Idempotency-Key: within 24 hours the same key with the same request gets the first answer \
         again; with another request, such as one for another service, it is refused.",
    ),
    (
        "Who asks",
        "Machines send an API token as Authorization: Bearer; browsers carry cookies that no script can read.",
    ),
    (
        "Live",
        "GET /api/v1/events is a stream of server-sent events; Last-Event-ID takes it up again where it broke off.",
    ),
];

/// `/docs/api?operation=…`
pub struct ReferenceRoute;

/// The page's queries, and what their keys depend on.
struct ReferenceQueries {
    contract: QueryHandle<OwnContractQuery>,
}

impl ReferenceQueries {
    fn new() -> Self {
        let query = use_query_map();
        let operation = Memo::new(move |_| query.with(|query| query.get("operation")));
        Self { contract: use_query::<OwnContractQuery>(move || operation.get()) }
    }
}

lazy_page!(ReferenceRoute);

impl ReferenceRoute {
    fn page() -> AnyView {
        let ReferenceQueries { contract } = ReferenceQueries::new();
        let conventions = CONVENTIONS
            .map(|(term, meaning)| {
                view! {
                    <div>
                        <dt>{term}</dt>
                        <dd>{meaning}</dd>
                    </div>
                }
            })
            .collect_view();
        title(|| "API reference".to_owned());
        view! {
            <div class="head">
                <h1>"API reference"</h1>
                <p class="lead">
                    "What machines can do with this hub, generated from its code. The document itself: "
                    <a href="/api/v1/openapi.json" rel="external">"openapi.json"</a> "."
                </p>
            </div>
            <section class="panel" aria-labelledby="conventions">
                <header>
                    <h2 id="conventions">"Conventions"</h2>
                </header>
                <dl class="conventions">{conventions}</dl>
            </section>
            {errors()}
            {contract.show(operations)}
        }
        .into_any()
    }
}

/// Every error code, under the anchor that errors link to.
fn errors() -> AnyView {
    let rows = ErrorCode::ALL
        .iter()
        .map(|code| {
            view! {
                <tr id=format!("error-{code}")>
                    <td><code>{code.as_str()}</code></td>
                    <td class="num">{code.status()}</td>
                    <td>{code.meaning()}</td>
                    <td>{if ApiError::new(*code, "").is_transient() { "yes" } else { "no" }}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="error-codes">
            <header>
                <h2 id="error-codes">"Error codes"</h2>
                <span class="sub">"a closed set; each has one status"</span>
            </header>
            <div class="scroll" tabindex="0" role="group" aria-label="Error codes, scrolls sideways when narrow">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Code"</th>
                            <th scope="col" class="num">"Status"</th>
                            <th scope="col">"Meaning"</th>
                            <th scope="col">"Worth retrying"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn operations(contract: OwnContract) -> AnyView {
    let OwnContract { outline, operations, shown } = contract;
    let about =
        format!("{} {}, {}, at {}", outline.title, outline.version, count(outline.operations, "operation"), origin());
    let rows = operations
        .into_iter()
        .map(|summary| {
            let key = format!("{} {}", summary.key.method, summary.key.path);
            let href = format!("{}#operation", urls::with_query("/docs/api", &[("operation", Some(&key))]));
            operation::row(summary, href)
        })
        .collect_view();
    let shown = shown.map(|view| view! { <div id="operation">{operation::whole(view, &Links(None))}</div> });
    view! {
        <section class="panel" aria-labelledby="operations">
            <header>
                <h2 id="operations">"Operations"</h2>
                <span class="sub">{about}</span>
            </header>
            <ul class="operations">{rows}</ul>
        </section>
        {shown}
    }
    .into_any()
}
