//! What changed between two versions of a service.

use crate::{
    Cursor, Finding, Level, Page, PageQuery, Result, Version, VersionRef,
    accounts::Caller,
    findings::Counts,
    names::{ServiceName, VersionLabel},
};
use serde::{Deserialize, Serialize};

/// Names two versions of a service, in either order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ComparisonRef {
    pub service: ServiceName,
    pub base: VersionLabel,
    pub revision: VersionLabel,
}

impl ComparisonRef {
    /// The base and the revision.
    #[must_use]
    pub fn versions(&self) -> [VersionRef; 2] {
        [&self.base, &self.revision].map(|label| VersionRef { service: self.service.clone(), label: label.clone() })
    }
}

/// Two versions, compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    pub base: Version,
    pub revision: Version,
    pub level: Level,
    pub counts: Counts,
    /// Operations that at least one of these findings names.
    pub operations_touched: u32,
    /// Operations of both versions together, of which those are: what both have counts once.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub operations_total: u32,
    /// Findings that the service's policy ignores; in none of the numbers above.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub ignored_count: u32,
}

/// Which findings are wanted: worst first, then in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct FindingQuery {
    /// Only this level.
    pub level: Option<Level>,
    /// Instead of the findings that count, those that the service's policy ignores, whatever their level.
    pub ignored: bool,
    /// Only findings whose message, rule, fingerprint, operation or place in the message contains this, ignoring case.
    #[cfg_attr(feature = "openapi", param(max_length = 200))]
    pub search: Option<String>,
    /// `nextCursor` of the page before.
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, max_length = 200))]
    pub cursor: Option<Cursor>,
    /// 1 to 200, 50 when absent.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

impl FindingQuery {
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { cursor: self.cursor.clone(), limit: self.limit }
    }
}

/// Comparisons.
#[async_trait::async_trait]
pub trait Comparisons: Send + Sync + 'static {
    /// The verdict, in numbers, as the service's policy judges it now.
    async fn read(&self, caller: &Caller, comparison: &ComparisonRef) -> Result<Comparison>;
    async fn findings(&self, caller: &Caller, comparison: &ComparisonRef, query: FindingQuery)
    -> Result<Page<Finding>>;
}
