//! Verdicts, which differ in colour, shape and word, so that nobody needs to see colours to tell them apart.

use leptos::prelude::*;
use shared::{
    Level,
    findings::{Counts, Ignored},
    lint::Severity,
    versions::PublishedVerdict,
    words::number,
};

/// The word for a level at the start of a phrase.
#[must_use]
pub const fn word(level: Level) -> &'static str {
    match level {
        Level::Breaking => "Breaking",
        Level::Risky => "Risky",
        Level::Safe => "Safe",
    }
}

/// The shape for a level.
#[must_use]
pub const fn shape(level: Level) -> &'static str {
    match level {
        Level::Breaking => "✕",
        Level::Risky => "!",
        Level::Safe => "✓",
    }
}

/// Why a finding doesn't count.
pub fn ignored(ignored: &Ignored) -> AnyView {
    view! { <p class="ignored"><b>"Ignored: "</b> {ignored.to_string()}</p> }.into_any()
}

/// The word for a severity at the start of a phrase.
#[must_use]
pub const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Hint => "Hint",
    }
}

/// The shape for a severity.
#[must_use]
pub const fn severity_shape(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✕",
        Severity::Warning => "!",
        Severity::Hint => "·",
    }
}

/// A chip with a level's word.
#[component]
pub fn LevelChip(level: Level) -> impl IntoView {
    view! { <span class=format!("v {level}")>{word(level)}</span> }
}

/// A chip that says what a version did to those who use it; "First" when there was nothing before.
#[component]
pub fn VerdictChip(verdict: Option<PublishedVerdict>) -> impl IntoView {
    match verdict {
        Some(verdict) => view! { <span class=format!("v {}", verdict.level)>{word(verdict.level)}</span> },
        None => view! { <span class="v none".to_owned()>"First"</span> },
    }
}

/// How many of each level, in chips; "no changes" when there are none.
#[component]
pub fn CountChips(counts: Counts) -> impl IntoView {
    if counts.total() == 0 {
        return view! { <span class="v none">"No changes"</span> }.into_any();
    }
    let chips = Level::ALL
        .into_iter()
        .filter(|level| counts.get(*level) > 0)
        .map(|level| {
            view! {
                <span class=format!("v {level}") title=format!("{} {level}", number(counts.get(level)))>
                    {number(counts.get(level))}
                    <span class="visually-hidden">{format!(" {level}")}</span>
                </span>
            }
        })
        .collect_view();
    view! { <span class="counts">{chips}</span> }.into_any()
}
