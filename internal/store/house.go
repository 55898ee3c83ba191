package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/stanch/stanch/internal/estate"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/tenant"
)

func houseNoun() noun {
	return noun{
		name: estate.HouseNoun, table: "houses",
		zero:   func() record.Thing { return &estate.House{} },
		values: func(record.Thing) []any { return nil },
	}
}

// SaveSecret implements [estate.Storage].
func (s *Store) SaveSecret(ctx context.Context, tx record.Tx, id estate.ChannelID, secret estate.Secret) error {
	t := querierOf(tx)
	_, err := t.conn.ExecContext(ctx, `INSERT INTO house_secrets (tenant_id, channel, address, secret, salt) VALUES ($1, $2, $3, $4, $5)`,
		string(t.who.Tenant), string(id), secret.Address, secret.Key, secret.Salt)
	if err != nil {
		return fmt.Errorf("keep secret of channel %s: %w", id, err)
	}
	return nil
}

// DropSecret implements [estate.Storage].
func (s *Store) DropSecret(ctx context.Context, tx record.Tx, id estate.ChannelID) error {
	t := querierOf(tx)
	for _, text := range []string{
		`DELETE FROM house_secrets WHERE tenant_id = $1 AND channel = $2`,
		`DELETE FROM alarm_results WHERE tenant_id = $1 AND channel = $2`,
	} {
		if _, err := t.conn.ExecContext(ctx, text, string(t.who.Tenant), string(id)); err != nil {
			return fmt.Errorf("forget channel %s: %w", id, err)
		}
	}
	return nil
}

// Secret implements [estate.Storage].
func (s *Store) Secret(ctx context.Context, t tenant.ID, id estate.ChannelID) (estate.Secret, error) {
	var secret estate.Secret
	err := s.read.QueryRowContext(ctx, `SELECT address, secret, salt FROM house_secrets WHERE tenant_id = $1 AND channel = $2`, string(t), string(id)).
		Scan(&secret.Address, &secret.Key, &secret.Salt)
	if errors.Is(err, sql.ErrNoRows) {
		return secret, record.ErrNone
	}
	if err != nil {
		return secret, fmt.Errorf("read secret of channel %s: %w", id, err)
	}
	return secret, nil
}
