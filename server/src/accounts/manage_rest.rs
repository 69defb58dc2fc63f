//! REST routes of looking after accounts.

use crate::http::{
    auth::AuthCaller,
    body::{ApiResult, Body, Params, Segments, ok},
    limits::Limits,
};
use crate::state::App;
use axum::{extract::State, http::StatusCode, response::IntoResponse as _};
use shared::{
    ManageAccounts as _, Page, PageQuery,
    accounts::{ApiToken, ChangeUser, ResetDone, ResetPassword, Session, User},
    error::Envelope,
    ids::{SessionId, UserId},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn routes() -> OpenApiRouter<App> {
    let reads = OpenApiRouter::new()
        .routes(routes!(users))
        .routes(routes!(my_sessions))
        .routes(routes!(sessions_of))
        .routes(routes!(api_tokens_of))
        .layer(Limits::READ);
    let writes = OpenApiRouter::new()
        .routes(routes!(change_user))
        .routes(routes!(reset_password))
        .routes(routes!(end_session))
        .routes(routes!(end_sessions_of))
        .layer(Limits::WRITE);
    reads.merge(writes)
}

/// List accounts
///
/// For admins.
#[utoipa::path(get, path = "/api/v1/users", tag = "accounts", params(PageQuery),
    responses((status = 200, description = "Oldest first", body = Envelope<Page<User>>)))]
async fn users(State(app): State<App>, AuthCaller(caller): AuthCaller, Params(page): Params<PageQuery>) -> ApiResult {
    Ok(ok(app.areas.accounts.users(&caller, page).await?))
}

/// Change an account
///
/// For admins: its role, or whether it is disabled, which ends its sessions and API tokens at once. `conflict` when no
/// admin would be left who can sign in.
#[utoipa::path(patch, path = "/api/v1/users/{user}", tag = "accounts", params(("user" = UserId, Path)),
    request_body = ChangeUser, responses((status = 200, description = "The account as it is now", body = Envelope<User>),
        (status = 409, description = "It would leave the hub without an admin")))]
async fn change_user(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(user): Segments<UserId>,
    Body(change): Body<ChangeUser>,
) -> ApiResult {
    Ok(ok(app.areas.accounts.change_user(&caller, user, change).await?))
}

/// Reset a password
///
/// For admins, when somebody lost theirs: sets the given password, or makes one that is in this answer and nowhere else.
/// Ends the account's sessions; its API tokens stay.
#[utoipa::path(post, path = "/api/v1/users/{user}/password-resets", tag = "accounts", params(("user" = UserId, Path)),
    request_body = ResetPassword,
    responses((status = 200, description = "The new password, if it was made", body = Envelope<ResetDone>)))]
async fn reset_password(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(user): Segments<UserId>,
    Body(reset): Body<ResetPassword>,
) -> ApiResult {
    Ok(ok(app.areas.accounts.reset_password(&caller, user, reset).await?))
}

/// List my sessions
#[utoipa::path(get, path = "/api/v1/sessions", tag = "accounts", params(PageQuery),
    responses((status = 200, description = "Those that are on, newest first", body = Envelope<Page<Session>>)))]
async fn my_sessions(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Params(page): Params<PageQuery>,
) -> ApiResult {
    Ok(ok(app.areas.accounts.sessions(&caller, None, page).await?))
}

/// End a session
///
/// One of one's own, or anybody's for an admin.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", tag = "accounts", params(("session" = SessionId, Path)),
    responses((status = 204, description = "Ended: its cookies are refused from now on")))]
async fn end_session(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(session): Segments<SessionId>,
) -> ApiResult {
    app.areas.accounts.end_session(&caller, session).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List a user's sessions
///
/// For admins, and of oneself.
#[utoipa::path(get, path = "/api/v1/users/{user}/sessions", tag = "accounts",
    params(("user" = UserId, Path), PageQuery),
    responses((status = 200, description = "Those that are on, newest first", body = Envelope<Page<Session>>)))]
async fn sessions_of(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(user): Segments<UserId>,
    Params(page): Params<PageQuery>,
) -> ApiResult {
    Ok(ok(app.areas.accounts.sessions(&caller, Some(user), page).await?))
}

/// End all of a user's sessions
///
/// For admins, and of oneself.
#[utoipa::path(delete, path = "/api/v1/users/{user}/sessions", tag = "accounts", params(("user" = UserId, Path)),
    responses((status = 204, description = "Ended: their cookies are refused from now on")))]
async fn end_sessions_of(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(user): Segments<UserId>,
) -> ApiResult {
    app.areas.accounts.end_sessions(&caller, user).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List a user's API tokens
///
/// For admins, who can revoke each of them.
#[utoipa::path(get, path = "/api/v1/users/{user}/api-tokens", tag = "accounts",
    params(("user" = UserId, Path), PageQuery),
    responses((status = 200, description = "Newest first, without their secrets", body = Envelope<Page<ApiToken>>)))]
async fn api_tokens_of(
    State(app): State<App>,
    AuthCaller(caller): AuthCaller,
    Segments(user): Segments<UserId>,
    Params(page): Params<PageQuery>,
) -> ApiResult {
    Ok(ok(app.areas.accounts.api_tokens_of(&caller, user, page).await?))
}
