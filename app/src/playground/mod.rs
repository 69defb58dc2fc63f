//! Two documents next to each other, judged while one types, by a policy if there is one, in the browser.
//!
//! Nothing that is typed leaves the page: the engine, which the server runs when a version is published, runs here as
//! well, in a worker, so that no document keeps the page from answering a key. The worker loads the module that the
//! page itself runs, which the browser has already, and out of it one chunk that nobody else loads: the engine.
//! `docs/decisions/0007-the-engine-in-a-worker.md` says why it is not a module of its own.
//!
//! - [`text`]: a document of any size, of which a part is on screen
//! - [`editor`]: a text area and its line numbers
//! - [`engine`]: the worker as the page sees it; [`protocol`]: what they say to each other
//! - [`judge`], `serve`: the worker's side
//! - [`share`]: all texts in a link's fragment
//!
//! What the page makes of it is in [`page`].

mod editor;
mod engine;
pub mod example;
mod findings;
#[cfg(any(feature = "hydrate", test))]
mod judge;
mod keep;
mod page;
pub mod protocol;
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
mod serve;
mod share;
mod text;

pub use page::PlaygroundRoute;
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub use serve::serve_engine;

/// What the worker starts with.
pub const WORKER: &str = include_str!("worker.js");

/// Where the server has it. The name changes with the content, so that it can be kept for good, and is there when a
/// worker has to be replaced without network.
#[must_use]
pub fn worker_path() -> String {
    format!("/engine/{WORKER_HASH:016x}.js")
}

/// FNV-1a. It tells two releases apart; nothing has to withstand anybody.
const WORKER_HASH: u64 = {
    let bytes = WORKER.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0100_0000_01b3);
        i += 1;
    }
    hash
};
