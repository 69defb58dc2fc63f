//! Identifiers: UUIDs of version 7 (RFC 9562), so that they sort by the time they were made.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A person's account.
    UserId
);
id!(
    /// A session.
    SessionId
);
id!(
    /// An API token (the record, never the secret).
    TokenId
);
id!(
    /// Work in the background.
    JobId
);
id!(
    /// A service: a backend whose contract the hub keeps.
    ServiceId
);
id!(
    /// One immutable version of a service's contract.
    VersionId
);
