-- A disabled account can't sign in.
ALTER TABLE users ADD COLUMN disabled_at BIGINT;
-- Where a session began, so that its owner knows it again. NULL where that isn't known.
ALTER TABLE sessions ADD COLUMN address TEXT;
ALTER TABLE sessions ADD COLUMN user_agent TEXT;
-- NULL on a token that is good until it is revoked.
ALTER TABLE api_tokens ADD COLUMN expires_at BIGINT;
