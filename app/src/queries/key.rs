//! Keys and values without their types.
//!
//! The cache's code is in the browser once, not once for each query: it handles [`QueryKey`] and [`Data`], and what it
//! can't do without the types (fetching, reading) it calls through a table of functions that each query has. A value is
//! never turned into JSON to get rid of its type; only the server's page carries text, which is read once, by the code
//! that server functions' answers are read by.

use super::{
    Query,
    core::{CacheKey, Millis},
};
use shared::{ApiError, Result};
use std::{
    any::{Any, TypeId},
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
};

/// A value on its way.
pub type Fetch = Pin<Box<dyn Future<Output = Result<Data>> + Send>>;

/// A key of any type.
trait AnyKey: Send + Sync {
    fn same(&self, other: &dyn Any) -> bool;
    fn as_any(&self) -> &dyn Any;
    #[cfg(all(debug_assertions, any(test, feature = "hydrate")))]
    fn text(&self) -> String;
}

impl<K: PartialEq + fmt::Debug + Send + Sync + 'static> AnyKey for K {
    fn same(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    #[cfg(all(debug_assertions, any(test, feature = "hydrate")))]
    fn text(&self) -> String {
        format!("{self:?}")
    }
}

/// What there is for each query.
struct Kind {
    id: TypeId,
    stale_time: Millis,
    fetch: fn(&dyn Any) -> Option<Fetch>,
    #[cfg(any(test, feature = "hydrate"))]
    read: fn(&[u8]) -> Option<Data>,
    #[cfg(all(debug_assertions, any(test, feature = "hydrate")))]
    name: fn() -> &'static str,
}

trait HasKind {
    const KIND: &'static Kind;
}

impl<Q: Query> HasKind for Q {
    const KIND: &'static Kind = &Kind {
        id: TypeId::of::<Q>(),
        // A span of a page's life is far below 2^64 ms.
        #[allow(clippy::cast_possible_truncation)]
        stale_time: Q::STALE_TIME.as_millis() as Millis,
        fetch: fetch::<Q>,
        #[cfg(any(test, feature = "hydrate"))]
        read: |json| serde_json::from_slice::<Q::Value>(json).ok().map(Data::new::<Q>),
        #[cfg(all(debug_assertions, any(test, feature = "hydrate")))]
        name: std::any::type_name::<Q>,
    };
}

fn fetch<Q: Query>(key: &dyn Any) -> Option<Fetch> {
    let value = Q::fetch(key.downcast_ref::<Q::Key>()?.clone());
    Some(Box::pin(async move { value.await.map(Data::new::<Q>) }))
}

/// A query and its key.
#[derive(Clone)]
pub struct QueryKey {
    kind: &'static Kind,
    key: Arc<dyn AnyKey>,
}

impl QueryKey {
    pub fn new<Q: Query>(key: Q::Key) -> Self {
        Self { kind: Q::KIND, key: Arc::new(key) }
    }

    /// The key, if it is one of this query.
    pub fn of<Q: Query>(&self) -> Option<&Q::Key> {
        // The type's id, not `Q::KIND`: who only names a query doesn't load the code that fetches it.
        if self.kind.id == TypeId::of::<Q>() { self.key.as_any().downcast_ref() } else { None }
    }

    pub fn fetch(&self) -> Fetch {
        // `new` put key and functions together, so the key always fits.
        (self.kind.fetch)(self.key.as_any()).unwrap_or_else(|| Box::pin(std::future::ready(Err(ApiError::internal()))))
    }

