-- +goose Up
CREATE TABLE plans (
	tenant_id TEXT   NOT NULL,
	id        TEXT   NOT NULL,
	version   BIGINT NOT NULL,
	body      TEXT   NOT NULL,
	case_id   TEXT   NOT NULL,
	state     TEXT   NOT NULL,
	drafted   BIGINT NOT NULL,
	ends      BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};
CREATE INDEX plans_case ON plans (tenant_id, case_id, drafted);
CREATE INDEX plans_state ON plans (tenant_id, state, drafted);

-- +goose Down
SELECT 1;
