//! What pages ask about policies.

use crate::api::questions;
use shared::Policy;

#[cfg(feature = "ssr")]
use crate::api;

questions! {
    /// What a team makes of the findings about a service.
    PolicyOf("policy", read_policy)(service: String) -> Option<Policy> =
        |hub, caller| hub.policies.read(&caller, &api::service(&service)?);
}
