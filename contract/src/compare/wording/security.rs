//! Who may call, and the schemes behind it.

use super::{Note, Statement, plain};
use serde_json::Value;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    let way = |value: Option<&Value>| value.map(plain).unwrap_or_default();
    let (was, is) = (way(t.was()), way(t.is()));
    Some(match (t.rule, t.note) {
        ("security-added", _) => format!("access now requires {is}; it was open to everyone"),
        ("security-removed", _) => "access is now open to everyone".to_owned(),
        ("security-alternative-added", _) => format!("access is now also possible with {is}"),
        ("security-alternative-removed", Note::SameName) => format!("{was} now takes other credentials"),
        ("security-alternative-removed", Note::Instead(needed)) => {
            format!("access with {was} alone is no longer possible; it now requires {needed}")
        }
        ("security-alternative-removed", _) => format!("access with {was} alone is no longer possible"),
        ("security-scheme-changed" | "security-flow-changed", _) if t.keyword() == "flows" => {
            format!("OAuth flow {} removed", t.was_or("none"))
        }
        ("security-scheme-changed" | "security-flow-changed", _) => t.other(&field(t.keyword())),
        ("security-scope-removed", _) => format!("scope {} removed from the OAuth flow {}", t.was_or(""), t.keyword()),
        ("security-scope-added", _) => format!("scope {} added to the OAuth flow {}", t.is_or(""), t.keyword()),
        _ => return None,
    })
}

/// `tokenUrl` of the OAuth flow `password`, whose keyword is `password.tokenUrl`.
fn field(keyword: &str) -> String {
    match keyword.split_once('.') {
        Some((flow, key)) => format!("`{key}` of the OAuth flow {flow}"),
        None => format!("`{keyword}`"),
    }
}
