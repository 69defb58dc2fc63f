//! The server function of the reference page. Open to everybody: it tells nothing that the release itself doesn't.

use super::OwnContract;
use leptos::prelude::*;
use server_fn::codec::GetUrl;
use shared::ApiError;

#[server(prefix = "/api/ui", endpoint = "own-contract", input = GetUrl)]
pub async fn read_own_contract() -> Result<OwnContract, ApiError> {
    let crate::context::Door { hub, .. } = crate::context::Door::open()?;
    Ok(OwnContract { outline: hub.reference.outline(), operations: hub.reference.operations() })
}
