//! Addresses of pages: every link is made here, in the browser, on the server and on the command line, so that a name
//! never meets a URL unescaped.

use crate::findings::OperationKey;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// All but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One piece of a path or one value of a query, escaped.
#[must_use]
pub fn escape(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A path with a query of the pairs that have a value.
#[must_use]
pub fn with_query(path: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let mut url = path.to_owned();
    let mut separator = '?';
    for (name, value) in pairs {
        if let Some(value) = value {
            url.push(separator);
            url.push_str(name);
            url.push('=');
            url.push_str(&escape(value));
            separator = '&';
        }
    }
    url
}

/// A path with a query as it stands in an address, with or without its question mark.
#[must_use]
pub fn with_search(path: &str, search: &str) -> String {
    match search.trim_start_matches('?') {
        "" => path.to_owned(),
        search => format!("{path}?{search}"),
    }
}

#[must_use]
pub fn rule(id: &str) -> String {
    format!("/rules/{}", escape(id))
}

#[must_use]
pub fn service(service: &str) -> String {
    format!("/services/{}", escape(service))
}

/// What a team makes of the findings about a service.
#[must_use]
pub fn policy(name: &str) -> String {
    format!("{}/policy", service(name))
}

/// What people decide about a service.
#[must_use]
pub fn settings(name: &str) -> String {
    format!("{}/settings", service(name))
}

#[must_use]
pub fn version(service: &str, label: &str) -> String {
    format!("/services/{}/versions/{}", escape(service), escape(label))
}

#[must_use]
pub fn operation(service: &str, label: &str, operation: &OperationKey) -> String {
    let key = format!("{} {}", operation.method, operation.path);
    with_query(&version(service, label), &[("operation", Some(&key))])
}

#[must_use]
pub fn schemas(service: &str, label: &str) -> String {
    format!("{}/schemas", version(service, label))
}

#[must_use]
pub fn schema(service: &str, label: &str, name: &str) -> String {
    with_query(&schemas(service, label), &[("schema", Some(name))])
}

/// What the policy ignores of a version's lint.
#[must_use]
pub fn lint_ignored(service: &str, label: &str) -> String {
    with_query(&lint(service, label, None), &[("ignored", Some("true"))])
}

/// What could be better about a version; of one rule where it is named.
#[must_use]
pub fn lint(service: &str, label: &str, rule: Option<&str>) -> String {
    with_query(&format!("{}/lint", version(service, label)), &[("rule", rule)])
}

#[must_use]
pub fn source(service: &str, label: &str) -> String {
    format!("{}/source", version(service, label))
}

/// Lines on one page of a source.
pub const SOURCE_PAGE: u32 = 500;

/// The page of the source that shows this line, scrolled to it.
#[must_use]
pub fn source_line(service: &str, label: &str, line: u32) -> String {
    let line = line.max(1);
    let from = (line - 1) / SOURCE_PAGE * SOURCE_PAGE + 1;
    format!("{}?from={from}#L{line}", source(service, label))
}

/// The document itself, from the REST API.
#[must_use]
pub fn document(service: &str, label: &str) -> String {
    format!("/api/v1/services/{}/versions/{}/document", escape(service), escape(label))
}

/// What changed between two versions. `level` is a level's name, or `ignored`.
#[must_use]
pub fn compare(service: &str, base: &str, revision: &str, level: Option<&str>, search: Option<&str>) -> String {
    with_query(
        &format!("/services/{}/compare", escape(service)),
        &[
            ("base", Some(base)),
            ("revision", Some(revision)),
            ("level", level),
            ("q", search.filter(|q| !q.is_empty())),
        ],
    )
}

#[must_use]
pub fn publish(service: Option<&str>) -> String {
    with_query("/publish", &[("service", service)])
}

/// An address of this site, from its path on, or nothing. Everything that leads somewhere asks here.
///
/// To a browser `//evil.example`, `/\evil.example` and both with tabs or line ends in between are other sites (WHATWG URL,
/// section 4.4); dot segments, and slashes in a row, are ways to write them that no page of ours needs.
#[must_use]
pub fn local(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let dots = |segment: &str| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment == "." || segment == ".."
    };
    let good = path.starts_with('/')
        && !path.contains("//")
        && !path.split('/').any(dots)
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    good.then_some(address)
}

/// Where to go after signing in: a page of this site other than the form itself.
#[must_use]
pub fn safe_next(next: Option<&str>) -> String {
    let next = next.and_then(local).filter(|path| *path != "/login" && !path.starts_with("/login?"));
    next.unwrap_or("/dashboard").to_owned()
}

