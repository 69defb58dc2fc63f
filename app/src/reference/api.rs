//! The server function of the reference page. Open to everybody: it tells nothing that the release itself doesn't.

use super::OwnContract;
use crate::client::Traced;
use leptos::prelude::*;
use server_fn::codec::GetUrl;
use shared::ApiError;

/// The list of operations, and the one that is asked for, whole.
#[server(prefix = "/api/ui", endpoint = "own-contract", input = GetUrl, client = Traced)]
pub async fn read_own_contract(operation: Option<String>) -> Result<OwnContract, ApiError> {
    let crate::context::RequestContext { hub, .. } = crate::context::RequestContext::open()?;
    let wanted: Option<shared::findings::OperationKey> = operation.map(|key| key.parse()).transpose()?;
    let mut shown = None;
    let mut operations = Vec::new();
    for view in hub.reference.operations() {
        operations.push(view.summary.clone());
        if wanted.as_ref() == Some(&view.summary.key) {
            shown = Some(view.clone());
        }
    }
    match (wanted, &shown) {
        (Some(wanted), None) => Err(ApiError::not_found(format_args!("operation {wanted}"))),
        _ => Ok(OwnContract { outline: hub.reference.outline().clone(), operations, shown }),
    }
}
