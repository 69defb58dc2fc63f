#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own: scripts/postgres.sh cargo nextest run -p server
#
# The database lives in a temporary folder on a free port of the loopback and is gone afterwards, however the command
# ends. It forgets to sync on purpose: nothing in it is worth keeping. The command finds it by
# HANDSHAKE_TEST_DATABASE_URL, a user who may create databases, so that each test can have its own.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "${BASH_SOURCE[0]}")/env.sh"
[[ $# -gt 0 ]] || die "usage: $0 COMMAND [ARGUMENT…]"

bin=$(postgres_bin)
[[ -n $bin ]] || die "PostgreSQL's initdb is missing: scripts/setup.sh installs it"

# PostgreSQL refuses to run as root; Debian's package makes a user for it.
run=()
if [[ $EUID == 0 ]]; then
    id postgres >/dev/null 2>&1 || die "PostgreSQL doesn't run as root, and there is no user postgres"
    run=(setpriv --reuid=postgres --regid=postgres --init-groups --)
fi

home=$(mktemp -d "${TMPDIR:-/tmp}/handshake-postgres.XXXXXX")
[[ $EUID != 0 ]] || chown postgres: "$home"

started=""
stop() {
    local rc=$?
    trap - EXIT INT TERM HUP
    if [[ -n $started ]]; then
        (cd / && "${run[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate -w stop) >/dev/null 2>&1 ||
            printf 'PostgreSQL in %s did not stop\n' "$home" >&2
    fi
    rm -rf "$home"
    exit $rc
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

cd / # user postgres may not be allowed to stand in the checkout
"${run[@]}" "$bin/initdb" -D "$home/data" -U handshake --auth=trust --encoding=UTF8 --no-locale --no-sync \
    >"$home/initdb.log" 2>&1 || die "initdb failed: $(cat "$home/initdb.log")"

# Between finding a free port and taking it somebody else may take it: then another one is tried.
for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 30000))
    options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c fsync=off"
    options+=" -c synchronous_commit=off -c full_page_writes=off -c max_connections=300"
    if "${run[@]}" "$bin/pg_ctl" -D "$home/data" -o "$options" -l "$home/server.log" -w -t 60 start >/dev/null 2>&1; then
        started=yes
        break
    fi
done
[[ -n $started ]] || die "PostgreSQL did not start: $(tail -5 "$home/server.log")"

export HANDSHAKE_TEST_DATABASE_URL="postgres://handshake@127.0.0.1:$port/postgres"
cd "$OLDPWD"
# As a child and not by exec: the trap has to outlive it. A background command ignores the keyboard's interrupt, so it
# is told to end in a way that it listens to.
"$@" &
command_pid=$!
end() {
    kill -TERM "$command_pid" 2>/dev/null || true
    wait "$command_pid" || true
    exit "$1"
}
trap 'end 130' INT
trap 'end 143' TERM HUP
wait "$command_pid"
