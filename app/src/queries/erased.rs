//! Fetches and answers without their types, as the cache keeps them.
//!
//! An answer that the server gives with a page travels as JSON text and is read where it is shown; one that is asked
//! in the browser is kept as it is. So no type needs to be written in the browser, and each is read by one piece of
//! code, the one that server functions use.

use super::Query;
use leptos::server::codee::{Decoder, Encoder};
#[cfg(feature = "ssr")]
use serde::Serialize;
use serde_json::value::RawValue;
use shared::{ApiError, Result};
use std::{
    any::{Any, TypeId},
    fmt,
    future::Future,
    hash::{Hash, Hasher},
    pin::Pin,
    sync::Arc,
};

/// An answer on its way.
pub type Fetch = Pin<Box<dyn Future<Output = Result<Data>> + Send>>;

/// A key of any kind.
trait AnyKey: Send + Sync {
    fn same(&self, other: &dyn Any) -> bool;
    fn feed(&self, hasher: &mut dyn Hasher);
    fn as_any(&self) -> &dyn Any;
}

impl<K: PartialEq + Hash + Send + Sync + 'static> AnyKey for K {
    fn same(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }

    fn feed(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What is asked: the kind of query, its key, and how to ask it.
#[derive(Clone)]
pub struct QueryKey {
    kind: TypeId,
    key: Arc<dyn AnyKey>,
    ask: fn(&dyn Any) -> Option<Fetch>,
}

impl QueryKey {
    pub fn new<Q: Query>(key: Q::Key) -> Self {
        Self { kind: TypeId::of::<Q>(), key: Arc::new(key), ask: fetch::<Q> }
    }

    #[cfg(feature = "hydrate")]
    pub fn is(&self, kind: TypeId) -> bool {
        self.kind == kind
    }

    /// The key, if it is of this type.
    pub fn key<K: 'static>(&self) -> Option<&K> {
        self.key.as_any().downcast_ref()
    }

    pub fn fetch(&self) -> Fetch {
        // `new` put key and function together, so the key always fits.
        (self.ask)(self.key.as_any()).unwrap_or_else(|| Box::pin(std::future::ready(Err(ApiError::internal()))))
    }
}

fn fetch<Q: Query>(key: &dyn Any) -> Option<Fetch> {
    let answer = Q::fetch(key.downcast_ref::<Q::Key>()?.clone());
    Some(Box::pin(async move { answer.await.and_then(Data::new) }))
}

impl PartialEq for QueryKey {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.key.same(other.key.as_any())
    }
}

impl Eq for QueryKey {}

impl Hash for QueryKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.key.feed(state);
    }
}

impl fmt::Debug for QueryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryKey").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone)]
pub enum Data {
    /// JSON, on its way from the server's render into the browser.
    Text(Arc<RawValue>),
    #[cfg(not(feature = "ssr"))]
    Value(Arc<dyn Any + Send + Sync>),
}

impl Data {
    #[cfg(feature = "ssr")]
    fn new<T: Serialize>(value: T) -> Result<Self> {
        let text = serde_json::value::to_raw_value(&value).map_err(|error| {
            tracing::error!(%error, "an answer can't be written into the page");
            ApiError::internal()
        })?;
        Ok(Self::Text(text.into()))
    }

    #[cfg(not(feature = "ssr"))]
    // The server's side can fail; both have one caller.
    #[allow(clippy::unnecessary_wraps)]
    fn new<T: Send + Sync + 'static>(value: T) -> Result<Self> {
        Ok(Self::Value(Arc::new(value)))
    }

    /// The answer as the query's own type.
    pub fn open<Q: Query>(&self) -> Result<Q::Value> {
        let value = match self {
            // By bytes, as server functions read their answers: the same code.
            Self::Text(text) => serde_json::from_slice(text.get().as_bytes()).ok(),
            #[cfg(not(feature = "ssr"))]
            Self::Value(value) => value.downcast_ref::<Q::Value>().cloned(),
        };
        value.ok_or_else(ApiError::internal)
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Data(…)")
    }
}

/// How answers, and errors in their place, are written into the page.
///
/// Read by bytes there too: the default codec reads by characters, which is the same code in the browser once more.
pub struct InPage;

/// What is in the page is no answer.
#[derive(Debug)]
pub struct Unreadable;

impl Encoder<Result<Data>> for InPage {
    type Error = Unreadable;
    type Encoded = String;

    #[cfg(feature = "ssr")]
    fn encode(answer: &Result<Data>) -> std::result::Result<String, Unreadable> {
        serde_json::to_string(&answer.as_ref().map(|Data::Text(text)| text)).map_err(|_| Unreadable)
    }

    /// Only the server writes answers.
    #[cfg(not(feature = "ssr"))]
    fn encode(_: &Result<Data>) -> std::result::Result<String, Unreadable> {
        Err(Unreadable)
    }
}

impl Decoder<Result<Data>> for InPage {
    type Error = Unreadable;
    type Encoded = str;

    fn decode(text: &str) -> std::result::Result<Result<Data>, Unreadable> {
        let answer: Result<Box<RawValue>> = serde_json::from_slice(text.as_bytes()).map_err(|_| Unreadable)?;
        Ok(answer.map(|text| Data::Text(text.into())))
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
    fn questions_differ_by_kind_and_key() {
        assert_eq!(QueryKey::new::<Double>(1), QueryKey::new::<Double>(1));
        assert_ne!(QueryKey::new::<Double>(1), QueryKey::new::<Double>(2));
        assert_ne!(QueryKey::new::<Double>(1), QueryKey::new::<Other>(1));
        assert_eq!(QueryKey::new::<Double>(1).key::<u32>(), Some(&1));
        assert_eq!(QueryKey::new::<Double>(1).key::<String>(), None);
    }

    #[test]
    fn answers_survive_the_page() {
        let asked = futures::executor::block_on(QueryKey::new::<Double>(21).fetch()).unwrap();
        assert_eq!(asked.open::<Double>().unwrap(), 42);
        #[cfg(feature = "ssr")]
        {
            let read = InPage::decode(&InPage::encode(&Ok(asked)).unwrap()).unwrap();
            assert_eq!(read.unwrap().open::<Double>().unwrap(), 42);
        }
        let refused = ApiError::not_found("service called x");
        for told in [Ok(42), Err(refused)] {
            let text = serde_json::to_string(&told).unwrap();
            let read = InPage::decode(&text).unwrap().and_then(|answer| answer.open::<Double>());
            assert_eq!(read, told, "{text}");
        }
        assert!(InPage::decode("42").is_err());
    }
}
