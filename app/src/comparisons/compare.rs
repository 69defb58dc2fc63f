//! Two versions next to each other: the verdict, and every finding with its places in both documents.

use super::api::{ComparisonKey, ComparisonOf, FindingsPage};
use crate::{
    contracts::operation,
    queries::{QueryHandle, use_query},
    ui::{
        address::in_query,
        breadcrumbs::breadcrumbs,
        lazy::lazy_page,
        list::Paged,
        prose::prose,
        search::Search,
        state::Empty,
        title::title,
        verdict::{ignored as why_ignored, shape, word},
    },
    urls,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::{
    Cursor, Finding, Level,
    comparisons::{Comparison, FindingQuery},
    findings::{OperationKey, Place, Side},
    words::{count, number},
};

/// Which findings are looked at: those that count, of one level or of all, or those that the policy ignores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shown {
    All,
    Level(Level),
    Ignored,
}

impl Shown {
    /// In an address.
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Level(level) => Some(level.as_str()),
            Self::Ignored => Some("ignored"),
        }
    }

    fn named(name: Option<&str>) -> Self {
        match name {
            Some("ignored") => Self::Ignored,
            name => name.and_then(|name| name.parse().ok()).map_or(Self::All, Self::Level),
        }
    }
}

/// What the list of findings depends on: the pair, which findings, the text sought.
type Filter = (ComparisonKey, Shown, String);

fn finding_query((pair, shown, q): Filter, cursor: Option<Cursor>) -> (ComparisonKey, FindingQuery) {
    let level = if let Shown::Level(level) = shown { Some(level) } else { None };
    let search = Some(q).filter(|q| !q.trim().is_empty());
    (pair, FindingQuery { level, ignored: shown == Shown::Ignored, search, cursor, limit: None })
}

fn url(ComparisonKey { service, base, revision }: &ComparisonKey, shown: Shown, q: &str) -> String {
    urls::compare(service, base, revision, shown.name(), Some(q))
}

/// `/services/{service}/compare?base=…&revision=…&level=…&q=…`
pub struct CompareRoute;

/// The page's queries, and what their keys depend on.
struct CompareQueries {
    filter: Memo<Filter>,
    comparison: QueryHandle<ComparisonOf>,
    findings: QueryHandle<FindingsPage>,
}

impl CompareQueries {
    fn new() -> Self {
        let params = use_params_map();
        let (base, revision) = (in_query("base"), in_query("revision"));
        let (level, q, cursor) = (in_query("level"), in_query("q"), in_query("cursor"));
        let pair = Memo::new(move |_| {
            let service = params.with(|params| params.get("service")).unwrap_or_default();
            ComparisonKey {
                service,
                base: base.get().unwrap_or_default(),
                revision: revision.get().unwrap_or_default(),
            }
        });
        let filter =
            Memo::new(move |_| (pair.get(), Shown::named(level.get().as_deref()), q.get().unwrap_or_default()));
        Self {
            filter,
            comparison: use_query::<ComparisonOf>(move || pair.get()),
            findings: use_query::<FindingsPage>(move || finding_query(filter.get(), cursor.get().map(Cursor))),
        }
    }
}

lazy_page!(CompareRoute);

impl CompareRoute {
    fn page() -> AnyView {
        let CompareQueries { filter, comparison, findings } = CompareQueries::new();
        let pair = Memo::new(move |_| filter.with(|(pair, _, _)| pair.clone()));
        let heading = Memo::new(move |_| {
            pair.with(|ComparisonKey { service, base, revision }| match (base.as_str(), revision.as_str()) {
                ("", _) | (_, "") => format!("{service}: compare"),
                _ => format!("{service}: {base} → {revision}"),
            })
        });
        let q = Memo::new(move |_| filter.with(|(_, _, q)| q.clone()));
        let shown = Memo::new(move |_| filter.with(|(_, shown, _)| *shown));
        let path = Signal::derive(move || {
            pair.with(|ComparisonKey { service, .. }| format!("{}/compare", urls::service(service)))
        });
        let kept = Signal::derive(move || {
            let ComparisonKey { base, revision, .. } = pair.get();
            let level = shown.get().name().map(|name| ("level", name.to_owned()));
            [("base", base), ("revision", revision)].into_iter().chain(level).collect()
        });
        let href = Callback::new(move |q: String| url(&pair.get_untracked(), shown.get_untracked(), &q));
        let list = Paged {
            first: findings,
            filter,
            key: finding_query,
            href: |(pair, shown, q), cursor| {
                let url = url(pair, *shown, q);
                format!("{url}&cursor={}", urls::escape(&cursor.0))
            },
            view: findings_view,
        };
        title(move || heading.get());
        view! {
            <div class="head">
                {breadcrumbs(move || pair.with(|ComparisonKey { service, .. }| service.clone()))}
                <h1>{move || heading.get()}</h1>
                <div class="actions">
                    <a
                        class="btn"
                        href=move || pair.with(|ComparisonKey { service, base, revision }| urls::compare(service, revision, base, None, None))
                    >
                        "Swap"
                    </a>
                </div>
            </div>
            {comparison.show(move |comparison| summary(comparison, filter))}
            <Search label="Search findings" action=path q kept href />
            <div class="findings">{list.show()}</div>
        }
        .into_any()
    }
}

