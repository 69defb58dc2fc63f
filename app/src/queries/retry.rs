//! Trying again what may pass: with growing pauses, and never all clients at the same moment.

/// How often a fetch that failed is tried again before its error is shown.
pub const RETRIES: u32 = 3;

/// How long to wait before the try after `failures` failures: doubling from 400 ms, at most 30 s, of which a random
/// half (`random` from 0 to 1) is cut off, so that clients of a restarted hub don't come back in step.
#[must_use]
pub fn delay_ms(failures: u32, random: f64) -> u32 {
    let full = 400_u32.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(30_000);
    let keep = 0.5 + random.clamp(0.0, 1.0) / 2.0;
    // `full` is at most 30,000 and `keep` at most 1, so the product fits.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let delay = (f64::from(full) * keep) as u32;
    delay
}

/// Waits in the browser.
#[cfg(feature = "hydrate")]
pub async fn pause(ms: u32) {
    send_wrapper::SendWrapper::new(gloo_timers::future::TimeoutFuture::new(ms)).await;
}

#[cfg(test)]
mod tests {
    use super::delay_ms;

    #[test]
    fn pauses_grow_to_a_bound() {
        assert_eq!([1, 2, 3, 4].map(|n| delay_ms(n, 1.0)), [400, 800, 1600, 3200]);
        assert_eq!(delay_ms(1, 0.0), 200);
        assert_eq!(delay_ms(100, 1.0), 30_000);
        assert_eq!(delay_ms(u32::MAX, 0.0), 15_000);
    }
}
