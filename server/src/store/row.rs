//! Reading columns whose values are checked.

use crate::error::{Error, Result};
use sqlx::{Row as _, any::AnyRow};
use std::{fmt::Display, str::FromStr};

/// A text that is read as something else, such as an id.
pub fn parse<T: FromStr<Err: Display>>(row: &AnyRow, column: &str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error| Error::damaged(format_args!("{column}: {error}")))
}

/// A number of another size than the column's.
pub fn number<T: TryFrom<i64, Error: Display>>(row: &AnyRow, column: &str) -> Result<T> {
    row.try_get::<i64, _>(column)?.try_into().map_err(|error| Error::damaged(format_args!("{column}: {error}")))
}
