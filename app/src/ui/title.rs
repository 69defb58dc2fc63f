//! A page's title that follows what the page shows.

use leptos::prelude::*;
use leptos_meta::Title;

/// Titles a page by text that may change while it is open.
///
/// On the server the text is read here, once: the head is written after the page is whole, when a lazy page's signals
/// may be gone already, and reading one of those panics.
#[component]
pub fn PageTitle(text: impl Fn() -> String + Clone + Send + Sync + 'static) -> impl IntoView {
    #[cfg(feature = "ssr")]
    let text = text();
    view! { <Title text /> }
}
