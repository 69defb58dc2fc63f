//! What pages ask about policies.

use crate::{api::queries, client::Traced};
use leptos::prelude::*;
use shared::{ApiError, Policy};

#[cfg(feature = "ssr")]
use crate::{
    api,
    context::{RequestContext, answer, redirect_to},
};
#[cfg(feature = "ssr")]
use shared::IfMatch;

queries! {
    /// What a team makes of the findings about a service.
    PolicyOf("policy", read_policy)(service: String) -> Option<Policy> =
        |hub, caller| hub.policies.read(&caller, &api::service(&service)?);
}

/// Sets a service's policy in place of the one with this entity tag; an empty one stands for none. Answers with the path
/// of its page.
#[server(prefix = "/api/ui", endpoint = "set-policy", client = Traced)]
pub async fn set_policy(service: String, text: String, #[server(default)] etag: String) -> Result<String, ApiError> {
    let RequestContext { hub, caller } = RequestContext::open()?;
    let service = answer(api::service(&service))?;
    let if_match = if etag.is_empty() { IfMatch::Any } else { IfMatch::OneOf(vec![etag]) };
    answer(hub.policies.set(&caller, &service, if_match, text).await)?;
    Ok(redirect_to(crate::urls::policy(service.as_str())))
}
