//! Lists that come in pages.

use crate::queries::{InfiniteQuery, Query, QueryHandle, use_infinite_query};
use leptos::{ev::MouseEvent, prelude::*};
use shared::{Cursor, Page};
use std::hash::Hash;

/// The link below a page of a list that leads to the next one.
#[component]
pub fn NextPage(href: String) -> impl IntoView {
    view! {
        <p class="more">
            <a class="btn" href=href rel="next">
                "Next page"
            </a>
        </p>
    }
}

/// How a list is asked for, linked to and shown. `F` is all that the list depends on but the page: names, filters.
pub struct Paged<Q: Query, T, F: Send + Sync + 'static> {
    /// The list's first page.
    pub first: QueryHandle<Q>,
    pub filter: Memo<F>,
    pub key: fn(F, Option<Cursor>) -> Q::Key,
    /// The address of the page that starts at a cursor, for those without script.
    pub href: fn(&F, &Cursor) -> String,
    pub view: fn(&F, Vec<T>) -> AnyView,
}

impl<Q, T, F> Paged<Q, T, F>
where
    Q: Query<Value = Page<T>>,
    T: 'static,
    F: Clone + Eq + Hash + Send + Sync + 'static,
{
    /// One page below the other. The page that the list is on says by another query when what the list is of isn't there.
    pub fn show(self) -> AnyView {
        let Self { first, filter, key, href, view } = self;
        let list = use_infinite_query(first, filter, key);
        let page = move |page: Page<T>| {
            let now = list.filter();
            let more = page.next_cursor.map(|cursor| more(href(&now, &cursor), (now.clone(), cursor), list));
            view! {
                {view(&now, page.items)}
                {more}
            }
            .into_any()
        };
        let first_page = move |first: Page<T>| {
            list.first_page_came(&first);
            page(first)
        };
        view! {
            {list.first().show_beside(first_page)}
            <For
                each=move || list.opened()
                key=Clone::clone
                children=move |opened| list.page(opened).show(page)
            />
        }
        .into_any()
    }
}

/// "Show more": a link that loads the next page, or, with script, appends it. It is fetched as soon as somebody points at
/// the link.
fn more<Q, T, F>(href: String, next: (F, Cursor), list: InfiniteQuery<Q, F>) -> AnyView
where
    Q: Query<Value = Page<T>>,
    F: Clone + PartialEq + Send + Sync + 'static,
{
    let is_open = list.is_open(next.clone());
    let prefetch = {
        let next = next.clone();
        move || list.prefetch_next_page(next.clone())
    };
    let append = move |event: MouseEvent| {
        // Somebody who wants it in another tab gets it there.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            list.fetch_next_page(next.clone());
        }
    };
    let prefetch_too = prefetch.clone();
    view! {
        <p class="more" hidden=move || is_open.get()>
            <a
                class="btn"
                rel="next"
                href=href
                on:pointerenter=move |_| prefetch()
                on:focus=move |_| prefetch_too()
                on:click=append
            >
                "Show more"
            </a>
        </p>
    }
    .into_any()
}