/// The sign-in page, which leads back to a page of this site.
#[must_use]
pub fn sign_in(next: &str) -> String {
    with_query("/login", &[("next", Some(next))])
}

/// What the page at an address is about, by the address alone: `orders: 1.0.0 → 2.0.0`. `None` for pages of the hub itself.
#[must_use]
pub fn named(address: &str) -> Option<String> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let read = |text: &str| percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned);
    let value = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.and_then(read)
    };
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["services", "new", ..] => None,
        ["services", service, "compare"] => {
            Some(format!("{}: {} → {}", read(service)?, value("base")?, value("revision")?))
        }
        ["services", service, "versions", label, ..] => Some(format!("{} {}", read(service)?, read(label)?)),
        ["services", service, ..] => read(service),
        _ => None,
    }
}

/// The path of a service's page, with another name for the service.
#[must_use]
pub fn renamed(path: &str, name: &str) -> String {
    let rest = path.strip_prefix("/services/").and_then(|rest| rest.split_once('/')).map_or("", |(_, rest)| rest);
    let separator = if rest.is_empty() { "" } else { "/" };
    format!("{}{separator}{rest}", service(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        assert_eq!(version("orders", "v2+β&x=1"), "/services/orders/versions/v2%2B%CE%B2%26x%3D1");
        let key = OperationKey { method: "get".into(), path: "/pets/{id}".into() };
        assert_eq!(operation("a", "1", &key), "/services/a/versions/1?operation=get%20%2Fpets%2F%7Bid%7D");
    }

    #[test]
    fn an_address_names_what_its_page_is_about() {
        for (address, name) in [
            (compare("a b", "1.0.0+1", "2.0.0", None, Some("x")), Some("a b: 1.0.0+1 → 2.0.0")),
            ("/services/orders/compare".to_owned(), None),
            (source_line("orders", "1.0.0", 7), Some("orders 1.0.0")),
            (service("orders"), Some("orders")),
            ("/services/new".to_owned(), None),
            ("/dashboard".to_owned(), None),
            ("/services/%ff".to_owned(), None),
        ] {
            assert_eq!(named(&address).as_deref(), name, "{address}");
        }
    }

    #[test]
    fn a_line_lies_on_its_page() {
        for (line, from) in [(0, 1), (1, 1), (500, 1), (501, 501), (1000, 501), (1001, 1001)] {
            assert!(source_line("a", "1", line).contains(&format!("from={from}#L{}", line.max(1))), "{line}");
        }
    }

    #[test]
    fn an_absent_value_leaves_no_trace() {
        assert_eq!(compare("a", "1", "2", None, Some("")), "/services/a/compare?base=1&revision=2");
        assert_eq!(
            compare("a", "1", "2", Some("risky"), Some("x y")),
            "/services/a/compare?base=1&revision=2&level=risky&q=x%20y"
        );
    }

    #[test]
    fn signing_in_never_leads_elsewhere() {
        for (next, lands) in [
            (None, "/dashboard"),
            (Some("/services/orders?x=1#L3"), "/services/orders?x=1#L3"),
            (Some("//evil.example"), "/dashboard"),
            (Some(""), "/dashboard"),
            (Some("/login?next=/x"), "/dashboard"),
        ] {
            assert_eq!(safe_next(next), lands, "{next:?}");
        }
    }

    #[test]
    fn an_address_of_this_site_leads_nowhere_else() {
        for good in ["/", "/services/a%2Fb?x=//y&z=..#L3", "/services/v1..2", "/rules/.hidden"] {
            assert_eq!(local(good), Some(good));
        }
        for evil in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/a\r\nSet-Cookie: x",
            "/..//evil.example",
            "/.//evil.example",
            "/%2e%2E//evil.example",
            "/a/../evil",
            "/a//evil.example",
            "https:evil.example",
            "https:/evil.example",
            "https://evil.example",
            "https://hub@evil.example",
            "hub@evil.example",
            "javascript:alert(1)",
            "evil.example",
            "?x",
            "/ä",
        ] {
            assert_eq!(local(evil), None, "{evil:?}");
        }
    }

    #[test]
    fn a_renamed_service_keeps_its_pages() {
        for (path, renamed) in
            [("/services/a", "/services/b"), ("/services/a/versions/1/lint", "/services/b/versions/1/lint")]
        {
            assert_eq!(super::renamed(path, "b"), renamed);
        }
    }
}
