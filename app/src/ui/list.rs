//! Lists that come in pages.

use leptos::prelude::*;
use shared::Cursor;

/// The link below a page of a list that leads to the next one. Without script it loads the page that starts there.
#[component]
pub fn NextPage(href: String) -> impl IntoView {
    view! {
        <p class="more">
            <a class="btn" href=href rel="next">"Next page"</a>
        </p>
    }
}

/// One page of a list after the other: `page` shows the one that starts at a cursor and gives the cursor of the next
/// one to its `more` link, which appends it. Which pages are open is the client's state; what is on them is the
/// cache's.
#[component]
pub fn ShowMore(cursor: Cursor, href: String, page: Callback<Cursor, AnyView>) -> impl IntoView {
    let open = RwSignal::new(false);
    move || {
        if open.get() {
            page.run(cursor.clone())
        } else {
            let href = href.clone();
            view! {
                <p class="more">
                    <a
                        class="btn"
                        rel="next"
                        href=href
                        on:click=move |event| {
                            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                                event.prevent_default();
                                open.set(true);
                            }
                        }
                    >
                        "Show more"
                    </a>
                </p>
            }
            .into_any()
        }
    }
}
