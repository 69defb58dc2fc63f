//! Services: backends whose contracts the hub has.

mod change;
pub mod moved;
pub mod rest;
mod sql;

use crate::{
    clock::Clock,
    error::Result,
    events::{self, Bus},
    naming,
    permissions::{self, CreateService, Grant, Read, Visible, WholeHub},
    store::{Store, retrying},
};
use async_trait::async_trait;
use shared::{
    ApiError, ErrorCode, IfMatch, Page, Services,
    accounts::Caller,
    events::EventKind,
    ids::ServiceId,
    names::{ServiceName, unseen},
    services::{ChangeService, NewService, Service, ServiceQuery, ServiceSettings},
    text::first_unseen,
};
use std::sync::Arc;
use tracing::instrument;
use uuid::Uuid;

/// Services on the store. Cheap to clone.
#[derive(Clone)]
pub struct ServicesService(Arc<Inner>);

struct Inner {
    store: Store,
    bus: Bus,
    clock: Clock,
}

impl ServicesService {
    #[must_use]
    pub fn new(store: Store, bus: Bus, clock: Clock) -> Self {
        Self(Arc::new(Inner { store, bus, clock }))
    }

    async fn page(&self, grant: &Grant<Read, Visible>, query: &ServiceQuery) -> Result<Page<Service>> {
        let limit = query.page().limit()?;
        let after = match &query.cursor {
            Some(cursor) => cursor.parse::<ServiceName>()?.to_string(),
            None => String::new(),
        };
        let found = sql::services(&mut *self.0.store.read().await?, grant, query.archived, &after, limit + 1).await?;
        Ok(Page::cut(found, limit, |service| service.name.to_string()))
    }

    async fn create_service(&self, grant: &Grant<CreateService, WholeHub>, new: NewService) -> Result<Service> {
        let service = Service {
            id: ServiceId(Uuid::now_v7()),
            name: new.name,
            description: description(&new.description)?,
            created_at: self.0.clock.now(),
            versions: 0,
            latest: None,
            archived_at: None,
        };
        let kind = EventKind::ServiceCreated { service: service.name.clone() };
        let done = retrying(async || {
            let mut tx = self.0.store.begin().await?;
            naming::take(&mut tx, &service.name).await?;
            sql::insert_service(&mut tx, grant, &service).await?;
            let (at, subject) = (service.created_at, events::service(service.id));
            let created = events::append(&mut tx, &self.0.store, at, grant.actor(), subject, &kind).await?;
            self.0.bus.commit(tx, created).await
        })
        .await;
        match done {
            // The name is the only thing here that can be there already.
            Err(error) if error.is_unique_violation() => Err(name_taken(&service.name).into()),
            done => done.map(|()| service),
        }
    }

    async fn by_name(&self, grant: &Grant<Read, ServiceName>) -> Result<Service> {
        let mut connection = self.0.store.read().await?;
        match sql::service_by_name(&mut connection, grant).await? {
            Some(service) => Ok(service),
            None => Err(naming::missing(&mut connection, grant.service()).await?.into()),
        }
    }
}

fn name_taken(name: &ServiceName) -> ApiError {
    let message = format!("There is a service called {name} already. Choose another name.");
    ApiError::new(ErrorCode::NameTaken, message.clone()).with_detail("name", message)
}

/// A description that can be shown and kept.
fn description(text: &str) -> Result<String, ApiError> {
    let lines = text.replace(['\n', '\r', '\t'], " ");
    if let Some(c) = first_unseen(&lines) {
        return Err(ApiError::invalid("description", unseen("A description", c)));
    }
    let length = text.chars().count();
    if length > NewService::MAX_DESCRIPTION {
        let most = NewService::MAX_DESCRIPTION;
        return Err(ApiError::invalid(
            "description",
            format!("A description has at most {most} characters, not {length}."),
        ));
    }
    Ok(text.trim().to_owned())
}

#[async_trait]
impl Services for ServicesService {
    #[instrument(skip_all, name = "services.list")]
    async fn list(&self, caller: &Caller, query: ServiceQuery) -> shared::Result<Page<Service>> {
        Ok(self.page(&permissions::on_visible(caller)?, &query).await?)
    }

    #[instrument(skip_all, name = "services.read")]
    async fn read(&self, caller: &Caller, service: &ServiceName) -> shared::Result<Service> {
        Ok(self.by_name(&permissions::on_service(caller, service)?).await?)
    }

    #[instrument(skip_all, name = "services.create")]
    async fn create(&self, caller: &Caller, service: NewService) -> shared::Result<Service> {
        Ok(self.create_service(&permissions::on_hub(caller)?, service).await?)
    }

    #[instrument(skip_all, name = "services.settings")]
    async fn settings(&self, caller: &Caller, service: &ServiceName) -> shared::Result<ServiceSettings> {
        Ok(self.read_settings(&permissions::on_service(caller, service)?).await?)
    }

    #[instrument(skip_all, name = "services.change")]
    async fn change(
        &self,
        caller: &Caller,
        service: &ServiceName,
        if_match: IfMatch,
        change: ChangeService,
    ) -> shared::Result<ServiceSettings> {
        Ok(self.change_service(&permissions::on_service(caller, service)?, &if_match, change).await?)
    }

    #[instrument(skip_all, name = "services.delete")]
    async fn delete(&self, caller: &Caller, service: &ServiceName) -> shared::Result<()> {
        Ok(self.delete_service(&permissions::on_service(caller, service)?).await?)
    }
}
