//! Times as people read them: "6 min ago", with the exact time behind it.

use leptos::prelude::*;
use shared::Timestamp;
use std::time::Duration;

/// The time that relative times are told by. It starts as the time of the server's render, on both sides, so that
/// they write the same words; then it ticks in the browser.
#[derive(Debug, Clone, Copy)]
pub struct Now(pub RwSignal<Timestamp>);

/// How often the words are brought up to date.
const TICK: Duration = Duration::from_secs(20);

/// The time by this machine's clock.
#[must_use]
pub fn clock() -> Timestamp {
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    {
        // A date in milliseconds is a whole number far below 2^53.
        #[allow(clippy::cast_possible_truncation)]
        let now = js_sys::Date::now() as i64;
        Timestamp(now)
    }
    #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
    {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Now {
    /// The signal of this render; makes it tick in the browser.
    pub fn provide() -> Self {
        let now = use_context::<Self>().unwrap_or_else(|| Self(RwSignal::new(rendered_at())));
        provide_context(now);
        Effect::new(move |_| {
            if let Ok(ticks) = set_interval_with_handle(move || now.0.set(clock()), TICK) {
                on_cleanup(move || ticks.clear());
            }
        });
        now
    }
}

#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
fn rendered_at() -> Timestamp {
    super::from_head("now").and_then(|ms| ms.parse().ok()).map_or_else(clock, Timestamp)
}

#[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
fn rendered_at() -> Timestamp {
    clock()
}

/// How long ago, in the fewest words that still help.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let plural = |count: i64, word: &str| format!("{count} {word}{} ago", if count == 1 { "" } else { "s" });
    match now.millis_since(then) {
        // Two clocks may differ by a little: the future is now.
        ms if ms < MINUTE => "just now".to_owned(),
        ms if ms < HOUR => format!("{} min ago", ms / MINUTE),
        ms if ms < DAY => format!("{} h ago", ms / HOUR),
        ms if ms < 2 * DAY => "yesterday".to_owned(),
        ms if ms < 60 * DAY => plural(ms / DAY, "day"),
        ms if ms < 730 * DAY => plural(ms / (30 * DAY), "month"),
        ms => plural(ms / (365 * DAY), "year"),
    }
}

/// The exact time: `2026-11-22 21:58:16 UTC`.
#[must_use]
pub fn exact(at: Timestamp) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..19)) {
        (Some(date), Some(time)) => format!("{date} {time} UTC"),
        _ => text,
    }
}

/// The time where the reader is, in the browser's language and time zone.
fn local(at: Timestamp) -> String {
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    {
        #[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
        let date = js_sys::Date::new(&(at.0 as f64).into());
        date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED).into()
    }
    #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
    exact(at)
}

/// A relative time, with the exact one in its title: where the reader is, and in UTC.
#[component]
pub fn Ago(at: Timestamp) -> impl IntoView {
    let Now(now) = expect_context();
    let title = RwSignal::new(exact(at));
    // Only the browser knows where its reader is.
    Effect::new(move |_| title.set(format!("{} ({})", local(at), exact(at))));
    view! { <time datetime=at.to_string() title=title>{move || ago(at, now.get())}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        const MINUTE: i64 = 60_000;
        for (ms, words) in [
            (-5_000, "just now"),
            (59_999, "just now"),
            (MINUTE, "1 min ago"),
            (59 * MINUTE, "59 min ago"),
            (60 * MINUTE, "1 h ago"),
            (24 * 60 * MINUTE, "yesterday"),
            (48 * 60 * MINUTE, "2 days ago"),
            (60 * 24 * 60 * MINUTE, "2 months ago"),
            (729 * 24 * 60 * MINUTE, "24 months ago"),
            (730 * 24 * 60 * MINUTE, "2 years ago"),
        ] {
            assert_eq!(ago(Timestamp(0), Timestamp(ms)), words);
        }
        assert_eq!(exact(Timestamp(1_795_384_696_123)), "2026-11-22 21:58:16 UTC");
    }
}
