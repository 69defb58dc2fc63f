//! One version: a contract to browse. Operations by tag, each in full, and component schemas.

use super::{
    Links,
    api::{OperationIn, OperationsPage, OutlineOf, SchemaIn, SchemasPage, ScoreOf},
    lint, operation, schema,
};
use crate::{
    queries::{QueryHandle, use_query},
    ui::{address::in_query, lazy::lazy_page, list::Paged, search::Search, state::Empty},
    urls,
    versions::{
        api::{VersionByLabel, VersionKey},
        head::{head, version_in_address},
    },
};
use leptos::prelude::*;
use shared::{
    Cursor,
    contracts::{ContractQuery, OperationSummary, OperationView, Outline, SchemaSummary, SchemaView},
};

/// What a list of a contract depends on: the version, the tag, the text sought.
type Filter = (VersionKey, Option<String>, String);

fn contract_query((key, tag, q): Filter, cursor: Option<Cursor>) -> (VersionKey, ContractQuery) {
    let search = Some(q).filter(|q| !q.trim().is_empty());
    (key, ContractQuery { tag, search, cursor, limit: None })
}

fn list_url(path: &str, tag: Option<&str>, q: &str, cursor: Option<&str>) -> String {
    urls::with_query(path, &[("tag", tag), ("q", Some(q).filter(|q| !q.is_empty())), ("cursor", cursor)])
}

/// `/services/{service}/versions/{label}?tag=…&q=…&operation=…`
pub struct VersionRoute;

/// The page's queries, and what their keys depend on.
struct VersionQueries {
    key: Memo<VersionKey>,
    filter: Memo<Filter>,
    version: QueryHandle<VersionByLabel>,
    outline: QueryHandle<OutlineOf>,
    score: QueryHandle<ScoreOf>,
    operations: QueryHandle<OperationsPage>,
    operation: QueryHandle<OperationIn>,
}

impl VersionQueries {
    fn new() -> Self {
        let key = version_in_address();
        let (tag, q, cursor, wanted) = (in_query("tag"), in_query("q"), in_query("cursor"), in_query("operation"));
        let filter = Memo::new(move |_| (key.get(), tag.get(), q.get().unwrap_or_default()));
        Self {
            key,
            filter,
            version: use_query::<VersionByLabel>(move || key.get()),
            outline: use_query::<OutlineOf>(move || key.get()),
            score: use_query::<ScoreOf>(move || key.get()),
            operations: use_query::<OperationsPage>(move || contract_query(filter.get(), cursor.get().map(Cursor))),
            operation: use_query::<OperationIn>(move || (key.get(), wanted.get())),
        }
    }
}

lazy_page!(VersionRoute);

impl VersionRoute {
    fn page() -> AnyView {
        let VersionQueries { key, filter, version, outline, score, operations, operation } = VersionQueries::new();
        let q = Memo::new(move |_| filter.with(|(_, _, q)| q.clone()));
        let tag = Memo::new(move |_| filter.with(|(_, tag, _)| tag.clone()));
        let path = Signal::derive(move || key.with(|VersionKey { service, label }| urls::version(service, label)));
        let kept = Signal::derive(move || tag.get().map(|tag| ("tag", tag)).into_iter().collect());
        let href =
            Callback::new(move |q: String| list_url(&path.get_untracked(), tag.get_untracked().as_deref(), &q, None));
        let list = Paged {
            first: operations,
            filter,
            key: contract_query,
            href: |(VersionKey { service, label }, tag, q), cursor| {
                list_url(&urls::version(service, label), tag.as_deref(), q, Some(&cursor.0))
            },
            view: operations_view,
        };
        view! {
            {head(key, version, "Operations")}
            {score.show_beside(move |score| lint::panel(&score, &key.get_untracked()))}
            <div class="browse">
                <nav class="panel" aria-label="Tags">{outline.show_beside(move |outline| tags(outline, path, tag))}</nav>
                <div class="browse-main">
                    {operation.show(move |view| selected(view, key))}
                    <Search label="Search operations" action=path q kept href />
                    <section class="panel" aria-label="Operations">{list.show()}</section>
                </div>
            </div>
        }
        .into_any()
    }
}

fn tags(outline: Outline, path: Signal<String>, tag: Memo<Option<String>>) -> AnyView {
    let all = outline.operations;
    let link = move |name: Option<String>, label: String, count: u32| {
        let (mine, for_href) = (name.clone(), name);
        view! {
            <li>
                <a
                    href=move || list_url(&path.get(), for_href.as_deref(), "", None)
                    aria-current=move || (tag.get() == mine).then_some("true")
                >
                    <span>{label}</span>
                    <span class="count">{count}</span>
                </a>
            </li>
        }
    };
    let rows = outline
        .tags
        .into_iter()
        .map(|tag| {
            let label = if tag.name.is_empty() { "Untagged".to_owned() } else { tag.name.clone() };
            link(Some(tag.name), label, tag.operations)
        })
        .collect_view();
    view! { <ul class="tag-list">{link(None, "All operations".to_owned(), all)} {rows}</ul> }.into_any()
}

