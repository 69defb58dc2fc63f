//! Components that every area shares.

pub mod address;
pub mod breadcrumbs;
pub mod draft;
pub mod form;
pub mod layout;
pub(crate) mod lazy;
pub mod list;
pub(crate) mod prose;
pub mod search;
pub mod size;
pub mod state;
pub mod time;
pub mod title;
pub mod verdict;

/// What the server wrote into the page's head under `handshake-{name}`, for the browser.
#[cfg(feature = "hydrate")]
#[must_use]
pub fn from_head(name: &str) -> Option<String> {
    leptos::prelude::document()
        .query_selector(&format!("meta[name='handshake-{name}']"))
        .ok()
        .flatten()
        .and_then(|meta| meta.get_attribute("content"))
}

/// The address that people see the hub under: `https://hub.example.org`.
#[must_use]
pub fn origin() -> String {
    #[cfg(feature = "ssr")]
    return crate::context::origin();
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return from_head("origin").unwrap_or_default();
    #[cfg(not(any(feature = "ssr", feature = "hydrate")))]
    String::new()
}
