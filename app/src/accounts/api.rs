//! Server functions of accounts. No token ever passes through here but as a `Set-Cookie` value.

use crate::client::Traced;
use leptos::prelude::*;
use server_fn::codec::GetUrl;
use shared::{Actor, ApiError};

/// Who is signed in.
#[server(prefix = "/api/ui", endpoint = "me", input = GetUrl, client = Traced)]
pub async fn me() -> Result<Option<Actor>, ApiError> {
    use crate::context::RequestContext;
    use shared::accounts::Caller;
    Ok(match RequestContext::open()?.caller {
        Caller::Known(actor) => Some(actor),
        Caller::Anonymous => None,
    })
}

/// Signs in with a password. Answers with the path to go to.
#[server(prefix = "/api/ui", endpoint = "sign-in", client = Traced)]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] next: Option<String>,
) -> Result<String, ApiError> {
    use crate::context::{RequestContext, answer, redirect_to, send_cookies, visitor};
    let RequestContext { hub, .. } = RequestContext::open()?;
    let credentials = shared::accounts::SignIn { email, password };
    let (_, cookies) = answer(hub.accounts.sign_in(&visitor(), credentials).await)?;
    send_cookies(cookies)?;
    Ok(redirect_to(crate::urls::safe_next(next.as_deref())))
}

/// Ends the session.
#[server(prefix = "/api/ui", endpoint = "sign-out", client = Traced)]
pub async fn sign_out() -> Result<String, ApiError> {
    use crate::context::{RequestContext, answer, redirect_to, request_cookies, send_cookies};
    let RequestContext { hub, .. } = RequestContext::open()?;
    let cookies = answer(hub.accounts.sign_out(request_cookies().as_deref()).await)?;
    send_cookies(cookies)?;
    Ok(redirect_to("/login".to_owned()))
}

/// Makes the first admin and signs them in. Answers with the path to go to.
#[server(prefix = "/api/ui", endpoint = "set-up", client = Traced)]
pub async fn set_up(code: String, name: String, email: String, password: String) -> Result<String, ApiError> {
    use crate::context::{RequestContext, answer, redirect_to, send_cookies, visitor};
    let RequestContext { hub, .. } = RequestContext::open()?;
    let admin = answer(first_admin(code, &name, &email, &password))?;
    let (_, cookies) = answer(hub.accounts.set_up(&visitor(), admin).await)?;
    send_cookies(cookies)?;
    Ok(redirect_to("/dashboard".to_owned()))
}

/// Checks every field before it fails, so that a person fixes them all at once.
#[cfg(feature = "ssr")]
fn first_admin(code: String, name: &str, email: &str, password: &str) -> Result<shared::accounts::SetUp, ApiError> {
    match (name.parse(), email.parse(), password.parse()) {
        (Ok(display_name), Ok(email), Ok(password)) => {
            Ok(shared::accounts::SetUp { email, display_name, password, code })
        }
        (name, email, password) => {
            let wrong = [name.err(), email.err(), password.err()];
            let details = wrong.into_iter().flatten().flat_map(|error: ApiError| error.details).collect();
            Err(ApiError::new(shared::ErrorCode::Invalid, "Some fields don't hold yet.").with_details(details))
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::first_admin;

    #[test]
    fn all_fields_are_checked_at_once() {
        let error = first_admin(String::new(), "", "nobody", "short").unwrap_err();
        let fields: Vec<_> = error.details.iter().map(|detail| detail.field.as_str()).collect();
        assert_eq!(fields, ["displayName", "email", "password"]);
        assert!(first_admin("code".into(), "Ada", "ada@example.org", "correct horse battery").is_ok());
    }
}
