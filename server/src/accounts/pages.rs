//! Server functions of accounts that have guards of their own.

use crate::{
    http::{limits::Limits, pages::server_function},
    state::App,
};
use ::app::accounts::api::{Me, SetUp, SignIn, SignOut};
use axum::{Router, routing::any};
use server_fn::ServerFn as _;

pub fn routes() -> Router<App> {
    let guarded = [SignIn::PATH, SignOut::PATH, SetUp::PATH, Me::PATH];
    let routes = guarded.into_iter().fold(Router::new(), |routes, path| routes.route(path, any(server_function)));
    routes.layer(Limits::GUARDED)
}
