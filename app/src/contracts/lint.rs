//! How well a version's contract keeps to the practices of a good one: the score with its reasons, and every finding.

use super::{
    api::{LintPage, ScoreOf},
    operation,
};
use crate::{
    queries::{QueryHandle, use_query},
    ui::{
        address::in_query,
        lazy::lazy_page,
        list::Paged,
        prose::prose,
        state::Empty,
        verdict::{ignored as why_ignored, severity_shape, severity_word},
    },
    urls,
    versions::{
        api::{VersionByLabel, VersionKey},
        head::{head, version_in_address},
    },
};
use leptos::prelude::*;
use shared::{
    Cursor,
    lint::{LintFinding, LintQuery, Reason, Score, Severity},
    words::{count, number},
};

/// Which findings are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Shown {
    All,
    /// Of one rule.
    Rule(String),
    /// Those that the policy ignores.
    Ignored,
}

/// What the list of findings depends on: the version, and which findings.
type Filter = (VersionKey, Shown);

fn lint_query((key, shown): Filter, cursor: Option<Cursor>) -> (VersionKey, LintQuery) {
    let ignored = shown == Shown::Ignored;
    let rule = if let Shown::Rule(rule) = shown { Some(rule) } else { None };
    (key, LintQuery { rule, ignored, cursor, ..LintQuery::default() })
}

/// `/services/{service}/versions/{label}/lint?rule=…`, or `?ignored=true`
pub struct LintRoute;

/// The page's queries, and what their keys depend on.
struct LintQueries {
    key: Memo<VersionKey>,
    filter: Memo<Filter>,
    version: QueryHandle<VersionByLabel>,
    score: QueryHandle<ScoreOf>,
    findings: QueryHandle<LintPage>,
}

impl LintQueries {
    fn new() -> Self {
        let key = version_in_address();
        let (rule, ignored, cursor) = (in_query("rule"), in_query("ignored"), in_query("cursor"));
        let filter = Memo::new(move |_| {
            let shown = match ignored.get().as_deref() {
                Some("true") => Shown::Ignored,
                _ => rule.get().map_or(Shown::All, Shown::Rule),
            };
            (key.get(), shown)
        });
        Self {
            key,
            filter,
            version: use_query::<VersionByLabel>(move || key.get()),
            score: use_query::<ScoreOf>(move || key.get()),
            findings: use_query::<LintPage>(move || lint_query(filter.get(), cursor.get().map(Cursor))),
        }
    }
}

lazy_page!(LintRoute);

impl LintRoute {
    fn page() -> AnyView {
        let LintQueries { key, filter, version, score, findings } = LintQueries::new();
        let list = Paged {
            first: findings,
            filter,
            key: lint_query,
            href: |(VersionKey { service, label }, shown), cursor| {
                let (rule, ignored) = match shown {
                    Shown::All => (None, None),
                    Shown::Rule(rule) => (Some(rule.as_str()), None),
                    Shown::Ignored => (None, Some("true")),
                };
                let pairs = [("rule", rule), ("ignored", ignored), ("cursor", Some(cursor.0.as_str()))];
                urls::with_query(&urls::lint(service, label, None), &pairs)
            },
            view: findings_view,
        };
        view! {
            {head(key, version, "Lint")}
            {score.show_beside(move |score| whole(&score, filter))}
            <div class="findings">{list.show()}</div>
        }
        .into_any()
    }
}