    /// What the server's page says about it.
    #[cfg(any(test, feature = "hydrate"))]
    pub fn read(&self, page: &str) -> Option<Result<Data>> {
        // By bytes, as server functions read their answers: the same code.
        match serde_json::from_slice::<Result<Box<serde_json::value::RawValue>>>(page.as_bytes()).ok()? {
            Ok(json) => (self.kind.read)(json.get().as_bytes()).map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// For people who develop.
    #[cfg(all(debug_assertions, any(test, feature = "hydrate")))]
    pub fn text(&self) -> String {
        let name = (self.kind.name)();
        format!("{} {}", name.rsplit("::").next().unwrap_or(name), self.key.text())
    }
}

impl PartialEq for QueryKey {
    fn eq(&self, other: &Self) -> bool {
        self.kind.id == other.kind.id && (Arc::ptr_eq(&self.key, &other.key) || self.key.same(other.key.as_any()))
    }
}

impl CacheKey for QueryKey {
    fn stale_time(&self) -> Millis {
        self.kind.stale_time
    }
}

impl fmt::Debug for QueryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryKey").field("query", &self.kind.id).finish_non_exhaustive()
    }
}

/// A value of any query.
#[derive(Clone)]
pub struct Data {
    value: Arc<dyn Any + Send + Sync>,
    #[cfg(feature = "ssr")]
    write: fn(&dyn Any) -> Option<Box<serde_json::value::RawValue>>,
}

impl Data {
    pub fn new<Q: Query>(value: Q::Value) -> Self {
        Self {
            value: Arc::new(value),
            #[cfg(feature = "ssr")]
            write: |value| serde_json::value::to_raw_value(value.downcast_ref::<Q::Value>()?).ok(),
        }
    }

    /// The value, if it is one of this query.
    pub fn of<Q: Query>(&self) -> Option<&Q::Value> {
        self.value.downcast_ref()
    }

    /// The value with a change.
    pub fn with<Q: Query>(&self, change: impl FnOnce(&mut Q::Value)) -> Self {
        self.of::<Q>().cloned().map_or_else(
            || self.clone(),
            |mut value| {
                change(&mut value);
                Self::new::<Q>(value)
            },
        )
    }

    #[cfg(feature = "ssr")]
    pub fn write(&self) -> Option<Box<serde_json::value::RawValue>> {
        (self.write)(&*self.value)
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Data(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Double;
    impl Query for Double {
        type Key = u32;
        type Value = u32;
        async fn fetch(key: u32) -> Result<u32> {
            Ok(key * 2)
        }
    }

    struct Other;
    impl Query for Other {
        type Key = u32;
        type Value = u32;
        async fn fetch(key: u32) -> Result<u32> {
            Ok(key)
        }
    }

    #[test]
    fn keys_differ_by_query_and_key() {
        assert_eq!(QueryKey::new::<Double>(1), QueryKey::new::<Double>(1));
        assert_ne!(QueryKey::new::<Double>(1), QueryKey::new::<Double>(2));
        assert_ne!(QueryKey::new::<Double>(1), QueryKey::new::<Other>(1));
        assert_eq!(QueryKey::new::<Double>(1).of::<Double>(), Some(&1));
        assert_eq!(QueryKey::new::<Double>(1).of::<Other>(), None);
        assert_eq!(QueryKey::new::<Double>(1).text(), "Double 1");
    }

    #[test]
    fn values_are_what_was_fetched() {
        let data = futures::executor::block_on(QueryKey::new::<Double>(21).fetch()).unwrap();
        assert_eq!(data.of::<Double>(), Some(&42));
        assert_eq!(data.with::<Double>(|value| *value += 1).of::<Double>(), Some(&43));
        assert_eq!(data.of::<Double>(), Some(&42));
    }

    #[test]
    fn pages_are_read_or_not_taken() {
        let key = QueryKey::new::<Double>(21);
        let refused = ApiError::not_found("service called x");
        for told in [Ok(42), Err(refused)] {
            let page = serde_json::to_string(&told).unwrap();
            let read = key.read(&page).unwrap().map(|data| *data.of::<Double>().unwrap());
            assert_eq!(read, told, "{page}");
        }
        for broken in ["42", r#"{"Ok": "many"}"#, ""] {
            assert!(key.read(broken).is_none(), "{broken}");
        }
    }
}
