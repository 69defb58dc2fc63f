//! Many rows at once, and text that both databases keep.

use super::Error;
use sqlx::{Any, AnyConnection, AssertSqlSafe, any::AnyArguments, query::Query};
use std::{borrow::Cow, fmt::Write as _};

/// Rows in one statement. With seven columns that is 3,500 parameters; SQLite takes 32,766 and PostgreSQL 65,535.
const BATCH: usize = 500;

/// Inserts rows in as few statements as the databases allow. `insert` is the statement up to and including `VALUES`;
/// `bind` binds one row's `columns` values in order.
pub async fn insert_rows<'q, T: Sync>(
    connection: &mut AnyConnection,
    insert: &'static str,
    columns: usize,
    rows: &'q [T],
    bind: impl Fn(Query<'q, Any, AnyArguments>, usize, &'q T) -> Query<'q, Any, AnyArguments> + Send,
) -> Result<(), Error> {
    for (batch, rows) in rows.chunks(BATCH).enumerate() {
        // Made of the statement and numbers alone, so nothing of a user's is in it.
        let sql = AssertSqlSafe(statement(insert, columns, rows.len()));
        // A last, shorter batch is seldom seen again and isn't worth a place among the prepared statements.
        let mut query = sqlx::query(sql).persistent(rows.len() == BATCH);
        for (index, row) in rows.iter().enumerate() {
            query = bind(query, batch * BATCH + index, row);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

fn statement(insert: &str, columns: usize, rows: usize) -> String {
    let mut sql = insert.to_owned();
    for row in 0..rows {
        sql.push_str(if row == 0 { " (" } else { ", (" });
        for column in 1..=columns {
            let separator = if column == 1 { "" } else { ", " };
            // Writing to a string can't fail.
            let _ = write!(sql, "{separator}${}", row * columns + column);
        }
        sql.push(')');
    }
    sql
}

/// The text without NUL characters, which PostgreSQL can't keep: a document may hold one, written as `\u0000`.
#[must_use]
pub fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_through() {
        assert_eq!(statement("INSERT INTO t VALUES", 2, 2), "INSERT INTO t VALUES ($1, $2), ($3, $4)");
    }

    #[test]
    fn nul_becomes_a_character_that_can_be_kept() {
        assert_eq!(storable("a\0b"), "a\u{fffd}b");
    }
}
