//! What the engine looks for: each rule, why it matters, and how to make such a change safely.

use crate::{
    ui::{
        lazy::lazy_page,
        title::title,
        verdict::{LevelChip, word},
    },
    urls,
};
use contract::rules::{RULES, Rule, find};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::Level;

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
    let groups = Level::ALL.map(group).collect_view();
    view! {
        <div class="head">
            <h1>"Rules"</h1>
            <p class="lead">
                "What a comparison looks for. A rule's level is how such a change is felt by those who kept to the old \
                 contract; where the circumstances make it better or worse, the finding says so."
            </p>
        </div>
        {groups}
    }
    .into_any()
}

fn group(level: Level) -> AnyView {
    let rows = RULES.iter().filter(|rule| rule.level == level).map(row).collect_view();
    let id = format!("level-{level}");
    let heading = id.clone();
    view! {
        <section class="panel" aria-labelledby=id>
            <header>
                <h2 id=heading>{word(level)}</h2>
            </header>
            <div class="scroll" tabindex="0" role="group" aria-label=format!("{} rules, scrolls sideways when narrow", word(level))>
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

fn row(rule: &'static Rule) -> AnyView {
    view! {
        <tr>
            <td class="mono"><a href=urls::rule(rule.id)>{rule.id}</a></td>
            <td>{rule.title}</td>
        </tr>
    }
    .into_any()
}

fn one(id: &str) -> AnyView {
    let Some(rule) = find(id) else {
        #[cfg(feature = "ssr")]
        crate::context::page_status(404);
        return view! {
            <div class="head">
                <p class="crumbs"><a href="/rules">"Rules"</a></p>
                <h1>"No such rule"</h1>
                <p class="lead">"This release of the hub has no rule of that name. Older findings may still carry it."</p>
            </div>
        }
        .into_any();
    };
    view! {
        <div class="head">
            <p class="crumbs"><a href="/rules">"Rules"</a></p>
            <h1 class="mono">{rule.id}</h1>
            <p class="lead"><LevelChip level=rule.level /> " " {rule.title} "."</p>
        </div>
        <section class="panel padded prose">
            <h2>"Why it matters"</h2>
            <p>{rule.why}</p>
            <h2>"How to change it safely"</h2>
            <p>{rule.how}</p>
        </section>
    }
    .into_any()
}
