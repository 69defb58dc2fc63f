#!/usr/bin/env bash
# Brings a machine to where the Makefile's targets work, and says what it does on the way: scripts/setup.sh [TARGET]
#
# TARGET is `run` (what building and serving need), `check` (what the tests without a release build, a browser and
# PostgreSQL need) or `all`, which is meant when there is none.
#
# Run it as often as you like: a step whose result is there already is passed over, so a second run takes seconds.
# It serves two kinds of machine with the same steps: an ordinary one with rustup and an open network, and a closed
# Debian that reaches package registries only (crates.io, npm, Debian's own). Each step tries the ordinary way first.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

# cargo-leptos 0.3.11 needs this compiler; Debian's security suite has exactly it.
MIN_RUST=1.96
CARGO_LEPTOS=0.3.11
CARGO_DENY=0.20.2
CARGO_NEXTEST=0.9.143
MIN_NODE=20
MIN_PYTHON=3.11
WASM=wasm32-unknown-unknown

at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1) == "$1" ]]; }

# Fails where nobody can become root: the caller knows whether there is another way.
as_root() {
    if [[ $EUID == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        note "this needs root, and there is no sudo here: $*" >&2
        return 1
    fi
}

# ---- Debian's packages ------------------------------------------------------------------------------------------

APT_UPDATED=""
apt_install() {
    command -v apt-get >/dev/null || return 1
    if [[ -z $APT_UPDATED ]]; then
        note "reading Debian's package lists"
        as_root apt-get update -qq || note "some package lists could not be read; going on with those that are here"
        APT_UPDATED=yes
    fi
    note "installing Debian's $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# need PROGRAM PACKAGE…: the program, from Debian's packages if it isn't here.
need() {
    local program=$1
    shift
    command -v "$program" >/dev/null && return
    apt_install "$@" || die "$program is missing and could not be installed from here. Please install: $*"
}

system_tools() {
    say "Compiler for C, make"
    need cc build-essential
    need make make
}

# ---- Rust -------------------------------------------------------------------------------------------------------

# Compiles and links a library for the browser: the only proof that compiler, std and linker are there and agree.
builds_for_the_browser() { # builds_for_the_browser [TOOLCHAIN]
    local out rc=0 rustc=(rustc)
    [[ -z ${1:-} ]] || rustc=(rustup run "$1" rustc)
    at_least "$MIN_RUST" "$("${rustc[@]}" --version 2>/dev/null | cut -d' ' -f2)" || return 1
    out=$(mktemp -d)
    echo '#[unsafe(no_mangle)] pub extern "C" fn probe() { println!("{}", std::process::id()) }' |
        "${rustc[@]}" --edition 2024 --target "$WASM" --crate-type cdylib -o "$out/probe.wasm" - >/dev/null 2>&1 || rc=1
    rm -rf "$out"
    return $rc
}

# from_rustup ARGUMENT…: rustup with what it has to download. Where its server can't be reached that takes as long as
# it takes a short question to fail, not a long download.
from_rustup() {
    local rc=0
    note "rustup $*"
    timeout 30 rustup check >/dev/null 2>&1 || rc=$?
    # 100 says that there is something newer.
    if [[ $rc == 0 || $rc == 100 ]] && timeout 600 rustup "$@" >/dev/null 2>&1; then
        return
    fi
    note "rustup could not bring it"
    return 1
}

rust() {
    say "Rust $MIN_RUST or later, with std for the browser ($WASM)"
    if ! command -v rustc >/dev/null || ! command -v cargo >/dev/null; then
        die "Rust is missing. Get it at https://rustup.rs"
    fi
    builds_for_the_browser && return
    command -v rustup >/dev/null || die "rustc $(rustc --version) can't build for $WASM, and there is no rustup to help"
    if builds_for_the_browser distro; then
        select_distro
        return
    fi
    if ! at_least "$MIN_RUST" "$(rustc --version | cut -d' ' -f2)"; then
        note "$(rustc --version) is too old"
        from_rustup update --no-self-update stable || true
    fi
    builds_for_the_browser && return
    if at_least "$MIN_RUST" "$(rustc --version | cut -d' ' -f2)"; then
        from_rustup target add "$WASM" && builds_for_the_browser && return
    fi
    if debian_rust; then
        select_distro
    else
        die "no Rust $MIN_RUST with $WASM could be set up. With an open network: rustup update stable"
    fi
}

# An override belongs to this folder alone and wins over everything but RUSTUP_TOOLCHAIN, so plain cargo commands and
# `cargo leptos watch` in the checkout use the right compiler, too.
select_distro() {
    builds_for_the_browser && return
    note "this checkout uses the toolchain 'distro' (Debian's Rust) from now on: rustup override unset undoes it"
    rustup override set distro >/dev/null 2>&1
    [[ -z ${RUSTUP_TOOLCHAIN:-} ]] || die "RUSTUP_TOOLCHAIN=$RUSTUP_TOOLCHAIN stands in the way: unset it"
    builds_for_the_browser || die "the toolchain 'distro' was selected but doesn't build for $WASM"
}

# Debian's compiler comes without std for the browser but with its source, so it's built here, once (under a minute).
debian_rust() {
    local wanted
    command -v apt-get >/dev/null || return 1
    note "trying Debian's compiler"
    as_root apt-get update -qq || true
    APT_UPDATED=yes
    wanted=$(apt-cache policy rustc-web | awk '/Candidate:/ { print $2 }')
    at_least "$MIN_RUST" "${wanted:-0}" || return 1
    apt_install rustc-web cargo-web rust-web-src rust-web-clippy || return 1
    link_rust_lld || return 1
    build_std || return 1
    rustup toolchain link distro /usr
    builds_for_the_browser distro
}

# Debian doesn't ship rust-lld, the linker for WebAssembly; any rustup toolchain does.
link_rust_lld() {
    local host lld
    host=$(/usr/bin/rustc -vV | awk '/^host:/ { print $2 }')
    for lld in "${RUSTUP_HOME:-$HOME/.rustup}"/toolchains/*/lib/rustlib/"$host"/bin/rust-lld; do
        [[ -x $lld ]] || continue
        note "linking rustup's rust-lld into Debian's toolchain"
        as_root mkdir -p "/usr/lib/rustlib/$host/bin" && as_root ln -sfn "$lld" "/usr/lib/rustlib/$host/bin/rust-lld"
        return
    done
    note "no rustup toolchain here has rust-lld"
    return 1
}

build_std() {
    local work lib=/usr/lib/rustlib/$WASM/lib rlib
    note "building std for $WASM from Debian's source (under a minute)"
    work=$(mktemp -d)
    (
        cd "$work"
        /usr/bin/cargo init --quiet --lib --vcs none --name nothing .
        # Building std by hand is an unstable feature: the variable says that we know.
        RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_TARGET_DIR="$work/target" \
            /usr/bin/cargo build --quiet --release --target "$WASM" -Zbuild-std=std,panic_abort
    ) || {
        rm -rf "$work"
        return 1
    }
    # An older compiler's libraries would stand beside the new ones. Whether all are there, a probe tells afterwards.
    as_root rm -rf "$lib" && as_root mkdir -p "$lib" &&
        for rlib in "$work/target/$WASM"/release/deps/*.rlib; do
            [[ $rlib == */libnothing-* ]] || as_root cp "$rlib" "$lib/"
        done
    rm -rf "$work"
}

# rustup's minimal profile has neither of the two. Debian's toolchain, which rustup can't add to, has clippy; code is
# formatted by stable's rustfmt then, as scripts/test.sh does it.
rust_checkers() {
    say "rustfmt and clippy"
    if ! cargo clippy --version >/dev/null 2>&1; then
        from_rustup component add clippy || die "cargo clippy is missing. With an open network: rustup component add clippy"
    fi
    if ! cargo fmt --version >/dev/null 2>&1 && ! cargo +stable fmt --version >/dev/null 2>&1; then
        from_rustup component add rustfmt || from_rustup component add --toolchain stable rustfmt ||
            die "cargo fmt is missing. With an open network: rustup component add rustfmt"
    fi
}

# ---- Cargo's tools ----------------------------------------------------------------------------------------------

# cargo_tool CRATE VERSION CURRENT [FALLBACK]: CURRENT is what the installed program says of itself.
cargo_tool() {
    local crate=$1 version=$2 current=$3 fallback=${4:-}
    [[ $current == *"$version"* ]] && return
    if command -v cargo-binstall >/dev/null; then
        note "cargo binstall $crate $version"
        cargo binstall --no-confirm --quiet "$crate@$version" && return
        note "no ready-made program; compiling it"
    fi
    note "compiling $crate $version (minutes, once a machine)"
    if ! light_install --locked "$crate" --version "$version"; then
        [[ $fallback == without-lock ]] || die "$crate $version could not be installed"
        # Its lock file may name a crate version that a mirror lacks.
        note "its own lock file can't be followed here; compiling it without"
        light_install "$crate" --version "$version" || die "$crate $version could not be installed"
    fi
}

# These tools are built to be used a few times, so their build is made cheap instead of their run: cargo-leptos'
# own profile (one unit, whole-program optimisation) takes half an hour on two cores, this one a few minutes.
light_install() {
    CARGO_TARGET_DIR="$HANDSHAKE_CACHE/tools" CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=false \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=false \
        cargo install --quiet --force "$@"
}

# cargo-leptos finds wasm-bindgen on PATH; it must have exactly the version of the library that the app links.
locked_version() { awk -v crate="$1" '$0 == "name = \"" crate "\"" { getline; gsub(/version = |"/, ""); print; exit }' Cargo.lock; }

build_tools() {
    local bindgen
    bindgen=$(locked_version wasm-bindgen)
    [[ -n $bindgen ]] || die "Cargo.lock doesn't name wasm-bindgen"
    say "cargo-leptos $CARGO_LEPTOS, wasm-bindgen $bindgen (as in Cargo.lock)"
    cargo_tool wasm-bindgen-cli "$bindgen" "$(wasm-bindgen --version 2>/dev/null || true)" without-lock
    cargo_tool cargo-leptos "$CARGO_LEPTOS" "$(cargo-leptos --version 2>/dev/null || true)"
}

test_tools() {
    say "cargo-nextest, cargo-deny"
    # Any version of these two will do: they read no file formats of ours.
    command -v cargo-nextest >/dev/null || cargo_tool cargo-nextest "$CARGO_NEXTEST" ""
    command -v cargo-deny >/dev/null || cargo_tool cargo-deny "$CARGO_DENY" ""
}

# ---- npm's tools and the browser --------------------------------------------------------------------------------

node_tools() {
    local stamp=end2end/node_modules/.installed-lock
    say "Node.js and npm's packages: Playwright, axe, wasm-opt"
    need node nodejs
    need npm npm
    at_least "$MIN_NODE" "$(node --version | tr -d v)" || die "Node.js $(node --version) is too old: $MIN_NODE is needed"
    if ! cmp -s end2end/package-lock.json "$stamp"; then
        note "npm ci"
        # The browser has its own step.
        (cd end2end && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error)
        cp end2end/package-lock.json "$stamp"
    fi
    # make puts npm's programs on PATH; the link does it for a plain `cargo leptos build --release`.
    if [[ ! -e $CARGO_BIN/wasm-opt ]]; then
        note "linking wasm-opt into $CARGO_BIN"
        ln -sfn "$ROOT/end2end/node_modules/.bin/wasm-opt" "$CARGO_BIN/wasm-opt"
    fi
}

browser() {
    say "Chromium"
    launches 2>/dev/null && return
    note "none starts yet; asking Playwright for its own"
    timeout 600 playwright install --only-shell chromium >/dev/null 2>&1 && launches 2>/dev/null && return
    note "Playwright's can't be had here, or doesn't start; taking Debian's"
    apt_install chromium || die "no Chromium could be set up. Please install one, or name one in CHROMIUM."
    launches || die "Chromium is here but doesn't start"
}

# A browser that is there may be of another revision than Playwright's, or lack a library of the system: only one that
# starts as the tests start it counts.
launches() {
    local said
    said=$(timeout 120 node end2end/support/launches.mjs) && note "$said"
}

databases() {
    say "PostgreSQL, for the tests that run on both databases"
    [[ -n $(postgres_bin) ]] || apt_install postgresql || die "initdb is missing. Please install PostgreSQL's server."
    note "$(postgres_bin)"
}

# In a virtual environment of its own: nothing of the system's Python changes.
api_tester() {
    say "Schemathesis $SCHEMATHESIS, which tests the API by its contract"
    [[ $("$SCHEMATHESIS_HOME/bin/schemathesis" --version 2>/dev/null) == *"$SCHEMATHESIS"* ]] && return
    need python3 python3 python3-venv
    at_least "$MIN_PYTHON" "$(python3 -c 'import platform; print(platform.python_version())')" ||
        die "$(python3 --version) is too old: $MIN_PYTHON is needed"
    note "python3 -m venv $SCHEMATHESIS_HOME"
    rm -rf "$SCHEMATHESIS_HOME"
    # Debian's Python comes without what makes such an environment.
    if ! python3 -m venv "$SCHEMATHESIS_HOME" >/dev/null 2>&1; then
        if ! apt_install python3-venv || ! python3 -m venv "$SCHEMATHESIS_HOME"; then
            die "python3 -m venv fails. Please install the package that has it, such as python3-venv."
        fi
    fi
    note "pip install schemathesis"
    "$SCHEMATHESIS_HOME/bin/pip" install --quiet --disable-pip-version-check \
        --requirement end2end/schemathesis/requirements.txt || die "pip could not install it"
}

script_checker() {
    say "shellcheck, for these scripts"
    command -v shellcheck >/dev/null || apt_install shellcheck || note "not here; that check will be skipped"
}

case ${1:-all} in
    run) steps=(system_tools rust build_tools node_tools) ;;
    check) steps=(system_tools rust rust_checkers test_tools node_tools script_checker) ;;
    all)
        steps=(system_tools rust rust_checkers build_tools test_tools node_tools browser databases api_tester
            script_checker)
        ;;
    *) die "usage: $0 [run|check|all]" ;;
esac
for step in "${steps[@]}"; do "$step"; done
rm -rf "$HANDSHAKE_CACHE/tools" # what compiling tools left behind
say "Ready."