/// The verdict in a sentence, and chips that filter by level.
fn summary(comparison: Comparison, filter: Memo<Filter>) -> AnyView {
    let Comparison { base, revision, level, counts, operations_touched, operations_total, ignored_count } = comparison;
    if base.label == revision.label {
        return view! {
            <div class="summary none">
                <strong>"The same version"</strong>
                <p>"A version is compared with another one. Choose two of them on the service's page."</p>
            </div>
        }
        .into_any();
    }
    let sentence = match counts.total() {
        0 => format!("{} compared.", count(operations_total, "operation")),
        // Operations of both versions together, webhooks and callbacks with them.
        _ => format!(
            "{} in {} of {}.",
            counts.in_words(),
            number(operations_touched),
            count(operations_total, "operation")
        ),
    };
    let chip = move |wanted: Shown, label: String| {
        view! {
            <a
                class="chip"
                href=move || filter.with(|(pair, _, q)| url(pair, wanted, q))
                aria-current=move || filter.with(|(_, shown, _)| *shown == wanted).then_some("true")
            >
                {label}
            </a>
        }
    };
    let levels = Level::ALL
        .into_iter()
        .map(|level| {
            chip(Shown::Level(level), format!("{} {} {}", shape(level), word(level), number(counts.get(level))))
        })
        .collect_view();
    let verdict = match (counts.total(), ignored_count) {
        (0, 0) => "No changes that clients can feel",
        (0, _) => "No changes that count",
        _ => word(level),
    };
    let policy = urls::policy(base.service.as_str());
    let ignored = (ignored_count > 0).then(|| chip(Shown::Ignored, format!("Ignored {}", number(ignored_count))));
    let by_policy = (ignored_count > 0).then(|| {
        let what = format!(" {} ignored by the ", number(ignored_count));
        view! { {what} <a href=policy>"policy"</a> "." }
    });
    view! {
        <div class=format!("summary {level}")>
            <strong><span aria-hidden="true">{shape(level)}</span> " " {verdict}</strong>
            <p>{sentence} {by_policy}</p>
        </div>
        <nav class="filters" aria-label="Findings by level">
            {chip(Shown::All, format!("All {}", number(counts.total())))} {levels} {ignored}
        </nav>
    }
    .into_any()
}

/// A page of findings, whose places lead to the lines of the versions' sources.
fn findings_view((pair, shown, q): &Filter, findings: Vec<Finding>) -> AnyView {
    if findings.is_empty() {
        let text = match shown {
            Shown::All if q.is_empty() => {
                "Nothing that counts: either the two documents say the same to everybody who uses \
                                           the service, or the policy ignores what differs."
            }
            Shown::Ignored if q.is_empty() => "The policy ignores nothing here.",
            _ => "Nothing here fits the level and the text. Look at all of them.",
        };
        return view! { <Empty title="No findings"><p>{text}</p></Empty> }.into_any();
    }
    groups(findings, &|finding| places(pair, finding))
}

/// Findings under the operations that they are about, in the order in which those first appear. `places` shows where
/// one is written.
pub fn groups(findings: Vec<Finding>, places: &dyn Fn(&Finding) -> AnyView) -> AnyView {
    let mut groups: Vec<(Option<OperationKey>, Vec<Finding>)> = Vec::new();
    for finding in findings {
        match groups.iter_mut().find(|(operation, _)| *operation == finding.operation) {
            Some((_, members)) => members.push(finding),
            None => groups.push((finding.operation.clone(), vec![finding])),
        }
    }
    groups.into_iter().map(|(operation, findings)| group(operation, findings, places)).collect_view().into_any()
}

