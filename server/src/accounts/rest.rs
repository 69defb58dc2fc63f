//! REST routes of accounts, sessions and API tokens.

use crate::http::{
    auth::{AuthCaller, all_cookies, append_cookies},
    body::{ApiResult, Body, Params, Segments, created, ok},
    limits::Limits,
    visitor::Sender,
};
use crate::state::App;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use shared::{
    Accounts as _, Page, PageQuery,
    accounts::{ApiToken, IssuedApiToken, NewApiToken, SetCookies, SetUp, SignIn, User},
    error::Envelope,
    ids::TokenId,
};
use std::sync::atomic::Ordering;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    let guarded = OpenApiRouter::new()
        .routes(routes!(set_up))
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .layer(Limits::GUARDED);
    let reads = OpenApiRouter::new().routes(routes!(me)).routes(routes!(api_tokens)).layer(Limits::READ);
    let writes =
        OpenApiRouter::new().routes(routes!(create_api_token)).routes(routes!(revoke_api_token)).layer(Limits::WRITE);
    guarded.merge(reads).merge(writes)
}

fn with_cookies(mut response: Response, cookies: &SetCookies) -> Response {
    append_cookies(response.headers_mut(), &cookies.0);
    response
}

/// Make the first admin
///
/// On a hub that has nobody yet, with the one-time code that it printed on its console; signs them in. `already-set-up`
/// afterwards.
#[utoipa::path(post, path = "/api/v1/set-up", tag = "accounts", request_body = SetUp, security(()),
    responses((status = 201, description = "The first admin, signed in", body = Envelope<User>),
        (status = 409, description = "The hub is set up already")))]
async fn set_up(State(app): State<App>, Sender(visitor): Sender, Body(admin): Body<SetUp>) -> ApiResult {
    let (user, cookies) = app.areas.accounts.set_up(&visitor, admin).await?;
    app.set_up.store(true, Ordering::Relaxed);
    Ok(with_cookies(created("/api/v1/users/me", user), &cookies))
}

/// Sign in
///
/// Sets the session's cookies; no token is in the body. Machines use API tokens instead. `rate-limited` after too many
/// wrong passwords; `Retry-After` says when to try again.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "accounts", request_body = SignIn, security(()),
    responses((status = 201, description = "Signed in", body = Envelope<User>)))]
async fn sign_in(State(app): State<App>, Sender(visitor): Sender, Body(sign_in): Body<SignIn>) -> ApiResult {
    let (user, cookies) = app.areas.accounts.sign_in(&visitor, sign_in).await?;
    Ok(with_cookies(created("/api/v1/users/me", user), &cookies))
}

/// Sign out
///
/// Ends the session of the request's cookies. Succeeds without one, too.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "accounts", security(()),
    responses((status = 204, description = "Signed out")))]
async fn sign_out(State(app): State<App>, headers: HeaderMap) -> ApiResult {
    let cookies = app.areas.accounts.sign_out(all_cookies(&headers).as_deref()).await?;
    Ok(with_cookies(StatusCode::NO_CONTENT.into_response(), &cookies))
}

/// Who am I
#[utoipa::path(get, path = "/api/v1/users/me", tag = "accounts",
    responses((status = 200, description = "The signed-in user, or the token's owner", body = Envelope<User>)))]
async fn me(State(app): State<App>, AuthCaller(caller): AuthCaller) -> ApiResult {
    Ok(ok(app.areas.accounts.me(&caller).await?))
}

/// List my API tokens
#[utoipa::path(get, path = "/api/v1/api-tokens", tag = "accounts", params(PageQuery),
    responses((status = 200, description = "Newest first, without their secrets", body = Envelope<Page<ApiToken>>)))]
async fn api_tokens(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Params(page): Params<PageQuery>,
) -> ApiResult {
    Ok(ok(app.areas.accounts.api_tokens(&caller, page).await?))
}

/// Make an API token
///
/// For machines: sent as `Authorization: Bearer`. The secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/api-tokens", tag = "accounts", request_body = NewApiToken,
    responses((status = 201, description = "The token and its secret", body = Envelope<IssuedApiToken>)))]
async fn create_api_token(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Body(token): Body<NewApiToken>,
) -> ApiResult {
    let issued = app.areas.accounts.create_api_token(&caller, token).await?;
    Ok(created(&format!("/api/v1/api-tokens/{}", issued.token.id), issued))
}

/// Revoke an API token
///
/// One of one's own, or anybody's for an admin.
#[utoipa::path(delete, path = "/api/v1/api-tokens/{token}", tag = "accounts", params(("token" = TokenId, Path)),
    responses((status = 204, description = "Revoked: it is refused from now on")))]
async fn revoke_api_token(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(token): Segments<TokenId>,
) -> ApiResult {
    app.areas.accounts.revoke_api_token(&caller, token).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
