-- One set of SQL for SQLite and PostgreSQL. Columns are of four kinds only: TEXT, BIGINT, DOUBLE PRECISION and
-- BYTEA (SQLite keeps bytes as they are under any type name). Booleans are 0 or 1, times are milliseconds since 1970,
-- ids and JSON are text. The collation "binary" is SQLite's own; on PostgreSQL the store makes one of that name.

-- What there is exactly one of.
CREATE TABLE hub (
    id          BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    -- When the first account was made; NULL while the hub waits for it.
    set_up_at   BIGINT,
    -- The newest event's number. Every writer of an event updates this row, so events are numbered in commit order.
    event_seq   BIGINT NOT NULL
);
INSERT INTO hub (id, set_up_at, event_seq) VALUES (1, NULL, 0);

CREATE TABLE users (
    id            TEXT PRIMARY KEY NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    role          TEXT NOT NULL,
    created_at    BIGINT NOT NULL
);

-- Apart from the user: somebody may have no password (another way to sign in, an invitation not yet taken).
CREATE TABLE passwords (
    user_id     TEXT PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- PHC string: algorithm, parameters, salt and hash.
    hash        TEXT NOT NULL,
    changed_at  BIGINT NOT NULL
);

-- A sign-in on one browser: the family of the refresh tokens that follow from it.
CREATE TABLE sessions (
    id          TEXT PRIMARY KEY NOT NULL,
    user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    revoked_at  BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    -- SHA-256 of the token, in hexadecimal.
    hash        TEXT PRIMARY KEY NOT NULL,
    session_id  TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at  BIGINT NOT NULL,
    -- When it was exchanged for its successor.
    used_at     BIGINT
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id, expires_at);

CREATE TABLE api_tokens (
    id            TEXT PRIMARY KEY NOT NULL,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    -- Words separated by one space.
    scopes        TEXT NOT NULL,
    -- SHA-256 of the secret, in hexadecimal.
    hash          TEXT NOT NULL UNIQUE,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT,
    revoked_at    BIGINT
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id);

CREATE TABLE services (
    id           TEXT PRIMARY KEY NOT NULL,
    name         TEXT COLLATE "binary" NOT NULL UNIQUE,
    description  TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    -- How many versions there are, and so the latest one's number. Publishing moves it by one, and only from the
    -- number that the verdict was computed against: that is what decides between two people publishing at once.
    versions     BIGINT NOT NULL
);

-- Documents by their content; versions of one or several services may share one.
CREATE TABLE documents (
    -- `sha256:` and 64 hexadecimal digits of the bytes as they were published.
    digest  TEXT PRIMARY KEY NOT NULL,
    size    BIGINT NOT NULL,
    format  TEXT NOT NULL,
    -- How `bytes` is encoded: `zstd` or `plain`.
    coding  TEXT NOT NULL,
    bytes   BYTEA NOT NULL
);

CREATE TABLE versions (
    id            TEXT PRIMARY KEY NOT NULL,
    service_id    TEXT NOT NULL REFERENCES services (id),
    number        BIGINT NOT NULL,
    label         TEXT NOT NULL,
    author_id     TEXT NOT NULL REFERENCES users (id),
    -- The author's name at that time.
    author        TEXT NOT NULL,
    published_at  BIGINT NOT NULL,
    digest        TEXT NOT NULL REFERENCES documents (digest),
    size          BIGINT NOT NULL,
    format        TEXT NOT NULL,
    openapi       TEXT NOT NULL,
    title         TEXT NOT NULL,
    operations    BIGINT NOT NULL,
    -- The verdict as it was given on publishing; NULL on a service's first version.
    base_label    TEXT,
    level         TEXT,
    breaking      BIGINT,
    risky         BIGINT,
    safe          BIGINT,
    UNIQUE (service_id, number),
    UNIQUE (service_id, label)
);

-- What changed between two documents, as one release of the engine saw it.
CREATE TABLE comparisons (
    id                  TEXT PRIMARY KEY NOT NULL,
    base_digest         TEXT NOT NULL REFERENCES documents (digest),
    revision_digest     TEXT NOT NULL REFERENCES documents (digest),
    engine              BIGINT NOT NULL,
    breaking            BIGINT NOT NULL,
    risky               BIGINT NOT NULL,
    safe                BIGINT NOT NULL,
    operations_touched  BIGINT NOT NULL,
    UNIQUE (base_digest, revision_digest, engine)
);

CREATE TABLE findings (
    comparison_id  TEXT NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
    -- From 1: worst first, then in document order.
    position       BIGINT NOT NULL,
    level          TEXT NOT NULL,
    -- What a search looks through, in lower case.
    search         TEXT NOT NULL,
    -- The finding, as JSON.
    body           TEXT NOT NULL,
    PRIMARY KEY (comparison_id, position)
);
CREATE INDEX findings_by_level ON findings (comparison_id, level, position);

-- Answers to publishing requests that came with an Idempotency-Key, for as long as a client may retry.
CREATE TABLE idempotency_keys (
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key          TEXT NOT NULL,
    -- SHA-256 of all that the request asked for.
    fingerprint  TEXT NOT NULL,
    version_id   TEXT NOT NULL,
    -- 1 when the version was made by that request.
    created      BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at);

CREATE TABLE events (
    seq    BIGINT PRIMARY KEY NOT NULL,
    at     BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    -- What happened, as JSON.
    kind   TEXT NOT NULL
);
