-- +goose Up
CREATE TABLE cases (
	tenant_id TEXT   NOT NULL,
	id        TEXT   NOT NULL,
	version   BIGINT NOT NULL,
	body      TEXT   NOT NULL,
	number    BIGINT NOT NULL,
	state     TEXT   NOT NULL,
	live      BIGINT NOT NULL,
	severity  BIGINT NOT NULL,
	root      TEXT   NOT NULL,
	place     TEXT   NOT NULL,
	opened    BIGINT NOT NULL,
	updated   BIGINT NOT NULL,
	seen      BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};
CREATE UNIQUE INDEX cases_number ON cases (tenant_id, number);
CREATE INDEX cases_live ON cases (tenant_id, live, number);

CREATE TABLE findings (
	tenant_id  TEXT   NOT NULL,
	id         TEXT   NOT NULL,
	version    BIGINT NOT NULL,
	body       TEXT   NOT NULL,
	case_id    TEXT   NOT NULL,
	state      TEXT   NOT NULL,
	sensitive  BIGINT NOT NULL,
	root       TEXT   NOT NULL,
	file       TEXT   NOT NULL,
	first_seen BIGINT NOT NULL,
	last_seen  BIGINT NOT NULL,
	cards      BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};
CREATE INDEX findings_case ON findings (tenant_id, case_id, first_seen);
CREATE INDEX findings_seen ON findings (tenant_id, last_seen, id);
CREATE INDEX findings_file ON findings (tenant_id, root, file);

-- +goose Down
SELECT 1;
