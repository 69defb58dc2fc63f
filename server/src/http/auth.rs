//! Who asks: from an API token or from the session's cookies, before any handler runs.
//!
//! An expired access token is refreshed in line, so that neither a page nor a server function ever fails for it.

use super::{error::HttpError, rate::Key, visitor};
use crate::accounts::{ACCESS_COOKIE, REFRESH_COOKIE, bearer};
use crate::state::App;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use shared::{
    ApiError, ErrorCode,
    accounts::{Caller, SetCookies, Visitor},
    ids::UserId,
};
use std::convert::Infallible;

/// What a credential that is no good takes from its address's allowance.
const WRONG_CREDENTIAL: u32 = 10;

/// Put on a response for the log: who asked.
#[derive(Debug, Clone, Copy)]
pub struct WhoAsked(pub UserId);

/// Finds the caller and refuses cross-origin writes that cookies carry.
pub async fn authenticate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let authorization = text(headers, header::AUTHORIZATION.as_str());
    let cookies = all_cookies(headers);
    let bears = authorization.and_then(bearer).is_some();
    if !bears && !request.method().is_safe() && !same_origin(headers, &app.settings.public_origin) {
        let error = ApiError::new(
            ErrorCode::CrossOrigin,
            "A write with cookies must come from one of the hub's own pages. Use an API token from elsewhere.",
        );
        return HttpError(error).into_response();
    }
    let visitor = visitor::of(&request, cookies.clone(), &app.proxies);
    let authenticated = match app.areas.accounts.authenticate(cookies.as_deref(), authorization).await {
        Ok(authenticated) => authenticated,
        Err(error) => return refused(&app, &visitor, error),
    };
    let who = match &authenticated.caller {
        Caller::Known(actor) => Some(WhoAsked(actor.user)),
        Caller::Anonymous => None,
    };
    request.extensions_mut().insert(authenticated.caller);
    request.extensions_mut().insert(authenticated.credential);
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    if let Some(who) = who {
        response.extensions_mut().insert(who);
    }
    // A handler that sets one of the session's cookies itself (sign-in, sign-out) has the last word.
    if !response.headers().get_all(header::SET_COOKIE).iter().any(sets_session) {
        let cookies = match &authenticated.renewal {
            None => authenticated.set_cookies,
            Some(renewal) => app.areas.accounts.exchange(renewal).await.unwrap_or_else(|error| {
                // The answer is there, and the old token is as good as before.
                tracing::warn!(%error, "a session could not be renewed; the next request tries again");
                SetCookies::default()
            }),
        };
        append_cookies(response.headers_mut(), &cookies.0);
    }
    response
}

/// The answer to a credential that is no good. It counts for the address, as nobody else is known.
fn refused(app: &App, visitor: &Visitor, error: ApiError) -> Response {
    match app.rates.charge(&Key::stranger(Some(visitor)), WRONG_CREDENTIAL) {
        Ok(_) => HttpError(error).into_response(),
        Err(exhausted) => {
            let mut response = HttpError(exhausted.refusal()).into_response();
            exhausted.tell(response.headers_mut());
            response
        }
    }
}

/// Whether a `Set-Cookie` line begins or ends a session.
fn sets_session(line: &HeaderValue) -> bool {
    let name = line.to_str().ok().and_then(|line| line.split('=').next());
    matches!(name, Some(ACCESS_COOKIE | REFRESH_COOKIE))
}

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

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a write comes from one of our own pages. Browsers send `Sec-Fetch-Site` and `Origin` and scripts can't
/// forge them. A request with neither isn't a browser's; without cookies there is nothing that it could abuse.
fn same_origin(headers: &HeaderMap, public_origin: &str) -> bool {
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

/// The caller, as found by [`authenticate`].
pub struct Asking(pub Caller);

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(caller_of(parts)))
    }
}

/// The caller of a request's parts; whoever isn't known is nobody.
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
