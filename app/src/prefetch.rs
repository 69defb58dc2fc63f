//! What a page will need is fetched while somebody points at the link to it, with the mouse or by the keyboard: they need
//! a quarter of a second more to follow it, and the answer is there by then.
//!
//! One pair of listeners serves all links of the app; the table says which queries are behind an address. Which query is
//! fetched how is code of the pages, which are chunks of their own, so the table is one as well, and comes with the first
//! link that is pointed at. Prefetching is never needed: a chunk that can't be had is left.

#[cfg(feature = "hydrate")]
pub use browser::prefetch_links;

/// Only the browser fetches ahead.
#[cfg(not(feature = "hydrate"))]
pub const fn prefetch_links(_: crate::queries::QueryClient) {}

#[cfg(any(feature = "hydrate", test))]
mod table {
    use crate::{
        comparisons::api::{ComparisonKey, ComparisonOf, FindingsPage},
        contracts::api::{OperationIn, OperationsPage, OutlineOf, ScoreOf},
        queries::QueryKey,
        services::api::ServiceByName,
        versions::api::{VersionByLabel, VersionKey, VersionsPage},
    };
    use percent_encoding::percent_decode_str;

    fn decoded(text: &str) -> String {
        percent_decode_str(text).decode_utf8_lossy().into_owned()
    }

    fn in_search(search: &str, name: &str) -> Option<String> {
        let pairs = search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| decoded(value)).next()
    }

    /// The queries that the page at an address begins with, where it is one that takes time.
    pub fn queries_behind(path: &str, search: &str) -> Vec<QueryKey> {
        let segments: Vec<_> = path.split('/').skip(1).map(decoded).collect();
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        match segments[..] {
            ["services", name] if name != "new" => {
                let name = name.to_owned();
                vec![QueryKey::new::<ServiceByName>(name.clone()), QueryKey::new::<VersionsPage>((name, None))]
            }
            ["services", name, "versions", label] => {
                let version = VersionKey { service: name.to_owned(), label: label.to_owned() };
                let mut queries = vec![
                    QueryKey::new::<VersionByLabel>(version.clone()),
                    QueryKey::new::<OutlineOf>(version.clone()),
                    QueryKey::new::<ScoreOf>(version.clone()),
                    QueryKey::new::<OperationIn>((version.clone(), in_search(search, "operation"))),
                ];
                if in_search(search, "tag").or_else(|| in_search(search, "q")).is_none() {
                    queries.push(QueryKey::new::<OperationsPage>((version, Default::default())));
                }
                queries
            }
            ["services", name, "compare"] => {
                let (Some(base), Some(revision)) = (in_search(search, "base"), in_search(search, "revision")) else {
                    return Vec::new();
                };
                let pair = ComparisonKey { service: name.to_owned(), base, revision };
                let mut queries = vec![QueryKey::new::<ComparisonOf>(pair.clone())];
                if in_search(search, "level").or_else(|| in_search(search, "q")).is_none() {
                    queries.push(QueryKey::new::<FindingsPage>((pair, Default::default())));
                }
                queries
            }
            _ => Vec::new(),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn links_lead_to_the_queries_of_their_pages() {
            let texts = |path: &str, search: &str| -> Vec<_> {
                queries_behind(path, search).iter().map(QueryKey::text).collect()
            };
            assert_eq!(texts("/services/a%20b", ""), [r#"ServiceByName "a b""#, r#"VersionsPage ("a b", None)"#]);
            let version = texts("/services/a/versions/1.0%2B2", "?operation=GET%20%2Fa");
            assert_eq!(version[0], r#"VersionByLabel VersionKey { service: "a", label: "1.0+2" }"#);
            assert!(
                version.contains(
                    &r#"OperationIn (VersionKey { service: "a", label: "1.0+2" }, Some("GET /a"))"#.to_owned()
                ),
                "{version:?}"
            );
            assert_eq!(version.len(), 5);
            assert_eq!(texts("/services/a/versions/1", "?q=x").len(), 4, "the list is another one");
            let compared = texts("/services/a/compare", "?base=1&revision=2");
            assert_eq!(compared[0], r#"ComparisonOf ComparisonKey { service: "a", base: "1", revision: "2" }"#);
            assert_eq!(compared.len(), 2);
            for (path, search) in
                [("/services/new", ""), ("/services", ""), ("/rules/x", ""), ("/services/a/compare", "?base=1")]
            {
                assert_eq!(texts(path, search), [""; 0], "{path}");
            }
        }
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::table::queries_behind;
    use crate::{
        js,
        queries::{QueryClient, QueryKey},
    };
    use leptos::{prelude::*, task::spawn_local};
    use std::time::Duration;
    use wasm_bindgen::JsValue;

    /// Whose pointer rests on a link for this long may follow it; less is on its way elsewhere.
    const REST: Duration = Duration::from_millis(80);

    /// Links under this path have queries behind them; for others the table isn't loaded.
    const PREFIX: &str = "/services/";

    /// Path and search.
    type Link = (String, String);

    /// Fetches what is behind the links that people point at.
    pub fn prefetch_links(client: QueryClient) {
        let fetch = move |link: Option<Link>| {
            if let Some((path, search)) = link {
                spawn_local(async move {
                    for query in load(path, search).await {
                        client.prefetch_key(query);
                    }
                });
            }
        };
        let later = StoredValue::new_local(debounce(REST, fetch));
        Effect::new(move |_| {
            let listeners = ["pointerover", "focusin"].map(|name| {
                window_event_listener_untyped(name, move |event| {
                    later.update_value(|later| later(link(&js::get(&event, "target"))));
                })
            });
            on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
        });
    }

    /// The path and the search of the link that something is in, if it is one to fetch ahead for.
    fn link(target: &JsValue) -> Option<Link> {
        let link = js::call(target, "closest", &["a[href]".into()]).ok()?;
        let text = |name| js::get(&link, name).as_string();
        let here = text("origin")? == window().location().origin().ok()?;
        let saves = js::get(&js::get(&window().navigator(), "connection"), "saveData").is_truthy();
        let path = text("pathname").filter(|path| here && !saves && path.starts_with(PREFIX))?;
        Some((path, text("search")?))
    }

    #[cfg(not(feature = "split"))]
    async fn load(path: String, search: String) -> Vec<QueryKey> {
        queries_behind(&path, &search)
    }

    #[cfg(feature = "split")]
    async fn load(path: String, search: String) -> Vec<QueryKey> {
        split_off(path, search).await.unwrap_or_default()
    }

    #[cfg(feature = "split")]
    #[leptos::wasm_split::wasm_split(prefetch, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn split_off(path: String, search: String) -> Result<Vec<QueryKey>, leptos::wasm_split::SplitLoaderError> {
        Ok(queries_behind(&path, &search))
    }
}
