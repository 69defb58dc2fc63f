//! The one table of which cached queries an event makes stale.

use super::api::RecentEvents;
use crate::{
    comparisons::api::{ComparisonOf, FindingsPage},
    contracts::api::{LintPage, OperationIn, OperationsPage, OutlineOf, SchemaIn, SchemasPage, ScoreOf, SourcePage},
    policies::api::PolicyOf,
    queries::{QueryClient, QueryKey},
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
    /// All that was ever asked; nothing is at addresses with this name any more.
    AllLeaving(ServiceName),
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
        // Pages go to the new addresses (`live.rs`).
        EventKind::ServiceRenamed { before, .. } => vec![Stale::AllLeaving(before.clone())],
        // Pages learn by asking that it is gone.
        EventKind::ServiceDeleted { .. } => vec![Stale::Everything],
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
            Self::AllLeaving(service) => queries.leave(|key| is_about(key, service.as_str())),
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

/// Whether this is asked of the service with this name.
fn is_about(key: &QueryKey, name: &str) -> bool {
    let service =
        [key.of::<ServiceByName>(), key.of::<SettingsOf>(), key.of::<PolicyOf>()].into_iter().flatten().next();
    let service = service.or_else(|| key.of::<VersionsPage>().map(|(service, _)| service));
    let version = [key.of::<VersionByLabel>(), key.of::<OutlineOf>(), key.of::<ScoreOf>()].into_iter().flatten().next();
    let version = version
        .or_else(|| key.of::<OperationsPage>().map(|(version, _)| version))
        .or_else(|| key.of::<OperationIn>().map(|(version, _)| version))
        .or_else(|| key.of::<SchemasPage>().map(|(version, _)| version))
        .or_else(|| key.of::<SchemaIn>().map(|(version, _)| version))
        .or_else(|| key.of::<SourcePage>().map(|(version, _)| version))
        .or_else(|| key.of::<LintPage>().map(|(version, _)| version));
    let pair = key.of::<ComparisonOf>().or_else(|| key.of::<FindingsPage>().map(|(pair, _)| pair));
    let names = [service, version.map(|version| &version.service), pair.map(|pair| &pair.service)];
    names.into_iter().flatten().any(|service| service == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{comparisons::api::ComparisonKey, versions::api::VersionKey};

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
        let renamed = EventKind::ServiceRenamed { service: "sales".parse().unwrap(), before: service.clone() };
        assert_eq!(stale(&renamed), [Stale::AllLeaving(service.clone())]);
        // The dashboard shows services and events; the service page the service and its versions.
        for needed in [Stale::Events, Stale::Services, Stale::Service(service.clone()), Stale::Versions(service)] {
            assert!(published.contains(&needed), "{needed:?}");
        }
    }

    #[test]
    fn what_is_asked_of_a_service_is_known() {
        let (name, version) = ("a".to_owned(), VersionKey { service: "a".to_owned(), label: "1".to_owned() });
        let pair = ComparisonKey { service: "a".to_owned(), base: "1".to_owned(), revision: "2".to_owned() };
        for key in [
            QueryKey::new::<ServiceByName>(name.clone()),
            QueryKey::new::<SettingsOf>(name.clone()),
            QueryKey::new::<PolicyOf>(name.clone()),
            QueryKey::new::<VersionsPage>((name, None)),
            QueryKey::new::<VersionByLabel>(version.clone()),
            QueryKey::new::<OutlineOf>(version.clone()),
            QueryKey::new::<ScoreOf>(version.clone()),
            QueryKey::new::<OperationsPage>((version.clone(), Default::default())),
            QueryKey::new::<OperationIn>((version.clone(), None)),
            QueryKey::new::<SchemasPage>((version.clone(), Default::default())),
            QueryKey::new::<SchemaIn>((version.clone(), None)),
            QueryKey::new::<SourcePage>((version.clone(), 1)),
            QueryKey::new::<LintPage>((version, Default::default())),
            QueryKey::new::<ComparisonOf>(pair.clone()),
            QueryKey::new::<FindingsPage>((pair, Default::default())),
        ] {
            assert!(is_about(&key, "a") && !is_about(&key, "b"), "{}", key.text());
        }
        assert!(!is_about(&QueryKey::new::<ServicesPage>(Default::default()), "a"));
        assert!(!is_about(&QueryKey::new::<RecentEvents>(()), "a"));
    }
}