fn group(operation: Option<OperationKey>, findings: Vec<Finding>, places: &dyn Fn(&Finding) -> AnyView) -> AnyView {
    let counts = shared::findings::Counts::of(&findings).in_words();
    let heading = match operation {
        Some(key) => view! { <h2 class="op">{operation::key(&key)}</h2> }.into_any(),
        None => view! { <h2>"The document as a whole"</h2> }.into_any(),
    };
    let rows = findings.into_iter().map(|finding| row(places(&finding), finding)).collect_view();
    view! {
        <section class="panel">
            <header>
                {heading}
                <span class="sub">{counts}</span>
            </header>
            <ul class="finding-list">{rows}</ul>
        </section>
    }
    .into_any()
}

fn places(ComparisonKey { service, base, revision }: &ComparisonKey, finding: &Finding) -> AnyView {
    let place = |label: &str, place: &Option<Place>| match place {
        Some(Place { pointer, line, column, .. }) => {
            let href = urls::source_line(service, label, *line);
            let name = format!("line {line}, column {column} of {label}");
            view! { <a href=href rel="external" title=pointer.clone() aria-label=name>{format!("{line}:{column}")}</a> }
                .into_any()
        }
        None => view! { <span title=format!("not in {label}")>"–"</span> }.into_any(),
    };
    view! { {place(base, &finding.base)} " → " {place(revision, &finding.revision)} }.into_any()
}

/// The message that shows a finding to be true, or why there is none.
fn proof(finding: &Finding) -> Option<AnyView> {
    let Some(witness) = &finding.witness else {
        let why = finding.unproven.as_ref()?;
        return Some(view! { <p class="unproven">{prose(&format!("Unproven: {why}."))}</p> }.into_any());
    };
    let (one, other) = match witness.accepted_by {
        Side::Base => ("base", "revision"),
        Side::Revision => ("revision", "base"),
    };
    let summary = if witness.start_line.starts_with("HTTP/") {
        format!("A response that the {one} allows and the {other} doesn't")
    } else {
        format!("A request that the {one} takes and the {other} refuses")
    };
    let view = view! {
        <details class="witness">
            <summary>{summary}</summary>
            <pre tabindex="0">{witness.to_string()}</pre>
            <p>{prose(&witness.refusal)}</p>
        </details>
    };
    Some(view.into_any())
}

/// The operations that a finding stands for.
fn others(operations: &[OperationKey]) -> Option<AnyView> {
    if operations.is_empty() {
        return None;
    }
    let title = count(operations.len() as u64, "more operation");
    let list = operations.iter().map(|key| view! { <li>{operation::key(key)}</li> }).collect_view();
    let view = view! {
        <details class="witness">
            <summary>{title}</summary>
            <ul>{list}</ul>
        </details>
    };
    Some(view.into_any())
}

fn row(places: AnyView, finding: Finding) -> AnyView {
    let proof = proof(&finding);
    let rule = urls::rule(&finding.rule);
    let direction = finding.direction.map(|direction| view! { <span class="tag">{direction.as_str()}</span> });
    let engine = finding.engine_level.map(|level| {
        let title = format!("The policy says {}", word(finding.level).to_lowercase());
        view! { <span class="tag" title=title>{format!("{level} to the engine")}</span> }
    });
    let ignored = finding.ignored.as_ref().map(why_ignored);
    let others = others(&finding.operations);
    let known_by = format!("Fingerprint {}", finding.fingerprint);
    view! {
        <li class="finding" id=finding.fingerprint>
            <span class=format!("g {}", finding.level) title=word(finding.level)>
                <span aria-hidden="true">{shape(finding.level)}</span>
                <span class="visually-hidden">{word(finding.level)}</span>
            </span>
            <span class="message">{prose(&finding.message)} " " {direction} " " {engine}</span>
            <a class="rule" href=rule title=known_by><code>{finding.rule.into_owned()}</code></a>
            <span class="where">{places}</span>
            {others}
            {ignored}
            {proof}
        </li>
    }
    .into_any()
}
