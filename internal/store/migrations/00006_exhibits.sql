-- +goose Up
CREATE TABLE exhibits (
	tenant_id  TEXT   NOT NULL,
	id         TEXT   NOT NULL,
	version    BIGINT NOT NULL,
	body       TEXT   NOT NULL,
	case_id    TEXT   NOT NULL,
	sealed_at  BIGINT NOT NULL,
	destroy_by BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};
CREATE INDEX exhibits_case ON exhibits (tenant_id, case_id, sealed_at);
CREATE INDEX exhibits_due ON exhibits (tenant_id, destroy_by);

CREATE TABLE identities (
	tenant_id   TEXT   NOT NULL,
	id          TEXT   NOT NULL,
	version     BIGINT NOT NULL,
	body        TEXT   NOT NULL,
	fingerprint TEXT   NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};

-- +goose Down
SELECT 1;
