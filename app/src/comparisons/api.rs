//! What pages ask about comparisons.

use crate::api::queries;
use shared::{
    Finding, Page,
    comparisons::{Comparison, FindingQuery},
};

#[cfg(feature = "ssr")]
use crate::api;

/// Two versions of a service in an address: service, base, revision.
pub type PairKey = (String, String, String);

queries! {
    /// What changed between two versions, in numbers.
    ComparisonOf("compare", read_comparison)(pair: PairKey) -> Comparison =
        |hub, caller| hub.comparisons.read(&caller, &api::comparison(&pair)?);

    /// A page of what changed between two versions.
    FindingsPage("findings", read_findings)(pair: PairKey, query: FindingQuery) -> Page<Finding> =
        |hub, caller| hub.comparisons.findings(&caller, &api::comparison(&pair)?, query);
}
