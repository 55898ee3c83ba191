-- +goose Up
-- The ledger. Its tree, head and checkpoints are the installation's, over all
-- tenants; entries are each tenant's own.
CREATE TABLE ledger_head (
	id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
	origin TEXT  NOT NULL,
	size  BIGINT NOT NULL,
	note  {{bytes}} NOT NULL
) {{strict}};

CREATE TABLE ledger_nodes (
	idx  BIGINT NOT NULL PRIMARY KEY,
	hash {{bytes}} NOT NULL
) {{strict}};

CREATE TABLE ledger_checkpoints (
	size BIGINT NOT NULL PRIMARY KEY,
	at   BIGINT NOT NULL,
	note {{bytes}} NOT NULL
) {{strict}};

CREATE TABLE ledger_entries (
	tenant_id TEXT   NOT NULL,
	idx       BIGINT NOT NULL UNIQUE,
	kind      TEXT   NOT NULL,
	subject   TEXT   NOT NULL,
	case_id   TEXT   NOT NULL,
	actor     TEXT   NOT NULL,
	at        BIGINT NOT NULL,
	happened  BIGINT NOT NULL,
	payload   {{bytes}},
	salt      {{bytes}},
	leaf      {{bytes}} NOT NULL,
	erased_by BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant_id, idx)
) {{strict}};
CREATE INDEX ledger_entries_case ON ledger_entries (tenant_id, case_id, idx);
CREATE INDEX ledger_entries_subject ON ledger_entries (tenant_id, subject, idx);

CREATE TABLE schema_hashes (
	version BIGINT NOT NULL PRIMARY KEY,
	sha256  TEXT   NOT NULL
) {{strict}};

-- +goose Down
SELECT 1;
