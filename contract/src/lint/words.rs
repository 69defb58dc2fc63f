//! What names mean: the words of a path's segment or a parameter's name.

/// The words of a name, in small letters: `pageToken`, `page_token` and `page-token` are the same two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
        } else {
            if c.is_uppercase() && before.is_lowercase() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Verbs for what methods say already. Others, such as in `POST /orders/{id}/cancel`, name what no method can: many
/// good contracts have them.
const VERBS: [&str; 13] = [
    "add", "create", "delete", "edit", "fetch", "find", "get", "insert", "modify", "remove", "retrieve", "save",
    "update",
];

/// The verb that a segment begins with. `list` is one only before other words: a list is a thing, too.
pub(super) fn verb(segment: &str) -> Option<String> {
    let words = words(segment);
    let first = words.first()?;
    (VERBS.contains(&first.as_str()) || (first == "list" && words.len() > 1)).then(|| first.clone())
}

/// Nouns that are plural, or have no plural, without an `s` at the end.
const PLURALS: [&str; 17] = [
    "children",
    "content",
    "data",
    "equipment",
    "feedback",
    "geese",
    "hardware",
    "media",
    "men",
    "metadata",
    "mice",
    "people",
    "personnel",
    "software",
    "staff",
    "teeth",
    "women",
];

/// Whether a segment before `{id}` names one thing.
pub(super) fn singular(segment: &str) -> bool {
    let words = words(segment);
    let Some(last) = words.last() else { return false };
    let version = last.strip_prefix('v').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    // `/orders/by-number/{number}` is a view of the collection before; a version or prefix is no collection.
    let by = words.first().is_some_and(|first| first == "by");
    let named = last.chars().all(|c| c.is_ascii_alphabetic()) && last.len() > 2 && last != "api";
    // `codes-of-conduct` are many, too.
    let plural = words.iter().any(|word| word.ends_with('s') || PLURALS.contains(&word.as_str()));
    named && !version && !by && !plural
}

/// Whether a parameter asks for a part of a list.
pub(super) fn pages(name: &str) -> bool {
    const NAMES: [&str; 20] = [
        "after",
        "before",
        "continuation",
        "continue",
        "count",
        "cursor",
        "first",
        "last",
        "limit",
        "marker",
        "next",
        "offset",
        "page",
        "pages",
        "pagination",
        "per",
        "since",
        "size",
        "skip",
        "top",
    ];
    const WHOLE: [&str; 6] = ["range", "start", "take", "perpage", "pagesize", "pagenumber"];
    let words = words(name);
    words.iter().any(|word| NAMES.contains(&word.as_str()))
        || matches!(&words[..], [word] if WHOLE.contains(&word.as_str()))
}

/// Whether a parameter carries a secret. The last word decides: a `token_type` is none, and neither is a `pageToken`.
pub(super) fn secret(name: &str) -> bool {
    const SECRETS: [&str; 15] = [
        "accesskey",
        "accesstoken",
        "apikey",
        "apitoken",
        "authtoken",
        "credential",
        "credentials",
        "jwt",
        "passphrase",
        "passwd",
        "password",
        "pwd",
        "secret",
        "secretkey",
        "token",
    ];
    const KEYS: [&str; 5] = ["access", "api", "auth", "private", "secret"];
    const PAGING: [&str; 15] = [
        "continuation",
        "cursor",
        "delta",
        "next",
        "page",
        "paging",
        "pagination",
        "prev",
        "previous",
        "resume",
        "scroll",
        "skip",
        "start",
        "sync",
        "cancel",
    ];
    let words = words(name);
    let of = |list: &[&str], word: &String| list.contains(&word.as_str());
    match &words[..] {
        [.., before, last] if last == "key" => of(&KEYS, before),
        [.., last] => of(&SECRETS, last) && !words.iter().any(|word| of(&PAGING, word)),
        [] => false,
    }
}

/// Words under which an answer holds a list.
pub(super) fn holds_list(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "content", "contents", "data", "edges", "elements", "entries", "entities", "hits", "items", "list", "nodes",
        "objects", "records", "result", "results", "values",
    ];
    NAMES.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a path's segment or server's URL names a version: `v1`, `v2beta1`, `1.0`, `2024-01-15`.
pub(super) fn version(segment: &str) -> bool {
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let number = |text: &str| digit(text) && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let named = segment.strip_prefix(['v', 'V']).is_some_and(digit);
    let variable = segment.starts_with('{') && words(segment).iter().any(|word| word == "version");
    named || variable || (number(segment) && segment.contains(['.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_words() {
        for (name, expected) in [
            ("pageToken", &["page", "token"][..]),
            ("page_token", &["page", "token"]),
            ("$top", &["top"]),
            ("X-API-Key", &["x", "api", "key"]),
            ("filter[created_at]", &["filter", "created", "at"]),
            ("", &[]),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
    }

    #[test]
    fn verbs_are_those_that_methods_say() {
        for (segment, expected) in [
            ("getUser", true),
            ("create-order", true),
            ("update", true),
            ("findByStatus", true),
            ("list-users", true),
            ("list", false),
            ("lists", false),
            ("updates", false),
            ("addresses", false),
            ("gets", false),
            ("cancel", false),
            ("posts", false),
            ("set-up", false),
        ] {
            assert_eq!(verb(segment).is_some(), expected, "{segment}");
        }
    }

    #[test]
    fn collections_are_plural() {
        for (segment, expected) in [
            ("order", true),
            ("user-key", true),
            ("codes-of-conduct", false),
            ("orders", false),
            ("people", false),
            ("media", false),
            ("v1", false),
            ("api", false),
            ("by-number", false),
            ("2024", false),
            ("status", false),
        ] {
            assert_eq!(singular(segment), expected, "{segment}");
        }
    }

    #[test]
    fn secrets_are_told_from_what_only_sounds_like_one() {
        for (name, expected) in [
            ("token", true),
            ("access_token", true),
            ("apiKey", true),
            ("X-API-Key", true),
            ("api_key", true),
            ("client_secret", true),
            ("password", true),
            ("userPassword", true),
            ("pageToken", false),
            ("next_token", false),
            ("continuationToken", false),
            ("token_type", false),
            ("secret_type", false),
            ("key", false),
            ("sort_key", false),
            ("passwordless", false),
        ] {
            assert_eq!(secret(name), expected, "{name}");
        }
    }

    #[test]
    fn pages_are_asked_for_in_many_words() {
        for (name, expected) in [
            ("limit", true),
            ("per_page", true),
            ("pageToken", true),
            ("starting_after", true),
            ("$skip", true),
            ("Range", true),
            ("start", true),
            ("start_date", false),
            ("sort", false),
            ("q", false),
        ] {
            assert_eq!(pages(name), expected, "{name}");
        }
    }

    #[test]
    fn versions_are_numbers_with_a_mark() {
        for (segment, expected) in [
            ("v1", true),
            ("v2beta1", true),
            ("1.0", true),
            ("2024-01-15", true),
            ("{version}", true),
            ("{apiVersion}", true),
            ("users", false),
            ("vehicles", false),
            ("42", false),
            ("{id}", false),
        ] {
            assert_eq!(version(segment), expected, "{segment}");
        }
    }
}
