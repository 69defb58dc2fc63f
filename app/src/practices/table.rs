//! The table itself: only rows that hold.

/// A practice and how it holds here.
#[derive(Debug, Clone, Copy)]
pub struct Practice {
    /// Its number in the list of all practices, which others refer to; gaps are practices that don't hold yet.
    pub number: u8,
    pub title: &'static str,
    /// What it means here.
    pub here: &'static str,
    /// Where it can be seen: address and words.
    pub live: (&'static str, &'static str),
    /// The file that does it.
    pub file: &'static str,
    /// The test that proves it: file, and name where the file has several.
    pub test: &'static str,
}

/// Every practice that holds.
pub const PRACTICES: &[Practice] = &[
    Practice {
        number: 1,
        title: "A contract that both sides are checked against",
        here: "Requests, responses, error codes and events are types in one crate. The server and the browser are \
               compiled against it: renaming a field breaks the build, not production. For everybody else, services \
               publish their OpenAPI document here, and each version is compared with the one before.",
        live: ("/services", "Services and their contracts"),
        file: "shared/src/services.rs",
        test: "server/tests/domain/publishing.rs",
    },
    Practice {
        number: 3,
        title: "Versioned addresses",
        here: "The REST API lives under /api/v1. What would break a client of it goes to another version beside it.",
        live: ("/docs/api", "API reference"),
        file: "server/src/http/mod.rs",
        test: "server/tests/http/services.rs, the_hub_describes_itself_and_publishes_that",
    },
    Practice {
        number: 4,
        title: "One format for every answer",
        here: "Success or failure, JSON answers have the same three members; problem details (RFC 9457) on request.",
        live: ("/docs/api#conventions", "Conventions"),
        file: "shared/src/error.rs",
        test: "server/tests/http/errors.rs, problem_details_on_request",
    },
    Practice {
        number: 6,
        title: "Documentation that is generated",
        here: "The OpenAPI document comes from the handlers' own types, and the reference page comes from that \
               document. Neither can describe what isn't there. The hub publishes it to itself when it starts, so that \
               a release which changes it gets a verdict like any other.",
        live: ("/services/handshake", "The hub's own contract"),
        file: "server/src/own_contract.rs",
        test: "server/tests/http/services.rs, the_hub_describes_itself_and_publishes_that",
    },
    Practice {
        number: 8,
        title: "Sessions out of reach of scripts",
        here: "The browser holds a short-lived access token and a single-use refresh token in HttpOnly cookies. The \
               server renews them in line, so that neither a page nor a form fails for an expired one. What somebody \
               may do is decided on the server, at every operation.",
        live: ("/docs/api#error-unauthenticated", "What the API says to nobody"),
        file: "server/src/accounts/sessions.rs",
        test: "server/tests/http/accounts.rs, an_expired_access_token_is_refreshed_in_line",
    },
    Practice {
        number: 10,
        title: "Nothing is trusted for being inside",
        here: "Pages carry a content policy with a fresh nonce: no other script runs. Writes that come with cookies \
               must come from the hub's own pages. Bodies and streams have bounds.",
        live: ("/docs/api#error-cross-origin", "What a foreign page is told"),
        file: "server/src/http/security.rs",
        test: "server/tests/http/accounts.rs, writes_with_cookies_come_from_our_own_pages",
    },
    Practice {
        number: 11,
        title: "Server state is not client state",
        here: "What the server knows is in one cache of queries: deduplicated, shown at once, fetched again in the \
               background, tried again with growing pauses. What a person does to the page (a filter, an open part) \
               is in signals or in the address. The two never mix.",
        live: ("/dashboard", "Dashboard"),
        file: "app/src/queries/mod.rs",
        test: "end2end/tests/restart.spec.ts, a page outlives a restart of the server",
    },
    Practice {
        number: 12,
        title: "Caches that know how long",
        here: "Reads carry an ETag and are answered 304 when nothing changed; scripts and styles have their hash in \
               their name and are kept for a year.",
        live: ("/docs/api#conventions", "Conventions"),
        file: "server/src/http/cache.rs",
        test: "server/tests/http/errors.rs, reads_are_validated_by_etag",
    },
    Practice {
        number: 13,
        title: "No more than what is shown",
        here: "Every list is a page behind a cursor, and a contract is read piece by piece: a document of many \
               megabytes costs a reader no more than a small one.",
        live: ("/services", "Services, then a version"),
        file: "shared/src/page.rs",
        test: "server/tests/http/services.rs, lists_are_pages",
    },
    Practice {
        number: 14,
        title: "Told, not asked",
        here: "One stream of server-sent events tells all pages of a browser what happened; it is taken up again \
               where it broke off. One table says which queries an event makes stale. Nobody polls.",
        live: ("/dashboard", "Recent changes on the dashboard"),
        file: "app/src/events/stale.rs",
        test: "server/tests/http/events.rs, nothing_is_missed_over_a_restart",
    },
    Practice {
        number: 16,
        title: "Errors with codes, in one place",
        here: "Error codes are a closed set that both sides match on, each with its one HTTP status; an internal cause \
               goes to the log under the trace id and never over the wire.",
        live: ("/docs/api#error-codes", "Error codes"),
        file: "shared/src/error.rs",
        test: "server/tests/http/errors.rs, a_panic_is_an_error_with_a_trace_id",
    },
    Practice {
        number: 18,
        title: "Logs, metrics and one trace",
        here: "A trace begins in the browser with each call and goes on through the route, the operation and its \
               queries (W3C Trace Context, exported by OTLP). Its id is in the log and in every error. Metrics are \
               there for Prometheus.",
        live: ("/docs/api#conventions", "The traceId of every error"),
        file: "server/src/http/trace.rs",
        test: "server/tests/http/errors.rs, one_trace_spans_the_call_the_route_the_service_and_its_sql",
    },
    Practice {
        number: 20,
        title: "Tests at every height",
        here: "Tables and properties for the engine, a black-box suite over HTTP on both databases, and a real \
               browser for what people do, with accessibility checked on every page.",
        live: ("/services", "What the tests walk through"),
        file: "end2end/playwright.config.ts",
        test: "end2end/tests/accessibility.spec.ts",
    },
    Practice {
        number: 21,
        title: "The same everywhere, configured from outside",
        here: "One binary, with its settings from defaults, a file, the environment and flags. No address and no \
               secret is in the code; examples on these pages use the address that you see the hub under.",
        live: ("/dashboard", "Dashboard"),
        file: "server/src/config.rs",
        test: "server/src/config.rs, later_layers_win",
    },
];

#[cfg(test)]
mod tests {
    use super::PRACTICES;
    use std::path::Path;

    #[test]
    fn every_row_points_at_files_that_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for practice in PRACTICES {
            let (file, name) = practice.test.split_once(", ").unwrap_or((practice.test, ""));
            assert!(root.join(practice.file).is_file(), "{}: {}", practice.number, practice.file);
            let test = std::fs::read_to_string(root.join(file)).unwrap_or_default();
            assert!(!test.is_empty() && test.contains(name), "{}: {}", practice.number, practice.test);
        }
    }

    #[test]
    fn rows_are_in_order() {
        assert!(PRACTICES.is_sorted_by(|a, b| a.number < b.number));
    }
}
