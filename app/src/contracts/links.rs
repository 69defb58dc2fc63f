//! Pieces of a contract as people browse it, on version pages and on the hub's own reference page.

use crate::{urls, versions::api::VersionKey};
use leptos::prelude::*;

/// Where the pieces of a contract lead to: the version that it is, or nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Links(pub Option<VersionKey>);

impl Links {
    /// A link to the line where something is written. A full page load: the browser itself scrolls to the line.
    pub(super) fn line(&self, line: u32) -> AnyView {
        match &self.0 {
            Some(VersionKey { service, label }) => {
                let href = urls::source_line(service, label, line);
                view! {
                    <a class="line" href=href rel="external" title="In the source">
                        {format!("line {line}")}
                    </a>
                }
                .into_any()
            }
            None => ().into_any(),
        }
    }

    /// A component schema's name, as a link where there is a page for it.
    pub(super) fn schema(&self, name: &str) -> AnyView {
        match &self.0 {
            Some(VersionKey { service, label }) => {
                let href = urls::schema(service, label, name);
                view! { <a class="schema-name" href=href>{name.to_owned()}</a> }.into_any()
            }
            None => view! { <span class="schema-name">{name.to_owned()}</span> }.into_any(),
        }
    }
}

/// Text of a contract, as written: paragraphs are kept, markup in it is shown, never run.
#[must_use]
pub fn prose(text: Option<String>) -> Option<AnyView> {
    text.filter(|text| !text.trim().is_empty()).map(|text| view! { <p class="prose">{text}</p> }.into_any())
}
