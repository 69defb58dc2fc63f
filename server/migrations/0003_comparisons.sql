-- A row to write to: /readyz proves with it that the database takes writes.
CREATE TABLE readiness (
    id      BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    writes  BIGINT NOT NULL
);
INSERT INTO readiness (id, writes) VALUES (1, 0);

-- Comparisons are stored for a service's neighbouring versions only, each in one row with its findings: a reader sees
-- all of it or nothing. What was stored is computed again when it is next asked for.
DROP TABLE findings;
DROP TABLE comparisons;

-- What changed between a version and the one before it, as one release of the engine saw it and a policy judged it.
CREATE TABLE comparisons (
    service_id       TEXT NOT NULL REFERENCES services (id),
    base_digest      TEXT NOT NULL REFERENCES documents (digest),
    revision_digest  TEXT NOT NULL REFERENCES documents (digest),
    -- When the later of the two was published, as in 2027-03-31: sunsets are judged on that day.
    day              TEXT NOT NULL,
    engine           BIGINT NOT NULL,
    -- SHA-256 of what the policy made of changes on that day, in hexadecimal; empty when it made nothing of them.
    policy           TEXT NOT NULL,
    -- All findings as a JSON array, the worst first and what the policy ignores last, compressed with zstd.
    findings         BYTEA NOT NULL,
    -- Bytes of the array before it was compressed.
    size             BIGINT NOT NULL,
    PRIMARY KEY (service_id, base_digest, revision_digest, day)
);
