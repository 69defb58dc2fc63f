//! Lists that come in pages.

use crate::queries::{Query, QueryHandle, use_query};
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
    /// One page below the other, each by a query of its own. Which ones are open is the client's state; what is on
    /// them is the cache's. A change of the filter closes them.
    pub fn show(self) -> AnyView {
        let Self { first, filter, key, href, view } = self;
        let opened = RwSignal::new(Vec::<(F, Cursor)>::new());
        let page = move |page: Page<T>| {
            let now = filter.get_untracked();
            let more = page.next_cursor.map(|cursor| more(href(&now, &cursor), now.clone(), cursor, opened));
            view! {
                {view(&now, page.items)}
                {more}
            }
            .into_any()
        };
        let rest = move || {
            filter.with(|now| {
                opened.with(|opened| opened.iter().filter(|(of, _)| of == now).cloned().collect::<Vec<_>>())
            })
        };
        // A first page that ends elsewhere than before is one of another list: what was opened below it isn't its rest.
        let first_page = move |first: Page<T>| {
            let now = filter.get_untracked();
            let after =
                opened.with_untracked(|opened| opened.iter().find(|(of, _)| *of == now).map(|(_, at)| at.clone()));
            if after.is_some_and(|after| first.next_cursor != Some(after)) {
                opened.update(|opened| opened.retain(|(of, _)| *of != now));
            }
            page(first)
        };
        view! {
            {first.show(first_page)}
            <For
                each=rest
                key=|(of, cursor)| (of.clone(), cursor.clone())
                children=move |(of, cursor)| {
                    use_query::<Q>(move || key(of.clone(), Some(cursor.clone()))).show(page)
                }
            />
        }
        .into_any()
    }
}

/// "Show more": a link that loads the next page, or, with script, appends it.
fn more<F>(href: String, now: F, cursor: Cursor, opened: RwSignal<Vec<(F, Cursor)>>) -> AnyView
where
    F: Clone + PartialEq + Send + Sync + 'static,
{
    let next = (now, cursor);
    let is_open = {
        let next = next.clone();
        Memo::new(move |_| opened.with(|opened| opened.contains(&next)))
    };
    let append = move |event: MouseEvent| {
        // Somebody who wants it in another tab gets it there.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            opened.update(|opened| opened.push(next.clone()));
        }
    };
    view! {
        <p class="more" hidden=move || is_open.get()>
            <a class="btn" rel="next" href=href on:click=append>
                "Show more"
            </a>
        </p>
    }
    .into_any()
}
