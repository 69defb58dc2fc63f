//! Passwords: argon2id with OWASP's parameters (19 MiB, two passes, one lane), a bounded number at a time.

use crate::error::Result;
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use shared::{ApiError, ErrorCode, names::NewPassword};
use std::{sync::Arc, thread};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Verified when there is no account, so that the answer takes as long as with one. No password has this hash: the
/// salt and the hash were made up, and only the parameters matter.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$TWFkZSB1cCwgc28gdGhhdCBub3RoaW5nIG1hdGNoZXM";

/// Longer ones than any that can be set aren't worth a hash.
const LONGEST: usize = 4 * 256;

/// How many may wait for each processor: a few seconds' work.
const QUEUE: usize = 32;

/// Hashes and verifies off the async threads; each takes 19 MiB while it runs, so as many run at once as there are
/// processors and the rest wait their turn.
#[derive(Debug)]
pub struct Passwords {
    running: Arc<Semaphore>,
    /// Those that run or wait. One more is refused at once: a flood of sign-ins must not make everybody wait for ever.
    admitted: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { running: Arc::new(Semaphore::new(processors)), admitted: Arc::new(Semaphore::new(processors * QUEUE)) }
    }
}

impl Passwords {
    /// The PHC string of a new password.
    pub async fn hash(&self, password: NewPassword) -> Result<String> {
        self.run(move || Ok(argon2id().hash_password(password.expose().as_bytes())?.to_string())).await
    }

    /// Whether the password is the one behind `hash`. Without a hash the answer is no, after the same work.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.run(move || {
            let hash = PasswordHash::new(hash.as_deref().unwrap_or(NOBODY)).map_err(password_hash::Error::from)?;
            let password = if password.len() <= LONGEST { password.as_bytes() } else { &[] };
            match argon2id().verify_password(password, &hash) {
                Ok(()) => Ok(true),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| {
            ApiError::new(ErrorCode::Unavailable, "Too many people are signing in at once. Try again in a moment.")
        })?;
        // The semaphore is never closed, so this waits and then has its permit. The permit goes with the work: if the
        // client hangs up, the work still runs and still counts.
        let permit = Arc::clone(&self.running).acquire_owned().await.ok();
        spawn_blocking(move || {
            let done = work();
            drop((permit, admitted));
            done
        })
        .await?
    }
}

fn argon2id() -> Argon2<'static> {
    // 19,456 KiB, two passes, one lane: what OWASP's cheat sheet asks for, and what `Params::DEFAULT` is.
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_only_its_own_hash() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery".parse().unwrap()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse battery".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(String::new(), None).await.unwrap());
        assert!(!passwords.verify("x".repeat(1_000_000), Some(hash)).await.unwrap());
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
