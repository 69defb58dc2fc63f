-- What the engine found between two documents, once for the pair: policies are applied when it is read. What was stored
-- before was judged by a policy, and is compared again.
DROP TABLE comparisons;
CREATE TABLE comparisons (
    base_digest      TEXT NOT NULL REFERENCES documents (digest) ON DELETE CASCADE,
    revision_digest  TEXT NOT NULL REFERENCES documents (digest) ON DELETE CASCADE,
    -- When the later of the two was published, as in 2027-03-31: sunsets are judged on that day.
    day              TEXT NOT NULL,
    -- Days of notice that were promised then.
    notice_stable    BIGINT NOT NULL,
    notice_beta      BIGINT NOT NULL,
    -- The generation of the engine, by its name.
    engine           TEXT NOT NULL,
    -- Findings and the number of operations as JSON, compressed with zstd.
    findings         BYTEA NOT NULL,
    -- Bytes of the JSON before it was compressed.
    size             BIGINT NOT NULL,
    PRIMARY KEY (base_digest, revision_digest, day, notice_stable, notice_beta, engine)
);
CREATE INDEX comparisons_by_revision ON comparisons (revision_digest);

-- The generation of the engine that the hub was upgraded to last.
ALTER TABLE hub ADD COLUMN engine TEXT;

-- How far a job has got that says so.
ALTER TABLE jobs ADD COLUMN done BIGINT;
ALTER TABLE jobs ADD COLUMN total BIGINT;
