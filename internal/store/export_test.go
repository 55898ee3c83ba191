package store

import (
	"context"
	"database/sql"
)

// TableNames lists the tables that the database really has.
func (s *Store) TableNames(ctx context.Context) ([]string, error) {
	text := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if s.engine.name == postgresEngine.name {
		text = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	rows, err := s.read.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) })
}
