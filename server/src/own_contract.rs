//! The hub as its own first customer: its contract is a service like any other, `handshake`, and a release that changes
//! it gets a verdict like any other.
//!
//! Published at each start by the hub's own account. The same document again is no news, so only the first start of a
//! release is seen.

use crate::{digest, start::Domain};
use shared::{
    ErrorCode, IfMatch, Policies as _, Result, Services as _, Versions as _,
    accounts::Caller,
    names::{ServiceName, VersionLabel},
    services::{NewService, OWN_SERVICE},
    versions::Publish,
};

const DESCRIPTION: &str = "This hub's own REST API.";
/// What is accepted of its changes since the last release.
const POLICY: &str = include_str!("../../docs/openapi/handshake.toml");

/// Publishes the document under the release's version, and under one of its own when a build in between has changed
/// the document and not yet the version.
pub async fn publish(domain: &Domain, document: &str) -> Result<()> {
    let hub = domain.areas.accounts.hub().await?;
    let service: ServiceName = OWN_SERVICE.parse()?;
    let new = NewService { name: service.clone(), description: DESCRIPTION.to_owned() };
    match domain.areas.services.create(&hub, new).await {
        Err(error) if error.code != ErrorCode::NameTaken => return Err(error),
        // There from an earlier start, or made by another server that starts too.
        _ => {}
    }
    domain.areas.policies.set(&hub, &service, IfMatch::Any, POLICY.to_owned()).await?;
    match version(domain, &hub, &service, document, None).await {
        Err(error) if error.code == ErrorCode::LabelTaken => {
            let digest = digest::sha256(document.as_bytes());
            let build = digest.get(..12).unwrap_or_default();
            let label = format!("{}+{build}", env!("CARGO_PKG_VERSION")).parse()?;
            version(domain, &hub, &service, document, Some(label)).await
        }
        done => done,
    }
}

async fn version(
    domain: &Domain,
    hub: &Caller,
    service: &ServiceName,
    document: &str,
    label: Option<VersionLabel>,
) -> Result<()> {
    let publish = Publish { document: document.as_bytes().to_vec(), label, ..Publish::default() };
    domain.areas.versions.publish(hub, service, publish).await.map(|_| ())
}