fn selected(operation: Option<OperationView>, key: Memo<VersionKey>) -> AnyView {
    operation.map(|view| operation::whole(view, &Links(Some(key.get_untracked())))).into_any()
}

/// Operations under the first tag that each has.
fn operations_view((key, tag, _): &Filter, operations: Vec<OperationSummary>) -> AnyView {
    if operations.is_empty() {
        return view! { <Empty title="No operation fits"><p>"Try a shorter text, or all tags."</p></Empty> }.into_any();
    }
    let mut groups: Vec<(String, Vec<OperationSummary>)> = Vec::new();
    for operation in operations {
        let name = tag.clone().unwrap_or_else(|| operation.tags.first().cloned().unwrap_or_default());
        match groups.iter_mut().find(|(group, _)| *group == name) {
            Some((_, members)) => members.push(operation),
            None => groups.push((name, vec![operation])),
        }
    }
    let VersionKey { service, label } = key;
    groups
        .into_iter()
        .map(|(name, operations)| {
            let rows = operations
                .into_iter()
                .map(|operation| {
                    let href = urls::operation(service, label, &operation.key);
                    operation::row(operation, href)
                })
                .collect_view();
            let name = if name.is_empty() { "Untagged".to_owned() } else { name };
            view! {
                <h2 class="group">{name}</h2>
                <ul class="operations">{rows}</ul>
            }
        })
        .collect_view()
        .into_any()
}

/// `/services/{service}/versions/{label}/schemas?q=…&schema=…`
pub struct SchemasRoute;

/// The page's queries, and what their keys depend on.
struct SchemasQueries {
    key: Memo<VersionKey>,
    filter: Memo<Filter>,
    version: QueryHandle<VersionByLabel>,
    schemas: QueryHandle<SchemasPage>,
    schema: QueryHandle<SchemaIn>,
}

impl SchemasQueries {
    fn new() -> Self {
        let key = version_in_address();
        let (q, cursor, wanted) = (in_query("q"), in_query("cursor"), in_query("schema"));
        let filter = Memo::new(move |_| (key.get(), None, q.get().unwrap_or_default()));
        Self {
            key,
            filter,
            version: use_query::<VersionByLabel>(move || key.get()),
            schemas: use_query::<SchemasPage>(move || contract_query(filter.get(), cursor.get().map(Cursor))),
            schema: use_query::<SchemaIn>(move || (key.get(), wanted.get())),
        }
    }
}

lazy_page!(SchemasRoute);

impl SchemasRoute {
    fn page() -> AnyView {
        let SchemasQueries { key, filter, version, schemas, schema } = SchemasQueries::new();
        let q = Memo::new(move |_| filter.with(|(_, _, q)| q.clone()));
        let path = Signal::derive(move || key.with(|VersionKey { service, label }| urls::schemas(service, label)));
        let href = Callback::new(move |q: String| list_url(&path.get_untracked(), None, &q, None));
        let list = Paged {
            first: schemas,
            filter,
            key: contract_query,
            href: |(VersionKey { service, label }, _, q), cursor| {
                list_url(&urls::schemas(service, label), None, q, Some(&cursor.0))
            },
            view: schemas_view,
        };
        view! {
            {head(key, version, "Schemas")}
            {schema.show(move |view| one_schema(view, key))}
            <Search label="Search schemas" action=path q kept=Signal::derive(Vec::new) href />
            <section class="panel" aria-label="Schemas">{list.show()}</section>
        }
        .into_any()
    }
}

fn one_schema(view: Option<SchemaView>, key: Memo<VersionKey>) -> AnyView {
    view.map(|view| {
        let links = Links(Some(key.get_untracked()));
        view! {
            <section class="panel" aria-label="The schema">
                <header>
                    <h2>{view.name.clone().unwrap_or_else(|| "Schema".to_owned())}</h2>
                </header>
                <div class="operation-body">{schema::tree(view, &links)}</div>
            </section>
        }
    })
    .into_any()
}

fn schemas_view((VersionKey { service, label }, _, _): &Filter, schemas: Vec<SchemaSummary>) -> AnyView {
    if schemas.is_empty() {
        return view! { <Empty title="No schema fits"><p>"This version has no component schema like that."</p></Empty> }
            .into_any();
    }
    let rows = schemas
        .into_iter()
        .map(|schema| {
            let href = urls::schema(service, label, &schema.name);
            let line = urls::source_line(service, label, schema.line);
            view! {
                <li class="operation-row">
                    <a href=href><code>{schema.name.clone()}</code></a>
                    <span class="summary">{schema.kind}</span>
                    <a class="line" href=line rel="external">{format!("line {}", schema.line)}</a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="operations">{rows}</ul> }.into_any()
}
