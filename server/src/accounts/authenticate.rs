//! Who asks: from an API token or from the session's cookies, before any handler runs.
//!
//! An expired access token is refreshed in line, so that neither a page nor a server function ever fails for it.

use super::{ACCESS_COOKIE, Credential, REFRESH_COOKIE, bearer};
use crate::{
    http::{
        auth::{RequestUser, all_cookies, append_cookies, same_origin, text},
        error::HttpError,
        rate::{ByToken, Key},
        trace::Trusted,
        visitor,
    },
    state::App,
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use shared::{
    ApiError, ErrorCode,
    accounts::{Caller, SetCookies, Visitor},
};

/// What a credential that is no good takes from its address's allowance.
const WRONG_CREDENTIAL: u32 = 10;

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
        Caller::Known(actor) => Some(RequestUser(actor.user)),
        Caller::Anonymous => None,
    };
    request.extensions_mut().insert(authenticated.caller);
    if let Credential::Token(hash) = &authenticated.credential {
        request.extensions_mut().insert(ByToken(hash.clone()));
    }
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

/// Marks a request whose sender may say which trace it belongs to. Asked only where it brings a trace.
pub async fn trust(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key("traceparent") {
        let accounts = &app.areas.accounts;
        let known = match text(headers, "authorization") {
            Some(authorization) => accounts.knows(None, Some(authorization)).await,
            None => {
                text(headers, "sec-fetch-site") == Some("same-origin")
                    && accounts.knows(all_cookies(headers).as_deref(), None).await
            }
        };
        if known {
            request.extensions_mut().insert(Trusted);
        }
    }
    next.run(request).await
}
