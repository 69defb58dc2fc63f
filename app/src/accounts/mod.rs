//! Signing in and out, the first admin, and who is there.

pub mod front;
pub mod functions;
pub mod login;
pub mod set_up;

use crate::queries::Query;
use shared::{Actor, Result};

/// Who is signed in; nobody is an answer, not an error.
pub struct Me;

impl Query for Me {
    type Key = ();
    type Value = Option<Actor>;

    async fn fetch((): ()) -> Result<Option<Actor>> {
        functions::me().await
    }
}
