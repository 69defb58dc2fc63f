//! What pages ask about comparisons.

use crate::api::queries;
use serde::{Deserialize, Serialize};
use shared::{
    Finding, Page,
    comparisons::{Comparison, FindingQuery},
};

#[cfg(feature = "ssr")]
use crate::api;

/// Two versions of a service in an address: service, base, revision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ComparisonKey {
    pub service: String,
    pub base: String,
    pub revision: String,
}

queries! {
    /// What changed between two versions, in numbers.
    ComparisonOf("compare", read_comparison)(pair: ComparisonKey) -> Comparison =
        |hub, caller| hub.comparisons.read(&caller, &api::comparison(&pair)?);

    /// A page of what changed between two versions.
    FindingsPage("findings", read_findings)(pair: ComparisonKey, query: FindingQuery) -> Page<Finding> =
        |hub, caller| hub.comparisons.findings(&caller, &api::comparison(&pair)?, query);
}
