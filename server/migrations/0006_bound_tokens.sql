-- 1 on a token that is good for some services only, those below: for none of them once they are gone.
ALTER TABLE api_tokens ADD COLUMN bound BIGINT NOT NULL DEFAULT 0;

CREATE TABLE api_token_services (
    token_id    TEXT NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    service_id  TEXT NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    PRIMARY KEY (token_id, service_id)
);
CREATE INDEX api_token_services_by_service ON api_token_services (service_id);
