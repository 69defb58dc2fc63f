//! Cursors of lists that a policy judges: a position, and the list that it is one of.
//!
//! A policy that changes moves findings to other positions. A page that went on from a position of before would leave some
//! out without a word, so it is refused.

use shared::{ApiError, ErrorCode};
use std::str::FromStr;

/// A position in a list.
#[derive(Debug, PartialEq, Eq)]
pub struct After {
    list: String,
    position: i64,
}

impl After {
    /// The cursor of what comes after a position.
    pub fn cursor(list: &str, position: i64) -> String {
        format!("{position}.{list}")
    }

    /// The position, if it is one of this list; 0 is the beginning.
    pub fn in_list(after: Option<Self>, list: &str) -> Result<i64, ApiError> {
        match after {
            None => Ok(0),
            Some(after) if after.list == list => Ok(after.position),
            Some(_) => {
                let message = "The findings were judged again since that page. Start again with the first one.";
                Err(ApiError::new(ErrorCode::Conflict, message).with_detail("cursor", message))
            }
        }
    }
}

impl FromStr for After {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (position, list) = text.split_once('.').ok_or(())?;
        Ok(Self { list: list.to_owned(), position: position.parse().map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_one_of_its_list() {
        let after = |text: &str| text.parse::<After>().ok();
        for (cursor, list, position) in [("7.a", "a", Some(7)), ("7.", "", Some(7)), ("7.a", "b", None)] {
            assert_eq!(After::in_list(after(cursor), list).ok(), position, "{cursor} in {list}");
        }
        assert_eq!(After::in_list(None, "a"), Ok(0));
        assert_eq!(after(&After::cursor("a.b", 3)), Some(After { list: "a.b".to_owned(), position: 3 }));
        assert_eq!([after("7"), after("x.a"), after("")], [None, None, None]);
    }
}
