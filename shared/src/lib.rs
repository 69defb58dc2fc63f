//! The words that both sides of Handshake's own seam speak.
//!
//! A request, a response, an error code or an event is spelled once, here, and both the server and
//! the browser are compiled against it: renaming a field breaks the build, not production. One
//! module an area; the same word names the area in `app/src` and `server/src`.
//!
//! Each area has one trait whose methods are the hub's operations ([`Accounts`], [`Services`],
//! [`Versions`], …). The server implements them once; REST handlers and server functions are thin
//! adapters over the same object. The alternative, REST as the only door with the UI as its client,
//! would have made every page pay a second HTTP hop while it renders on the server.
//!
//! No IO, no SQL and no UI live here.

pub mod accounts;
pub mod comparisons;
pub mod contracts;
pub mod error;
pub mod events;
pub mod findings;
pub mod ids;
pub mod jobs;
pub mod lint;
pub mod names;
pub mod page;
pub mod policies;
pub mod precondition;
pub mod printable;
pub mod reference;
pub mod services;
pub mod subject;
pub mod text;
pub mod time;
pub mod urls;
pub mod versions;
pub mod words;

pub use accounts::{Accounts, Actor, ManageAccounts, Role};
pub use comparisons::{ComparisonRef, Comparisons};
pub use contracts::Contracts;
pub use error::{ApiError, ErrorCode};
pub use events::Events;
pub use findings::{Finding, Level, Witness};
pub use jobs::Jobs;
pub use page::{Cursor, Page, PageQuery};
pub use policies::{Policies, Policy};
pub use precondition::IfMatch;
pub use reference::Reference;
pub use services::Services;
pub use subject::{Subject, Values};
pub use time::Timestamp;
pub use versions::{Version, VersionRef, Versions};

/// The result of every operation of the hub.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;
