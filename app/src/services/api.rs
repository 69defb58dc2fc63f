//! What pages ask about services, and what they do to them.

use crate::{api::questions, client::Traced};
use leptos::prelude::*;
use shared::{ApiError, Page, PageQuery, services::Service};

#[cfg(feature = "ssr")]
use crate::{
    api,
    context::{Door, answer, land},
};
#[cfg(feature = "ssr")]
use shared::services::NewService;

questions! {
    /// A page of services, by name.
    ServicesPage("services", read_services)(page: PageQuery) -> Page<Service> =
        |hub, caller| hub.services.list(&caller, page);

    /// One service.
    ServiceByName("service", read_service)(name: String) -> Service =
        |hub, caller| hub.services.read(&caller, &api::service(&name)?);
}

/// Creates a service and answers with the path of its page.
#[server(prefix = "/api/ui", endpoint = "create-service", client = Traced)]
pub async fn create_service(name: String, #[server(default)] description: String) -> Result<String, ApiError> {
    let Door { hub, caller } = Door::open()?;
    let name = answer(name.parse())?;
    let service = answer(hub.services.create(&caller, NewService { name, description }).await)?;
    Ok(land(crate::urls::service(service.name.as_str())))
}
