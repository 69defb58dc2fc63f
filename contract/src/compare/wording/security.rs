//! Who may call, and the schemes behind it.

use super::{Note, Statement, plain};
use crate::rules;
use serde_json::Value;

pub(super) fn change(t: &Statement<'_>) -> Option<String> {
    let way = |value: Option<&Value>| value.map(plain).unwrap_or_default();
    let (was, is) = (way(t.was()), way(t.is()));
    Some(match (t.rule, t.note) {
        (rules::SECURITY_ADDED, _) => format!("access now requires {is}; it was open to everyone"),
        (rules::SECURITY_REMOVED, _) => "access is now open to everyone".to_owned(),
        (rules::SECURITY_ALTERNATIVE_ADDED, _) => format!("access is now also possible with {is}"),
        (rules::SECURITY_ALTERNATIVE_REMOVED, Note::SameName) => format!("{was} now takes other credentials"),
        (rules::SECURITY_ALTERNATIVE_REMOVED, Note::Instead(needed)) => {
            format!("access with {was} alone is no longer possible; it now requires {needed}")
        }
        (rules::SECURITY_ALTERNATIVE_REMOVED, _) => format!("access with {was} alone is no longer possible"),
        (rules::SECURITY_SCHEME_CHANGED | rules::SECURITY_FLOW_CHANGED, _) if t.keyword() == "flows" => {
            format!("OAuth flow {} removed", t.was_or("none"))
        }
        (rules::SECURITY_SCHEME_CHANGED | rules::SECURITY_FLOW_CHANGED, _) => t.other(&field(t.keyword())),
        (rules::SECURITY_SCOPE_REMOVED, _) => {
            format!("scope {} removed from the OAuth flow {}", t.was_or(""), t.keyword())
        }
        (rules::SECURITY_SCOPE_ADDED, _) => format!("scope {} added to the OAuth flow {}", t.is_or(""), t.keyword()),
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
