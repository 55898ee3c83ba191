-- +goose Up
-- How far each watched file was read. Names are bytes, because that is what
-- the system has; one that holds a card number is kept masked.
CREATE TABLE watch_marks (
	tenant_id  TEXT   NOT NULL,
	root       {{bytes}} NOT NULL,
	path       {{bytes}} NOT NULL,
	file       TEXT   NOT NULL,
	origin     TEXT   NOT NULL,
	size       BIGINT NOT NULL,
	read_to    BIGINT NOT NULL,
	line       BIGINT NOT NULL,
	mtime      BIGINT NOT NULL,
	head       {{bytes}} NOT NULL,
	head_len   BIGINT NOT NULL,
	tail       {{bytes}} NOT NULL,
	generation BIGINT NOT NULL,
	whole      BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, root, path)
) {{strict}};
CREATE INDEX watch_marks_origin ON watch_marks (tenant_id, root, origin);

-- What could not be examined. Names are as they are shown.
CREATE TABLE watch_troubles (
	tenant_id TEXT   NOT NULL,
	root      TEXT   NOT NULL,
	path      TEXT   NOT NULL,
	layer     TEXT   NOT NULL,
	member    TEXT   NOT NULL,
	cause     TEXT   NOT NULL,
	parts     BIGINT NOT NULL,
	bytes     BIGINT NOT NULL,
	since     BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, root, path, layer, member, cause)
) {{strict}};
CREATE INDEX watch_troubles_since ON watch_troubles (tenant_id, since);

-- +goose Down
SELECT 1;
