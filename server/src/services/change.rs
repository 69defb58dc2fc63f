//! Renaming, describing, archiving and deleting services.

use super::{ServicesService, description, name_taken, sql};
use crate::{
    accounts,
    error::Result,
    events, naming,
    permissions::{DeleteService, Grant, ManageService, Read},
    policies,
    store::{Tx, retrying},
    versions,
};
use shared::{
    ApiError, ErrorCode, IfMatch, Timestamp,
    events::EventKind,
    ids::{ServiceId, UserId},
    names::ServiceName,
    services::{ChangeService, OWN_SERVICE, ServiceSettings},
};

impl ServicesService {
    pub(super) async fn read_settings(&self, grant: &Grant<Read, ServiceName>) -> Result<ServiceSettings> {
        let mut connection = self.0.store.read().await?;
        match sql::settings(&mut connection, grant).await? {
            Some((_, settings)) => Ok(settings),
            None => Err(naming::missing(&mut connection, grant.service()).await?.into()),
        }
    }

    pub(super) async fn change_service(
        &self,
        grant: &Grant<ManageService, ServiceName>,
        if_match: &IfMatch,
        change: ChangeService,
    ) -> Result<ServiceSettings> {
        let change = ChangeService { description: description(&change.description)?, ..change };
        if grant.service().as_str() == OWN_SERVICE && (change.name != *grant.service() || change.archived) {
            let message = "This service is the hub's own contract: it keeps its name and can't be archived.";
            return Err(ApiError::new(ErrorCode::Conflict, message).into());
        }
        let now = self.0.clock.now();
        let done = retrying(async || {
            let mut tx = self.0.store.begin().await?;
            let Some((service, before)) = sql::settings(&mut tx, grant).await? else {
                return Err(naming::missing(&mut tx, grant.service()).await?.into());
            };
            if_match.check(&before.etag())?;
            let kinds = what_changed(&before, &change);
            if kinds.is_empty() {
                return Ok(before);
            }
            if change.name != before.name {
                naming::take(&mut tx, &change.name).await?;
                naming::leave(&mut tx, &before.name, service).await?;
            }
            if !sql::change(&mut tx, grant, (service, before.revision), &change, now).await? {
                // PostgreSQL lets two transactions read the same revision; one of them changes it.
                return Err(ApiError::new(ErrorCode::Conflict, "It was changed at the same time. Try again.").into());
            }
            let renamed = change.name != before.name;
            let bound = if renamed { accounts::bound_to(&mut tx, service).await? } else { Vec::new() };
            self.commit(tx, grant, (service, now), &kinds, bound).await?;
            let ChangeService { name, description, archived } = change.clone();
            Ok(ServiceSettings { name, description, archived, revision: before.revision + 1 })
        })
        .await;
        match done {
            // Another service has the name.
            Err(error) if error.is_unique_violation() => Err(name_taken(&change.name).into()),
            done => done,
        }
    }

    pub(super) async fn delete_service(&self, grant: &Grant<DeleteService, ServiceName>) -> Result<()> {
        let now = self.0.clock.now();
        retrying(async || {
            let mut tx = self.0.store.begin().await?;
            let service = naming::service(&mut tx, grant).await?;
            // Before the tokens that are bound to it are forgotten.
            let bound = accounts::bound_to(&mut tx, service).await?;
            policies::delete_in(&mut tx, service).await?;
            versions::delete_in(&mut tx, service).await?;
            sql::delete(&mut tx, grant, service).await?;
            let kinds = [EventKind::ServiceDeleted { service: grant.service().clone() }];
            self.commit(tx, grant, (service, now), &kinds, bound).await
        })
        .await
    }

    /// Commits with the events that tell of it. What the tokens of those in `bound` may do changes with it.
    async fn commit<A>(
        &self,
        mut tx: Tx,
        grant: &Grant<A, ServiceName>,
        (service, now): (ServiceId, Timestamp),
        kinds: &[EventKind],
        bound: Vec<UserId>,
    ) -> Result<()> {
        let (store, actor) = (&self.0.store, grant.actor());
        let mut newest = None;
        for user in bound {
            newest = Some(events::append_access(&mut tx, store, now, (actor.user, &actor.name), user).await?);
        }
        for kind in kinds {
            newest = Some(events::append(&mut tx, store, now, actor, events::service(service), kind).await?);
        }
        match newest {
            Some(newest) => self.0.bus.commit(tx, newest).await,
            None => Ok(tx.commit().await?),
        }
    }
}

/// What a change does, as events tell it.
fn what_changed(before: &ServiceSettings, change: &ChangeService) -> Vec<EventKind> {
    let service = || change.name.clone();
    let mut kinds = Vec::new();
    if change.name != before.name {
        kinds.push(EventKind::ServiceRenamed { service: service(), before: before.name.clone() });
    }
    if change.description != before.description {
        kinds.push(EventKind::ServiceChanged { service: service() });
    }
    match (before.archived, change.archived) {
        (false, true) => kinds.push(EventKind::ServiceArchived { service: service() }),
        (true, false) => kinds.push(EventKind::ServiceRestored { service: service() }),
        _ => {}
    }
    kinds
}
