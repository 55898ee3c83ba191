//go:build linux

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// A cluster is a PostgreSQL server: one that the run started, as durable as it
// comes, or the one that STANCH_TEST_POSTGRES names.
type cluster struct {
	url string
	cmd *exec.Cmd
	run string // tells the databases of this run from others
}

func (b *bench) postgres(ctx context.Context) (*cluster, error) {
	c := &cluster{url: os.Getenv("STANCH_TEST_POSTGRES"), run: strconv.FormatInt(time.Now().UnixNano(), 36)}
	if c.url != "" {
		return c, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return nil, errors.New("there is none; make test installs it")
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "stanch-bench-pg-")
	if err != nil {
		return nil, err
	}
	as, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	make := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
	make.Dir, make.SysProcAttr = dir, as
	if text, err := make.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, text), os.RemoveAll(dir))
	}
	c.cmd = exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"), "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=200")
	c.cmd.Dir, c.cmd.SysProcAttr = dir, as
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(os.Interrupt) }
	if err := c.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c.url = "postgres://bench@/postgres?host=" + url.QueryEscape(dir)
	return c, c.wait(ctx)
}

// unprivileged gives a folder to the user postgres if we are root, as whom
// the server does not run.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

// wait looks until the server answers: it offers no other sign.
func (c *cluster) wait(ctx context.Context) error {
	db, err := sql.Open("pgx", c.url)
	if err != nil {
		return err
	}
	defer db.Close()
	for range 300 {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.stop()
	return fmt.Errorf("it does not answer: %w", err)
}

// database makes an empty database and returns its address.
func (c *cluster) database(ctx context.Context, name string) (string, error) {
	db, err := sql.Open("pgx", c.url)
	if err != nil {
		return "", err
	}
	defer db.Close()
	name = "bench_" + c.run + "_" + name
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("make database: %w", err)
	}
	u, err := url.Parse(c.url)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// stop stops the server if the run started it, and removes its folder.
func (c *cluster) stop() {
	if c.cmd == nil || c.cmd.Process == nil {
		return
	}
	_ = c.cmd.Process.Signal(os.Interrupt) // fast shutdown
	_ = c.cmd.Wait()
	_ = os.RemoveAll(c.cmd.Dir)
}
