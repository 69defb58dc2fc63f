-- Nothing can be published to an archived service. NULL while it is in use.
ALTER TABLE services ADD COLUMN archived_at BIGINT;
-- How often name, description or archive have changed: who edits them says which state they saw.
ALTER TABLE services ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

-- Names that services had: old addresses lead to the service, until another one takes the name.
CREATE TABLE service_names (
    name        TEXT COLLATE "binary" PRIMARY KEY NOT NULL,
    service_id  TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE
);
CREATE INDEX service_names_by_service ON service_names (service_id);

-- For deleting a service, and documents that no version has any more.
CREATE INDEX versions_by_digest ON versions (digest);
CREATE INDEX comparisons_by_base ON comparisons (base_digest);
CREATE INDEX comparisons_by_revision ON comparisons (revision_digest);
