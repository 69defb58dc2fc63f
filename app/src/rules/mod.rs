//! What the engine looks for in a change and in a contract: each rule, why it matters, and what to do about it.

use crate::{
    ui::{
        lazy::lazy_page,
        prose::prose,
        title::title,
        verdict::{LevelChip, severity_word, word},
    },
    urls,
};
use contract::{
    lint::{self, LINT_RULES, LintRule},
    rules::{RULES, find},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::{Level, lint::Severity};

/// `/rules` and `/rules/{id}`
pub struct RulesRoute;

lazy_page!(RulesRoute);

impl RulesRoute {
    fn page() -> AnyView {
        let params = use_params_map();
        let id = Memo::new(move |_| params.with(|params| params.get("id")));
        title(move || id.get().unwrap_or_else(|| "Rules".to_owned()));
        view! { {move || id.with(|id| id.as_deref().map_or_else(all, one))} }.into_any()
    }
}

fn all() -> AnyView {
    let changes = Level::ALL
        .map(|level| {
            let rows = RULES.iter().filter(|rule| rule.level == level).map(|rule| row(rule.id, rule.title));
            group(format!("level-{level}"), word(level), rows.collect_view().into_any())
        })
        .collect_view();
    let practices = Severity::ALL
        .map(|severity| {
            let rows = LINT_RULES.iter().filter(|rule| rule.severity == severity).map(|rule| row(rule.id, rule.title));
            group(format!("severity-{severity}"), severity_word(severity), rows.collect_view().into_any())
        })
        .collect_view();
    view! {
        <div class="head">
            <h1>"Rules"</h1>
            <p class="lead">
                "What a comparison looks for. A rule's level is how such a change is felt by those who kept to the old \
                 contract; where the circumstances make it better or worse, the finding says so."
            </p>
        </div>
        {changes}
        <div class="head">
            <h2>"Practices"</h2>
            <p class="lead">
                "What lint looks for in one contract. Errors count three times in its score, warnings twice, hints once."
            </p>
        </div>
        {practices}
    }
    .into_any()
}

fn group(id: String, name: &'static str, rows: AnyView) -> AnyView {
    let heading = id.clone();
    view! {
        <section class="panel" aria-labelledby=id>
            <header>
                <h2 id=heading>{name}</h2>
            </header>
            <div class="scroll" tabindex="0" role="group" aria-label=format!("{name} rules, scrolls sideways when narrow")>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Rule"</th>
                            <th scope="col">"What happens"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(id: &'static str, title: &'static str) -> AnyView {
    view! {
        <tr>
            <td class="mono"><a href=urls::rule(id)>{id}</a></td>
            <td>{title}</td>
        </tr>
    }
    .into_any()
}

fn one(id: &str) -> AnyView {
    if let Some(rule) = find(id) {
        let chip = view! { <LevelChip level=rule.level /> }.into_any();
        return page(rule.id, chip, rule.title, rule.why, ("How to change it safely", rule.how));
    }
    if let Some(LintRule { id, severity, title, why, how }) = lint::find(id) {
        let chip = view! { <span class=format!("v {severity}")>{severity_word(*severity)}</span> }.into_any();
        return page(id, chip, title, why, ("How to fix it", how));
    }
    #[cfg(feature = "ssr")]
    crate::context::page_status(404);
    view! {
        <div class="head">
            <p class="crumbs"><a href="/rules">"Rules"</a></p>
            <h1>"No such rule"</h1>
            <p class="lead">"This release of the hub has no rule of that name. Older findings may still carry it."</p>
        </div>
    }
    .into_any()
}

fn page(
    id: &'static str,
    chip: AnyView,
    title: &'static str,
    why: &'static str,
    (heading, how): (&'static str, &'static str),
) -> AnyView {
    view! {
        <div class="head">
            <p class="crumbs"><a href="/rules">"Rules"</a></p>
            <h1 class="mono">{id}</h1>
            <p class="lead">{chip} " " {title} "."</p>
        </div>
        <section class="panel padded prose">
            <h2>"Why it matters"</h2>
            <p>{prose(why)}</p>
            <h2>{heading}</h2>
            <p>{prose(how)}</p>
        </section>
    }
    .into_any()
}
