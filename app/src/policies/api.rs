//! What pages ask about policies.

use crate::{
    api::queries,
    client::Traced,
    queries::{Expectations, Mutation},
};
use leptos::prelude::*;
use shared::{ApiError, Policy};

#[cfg(feature = "ssr")]
use crate::{
    api,
    context::{RequestContext, answer, redirect_to},
    ui::form::typed,
};
#[cfg(feature = "ssr")]
use shared::IfMatch;

queries! {
    /// What a team makes of the findings about a service.
    PolicyOf("policy", read_policy)(service: String) -> Option<Policy> =
        |hub, caller| hub.policies.read(&caller, &api::service(&service)?);
}

/// Sets a service's policy in place of the one with this entity tag; an empty tag stands for no policy. Answers with the path
/// of its page.
#[server(prefix = "/api/ui", endpoint = "set-policy", client = Traced)]
pub async fn set_policy(
    service: String,
    #[server(default)] text: String,
    #[server(default)] etag: String,
) -> Result<String, ApiError> {
    let RequestContext { hub, caller } = RequestContext::open()?;
    let service = answer(api::service(&service))?;
    let text = typed(&text);
    // A file may have other line ends, which a text area doesn't keep: saved unchanged, it stays as it is.
    let text = match answer(hub.policies.read(&caller, &service).await)? {
        Some(stored) if typed(&stored.text) == text => stored.text,
        _ => text,
    };
    answer(hub.policies.set(&caller, &service, IfMatch::OneOf(vec![etag]), text).await)?;
    Ok(redirect_to(crate::urls::policy(service.as_str())))
}

impl Mutation for SetPolicy {
    fn expect(&self, expectations: &mut Expectations) {
        let (service, text) = (self.service.clone(), self.text.clone());
        // The first policy of a service isn't shown before the hub has it: the browser doesn't know its digest.
        expectations.change::<PolicyOf>(
            move |key| *key == service,
            move |policy| {
                if let Some(policy) = policy {
                    (policy.text, policy.notes) = (text.clone(), Vec::new());
                }
            },
        );
    }
}
