//! What people search lists for.

use shared::ApiError;

/// Longer searches find nothing that a shorter one doesn't.
const LONGEST: usize = 200;

/// A search, checked and in lower case.
pub fn text(search: &str) -> Result<String, ApiError> {
    let search = search.trim();
    if search.chars().count() > LONGEST {
        let message = format!("A search has at most {LONGEST} characters.");
        return Err(ApiError::invalid("search", message));
    }
    Ok(search.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_bounded() {
        assert_eq!(text(" 100%_OK! ").unwrap(), "100%_ok!");
        assert!(text(&"x".repeat(LONGEST + 1)).is_err());
    }
}
