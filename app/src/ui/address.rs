//! What the address of a page says.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// One value of the address's query.
pub fn in_query(name: &'static str) -> Memo<Option<String>> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get(name)))
}
