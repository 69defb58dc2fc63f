//! What pages ask about versions, and how they publish one.

use crate::{api::queries, client::Traced};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::{MultipartData, MultipartFormData};
use shared::{ApiError, Cursor, Page, Version};

#[cfg(feature = "ssr")]
use super::form;
#[cfg(feature = "ssr")]
use crate::{
    api,
    context::{RequestContext, answer, redirect_to},
};
#[cfg(feature = "ssr")]
use shared::PageQuery;

/// A version in an address: service and label.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VersionKey {
    pub service: String,
    pub label: String,
}

queries! {
    /// A page of a service's versions, newest first.
    VersionsPage("versions", read_versions)(service: String, cursor: Option<Cursor>) -> Page<Version> =
        |hub, caller| hub.versions.list(&caller, &api::service(&service)?, PageQuery { cursor, limit: None });

    /// One version.
    VersionByLabel("version", read_version)(version: VersionKey) -> Version =
        |hub, caller| hub.versions.read(&caller, &api::version(&version)?);
}

/// Publishes the document of a form: its file, or else its text. Answers with the path of the page that shows what
/// that did.
#[server(prefix = "/api/ui", endpoint = "publish-version", input = MultipartFormData, client = Traced)]
pub async fn publish_version(form: MultipartData) -> Result<String, ApiError> {
    let RequestContext { hub, caller } = RequestContext::open()?;
    // The operation asks this itself; here it saves reading a large form from somebody who may not send one.
    answer(caller.require(shared::accounts::Permission::Publish).map(|_| ()))?;
    let form::Form { service, mut publish, pasted } = answer(form::read(form).await)?;
    if pasted && let Some(same) = answer(form::as_uploaded(&hub, &caller, &service, &publish.document).await)? {
        publish.document = same;
    }
    let published = answer(hub.versions.publish(&caller, &service, publish).await)?;
    Ok(redirect_to(form::outcome(published.created, &published.version)))
}
