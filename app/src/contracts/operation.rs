//! One operation, whole: what it takes and what it gives.

use super::{Links, prose, schema};
use leptos::prelude::*;
use shared::{
    contracts::{BodyView, ExampleView, MediaTypeView, OperationSummary, OperationView, ParameterView, ResponseView},
    findings::OperationKey,
};

/// Method and path.
#[must_use]
pub fn key(key: &OperationKey) -> AnyView {
    view! {
        <span class="m">{key.sent().into_owned()}</span>
        " "
        <code class="path">{key.path.clone()}</code>
    }
    .into_any()
}

/// A row of a list of operations, which leads to `href`.
#[must_use]
pub fn row(operation: OperationSummary, href: String) -> AnyView {
    let OperationSummary { key: which, summary, deprecated, .. } = operation;
    view! {
        <li class="operation-row">
            <a href=href>
                {key(&which)} " " <span class="summary">{summary}</span>
                {deprecated.then(|| view! { " " <span class="tag">"deprecated"</span> })}
            </a>
        </li>
    }
    .into_any()
}

/// The operation with everything in it. `level` is the heading's: the parts inside stand one below.
#[must_use]
pub fn whole(operation: OperationView, links: &Links) -> AnyView {
    let OperationView { summary, description, parameters, request_body, responses, security, more } = operation;
    let operation_id = summary.operation_id.clone().map(|id| view! { <code title="operationId">{id}</code> " " });
    let parameters = (!parameters.is_empty()).then(|| {
        view! {
            <section class="part">
                <h3>"Parameters"</h3>
                <ul class="properties">{parameters.into_iter().map(|p| parameter(p, links, true)).collect_view()}</ul>
            </section>
        }
    });
    let security = (!security.is_empty()).then(|| {
        let ways: Vec<String> = security
            .into_iter()
            .map(|names| if names.is_empty() { "nothing".to_owned() } else { names.join(" and ") })
            .collect();
        view! { <p class="hint">"Needs " {ways.join(", or ")} "."</p> }
    });
    view! {
        <article class="operation panel">
            <header>
                <h2 class="op">{key(&summary.key)}</h2>
                {summary.deprecated.then(|| view! { <span class="tag">"deprecated"</span> })}
                <span class="sub">{operation_id} {links.line(summary.line)}</span>
            </header>
            <div class="operation-body">
                {summary.summary.map(|text| view! { <p class="operation-summary">{text}</p> })}
                {prose(description)}
                {security}
                {parameters}
                {request_body.map(|body| request(body, links))}
                <section class="part">
                    <h3>"Responses"</h3>
                    {responses.into_iter().map(|answer| response(answer, links)).collect_view()}
                </section>
                {(more > 0).then(|| view! { <p class="hint">{format!("and {more} more parts that are not shown")}</p> })}
            </div>
        </article>
    }
    .into_any()
}

fn parameter(parameter: ParameterView, links: &Links, place: bool) -> AnyView {
    let ParameterView { name, location, required, deprecated, description, schema, examples, line } = parameter;
    let place = place.then(|| view! { " " <span class="hint">{format!("in {location}")}</span> });
    view! {
        <li>
            <p class="schema-head">
                <code class="property">{name}</code>
                {place}
                {required.then(|| view! { " " <span class="tag on">"required"</span> })}
                {deprecated.then(|| view! { " " <span class="tag">"deprecated"</span> })}
                " "
                {links.line(line)}
            </p>
            {prose(description)}
            {schema.map(|view| schema::tree(view, links))}
            {examples_view(examples)}
        </li>
    }
    .into_any()
}

fn request(body: BodyView, links: &Links) -> AnyView {
    view! {
        <section class="part">
            <h3>
                "Request body" {body.required.then(|| view! { " " <span class="tag on">"required"</span> })} " "
                {links.line(body.line)}
            </h3>
            {prose(body.description)}
            {contents(body.content, links)}
        </section>
    }
    .into_any()
}

fn response(response: ResponseView, links: &Links) -> AnyView {
    let headers = (!response.headers.is_empty()).then(|| {
        let rows = response.headers.into_iter().map(|header| parameter(header, links, false)).collect_view();
        view! {
            <details class="fold">
                <summary>"headers"</summary>
                <ul class="properties">{rows}</ul>
            </details>
        }
    });
    view! {
        <div class="response">
            <h4>
                <span class="status">{response.status}</span> " " {links.line(response.line)}
            </h4>
            {prose(response.description)}
            {headers}
            {contents(response.content, links)}
        </div>
    }
    .into_any()
}

fn contents(contents: Vec<MediaTypeView>, links: &Links) -> AnyView {
    contents
        .into_iter()
        .map(|content| {
            view! {
                <div class="media">
                    <p class="media-type"><code>{content.media_type}</code></p>
                    {content.schema.map(|view| schema::tree(view, links))}
                    {examples_view(content.examples)}
                </div>
            }
        })
        .collect_view()
        .into_any()
}

fn examples_view(examples: Vec<ExampleView>) -> AnyView {
    examples
        .into_iter()
        .map(|example| {
            let name = if example.name.is_empty() { "example".to_owned() } else { format!("example {}", example.name) };
            view! {
                <details class="fold">
                    <summary>{name.clone()} {example.summary.map(|summary| format!(": {summary}"))}</summary>
                    <pre class="sample" tabindex="0" role="group" aria-label=name><code>{example.value}</code></pre>
                </details>
            }
        })
        .collect_view()
        .into_any()
}
