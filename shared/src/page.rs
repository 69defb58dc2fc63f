//! Lists are pages behind an opaque cursor: stable while rows are added, and as cheap at the end as at the start.

use crate::{ApiError, ErrorCode};
use serde::{Deserialize, Serialize};

/// Where the next page starts. Opaque: only what made it can read it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Cursor(pub String);

impl Cursor {
    /// The cursor's key, if it is one of ours.
    pub fn parse<T: std::str::FromStr>(&self) -> Result<T, ApiError> {
        self.0.parse().map_err(|_| {
            ApiError::new(ErrorCode::BadRequest, "The cursor isn't one of this list's. Start without one.")
                .with_detail("cursor", "unknown cursor")
        })
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// What is on the page, in the list's order.
    pub items: Vec<T>,
    /// Send it back as `cursor` to get the next page; `null` on the last one.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_cursor: Option<Cursor>,
}

impl<T> Page<T> {
    /// Cuts a list that was read with one item too many; `key` makes the cursor from the last item kept.
    pub fn cut(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if more { items.last().map(|item| Cursor(key(item))) } else { None };
        Self { items, next_cursor }
    }
}

/// Which page is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase")]
pub struct PageQuery {
    /// `nextCursor` of the page before.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, max_length = 200))]
    pub cursor: Option<Cursor>,
    /// Items a page: 1 to 200, 50 when absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

impl PageQuery {
    pub const MAX: u32 = 200;
    pub const DEFAULT: u32 = 50;

    /// The number of items a page, or an error that names the bounds.
    pub fn limit(&self) -> Result<usize, ApiError> {
        match self.limit.unwrap_or(Self::DEFAULT) {
            limit @ 1..=Self::MAX => Ok(limit as usize),
            limit => Err(ApiError::invalid("limit", format!("limit must be 1 to {}, not {limit}.", Self::MAX))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_a_cursor_only_if_more_follows() {
        assert_eq!(Page::cut(vec![1, 2, 3], 2, ToString::to_string).next_cursor, Some(Cursor("2".into())));
        assert_eq!(Page::cut(vec![1, 2], 2, ToString::to_string).next_cursor, None);
    }

    #[test]
    fn limits_are_bounds() {
        for (limit, ok) in [(None, true), (Some(1), true), (Some(200), true), (Some(0), false), (Some(201), false)] {
            assert_eq!(PageQuery { cursor: None, limit }.limit().is_ok(), ok, "{limit:?}");
        }
    }
}
