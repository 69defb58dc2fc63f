-- Work that isn't done within a request.
CREATE TABLE jobs (
    id            TEXT PRIMARY KEY NOT NULL,
    -- Which kind of work.
    name          TEXT NOT NULL,
    -- The name of a periodic job, which is there once; NULL on others.
    key           TEXT UNIQUE,
    -- What it is told, as JSON.
    payload       TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    -- When it is due.
    run_at        BIGINT NOT NULL,
    -- Attempts that have begun since it last succeeded.
    attempts      BIGINT NOT NULL,
    -- The attempt that has it, and until when; free again after that.
    lease         TEXT,
    leased_until  BIGINT,
    -- Why the last attempt failed.
    error         TEXT,
    finished_at   BIGINT,
    -- When it was put aside.
    dead_at       BIGINT
);
CREATE INDEX jobs_by_time ON jobs (run_at);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
