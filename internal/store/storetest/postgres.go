// Package storetest gives tests a real store: SQLite in a file, and PostgreSQL
// in a cluster of its own that Main starts on first use and stops at the end.
// STANCH_TEST_POSTGRES names a server to use instead. Only tests import it.
package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A cluster is a PostgreSQL server of the test's own.
type cluster struct {
	dir string
	cmd *exec.Cmd
	url string
	err error
}

var running struct {
	sync.Mutex
	*cluster
}

// Main runs the tests of a package and stops what they started. A TestMain
// calls it: os.Exit(storetest.Main(m)).
func Main(m *testing.M) int {
	code := m.Run()
	running.Lock()
	defer running.Unlock()
	if running.cluster != nil && running.cmd != nil {
		_ = running.cmd.Process.Signal(os.Interrupt) // fast shutdown
		_ = running.cmd.Wait()
		_ = os.RemoveAll(running.dir)
	}
	return code
}

// Postgres returns the address of a new, empty database.
func Postgres(t testing.TB) string {
	t.Helper()
	base := os.Getenv("STANCH_TEST_POSTGRES")
	if base == "" {
		running.Lock()
		if running.cluster == nil {
			running.cluster = startPostgres()
		}
		base = running.url
		err := running.err
		running.Unlock()
		if err != nil {
			t.Fatalf("start postgres (make test installs it): %v", err)
		}
	}
	name := "t" + uuid.Must(uuid.NewV7()).String()
	if err := createDatabase(base, name); err != nil {
		t.Fatalf("create database: %v", err)
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func createDatabase(base, name string) error {
	db, err := sql.Open("pgx", base)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(context.Background(), `CREATE DATABASE "`+name+`"`)
	return err
}

func startPostgres() *cluster {
	c := &cluster{}
	c.err = c.start()
	return c
}

func (c *cluster) start() error {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return errors.New("no postgres under /usr/lib/postgresql")
	}
	bin := filepath.Dir(found[len(found)-1])
	if c.dir, err = os.MkdirTemp("", "stanch-pg-"); err != nil {
		return err
	}
	as, err := credential(c.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(c.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "stanch", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
	initdb.SysProcAttr, initdb.Dir = as, c.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	c.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", c.dir, "-c", "listen_addresses=", "-c", "max_connections=400")
	c.cmd.SysProcAttr, c.cmd.Dir = as, c.dir
	if err := c.cmd.Start(); err != nil {
		return err
	}
	c.url = "postgres://stanch@/postgres?host=" + url.QueryEscape(c.dir)
	return c.wait()
}

// wait polls until the server answers: it offers no other sign.
func (c *cluster) wait() error {
	var err error
	for range 200 {
		var db *sql.DB
		if db, err = sql.Open("pgx", c.url); err == nil {
			err = db.Ping()
			_ = db.Close()
		}
		if err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("postgres does not answer: %w", err)
}
