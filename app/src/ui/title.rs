//! What stands in the browser's tab.

use leptos::prelude::*;

/// Titles the page at hand; call it where the page is made. In the browser the title follows what `text` reads.
///
/// On the server the text is read here, once: the head is written after the page is whole, when a lazy page's signals may
/// be gone already, and reading one of those panics. In the browser it is an effect of our own, since of all that
/// leptos_meta brings only this is used, and each kilobyte counts there.
pub fn title(text: impl Fn() -> String + Send + Sync + 'static) {
    #[cfg(feature = "ssr")]
    {
        let page = untrack(text);
        let (text, shared) = (full(&page), leptos_meta::MetaProps::builder().property("og:title").content(page));
        // They write into the head and have no view of their own.
        let _ = leptos_meta::Title(leptos_meta::TitleProps::builder().text(text).build());
        let _ = leptos_meta::Meta(shared.build()).to_html();
    }
    #[cfg(not(feature = "ssr"))]
    follow(Box::new(text));
}

#[cfg(not(feature = "ssr"))]
fn follow(text: Box<dyn Fn() -> String + Send + Sync>) {
    Effect::new(move |_| document().set_title(&full(&text())));
}

/// The page's title, and the hub's name behind it.
fn full(page: &str) -> String {
    format!("{page} · Handshake")
}
