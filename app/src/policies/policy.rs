//! What a team makes of the findings about a service: its `handshake.toml`, as it was sent last, and the form to change it.
//!
//! A pipeline that sends the file which is committed beside the contract replaces what was written here, and the page says
//! so (`docs/decisions/0025-policies-are-edited-in-the-hub.md`).

use super::api::{PolicyOf, SetPolicy};
use crate::{
    accounts::{Me, refusal},
    contracts::source::line,
    queries::{MutationHandle, QueryHandle, use_mutation, use_query},
    ui::{
        breadcrumbs::breadcrumbs,
        draft::{DraftField, DraftOf, Kind, Refused},
        form::{FormAlert, Submit, elsewhere},
        lazy::lazy_page,
        state::Empty,
        time::Ago,
        title::title,
    },
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_params_map;
use shared::{Policy, accounts::Permission, policies::Note};

/// `/services/{service}/policy`
pub struct PolicyRoute;

lazy_page!(PolicyRoute);

impl PolicyRoute {
    fn page() -> AnyView {
        let params = use_params_map();
        let name = Memo::new(move |_| params.with(|params| params.get("service")).unwrap_or_default());
        let PolicyQueries { me, policy, edited } = PolicyQueries::new(name);
        let set = use_mutation::<SetPolicy>();
        let draft = DraftOf::new("text", &Refused::of::<SetPolicy>(&["text"]));
        set.on_success(move |_| draft.discard());
        let saved = move || !draft.exists() && set.action.value().with(|value| matches!(value, Some(Ok(_))));
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
            <section class="panel padded" aria-labelledby="edit">
                <h2 id="edit">"Edit the policy"</h2>
                <div class="gate">{me.show(|me| refusal(me, Permission::Publish, "Changing the policy"))}</div>
                <FormAlert error=elsewhere(set.error(), &["policy"]) />
                {edited.show_or(move |policy| form(policy, name.get_untracked(), set, draft), |_, _| ().into_any())}
                <p class="progress" role="status">
                    {move || saved().then_some("Saved. The service's versions are judged by it now.")}
                </p>
            </section>
        }
        .into_any()
    }
}

/// The page's queries. The policy twice: the text and the form are boundaries of their own.
struct PolicyQueries {
    me: QueryHandle<Me>,
    policy: QueryHandle<PolicyOf>,
    edited: QueryHandle<PolicyOf>,
}

impl PolicyQueries {
    fn new(name: Memo<String>) -> Self {
        Self {
            me: use_query::<Me>(|| ()),
            policy: use_query::<PolicyOf>(move || name.get()),
            edited: use_query::<PolicyOf>(move || name.get()),
        }
    }
}

fn form(policy: Option<Policy>, service: String, set: MutationHandle<SetPolicy>, draft: DraftOf) -> AnyView {
    let etag = policy.as_ref().map(Policy::etag).unwrap_or_default();
    let (text, state) = (policy.map(|policy| policy.text).unwrap_or_default(), etag.clone());
    view! {
        <ActionForm action=set.action>
            <input type="hidden" name="service" value=service />
            <input type="hidden" name="etag" value=etag />
            <DraftField
                draft=draft
                label="handshake.toml"
                hint="Where a pipeline publishes with a handshake.toml of its own, commit the change there, too: the next \
                      publish replaces this one. An empty text removes the policy."
                stored=text
                state
                error=set.error()
                field="policy"
                kind=Kind::Code
            />
            <Submit label="Save the policy" busy="Saving…" pending=set.pending() />
        </ActionForm>
    }
    .into_any()
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
                "To change that, write a policy below, or commit a " <code>"handshake.toml"</code> " beside the contract. "
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
