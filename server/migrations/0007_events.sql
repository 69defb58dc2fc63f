-- What happened, twice: `outbox` is what live streams and other servers read, for days; `audit` is the history that people
-- read, for a year and longer. Each is kept for as long as its own setting says.
CREATE TABLE outbox (
    seq           BIGINT PRIMARY KEY NOT NULL,
    at            BIGINT NOT NULL,
    -- Such as `version-published`.
    kind          TEXT NOT NULL,
    -- NULL on what happened before this table.
    actor_id      TEXT,
    -- The actor's name at that time.
    actor         TEXT NOT NULL,
    -- What it was done to: `service`, `version` or `account`, and its id. What was published before this table has the
    -- service.
    subject_type  TEXT NOT NULL,
    subject_id    TEXT NOT NULL,
    -- The service's name at that time; NULL when it is about none.
    service       TEXT,
    -- The kind and all that it tells, as JSON.
    payload       TEXT NOT NULL
);
CREATE INDEX outbox_by_time ON outbox (at);

CREATE TABLE audit (
    seq           BIGINT PRIMARY KEY NOT NULL,
    at            BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    actor_id      TEXT,
    actor         TEXT NOT NULL,
    subject_type  TEXT NOT NULL,
    subject_id    TEXT NOT NULL,
    service       TEXT,
    payload       TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_service ON audit (service, seq);

-- Quotes inside of a text are escaped in JSON, so a member's name with bare quotes is a member.
INSERT INTO audit (seq, at, kind, actor, subject_type, subject_id, service, payload)
SELECT e.seq, e.at,
       CASE WHEN e.kind LIKE '{"type":"version-published"%' THEN 'version-published'
            WHEN e.kind LIKE '{"type":"policy-changed"%' THEN 'policy-changed'
            ELSE 'service-created' END,
       e.actor, 'service', s.id, s.name, e.kind
FROM events e JOIN services s ON e.kind LIKE '%"service":"' || s.name || '"%';

INSERT INTO outbox (seq, at, kind, actor, subject_type, subject_id, service, payload)
SELECT seq, at, kind, actor, subject_type, subject_id, service, payload FROM audit;

DROP TABLE events;
