//! The areas' implementations over one store: what pages, REST and commands stand on.

use crate::{
    accounts::{self, AccountsService},
    clock::Clock,
    comparisons::{Comparer, ComparisonsService},
    contracts::ContractsService,
    documents::{self, Documents},
    events::{Bus, EventsService},
    jobs,
    policies::PoliciesService,
    services::ServicesService,
    store::Store,
    versions::VersionsService,
};
use std::sync::Arc;

/// Every area. Cheap to clone.
#[derive(Clone)]
pub struct Areas {
    pub accounts: AccountsService,
    pub services: ServicesService,
    pub versions: VersionsService,
    pub contracts: ContractsService,
    pub comparisons: ComparisonsService,
    pub policies: PoliciesService,
    pub events: EventsService,
    pub jobs: jobs::Queue,
}

/// What the areas are told.
pub struct Settings {
    pub accounts: accounts::Settings,
    pub documents: documents::Settings,
}

impl Areas {
    #[must_use]
    pub fn new(store: &Store, bus: &Bus, clock: &Clock, settings: Settings) -> Self {
        let base = || (store.clone(), bus.clone(), clock.clone());
        let (store, bus, clock) = base();
        let documents = Arc::new(Documents::new(store.clone(), settings.documents));
        let policies = PoliciesService::new(store.clone(), bus.clone(), clock.clone());
        let comparer = Comparer::new(store.clone(), Arc::clone(&documents), policies.clone(), settings.documents);
        let versions = VersionsService::new(base(), Arc::clone(&documents), policies.clone(), comparer.clone());
        let by_trait: Arc<dyn shared::Versions> = Arc::new(versions.clone());
        Self {
            accounts: AccountsService::with_clock(store.clone(), bus.clone(), settings.accounts, clock.clone()),
            services: ServicesService::new(store.clone(), bus, clock.clone()),
            contracts: ContractsService::new(Arc::clone(&by_trait), documents, policies.clone(), settings.documents),
            comparisons: ComparisonsService::new(comparer, by_trait),
            versions,
            policies,
            events: EventsService::new(store.clone()),
            jobs: jobs::Queue::new(store, clock),
        }
    }
}
