-- When a session's refresh token was exchanged last, or the session began. NULL on one from before.
ALTER TABLE sessions ADD COLUMN last_used_at BIGINT;
-- Shows which secret signs this hub's tokens, without telling it: hexadecimal, of an HMAC with the secret as its key.
ALTER TABLE hub ADD COLUMN secret_fingerprint TEXT;
