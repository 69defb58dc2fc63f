//! What pages ask the hub, each query in one place: the server function and the cached query of the same name.
//!
//! An area's `api.rs` lists its queries, and its mutations below them. A query's key is what stands in addresses, as text:
//! what can't be a name names nothing, and the hub says so with `not-found`, as it does with a name that nothing has.

/// Defines queries: `Name("endpoint", function)(key: Type, …) -> Value = |hub, caller| future;`.
///
/// The future runs on the server, as the one who asks. Reads are GETs, so that a browser may repeat them as it likes.
macro_rules! queries {
    ($(
        $(#[$doc:meta])*
        $name:ident($endpoint:tt, $function:ident)($($arg:ident: $type:ty),*) -> $value:ty =
            |$hub:ident, $caller:ident| $answer:expr;
    )+) => { $(
        $(#[$doc])*
        #[leptos::prelude::server(
            prefix = "/api/ui", endpoint = $endpoint, input = server_fn::codec::GetUrl, client = crate::client::Traced
        )]
        pub async fn $function($(#[server(default)] $arg: $type),*) -> Result<$value, shared::ApiError> {
            let crate::context::RequestContext { hub: $hub, caller: $caller } = crate::context::RequestContext::open()?;
            let answer = async { $answer.await };
            crate::context::answer(answer.await)
        }

        $(#[$doc])*
        pub struct $name;

        impl crate::queries::Query for $name {
            // One thing is itself, not a tuple of it.
            #[allow(unused_parens, reason = "the key of a query that takes one thing")]
            type Key = ($($type),*);
            type Value = $value;

            #[allow(unused_parens, reason = "the key of a query that takes one thing")]
            async fn fetch(($($arg),*): Self::Key) -> shared::Result<$value> {
                $function($($arg),*).await
            }
        }
    )+ };
}
pub(crate) use queries;

#[cfg(feature = "ssr")]
pub(crate) use names::*;

/// Names in addresses.
#[cfg(feature = "ssr")]
mod names {
    use crate::{comparisons::api::ComparisonKey, versions::api::VersionKey};
    use shared::{
        ApiError, ComparisonRef, ErrorCode, Result, VersionRef,
        names::{ServiceName, VersionLabel},
    };

    pub fn service(text: &str) -> Result<ServiceName> {
        text.parse().map_err(|_| ApiError::not_found(format_args!("service called {text}")))
    }

    fn label(text: &str) -> Result<VersionLabel> {
        text.parse().map_err(|_| ApiError::not_found(format_args!("version called {text}")))
    }

    pub fn version(key: &VersionKey) -> Result<VersionRef> {
        Ok(VersionRef { service: service(&key.service)?, label: label(&key.label)? })
    }

    pub fn comparison(key: &ComparisonKey) -> Result<ComparisonRef> {
        let ComparisonKey { service: name, base, revision } = key;
        if base.is_empty() || revision.is_empty() {
            let message = "A comparison needs two versions. Choose them on the service's page.";
            return Err(ApiError::new(ErrorCode::NotFound, message));
        }
        Ok(ComparisonRef { service: service(name)?, base: label(base)?, revision: label(revision)? })
    }
}
