//! What stands in the browser's tab.

use leptos::prelude::*;

/// Titles the page at hand; call it where the page is made. In the browser the title follows what `text` reads.
///
/// On the server the text is read here, once: the head is written after the page is whole, when a lazy page's signals may
/// be gone already, and reading one of those panics. In the browser it is an effect of our own, since of all that
/// leptos_meta brings only this is used, and each kilobyte counts there.
pub fn title(text: impl Fn() -> String + Send + Sync + 'static) {
    title_and_name(text, || None);
}

/// Like [`title`], where a link to the page is shown under another name than the page's.
pub fn title_and_name(text: impl Fn() -> String + Send + Sync + 'static, name: impl FnOnce() -> Option<String>) {
    #[cfg(feature = "ssr")]
    {
        use leptos_meta::{Meta, MetaProps, Title, TitleProps};
        let page = untrack(text);
        // They write into the head and have no view of their own: the one when it is made, the other when it is rendered.
        let _ = Title(TitleProps::builder().text(full(&page)).build());
        let _ = Meta(MetaProps::builder().property("og:title").content(name().unwrap_or(page)).build()).to_html();
    }
    #[cfg(not(feature = "ssr"))]
    {
        let _ = name;
        follow(Box::new(text));
    }
}

#[cfg(not(feature = "ssr"))]
fn follow(text: Box<dyn Fn() -> String + Send + Sync>) {
    Effect::new(move |_| document().set_title(&full(&text())));
}

/// The page's title, and the hub's name behind it.
fn full(page: &str) -> String {
    format!("{page} · Handshake")
}
