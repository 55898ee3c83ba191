-- +goose Up
CREATE TABLE houses (
	tenant_id TEXT   NOT NULL,
	id        TEXT   NOT NULL,
	version   BIGINT NOT NULL,
	body      TEXT   NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};

-- Addresses of group robots hold access tokens; entries never do.
CREATE TABLE house_secrets (
	tenant_id TEXT NOT NULL,
	channel   TEXT NOT NULL,
	address   TEXT NOT NULL,
	secret    TEXT NOT NULL,
	salt      {{bytes}} NOT NULL,
	PRIMARY KEY (tenant_id, channel)
) {{strict}};

CREATE TABLE nodes (
	tenant_id TEXT   NOT NULL,
	id        TEXT   NOT NULL,
	version   BIGINT NOT NULL,
	body      TEXT   NOT NULL,
	kind      TEXT   NOT NULL,
	parent    TEXT   NOT NULL,
	code      TEXT   NOT NULL,
	placed    BIGINT NOT NULL,
	active    BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};
CREATE INDEX nodes_parent ON nodes (tenant_id, parent, id);
CREATE INDEX nodes_placed ON nodes (tenant_id, placed, id);

CREATE TABLE alarms (
	tenant_id TEXT   NOT NULL,
	id        TEXT   NOT NULL,
	version   BIGINT NOT NULL,
	body      TEXT   NOT NULL,
	rang      BIGINT NOT NULL,
	leak      BIGINT NOT NULL,
	waiting   BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};
CREATE INDEX alarms_rang ON alarms (tenant_id, rang, id);
CREATE INDEX alarms_waiting ON alarms (tenant_id, waiting, rang);

CREATE TABLE alarm_results (
	tenant_id TEXT   NOT NULL,
	channel   TEXT   NOT NULL,
	at        BIGINT NOT NULL,
	ok        BIGINT NOT NULL,
	word      TEXT   NOT NULL,
	code      BIGINT NOT NULL,
	failing   BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, channel)
) {{strict}};

-- +goose Down
SELECT 1;
