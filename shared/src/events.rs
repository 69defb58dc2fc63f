//! What happens in the hub, in order: the live stream and its history.

use crate::{
    Page, PageQuery, Result, Timestamp,
    accounts::Caller,
    names::{DisplayName, ServiceName, VersionLabel},
    services::Verdict,
};
use serde::{Deserialize, Serialize};

/// Something that happened. Stored in the transaction that made it happen; `seq` only grows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Position in the stream; the SSE `id`.
    pub seq: i64,
    pub at: Timestamp,
    /// Who did it.
    pub actor: DisplayName,
    #[serde(flatten)]
    pub kind: EventKind,
}

/// The SSE `event` name is the `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum EventKind {
    ServiceCreated { service: ServiceName },
    VersionPublished { service: ServiceName, label: VersionLabel, verdict: Option<Verdict> },
}

impl EventKind {
    /// Every name that an event can have on the stream, for `addEventListener`.
    pub const NAMES: &'static [&'static str] = &["service-created", "version-published"];

    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ServiceCreated { .. } => "service-created",
            Self::VersionPublished { .. } => "version-published",
        }
    }

    /// The service that it is about: its topic is `service:{name}`.
    #[must_use]
    pub const fn service(&self) -> &ServiceName {
        match self {
            Self::ServiceCreated { service } | Self::VersionPublished { service, .. } => service,
        }
    }
}

/// The stream's own message: the client was too slow or away for too long, events were left out, and everything
/// that it shows may be stale.
pub const RESYNC: &str = "resync";

/// The history of events.
#[async_trait::async_trait]
pub trait Events: Send + Sync + 'static {
    /// Newest first.
    async fn events(&self, caller: &Caller, page: PageQuery) -> Result<Page<Event>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire_and_on_the_stream_agree() {
        for kind in [
            EventKind::ServiceCreated { service: "a".parse().unwrap() },
            EventKind::VersionPublished { service: "a".parse().unwrap(), label: "1".parse().unwrap(), verdict: None },
        ] {
            let json = serde_json::to_value(&kind).unwrap();
            assert_eq!(json["type"], kind.name());
            assert!(EventKind::NAMES.contains(&kind.name()));
        }
    }
}
