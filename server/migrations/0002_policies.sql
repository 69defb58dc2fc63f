-- What a team makes of the findings about a service: the `handshake.toml` that was sent last.
CREATE TABLE policies (
    service_id  TEXT PRIMARY KEY NOT NULL REFERENCES services (id),
    text        TEXT NOT NULL,
    -- `sha256:` and 64 hexadecimal digits of the text.
    digest      TEXT NOT NULL,
    author_id   TEXT NOT NULL REFERENCES users (id),
    -- The author's name at that time.
    author      TEXT NOT NULL,
    changed_at  BIGINT NOT NULL
);

-- Comparisons are kept by their day and by what judged them, too, which is in their key: the tables are made anew, and
-- what was kept is compared anew when somebody asks for it.
DROP TABLE findings;
DROP TABLE comparisons;

-- What changed between two documents on a day, as one release of the engine saw it and a policy judged it.
CREATE TABLE comparisons (
    id                  TEXT PRIMARY KEY NOT NULL,
    base_digest         TEXT NOT NULL REFERENCES documents (digest),
    revision_digest     TEXT NOT NULL REFERENCES documents (digest),
    engine              BIGINT NOT NULL,
    -- When the later of the two was published, as in 2027-03-31: sunsets are judged on that day.
    day                 TEXT NOT NULL,
    -- SHA-256 of what the policy made of changes on that day, in hexadecimal; empty when it made nothing of them.
    policy              TEXT NOT NULL,
    breaking            BIGINT NOT NULL,
    risky               BIGINT NOT NULL,
    safe                BIGINT NOT NULL,
    ignored             BIGINT NOT NULL,
    operations_touched  BIGINT NOT NULL,
    UNIQUE (base_digest, revision_digest, engine, day, policy)
);

CREATE TABLE findings (
    comparison_id  TEXT NOT NULL REFERENCES comparisons (id) ON DELETE CASCADE,
    -- From 1: worst first, then in document order; what the policy ignores comes last.
    position       BIGINT NOT NULL,
    -- `ignored` for what doesn't count.
    level          TEXT NOT NULL,
    -- What a search looks through, in lower case.
    search         TEXT NOT NULL,
    -- The finding, as JSON.
    body           TEXT NOT NULL,
    PRIMARY KEY (comparison_id, position)
);
CREATE INDEX findings_by_level ON findings (comparison_id, level, position);
