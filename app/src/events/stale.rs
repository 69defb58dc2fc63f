//! The one table of which cached queries an event makes stale.

use super::api::RecentEvents;
use crate::{
    comparisons::api::{ComparisonOf, FindingsPage},
    contracts::api::{LintPage, ScoreOf},
    policies::api::PolicyOf,
    queries::QueryClient,
    services::api::{ServiceByName, ServicesPage, SettingsOf},
    versions::api::{VersionByLabel, VersionsPage},
};
use shared::{events::EventKind, names::ServiceName};

/// A group of cached queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// All that was ever asked.
    Everything,
    /// The history of events.
    Events,
    /// Every list of services.
    Services,
    /// One service.
    Service(ServiceName),
    /// The versions of one service: its list, and the answers about single ones (a label that led nowhere may now
    /// lead somewhere). What a version *contains* never changes and is in no group.
    Versions(ServiceName),
    /// One service's policy, and all that it judges.
    Verdicts(ServiceName),
    /// A service's settings.
    Settings(ServiceName),
}

/// What an event makes stale.
#[must_use]
pub fn stale(event: &EventKind) -> Vec<Stale> {
    match event {
        EventKind::ServiceCreated { service } => {
            vec![Stale::Events, Stale::Services, Stale::Service(service.clone())]
        }
        EventKind::PolicyChanged { service } => vec![Stale::Events, Stale::Verdicts(service.clone())],
        EventKind::ServiceChanged { service }
        | EventKind::ServiceArchived { service }
        | EventKind::ServiceRestored { service } => {
            vec![Stale::Events, Stale::Services, Stale::Service(service.clone()), Stale::Settings(service.clone())]
        }
        // Every address of it leads elsewhere.
        EventKind::ServiceRenamed { .. } | EventKind::ServiceDeleted { .. } => vec![Stale::Everything],
        // A newer hub tells of something that this page doesn't know: it may have changed anything.
        EventKind::Other { .. } => vec![Stale::Everything],
        EventKind::VersionPublished { service, .. } => {
            vec![Stale::Events, Stale::Services, Stale::Service(service.clone()), Stale::Versions(service.clone())]
        }
    }
}

impl Stale {
    /// Has those on screen fetched again; the others wait until somebody looks.
    pub fn invalidate(&self, queries: QueryClient) {
        match self {
            Self::Everything => queries.invalidate_all(),
            Self::Events => queries.invalidate::<RecentEvents>(|()| true),
            Self::Services => queries.invalidate::<ServicesPage>(|_| true),
            Self::Service(service) => queries.invalidate::<ServiceByName>(|key| key == service.as_str()),
            Self::Versions(service) => {
                queries.invalidate::<VersionsPage>(|(key, _)| key == service.as_str());
                queries.invalidate::<VersionByLabel>(|version| version.service == service.as_str());
            }
            Self::Settings(service) => queries.invalidate::<SettingsOf>(|key| key == service.as_str()),
            Self::Verdicts(service) => {
                queries.invalidate::<PolicyOf>(|key| key == service.as_str());
                queries.invalidate::<ComparisonOf>(|pair| pair.service == service.as_str());
                queries.invalidate::<FindingsPage>(|(pair, _)| pair.service == service.as_str());
                queries.invalidate::<ScoreOf>(|version| version.service == service.as_str());
                queries.invalidate::<LintPage>(|(version, _)| version.service == service.as_str());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_refreshes_what_shows_it() {
        let service: ServiceName = "orders".parse().unwrap();
        let created = stale(&EventKind::ServiceCreated { service: service.clone() });
        assert_eq!(created, [Stale::Events, Stale::Services, Stale::Service(service.clone())]);
        let published = stale(&EventKind::VersionPublished {
            service: service.clone(),
            label: "1".parse().unwrap(),
            verdict: None,
        });
        assert_eq!(stale(&EventKind::Other { service: Some(service.clone()) }), [Stale::Everything]);
        let judged = stale(&EventKind::PolicyChanged { service: service.clone() });
        assert_eq!(judged, [Stale::Events, Stale::Verdicts(service.clone())]);
        // The dashboard shows services and events; the service page the service and its versions.
        for needed in [Stale::Events, Stale::Services, Stale::Service(service.clone()), Stale::Versions(service)] {
            assert!(published.contains(&needed), "{needed:?}");
        }
    }
}
