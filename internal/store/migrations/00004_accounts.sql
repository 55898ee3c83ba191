-- +goose Up
CREATE TABLE accounts (
	tenant_id TEXT   NOT NULL,
	id        TEXT   NOT NULL,
	version   BIGINT NOT NULL,
	body      TEXT   NOT NULL,
	login     TEXT   NOT NULL,
	role      TEXT   NOT NULL,
	active    BIGINT NOT NULL,
	created   BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};
CREATE INDEX accounts_login ON accounts (tenant_id, login);

CREATE TABLE apitokens (
	tenant_id TEXT   NOT NULL,
	id        TEXT   NOT NULL,
	version   BIGINT NOT NULL,
	body      TEXT   NOT NULL,
	made_by   TEXT   NOT NULL,
	created   BIGINT NOT NULL,
	expires   BIGINT NOT NULL,
	revoked   BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};

-- What follows is passing: hashes of secrets, and what runs out by itself.
CREATE TABLE credentials (
	tenant_id  TEXT NOT NULL,
	account_id TEXT NOT NULL,
	hash       TEXT NOT NULL,
	PRIMARY KEY (tenant_id, account_id)
) {{strict}};

CREATE TABLE links (
	tenant_id  TEXT      NOT NULL,
	digest     {{bytes}} NOT NULL,
	purpose    TEXT      NOT NULL,
	account_id TEXT      NOT NULL,
	pass       BIGINT    NOT NULL,
	expires    BIGINT    NOT NULL,
	PRIMARY KEY (tenant_id, digest)
) {{strict}};

CREATE TABLE sessions (
	tenant_id  TEXT      NOT NULL,
	digest     {{bytes}} NOT NULL,
	id         TEXT      NOT NULL,
	account_id TEXT      NOT NULL,
	address    TEXT      NOT NULL,
	created    BIGINT    NOT NULL,
	seen       BIGINT    NOT NULL,
	presence   BIGINT    NOT NULL,
	PRIMARY KEY (tenant_id, digest)
) {{strict}};
CREATE UNIQUE INDEX sessions_id ON sessions (tenant_id, id);
CREATE INDEX sessions_account ON sessions (tenant_id, account_id, created);

CREATE TABLE signins (
	tenant_id TEXT   NOT NULL,
	tally     TEXT   NOT NULL,
	failures  BIGINT NOT NULL,
	until     BIGINT NOT NULL,
	last      BIGINT NOT NULL,
	good      BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, tally)
) {{strict}};

CREATE TABLE apitoken_secrets (
	tenant_id TEXT      NOT NULL,
	id        TEXT      NOT NULL,
	digest    {{bytes}} NOT NULL,
	used      BIGINT    NOT NULL,
	PRIMARY KEY (tenant_id, id)
) {{strict}};

-- +goose Down
SELECT 1;
