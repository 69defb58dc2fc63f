//! Sentences of the engine, in which backticks enclose what stands in a document.

use leptos::prelude::*;

/// A sentence with its code as such. Where a backtick has no counterpart, it is a character like any other.
pub(crate) fn prose(text: &str) -> AnyView {
    if text.matches('`').count() % 2 == 1 {
        return text.to_owned().into_any();
    }
    let part = |(index, part): (usize, &str)| {
        let part = part.to_owned();
        if index % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
    };
    text.split('`').enumerate().filter(|(_, part)| !part.is_empty()).map(part).collect_view().into_any()
}
