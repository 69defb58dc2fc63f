#!/usr/bin/env bash
# Everything that must hold, in order of how soon it tells: scripts/test.sh [quick]
#
# `quick` leaves out PostgreSQL, the release build and the browser. Each step runs even if an earlier one failed, so
# that one run shows all that is wrong; the exit code and the last lines say whether everything held.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

LOGS="$TARGET_DIR/test-logs"
rm -rf "$LOGS"
mkdir -p "$LOGS"
passed=0 failed=0
report=()

# step NAME FUNCTION: runs it, times it, and notes how it went. A function may set COUNTED to say that it added to
# `passed` and `failed` itself; otherwise the step counts as one.
step() {
    local name=$1 start=$SECONDS rc=0 word=passed
    shift
    COUNTED=""
    say "$name"
    # errexit is off inside of a condition: each function therefore ends with the code that counts.
    "$@" || rc=$?
    if [[ $rc == 77 ]]; then
        word=skipped
    elif [[ $rc != 0 ]]; then
        word=FAILED
        all_held=no
        [[ -n $COUNTED ]] || failed=$((failed + 1))
    elif [[ -z $COUNTED ]]; then
        passed=$((passed + 1))
    fi
    report+=("$(printf '%-8s %5ds  %s' "$word" $((SECONDS - start)) "$name")")
}
all_held=yes

# ---- What needs no build ----------------------------------------------------------------------------------------

# The selected toolchain may come without rustfmt (Debian's does); rustup's stable one has it.
formatting() {
    if cargo fmt --version >/dev/null 2>&1; then
        cargo fmt --all --check
    else
        cargo +stable fmt --all --check
    fi
}

scripts() {
    command -v shellcheck >/dev/null || return 77
    shellcheck -x scripts/*.sh .ci/run
}

lock_files() {
    cargo metadata --locked --format-version 1 >/dev/null && (cd end2end && npm ci --dry-run --ignore-scripts --loglevel=error >/dev/null)
}

licences() { cargo deny --locked --log-level error check licenses bans sources; }

# The database of advisories is a git repository elsewhere: a machine that can't reach it can't check.
advisories() {
    if ! timeout 60 cargo deny --locked --log-level off fetch db >/dev/null 2>&1; then
        note "skipped: the advisory database can't be fetched from here"
        return 77
    fi
    cargo deny --locked --log-level error check advisories
}

types() { (cd end2end && tsc --noEmit); }

# ---- Rust -------------------------------------------------------------------------------------------------------

# The frontend crate exists for the browser only; built beside the server it would mix the two sides' features.
# The command line alone has fewer features, and must build with them.
clippy_server() {
    cargo clippy --locked --workspace --exclude frontend --all-targets -- -D warnings &&
        cargo clippy --locked -p cli --no-default-features -- -D warnings
}
# The playground runs the engine in the browser.
clippy_browser() {
    cargo clippy --locked -p frontend --features split --target wasm32-unknown-unknown -- -D warnings &&
        cargo clippy --locked -p contract --target wasm32-unknown-unknown -- -D warnings
}

# Adds up what nextest wrote down. Without a report (a build that failed) the step counts as one failure.
count_rust() { # count_rust NAME PROFILE
    local junit="$TARGET_DIR/nextest/$2/junit.xml" head tests bad
    [[ -f $junit ]] || return 0
    mv "$junit" "$LOGS/$1.xml"
    head=$(grep -m1 '<testsuites' "$LOGS/$1.xml")
    tests=$(sed -E 's/.* tests="([0-9]+)".*/\1/' <<<"$head")
    bad=$(($(sed -E 's/.* failures="([0-9]+)".*/\1/' <<<"$head") + $(sed -E 's/.* errors="([0-9]+)".*/\1/' <<<"$head")))
    passed=$((passed + tests - bad))
    failed=$((failed + bad))
    COUNTED=yes
}

rust_tests() { # rust_tests NAME PROFILE [COMMAND…]
    local name=$1 profile=$2 rc=0
    shift 2
    rm -f "$TARGET_DIR/nextest/$profile/junit.xml"
    "$@" || rc=$?
    count_rust "$name" "$profile"
    return $rc
}

on_sqlite() { rust_tests sqlite default env -u HANDSHAKE_TEST_DATABASE_URL cargo nextest run --locked --workspace --exclude frontend; }
on_postgres() { rust_tests postgres postgres scripts/postgres.sh cargo nextest run --locked --profile postgres -p server; }
documentation() { cargo test --quiet --locked --doc --workspace --exclude frontend; }

# ---- The whole thing --------------------------------------------------------------------------------------------

release_build() { scripts/build.sh; }

browser_tests() {
    local rc=0 results="$LOGS/playwright.json" counts port
    # A port of its own: a hub that somebody left running on the usual one is not what was built here.
    port=$(node -e 'import("./end2end/support/hub.mjs").then(({ freePort }) => freePort()).then(console.log)')
    (
        cd end2end
        export HANDSHAKE_URL="http://127.0.0.1:$port" PLAYWRIGHT_JSON_OUTPUT_NAME="$results"
        playwright test --reporter=list,json
    ) || rc=$?
    if [[ -f $results ]]; then
        counts=$(node -e '
            const { stats } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
            console.log(stats.expected, stats.unexpected + stats.flaky);' "$results")
        passed=$((passed + ${counts% *}))
        failed=$((failed + ${counts#* }))
        # Something outside of any test failed: the server's log, or the start of the server.
        [[ $rc == 0 || ${counts#* } != 0 ]] || failed=$((failed + 1))
        COUNTED=yes
    fi
    return $rc
}

soak() { (cd end2end && node soak.mjs); }

# The release against its own contract, with requests that are made from the contract.
by_contract() { (cd end2end && node schemathesis.mjs); }

step "Formatting" formatting
step "Shell scripts (shellcheck)" scripts
step "Lock files are current" lock_files
step "Licences, bans, sources (cargo deny)" licences
step "Known vulnerabilities (cargo deny)" advisories
step "Types of the end-to-end tests" types
step "Clippy, server side" clippy_server
step "Clippy, browser side, and the engine for WebAssembly" clippy_browser
step "Rust tests, SQLite" on_sqlite
step "Examples in the documentation" documentation
if [[ ${1:-} != quick ]]; then
    step "Rust tests, PostgreSQL" on_postgres
    step "Release build" release_build
    step "Browser tests (Playwright)" browser_tests
    step "The API by its own contract (Schemathesis)" by_contract
    step "Soak: parallel page loads, half of them hanging up" soak
fi

say "Summary"
printf '    %s\n' "${report[@]}"
printf '%d passed, %d failed\n' "$passed" "$failed" | tee "$LOGS/summary"
[[ $all_held == yes ]]
