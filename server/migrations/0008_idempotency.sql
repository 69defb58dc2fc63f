-- The answer of any operation, as JSON, instead of publishing's.
ALTER TABLE idempotency_keys ADD COLUMN answer TEXT NOT NULL DEFAULT '';
UPDATE idempotency_keys SET answer =
    '{"version":"' || version_id || '","created":' || CASE WHEN created = 1 THEN 'true' ELSE 'false' END || '}';
ALTER TABLE idempotency_keys DROP COLUMN version_id;
ALTER TABLE idempotency_keys DROP COLUMN created;
