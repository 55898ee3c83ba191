package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/stanch/stanch/internal/server"
	"github.com/stanch/stanch/internal/store"
)

// databaseCmd moves an installation from one database to another.
type databaseCmd struct {
	Move databaseMoveCmd `cmd:"" help:"Copy everything to an empty database and check the copy. / 复制到空数据库并核验。"`
}

// databaseMoveCmd copies a stopped centre's database, and proves the copy.
type databaseMoveCmd struct {
	where
	To string `arg:"" help:"postgres://… or sqlite:PATH; empty. / 目标数据库（必须为空）。"`
}

// Run moves the database. The old one stays as it is.
func (c *databaseMoveCmd) Run(io *stdio) (err error) {
	settings, err := c.settings()
	if err != nil {
		return err
	}
	in, err := server.Open(io.Ctx, settings, false, nil, time.Now)
	if err != nil {
		return fmt.Errorf("move database: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	to, err := store.Open(io.Ctx, c.To, store.Options{Signer: in.Keys.Signer, Fresh: true})
	if err != nil {
		return fmt.Errorf("move database: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	rows, err := in.Store.CopyTo(io.Ctx, to)
	if err != nil {
		return fmt.Errorf("move database: %w", err)
	}
	verdict, err := to.Verify(io.Ctx, in.Keys.Verifier)
	if err != nil {
		return fmt.Errorf("move database: check the copy: %w", err)
	}
	if _, err := to.VerifyDeep(io.Ctx); err != nil {
		return fmt.Errorf("move database: check the copy: %w", err)
	}
	if settings.Database == "" && settings.DatabaseFile == "" {
		if err := in.Moved(); err != nil {
			return fmt.Errorf("move database: %w", err)
		}
	}
	_, err = fmt.Fprintf(io.Out, "%d rows copied; the ledger of %d entries is intact in the copy.\n"+
		"Now name the new database in the settings file (database, or database_file if it holds a password) and start the centre.\n"+
		"The old database is unchanged; keep it until you are sure.\n", rows, verdict.Size)
	return err
}
