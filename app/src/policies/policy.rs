//! What a team makes of the findings about a service: its `handshake.toml`, as it was sent last.
//!
//! To be read only: the file is committed beside the contract and reaches the hub with it. A second place to change it
//! would have pipelines and the hub judge by different ones.

use super::api::PolicyOf;
use crate::{
    contracts::source::line,
    queries::use_query,
    ui::{breadcrumbs::breadcrumbs, lazy::lazy_page, state::Empty, time::Ago, title::title},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::{Policy, policies::Note};

/// `/services/{service}/policy`
pub struct PolicyRoute;

lazy_page!(PolicyRoute);

impl PolicyRoute {
    fn page() -> AnyView {
        let params = use_params_map();
        let name = Memo::new(move |_| params.with(|params| params.get("service")).unwrap_or_default());
        let policy = use_query::<PolicyOf>(move || name.get());
        let heading = Memo::new(move |_| format!("{}: policy", name.get()));
        title(move || heading.get());
        view! {
            <div class="head">
                {breadcrumbs(move || name.get())}
                <h1>{move || heading.get()}</h1>
                <p class="lead">
                    "What rules count as for this service, and findings that were looked at and accepted. Its versions are judged by \
                     it; the verdict that a version was published with stays what it was."
                </p>
            </div>
            {policy.show(move |policy| match policy.filter(says_something) {
                Some(policy) => whole(policy),
                None => none(&name.get_untracked()),
            })}
        }
        .into_any()
    }
}

/// An ignore with all that it can say.
pub const EXAMPLE: &str = r#"[[ignore]]
rule = "request-property-became-required"
operation = "POST /orders"       # optional
path = "Order"                   # optional: a schema, or the start of a JSON pointer
reason = "Every client has sent it since spring."
expires = 2027-03-31             # optional: the last day
"#;

fn none(service: &str) -> AnyView {
    let command = format!("handshake publish openapi.yaml --service {service}");
    view! {
        <Empty title="No policy">
            <p>"Every rule counts as the engine has it, and nothing is ignored."</p>
            <p>
                "To change that, commit a " <code>"handshake.toml"</code> " beside the contract. "
                <code>"handshake diff"</code> " and " <code>"handshake lint"</code> " judge by it, and " <code>{command}</code>
                " sends it along. A finding that was looked at and accepted is written down like this:"
            </p>
            <pre class="sample" tabindex="0" role="group" aria-label="An ignore">{EXAMPLE}</pre>
        </Empty>
    }
    .into_any()
}

/// An empty file is how a policy is taken back.
fn says_something(policy: &Policy) -> bool {
    policy.text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'))
}

fn whole(policy: Policy) -> AnyView {
    let Policy { text, author, changed_at, notes, .. } = policy;
    let notes = (!notes.is_empty()).then(|| {
        let notes = notes.into_iter().map(note).collect_view();
        view! { <ul class="notice" aria-label="What has ended">{notes}</ul> }
    });
    let rows = (1..).zip(text.lines()).map(|(number, text)| line(number, text.to_owned())).collect_view();
    view! {
        {notes}
        <section class="panel" aria-labelledby="policy-text">
            <header>
                <h2 id="policy-text"><code>"handshake.toml"</code></h2>
                <span class="sub">{format!("sent by {author} ")} <Ago at=changed_at /></span>
            </header>
            <div class="source" tabindex="0" role="group" aria-label="Lines of the policy">
                <ol>{rows}</ol>
            </div>
        </section>
    }
    .into_any()
}

fn note(Note { line, message }: Note) -> AnyView {
    view! { <li><a href=format!("#L{line}") rel="external">{format!("Line {line}")}</a> ": " {message}</li> }.into_any()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_is_right() {
        let loaded = contract::policy_file::parse("handshake.toml", super::EXAMPLE).expect("it is right");
        assert_eq!(loaded.policy.ignores().len(), 1);
    }
}
