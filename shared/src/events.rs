//! What happens in the hub, in order: the live stream and its history.

use crate::{
    Page, PageQuery, Result, Timestamp,
    accounts::Caller,
    ids::UserId,
    names::{DisplayName, ServiceName, VersionLabel},
    versions::PublishedVerdict,
};
use serde::{Deserialize, Serialize};

/// Something that happened. Stored in the transaction that made it happen; `seq` only grows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Wire")]
pub struct Event {
    /// Position in the stream; the SSE `id`.
    pub seq: i64,
    pub at: Timestamp,
    /// Who did it.
    pub actor: DisplayName,
    /// Their account; absent on events of before this was stored.
    pub actor_id: Option<UserId>,
    /// What it was done to.
    pub subject: Option<EventSubject>,
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventSubject {
    /// What it is: `service` or `version`. Others may come.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub kind: String,
    /// Its id, where it has one.
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub id: String,
}

/// The kind of an event: its `type` in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WireKind")]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum EventKind {
    ServiceCreated {
        service: ServiceName,
    },
    VersionPublished {
        service: ServiceName,
        label: VersionLabel,
        verdict: Option<PublishedVerdict>,
    },
    PolicyChanged {
        service: ServiceName,
    },
    ServiceRenamed {
        service: ServiceName,
        /// The name that it had.
        before: ServiceName,
    },
    /// Its description was edited.
    ServiceChanged {
        service: ServiceName,
    },
    ServiceArchived {
        service: ServiceName,
    },
    ServiceRestored {
        service: ServiceName,
    },
    ServiceDeleted {
        service: ServiceName,
    },
    /// Something that a later release knows and this one doesn't.
    Other {
        /// Absent when it is about no service.
        #[serde(skip_serializing_if = "Option::is_none")]
        service: Option<ServiceName>,
    },
}

/// An [`Event`] as it is read: all members side by side. What serde makes of a flattened, tagged enum buffers every
/// value first, and the code for that is a twentieth of what the browser loads.
///
/// It is also what the hub's contract promises: a list of alternatives would be closed, and each new kind of event would
/// break its readers.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(description = "Something that happened."))]
#[serde(rename_all = "camelCase")]
struct Wire {
    /// Position in the stream; the SSE `id`.
    seq: i64,
    at: Timestamp,
    /// Who did it.
    actor: DisplayName,
    /// Their account; absent on old events.
    actor_id: Option<UserId>,
    /// What it was done to; absent on old events.
    subject: Option<EventSubject>,
    /// What happened: `service-created`, `version-published`, `policy-changed` and others. More may come: skip what you
    /// don't know.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    kind: String,
    /// The service that it is about; absent when it is about none.
    service: Option<ServiceName>,
    /// The version that was published.
    label: Option<VersionLabel>,
    /// What the version that was published changed; absent on a service's first one.
    verdict: Option<PublishedVerdict>,
    /// The name that the service had, when it was renamed.
    before: Option<ServiceName>,
}

/// An [`EventKind`] as it is read.
#[derive(Deserialize)]
struct WireKind {
    #[serde(rename = "type")]
    kind: String,
    service: Option<ServiceName>,
    label: Option<VersionLabel>,
    verdict: Option<PublishedVerdict>,
    before: Option<ServiceName>,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Event {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Wire::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Event {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        Wire::schemas(schemas);
    }
}

impl TryFrom<Wire> for Event {
    type Error = &'static str;

    fn try_from(wire: Wire) -> std::result::Result<Self, Self::Error> {
        let Wire { seq, at, actor, actor_id, subject, kind, service, label, verdict, before } = wire;
        Ok(Self {
            seq,
            at,
            actor,
            actor_id,
            subject,
            kind: WireKind { kind, service, label, verdict, before }.try_into()?,
        })
    }
}

impl TryFrom<WireKind> for EventKind {
    type Error = &'static str;

