-- +goose Up
CREATE TABLE answers (
	tenant_id TEXT   NOT NULL,
	actor     TEXT   NOT NULL,
	name      TEXT   NOT NULL,
	digest    {{bytes}} NOT NULL,
	status    BIGINT NOT NULL,
	type      TEXT   NOT NULL,
	body      {{bytes}} NOT NULL,
	at        BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, actor, name)
) {{strict}};

-- +goose Down
SELECT 1;
