//! Lists that grow page by page.
//!
//! Each page is a query of its own, so that a page is fetched again without the others, and pages are shared with those who
//! show the same list elsewhere. Which pages are open is the client's state, and lives in a signal.

use super::{Query, QueryClient, QueryHandle, use_query, use_query_client};
use leptos::prelude::*;
use shared::{Cursor, Page};

/// A list that is on screen: its first page, and those that were opened below it.
pub struct InfiniteQuery<Q: Query, F: Send + Sync + 'static> {
    first: QueryHandle<Q>,
    filter: Memo<F>,
    key: fn(F, Option<Cursor>) -> Q::Key,
    opened: RwSignal<Vec<(F, Cursor)>>,
    client: QueryClient,
}

impl<Q: Query, F: Send + Sync + 'static> Clone for InfiniteQuery<Q, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q: Query, F: Send + Sync + 'static> Copy for InfiniteQuery<Q, F> {}

/// A list that begins with `first`. `filter` is all that it depends on but the page; a change of it closes the pages that
/// were opened.
pub fn use_infinite_query<Q: Query, F: Send + Sync + 'static>(
    first: QueryHandle<Q>,
    filter: Memo<F>,
    key: fn(F, Option<Cursor>) -> Q::Key,
) -> InfiniteQuery<Q, F> {
    InfiniteQuery { first, filter, key, opened: RwSignal::new(Vec::new()), client: use_query_client() }
}

impl<Q, T, F> InfiniteQuery<Q, F>
where
    Q: Query<Value = Page<T>>,
    F: Clone + PartialEq + Send + Sync + 'static,
{
    pub fn first(self) -> QueryHandle<Q> {
        self.first
    }

    pub fn filter(self) -> F {
        self.filter.get_untracked()
    }

    /// The pages that are open below the first.
    pub fn opened(self) -> Vec<(F, Cursor)> {
        self.filter.with(|now| self.opened.with(|opened| opened.iter().filter(|(of, _)| of == now).cloned().collect()))
    }

    /// One of [`Self::opened`].
    pub fn page(self, (filter, cursor): (F, Cursor)) -> QueryHandle<Q> {
        use_query::<Q>(move || (self.key)(filter.clone(), Some(cursor.clone())))
    }

    pub fn is_open(self, next: (F, Cursor)) -> Memo<bool> {
        Memo::new(move |_| self.opened.with(|opened| opened.contains(&next)))
    }

    /// Opens the page that starts at a cursor, below the others.
    pub fn fetch_next_page(self, next: (F, Cursor)) {
        self.opened.update(|opened| opened.push(next));
    }

    /// Fetches it, so that it opens at once when somebody wants it.
    pub fn prefetch_next_page(self, (filter, cursor): (F, Cursor)) {
        self.client.prefetch::<Q>((self.key)(filter, Some(cursor)));
    }

    /// Takes note of a first page that came. One that ends elsewhere than before is one of another list: what was opened
    /// below it isn't its rest.
    pub fn first_page_came(self, first: &Page<T>) {
        let now = self.filter();
        let after =
            self.opened.with_untracked(|opened| opened.iter().find(|(of, _)| *of == now).map(|(_, at)| at.clone()));
        if after.is_some_and(|after| first.next_cursor.as_ref() != Some(&after)) {
            self.opened.update(|opened| opened.retain(|(of, _)| *of != now));
        }
    }
}