    fn try_from(wire: WireKind) -> std::result::Result<Self, Self::Error> {
        let WireKind { kind, service, label, verdict, before } = wire;
        let about = |service: Option<ServiceName>| service.ok_or("the event lacks its service");
        Ok(match kind.as_str() {
            "service-created" => Self::ServiceCreated { service: about(service)? },
            "version-published" => Self::VersionPublished {
                service: about(service)?,
                label: label.ok_or("the event lacks its label")?,
                verdict,
            },
            "policy-changed" => Self::PolicyChanged { service: about(service)? },
            "service-renamed" => Self::ServiceRenamed {
                service: about(service)?,
                before: before.ok_or("the event lacks the name of before")?,
            },
            "service-changed" => Self::ServiceChanged { service: about(service)? },
            "service-archived" => Self::ServiceArchived { service: about(service)? },
            "service-restored" => Self::ServiceRestored { service: about(service)? },
            "service-deleted" => Self::ServiceDeleted { service: about(service)? },
            _ => Self::Other { service },
        })
    }
}

impl EventKind {
    /// Its `type` in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ServiceCreated { .. } => "service-created",
            Self::VersionPublished { .. } => "version-published",
            Self::PolicyChanged { .. } => "policy-changed",
            Self::ServiceRenamed { .. } => "service-renamed",
            Self::ServiceChanged { .. } => "service-changed",
            Self::ServiceArchived { .. } => "service-archived",
            Self::ServiceRestored { .. } => "service-restored",
            Self::ServiceDeleted { .. } => "service-deleted",
            Self::Other { .. } => "other",
        }
    }

    /// The service that it is about, if it is about one: its topic is `service:{name}`.
    #[must_use]
    pub const fn service(&self) -> Option<&ServiceName> {
        match self {
            Self::ServiceCreated { service }
            | Self::VersionPublished { service, .. }
            | Self::PolicyChanged { service }
            | Self::ServiceRenamed { service, .. }
            | Self::ServiceChanged { service }
            | Self::ServiceArchived { service }
            | Self::ServiceRestored { service }
            | Self::ServiceDeleted { service } => Some(service),
            Self::Other { service } => service.as_ref(),
        }
    }
}

// Two frames of the stream aren't events and have a name. Events have none, so that a page hears also those of a kind
// that it doesn't know.

/// What was missed has been sent: from here on the client hears of events as they happen.
pub const LIVE: &str = "live";

/// The client was too slow or away for too long, events were left out, and everything that it shows may be stale.
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
    fn events_survive_the_wire() {
        let service = || "a".parse().unwrap();
        let verdict = PublishedVerdict {
            base: "0".parse().unwrap(),
            level: crate::Level::Risky,
            counts: crate::findings::Counts { breaking: 0, risky: 2, safe: 1 },
        };
        let kinds = [
            EventKind::ServiceCreated { service: service() },
            EventKind::VersionPublished { service: service(), label: "1".parse().unwrap(), verdict: None },
            EventKind::VersionPublished { service: service(), label: "1".parse().unwrap(), verdict: Some(verdict) },
            EventKind::PolicyChanged { service: service() },
            EventKind::ServiceRenamed { service: service(), before: "b".parse().unwrap() },
            EventKind::ServiceChanged { service: service() },
            EventKind::ServiceArchived { service: service() },
            EventKind::ServiceRestored { service: service() },
            EventKind::ServiceDeleted { service: service() },
            EventKind::Other { service: None },
        ];
        for kind in kinds {
            let subject = Some(EventSubject { kind: "service".into(), id: "1".into() });
            let actor_id = Some(UserId(uuid::Uuid::from_u128(1)));
            let event = Event { seq: 7, at: Timestamp(1), actor: "Ada".parse().unwrap(), actor_id, subject, kind };
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event, "{text}");
        }
    }

    #[test]
    fn events_of_a_later_release_are_something_else() {
        let read = |text: &str| {
            let text = format!(r#"{{"seq": 1, "at": "2026-11-22T21:58:16.123Z", "actor": "Ada", {text}}}"#);
            serde_json::from_str::<Event>(&text)
        };
        let moved = r#""type": "moved", "service": "a", "to": {"b": 1}"#;
        let other = EventKind::Other { service: Some("a".parse().unwrap()) };
        assert_eq!(read(moved).unwrap().kind, other);
        assert_eq!(serde_json::from_str::<EventKind>(&format!("{{{moved}}}")).unwrap(), other);
        let about_nothing = read(r#""type": "maintenance""#).unwrap();
        assert_eq!((about_nothing.kind.service(), about_nothing.actor_id), (None, None));
        let wrong = read(r#""type": "version-published", "service": "a""#).unwrap_err();
        assert!(wrong.to_string().contains("label"), "{wrong}");
    }
}
