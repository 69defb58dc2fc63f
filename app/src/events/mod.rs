//! What happens in the hub, as it happens.

pub mod api;
pub mod feed;
pub mod live;
pub mod stale;
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
mod stream;
#[cfg(any(feature = "hydrate", test))]
mod tabs;
