//! What pages ask about services, and what they do to them.

use crate::{
    api::queries,
    client::Traced,
    queries::{Expectations, Mutation, QueryClient},
};
use leptos::prelude::*;
use shared::{
    ApiError, Page,
    services::{Service, ServiceQuery, ServiceSettings},
};

#[cfg(feature = "ssr")]
use crate::{
    api,
    context::{RequestContext, answer, redirect_to},
    ui::form::typed,
};
#[cfg(feature = "ssr")]
use shared::{
    IfMatch,
    services::{ChangeService, NewService},
};

queries! {
    /// A page of services, by name.
    ServicesPage("services", read_services)(query: ServiceQuery) -> Page<Service> =
        |hub, caller| hub.services.list(&caller, query);

    /// One service.
    ServiceByName("service", read_service)(name: String) -> Service =
        |hub, caller| hub.services.read(&caller, &api::service(&name)?);

    /// What people decide about a service.
    SettingsOf("service-settings", read_settings)(name: String) -> ServiceSettings =
        |hub, caller| hub.services.settings(&caller, &api::service(&name)?);
}

/// Creates a service and answers with the path of its page.
#[server(prefix = "/api/ui", endpoint = "create-service", client = Traced)]
pub async fn create_service(name: String, #[server(default)] description: String) -> Result<String, ApiError> {
    let RequestContext { hub, caller } = RequestContext::open()?;
    let name = answer(name.parse())?;
    let service = answer(hub.services.create(&caller, NewService { name, description }).await)?;
    Ok(redirect_to(crate::urls::service(service.name.as_str())))
}

impl Mutation for CreateService {
    fn invalidate(&self, client: QueryClient) {
        client.invalidate::<ServicesPage>(|_| true);
    }
}

/// Changes a service's settings, which had this revision when they were read. Answers with the path of its page.
#[server(prefix = "/api/ui", endpoint = "save-settings", client = Traced)]
pub async fn save_settings(
    service: String,
    name: String,
    #[server(default)] description: String,
    #[server(default)] archived: bool,
    revision: u32,
) -> Result<String, ApiError> {
    let RequestContext { hub, caller } = RequestContext::open()?;
    let service = answer(api::service(&service))?;
    let description = typed(&description);
    let change = ChangeService { name: answer(name.parse())?, description, archived };
    let if_match = IfMatch::OneOf(vec![format!("\"{revision}\"")]);
    let settings = answer(hub.services.change(&caller, &service, if_match, change).await)?;
    Ok(redirect_to(crate::urls::service(settings.name.as_str())))
}

/// Deletes a service and answers with the path of the list.
#[server(prefix = "/api/ui", endpoint = "delete-service", client = Traced)]
pub async fn delete_service(service: String, confirmation: String) -> Result<String, ApiError> {
    let RequestContext { hub, caller } = RequestContext::open()?;
    let service = answer(api::service(&service))?;
    if confirmation.trim() != service.as_str() {
        return answer(Err(ApiError::invalid("confirmation", format!("Type {service} to delete it."))));
    }
    answer(hub.services.delete(&caller, &service).await)?;
    Ok(redirect_to("/services".to_owned()))
}

impl Mutation for SaveSettings {
    fn expect(&self, expectations: &mut Expectations) {
        // With another name, there is nothing to come at the old one's addresses.
        if self.service != self.name {
            return;
        }
        let (service, change) = (self.service.clone(), self.clone());
        let fits = move |key: &String| *key == service;
        expectations.change::<SettingsOf>(fits.clone(), move |settings| {
            (settings.description, settings.archived) = (change.description.clone(), change.archived);
        });
        let description = self.description.clone();
        expectations.change::<ServiceByName>(fits, move |service| service.description.clone_from(&description));
        let change = self.clone();
        expectations.change::<ServicesPage>(
            |_| true,
            move |page| {
                for service in page.items.iter_mut().filter(|service| service.name.as_str() == change.service) {
                    service.description.clone_from(&change.description);
                }
            },
        );
    }

    fn invalidate(&self, client: QueryClient) {
        // The page goes to the new name. Nobody asks for the old one again: all that is said of it is where it went.
        if self.service != self.name {
            client.invalidate::<ServicesPage>(|_| true);
            client.invalidate::<ServiceByName>(|name| *name == self.name);
            client.invalidate::<SettingsOf>(|name| *name == self.name);
        }
    }
}

impl Mutation for DeleteService {
    fn invalidate(&self, client: QueryClient) {
        client.invalidate_all();
    }
}