/// The score as a summary: the number, and what it counts.
fn summary(score: &Score, VersionKey { service, label }: &VersionKey) -> AnyView {
    let class = match score.worst() {
        Some(Severity::Error) => "breaking",
        Some(Severity::Warning) => "risky",
        Some(Severity::Hint) => "none",
        None => "safe",
    };
    let sentence = match score.worst() {
        Some(_) => format!("{}.", capitalised(&score.in_words())),
        None if score.ignored_count > 0 => "Nothing to improve that counts.".to_owned(),
        None => "Nothing to improve: the contract keeps to every practice that applies to it.".to_owned(),
    };
    let left_out = (score.left_out > 0).then(|| format!(" {} of them are not listed.", number(score.left_out)));
    let notes = score.notes.iter().map(|note| format!(" {note}")).collect_view();
    let ignored = (score.ignored_count > 0).then(|| {
        let (href, policy) = (urls::lint_ignored(service, label), urls::policy(service));
        view! { " " <a href=href>{format!("{} ignored", number(score.ignored_count))}</a> " by the " <a href=policy>"policy"</a> "." }
    });
    view! {
        <div class=format!("summary {class}")>
            <strong>"Score " <span class="points">{score.score}</span> " of 100"</strong>
            <p>{sentence} {left_out} {notes} {ignored}</p>
        </div>
    }
    .into_any()
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The score and a row for each rule that applies: what costs most first.
fn whole(score: &Score, filter: Memo<Filter>) -> AnyView {
    let rows = score.reasons.iter().map(|reason| reason_row(reason, filter)).collect_view();
    let broken = score.reasons.iter().filter(|reason| reason.broken > 0).count();
    let rules = score.reasons.len();
    let lead = format!("{} of {rules} rules that apply are kept everywhere", rules - broken);
    view! {
        {summary(score, &filter.with_untracked(|(key, _)| key.clone()))}
        <section class="panel" aria-labelledby="reasons">
            <header>
                <h2 id="reasons">"Reasons"</h2>
                <span class="sub">{lead}</span>
            </header>
            <details class="reasons" open=move || filter.with_untracked(|(_, shown)| *shown == Shown::All)>
                <summary>"What each rule found"</summary>
                <div class="scroll" tabindex="0" role="group" aria-label="Reasons, scrolls sideways when narrow">
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">"Rule"</th>
                                <th scope="col" class="num">"Weight"</th>
                                <th scope="col" class="num">"Kept"</th>
                                <th scope="col" class="num">"To improve"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <p class="more">
                    "The score is the mean of the shares that are kept, by weight, rounded down: 3 for errors, 2 for \
                     warnings, 1 for hints."
                </p>
            </details>
        </section>
    }
    .into_any()
}

fn reason_row(reason: &Reason, filter: Memo<Filter>) -> AnyView {
    let Reason { rule, severity, weight, places, broken } = reason.clone();
    let (id, kept) = (rule.into_owned(), places - broken);
    let of_rule = {
        let id = id.clone();
        move || filter.with(|(VersionKey { service, label }, _)| urls::lint(service, label, Some(&id)))
    };
    let here = {
        let id = id.clone();
        move || filter.with(|(_, shown)| matches!(shown, Shown::Rule(rule) if *rule == id)).then_some("true")
    };
    let mark = if broken > 0 {
        glyph(severity)
    } else {
        view! { <span class="g safe" aria-hidden="true">"✓"</span> }.into_any()
    };
    let name = format!("{} of {id}", count(broken, "finding"));
    let findings = match broken {
        0 => view! { "–" }.into_any(),
        n => view! { <a href=of_rule aria-label=name aria-current=here>{n}</a> }.into_any(),
    };
    view! {
        <tr>
            <td class="mono">{mark} " " <a href=urls::rule(&id)>{id.clone()}</a></td>
            <td class="num">{weight}</td>
            <td class="num">{format!("{} of {}", number(kept), number(places))}</td>
            <td class="num">{findings}</td>
        </tr>
    }
    .into_any()
}

fn glyph(severity: Severity) -> AnyView {
    view! {
        <span class=format!("g {severity}") title=severity_word(severity)>
            <span aria-hidden="true">{severity_shape(severity)}</span>
            <span class="visually-hidden">{severity_word(severity)}</span>
        </span>
    }
    .into_any()
}

/// Findings under their rules, in the order in which those first appear.
fn findings_view((key, shown): &Filter, findings: Vec<LintFinding>) -> AnyView {
    if findings.is_empty() {
        let all = urls::lint(&key.service, &key.label, None);
        let nothing = |why| {
            view! { <Empty title="No findings"><p>{why} " " <a href=all>"Look at all findings"</a> "."</p></Empty> }
                .into_any()
        };
        return match shown {
            Shown::Rule(_) => nothing("Nothing breaks this rule."),
            Shown::Ignored => nothing("The policy ignores nothing here."),
            Shown::All => {
                view! { <Empty title="Nothing to improve"><p>"Every rule that counts is kept everywhere."</p></Empty> }
                    .into_any()
            }
        };
    }
    let mut groups: Vec<(String, Vec<LintFinding>)> = Vec::new();
    for finding in findings {
        match groups.iter_mut().find(|(rule, _)| *rule == finding.rule) {
            Some((_, members)) => members.push(finding),
            None => groups.push((finding.rule.clone().into_owned(), vec![finding])),
        }
    }
    let all = (*shown != Shown::All).then(|| {
        view! { <p><a class="btn" href=urls::lint(&key.service, &key.label, None)>"Findings of all rules"</a></p> }
    });
    let groups = groups.into_iter().map(|(rule, findings)| group(key, &rule, findings)).collect_view();
    view! { {all} {groups} }.into_any()
}

fn group(key: &VersionKey, rule: &str, findings: Vec<LintFinding>) -> AnyView {
    let title = contract::lint::find(rule).map(|rule| rule.title);
    let rows = findings.into_iter().map(|finding| row(key, finding)).collect_view();
    view! {
        <section class="panel">
            <header>
                <h2>{title.unwrap_or(rule).to_owned()}</h2>
                <a class="sub" href=urls::rule(rule)><code>{rule.to_owned()}</code></a>
            </header>
            <ul class="finding-list">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(VersionKey { service, label }: &VersionKey, finding: LintFinding) -> AnyView {
    let LintFinding { severity, operation, message, place, engine_severity, ignored, .. } = finding;
    let engine = engine_severity.map(|engine| {
        let title = format!("The policy says {severity}");
        view! { " " <span class="tag" title=title>{format!("{engine} to the engine")}</span> }
    });
    let ignored = ignored.as_ref().map(why_ignored);
    let href = urls::source_line(service, label, place.line);
    let (line, column) = (place.line, place.column);
    let name = format!("line {line}, column {column} of the source");
    let of = operation.map(|key| view! { <span class="op">{operation::key(&key)}</span> });
    view! {
        <li class="finding">
            {glyph(severity)}
            <span class="message">{prose(&message)} {engine}</span>
            <span>{of}</span>
            <span class="where">
                <a href=href rel="external" title=place.pointer aria-label=name>{format!("{line}:{column}")}</a>
            </span>
            {ignored}
        </li>
    }
    .into_any()
}

/// Rules that the panel names.
const NAMED: usize = 5;

/// The score in brief, for the version's first page: what costs most, and the way to the rest.
pub(super) fn panel(score: &Score, VersionKey { service, label }: &VersionKey) -> AnyView {
    let broken = || score.reasons.iter().filter(|reason| reason.broken > 0);
    let reasons = broken()
        .take(NAMED)
        .map(|reason| {
            let id = reason.rule.clone().into_owned();
            let count = format!("{} of {}", number(reason.broken), number(reason.places));
            let href = urls::lint(service, label, Some(&id));
            view! {
                <li>
                    {glyph(reason.severity)}
                    <a href=href>{id}</a>
                    <span class="count">{count}</span>
                </li>
            }
        })
        .collect_view();
    let more = broken().count().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("and {} more", number(more as u64)));
    let body = if score.worst().is_none() {
        let text = match score.ignored_count {
            0 => "Nothing to improve.".to_owned(),
            n => format!("Nothing to improve that counts: {n} ignored by the policy."),
        };
        view! { <p class="sub">{text}</p> }.into_any()
    } else {
        view! {
            <details>
                <summary>{score.in_words()}</summary>
                <ul class="reason-list">{reasons}</ul>
                <p class="sub">{more}</p>
            </details>
        }
        .into_any()
    };
    view! {
        <section class="panel score" aria-label="Score">
            <p><strong>"Score " <span class="points">{score.score}</span> " of 100"</strong></p>
            {body}
            <a class="btn" href=urls::lint(service, label, None)>"What to improve"</a>
        </section>
    }
    .into_any()
}
