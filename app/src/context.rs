//! What the server hands in, and how server functions get at it. Only on the server.

use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use shared::{
    Accounts, ApiError, Comparisons, Contracts, Events, Jobs, Policies, Reference, Result, Services, Versions,
    accounts::{Caller, SetCookies, Visitor},
};
use std::sync::Arc;

/// Every operation of the hub, by area.
#[derive(Clone)]
pub struct Hub {
    pub accounts: Arc<dyn Accounts>,
    pub services: Arc<dyn Services>,
    pub versions: Arc<dyn Versions>,
    pub contracts: Arc<dyn Contracts>,
    pub comparisons: Arc<dyn Comparisons>,
    pub policies: Arc<dyn Policies>,
    pub events: Arc<dyn Events>,
    pub jobs: Arc<dyn Jobs>,
    pub reference: Arc<dyn Reference>,
}

/// The position of the event stream when the render began. The page carries it, so that the live stream starts
/// exactly where the page's data ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastEvent(pub i64);

/// Whether somebody can sign in already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsSetUp(pub bool);

/// The fields of a form that was sent without a script and refused: the page shows them again.
#[derive(Debug, Clone)]
pub struct RefusedForm(pub Arc<Vec<(String, String)>>);

/// The hub and who asks it: what every server function starts with.
pub struct RequestContext {
    pub hub: Hub,
    pub caller: Caller,
}

impl RequestContext {
    /// Fails only when the server forgot to provide the hub, which is a defect of ours.
    pub fn open() -> Result<Self> {
        match (use_context::<Hub>(), use_context::<Caller>()) {
            (Some(hub), Some(caller)) => Ok(Self { hub, caller }),
            _ => {
                tracing::error!("the hub or the caller is not in the context of this request");
                Err(ApiError::internal())
            }
        }
    }
}

/// Whether a browser asks for a page (a navigation or a form without script), rather than our own script for data.
#[must_use]
pub fn wants_html() -> bool {
    use_context::<Parts>()
        .and_then(|parts| parts.headers.get(header::ACCEPT)?.to_str().map(|accept| accept.contains("text/html")).ok())
        .unwrap_or(false)
}

/// Gives a server function's failure its HTTP status. A form that was posted without script keeps its redirect
/// (the error travels in the address), and a page's status is its page's business ([`page_status`]).
pub fn answer<T>(result: Result<T>) -> Result<T> {
    if let Err(error) = &result
        && !wants_html()
    {
        // server_fn takes an answer without an error's status for a value.
        page_status(Some(error.code.status()).filter(|status| *status >= 400).unwrap_or(404));
        if let (Some(response), Some(seconds)) = (use_context::<ResponseOptions>(), error.retry_after) {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    result
}

/// Sets the HTTP status of the answer at hand.
pub fn page_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Answers that the page is at another address for good (RFC 9110, section 15.4.9).
pub fn page_moved(to: &str) {
    page_status(StatusCode::PERMANENT_REDIRECT.as_u16());
    if let (Some(response), Ok(to)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(to)) {
        response.insert_header(header::LOCATION, to);
    }
}

/// Sends the cookies of a new or ended session along.
pub fn send_cookies(SetCookies(cookies): SetCookies) -> Result<()> {
    let response = use_context::<ResponseOptions>().ok_or_else(ApiError::internal)?;
    for cookie in cookies {
        let value = HeaderValue::from_str(&cookie).map_err(|_| {
            tracing::error!("a session cookie is not a header value");
            ApiError::internal()
        })?;
        response.append_header(header::SET_COOKIE, value);
    }
    Ok(())
}

/// Where the request comes from, as the server found it.
#[must_use]
pub fn visitor() -> Visitor {
    use_context::<Visitor>().unwrap_or_default()
}

/// The request's `Cookie` header.
#[must_use]
pub fn request_cookies() -> Option<String> {
    let parts = use_context::<Parts>()?;
    let values: Vec<_> = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join("; "))
}

/// Where a form leads when it succeeded: one without script is redirected; our script gets the address and goes there
/// itself (by a whole new page where a session begins or ends, so that nothing that the person before had cached
/// survives).
pub fn redirect_to(target: String) -> String {
    if wants_html() {
        leptos_axum::redirect(&target);
    }
    target
}

/// The hub's origin as its settings give it; empty means the one that the request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicOrigin(pub String);

/// The page's own origin, as the browser sees it, for examples that people copy.
#[must_use]
pub fn origin() -> String {
    if let Some(PublicOrigin(origin)) = use_context::<PublicOrigin>().filter(|PublicOrigin(origin)| !origin.is_empty())
    {
        return origin;
    }
    let Some(parts) = use_context::<Parts>() else { return String::new() };
    let header = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let host = header(header::HOST).or_else(|| parts.uri.authority().map(ToString::to_string)).unwrap_or_default();
    let proto = header(HeaderName::from_static("x-forwarded-proto")).filter(|proto| proto == "https");
    format!("{}://{host}", proto.as_deref().unwrap_or("http"))
}
