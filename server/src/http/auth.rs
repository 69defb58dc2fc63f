//! Who asks, for handlers, and where a request comes from. Who it is was found out before (`accounts`).

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
};
use shared::{accounts::Caller, ids::UserId};
use std::convert::Infallible;

/// Put on a response for the log: who asked.
#[derive(Debug, Clone, Copy)]
pub struct RequestUser(pub UserId);

/// Adds `Set-Cookie` lines.
pub fn append_cookies(headers: &mut HeaderMap, cookies: &[String]) {
    for cookie in cookies {
        if let Ok(mut value) = HeaderValue::from_str(cookie) {
            value.set_sensitive(true);
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// HTTP/2 may split `Cookie` into several lines (RFC 9113, section 8.2.3).
pub fn all_cookies(headers: &HeaderMap) -> Option<String> {
    let lines: Vec<&str> = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    if lines.is_empty() { None } else { Some(lines.join("; ")) }
}

pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a write comes from one of our own pages. Browsers send `Sec-Fetch-Site` and `Origin` and scripts can't
/// forge them. A request with neither isn't a browser's; without cookies there is nothing that it could abuse.
pub fn same_origin(headers: &HeaderMap, public_origin: &str) -> bool {
    if let Some(site) = text(headers, "sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match text(headers, "origin") {
        Some(origin) if !public_origin.is_empty() => origin == public_origin,
        Some(origin) => {
            let host = text(headers, "host");
            origin.split_once("://").map(|(_, authority)| authority) == host
        }
        None => headers.get(header::COOKIE).is_none(),
    }
}

/// Whether the page that the request names as its origin (`Referer`) is one of ours.
pub fn comes_from_us(headers: &HeaderMap, public_origin: &str) -> bool {
    let Some((scheme, rest)) = text(headers, "referer").and_then(|page| page.split_once("://")) else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if public_origin.is_empty() {
        text(headers, "host") == Some(authority)
    } else {
        public_origin.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")) == Some(authority)
    }
}

/// The caller, as found before the handler runs.
pub struct AuthCaller(pub Caller);

impl<S: Sync> FromRequestParts<S> for AuthCaller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(caller_of(parts)))
    }
}

/// The caller of a request's parts; anonymous if unknown.
pub fn caller_of(parts: &Parts) -> Caller {
    parts.extensions.get::<Caller>().cloned().unwrap_or(Caller::Anonymous)
}

/// Whether a request only reads, for what must differ between the two.
pub fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_page_is_not_ours() {
        for (referer, public, expected) in [
            ("http://127.0.0.1:3000/login?next=%2F", "", true),
            ("http://127.0.0.1:3000", "", true),
            ("https://evil.example/", "", false),
            ("https://evil.example/127.0.0.1:3000", "", false),
            ("https://127.0.0.1:3000@evil.example/", "", false),
            ("", "", false),
            ("https://hub.example.org/x", "https://hub.example.org", true),
            ("http://hub.example.org/x", "https://hub.example.org", false),
            ("https://hub.example.org.evil.example/x", "https://hub.example.org", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("127.0.0.1:3000"));
            headers.insert("referer", HeaderValue::from_static(referer));
            assert_eq!(comes_from_us(&headers, public), expected, "{referer} {public}");
        }
    }

    #[test]
    fn writes_come_from_our_own_pages() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            headers
        };
        for (pairs, public, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], "", true),
            (&[("sec-fetch-site", "none")], "", true),
            (&[("sec-fetch-site", "cross-site")], "", false),
            (&[("sec-fetch-site", "same-site")], "", false),
            (&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")], "", true),
            (&[("origin", "http://evil.example"), ("host", "127.0.0.1:3000")], "", false),
            (&[("origin", "null"), ("host", "127.0.0.1:3000")], "", false),
            (&[("origin", "https://hub.example"), ("host", "10.0.0.1")], "https://hub.example", true),
            (&[("cookie", "a=b")], "", false),
            (&[], "", true),
        ] {
            assert_eq!(same_origin(&headers(pairs), public), expected, "{pairs:?}");
        }
    }
}
