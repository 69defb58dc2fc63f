//! Passwords: argon2id with OWASP's parameters (19 MiB, two passes, one lane). How many at a time is the
//! [`guard`](super::guard)'s to say.

use super::guard::Turn;
use crate::error::Result;
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use shared::names::NewPassword;
use tokio::task::spawn_blocking;

/// Verified when there is no account, so that the answer takes as long as with one. No password has this hash: the
/// salt and the hash were made up, and only the parameters matter.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$TWFkZSB1cCwgc28gdGhhdCBub3RoaW5nIG1hdGNoZXM";

/// Longer ones than any that can be set aren't worth a hash.
const LONGEST: usize = 4 * 256;

/// The PHC string of a new password. Hashing runs off the async threads and takes 19 MiB, so it needs a turn, which goes
/// with the work: if the client hangs up, the work still runs and still counts.
pub async fn hash(turn: Turn, password: NewPassword) -> Result<String> {
    spawn_blocking(move || {
        let hash = argon2id().hash_password(password.expose().as_bytes()).map(|hash| hash.to_string());
        drop(turn);
        Ok(hash?)
    })
    .await?
}

/// Whether the password is the one behind `hash`. Without a hash the answer is no, after the same work.
///
/// The turn comes back, so that the caller can note the outcome before the next one is let in.
pub async fn verify(turn: Turn, password: String, hash: Option<String>) -> Result<(bool, Turn)> {
    spawn_blocking(move || {
        let hash = PasswordHash::new(hash.as_deref().unwrap_or(NOBODY)).map_err(password_hash::Error::from)?;
        let password = if password.len() <= LONGEST { password.as_bytes() } else { &[] };
        match argon2id().verify_password(password, &hash) {
            Ok(()) => Ok((true, turn)),
            Err(password_hash::Error::PasswordInvalid) => Ok((false, turn)),
            Err(error) => Err(error.into()),
        }
    })
    .await?
}

fn argon2id() -> Argon2<'static> {
    // 19,456 KiB, two passes, one lane: what OWASP's cheat sheet asks for, and what `Params::DEFAULT` is.
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts::guard::Guard, clock::Clock};

    #[tokio::test]
    async fn a_password_opens_only_its_own_hash() {
        let guard = Guard::new(1, Clock::default());
        let turn = async || guard.own_turn().await.unwrap();
        let opens =
            async |password: String, hash: Option<String>| verify(turn().await, password, hash).await.unwrap().0;
        let hash = hash(turn().await, "correct horse battery".parse().unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(opens("correct horse battery".into(), Some(hash.clone())).await);
        assert!(!opens("correct horse".into(), Some(hash.clone())).await);
        assert!(!opens(String::new(), None).await);
        assert!(!opens("x".repeat(1_000_000), Some(hash)).await);
    }

    #[test]
    fn nobody_costs_what_somebody_does() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&nobody).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (Params::DEFAULT.m_cost(), Params::DEFAULT.t_cost(), Params::DEFAULT.p_cost())
        );
        assert_eq!(nobody.hash.map(|hash| hash.len()), Some(32));
    }
}
