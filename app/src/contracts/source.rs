//! A version's document as it was published, in pages of lines.

use super::api::SourcePage;
use crate::{
    queries::{QueryHandle, use_query},
    ui::{address::in_query, lazy::lazy_page},
    urls,
    versions::{
        api::{VersionByLabel, VersionKey},
        head::{head, version_in_address},
    },
};
use leptos::prelude::*;
use shared::{
    contracts::SourceLines,
    words::{count, number},
};

/// `/services/{service}/versions/{label}/source?from=1#L12`
pub struct SourceRoute;

/// The page's queries, and what their keys depend on.
struct SourceQueries {
    key: Memo<VersionKey>,
    version: QueryHandle<VersionByLabel>,
    source: QueryHandle<SourcePage>,
}

impl SourceQueries {
    fn new() -> Self {
        let key = version_in_address();
        let from = in_query("from");
        let from = Memo::new(move |_| from.get().and_then(|from| from.parse().ok()).unwrap_or(1_u32).max(1));
        Self {
            key,
            version: use_query::<VersionByLabel>(move || key.get()),
            source: use_query::<SourcePage>(move || (key.get(), from.get())),
        }
    }
}

lazy_page!(SourceRoute);

impl SourceRoute {
    fn page() -> AnyView {
        let SourceQueries { key, version, source } = SourceQueries::new();
        view! {
            {head(key, version, "Source")}
            <section class="panel" aria-label="Source">{source.show_beside(move |lines| page(lines, key))}</section>
        }
        .into_any()
    }
}

fn page(source: SourceLines, key: Memo<VersionKey>) -> AnyView {
    let VersionKey { service, label } = key.get_untracked();
    let path = urls::source(&service, &label);
    let SourceLines { from, lines, total } = source;
    let shown = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let last = from.saturating_add(shown).saturating_sub(1);
    let at = |line: u32| urls::with_query(&path, &[("from", Some(&line.to_string()))]);
    let before = (from > 1).then(|| {
        let href = at(from.saturating_sub(urls::SOURCE_PAGE).max(1));
        view! { <a class="btn" rel="prev" href=href>"Lines before"</a> }
    });
    let after = (last < total).then(|| {
        let href = at(last.saturating_add(1));
        view! { <a class="btn" rel="next" href=href>"Lines after"</a> }
    });
    let rows = (from..).zip(lines).map(|(number, text)| line(number, text)).collect_view();
    view! {
        <header>
            <h2>{if shown == 0 {
                count(total, "line")
            } else {
                format!("Lines {} to {} of {}", number(from), number(last), number(total))
            }}</h2>
            <form method="get" action=path.clone() class="inline-form goto">
                <label for="goto-line">"Go to line"</label>
                <input id="goto-line" type="number" name="from" min="1" max=total value=from />
                <button class="btn" type="submit">"Go"</button>
            </form>
        </header>
        <div class="source" tabindex="0" role="group" aria-label="Lines of the document">
            <ol>{rows}</ol>
        </div>
        <p class="more">{before} " " {after}</p>
    }
    .into_any()
}

/// A line with its number, which is a link to it.
pub fn line(number: u32, text: String) -> AnyView {
    let id = format!("L{number}");
    view! {
        <li id=id.clone()>
            <a href=format!("#{id}") rel="external">{number}</a>
            <code>{text}</code>
        </li>
    }
    .into_any()
}
