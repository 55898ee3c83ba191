package sqltable

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stanch/stanch/internal/store/storetest"
)

// A rig is a database that a test may fill.
type rig struct {
	name    string
	address string
	db      *sql.DB
}

// run executes statements in which ENGINE words stand for what differs.
func (g *rig) run(t *testing.T, statements ...string) {
	t.Helper()
	words := map[string][]string{
		"sqlite":   {"{bytes}", "BLOB", "{serial}", "INTEGER PRIMARY KEY", "{x}", "x"},
		"postgres": {"{bytes}", "BYTEA", "{serial}", "BIGINT PRIMARY KEY", "{x}", "'\\x"},
		"mysql":    {"{bytes}", "LONGBLOB", "{serial}", "BIGINT PRIMARY KEY", "{x}", "x"},
	}[g.name]
	for _, s := range statements {
		if _, err := g.db.Exec(strings.NewReplacer(words...).Replace(s)); err != nil {
			t.Fatalf("%.60s: %v", s, err)
		}
	}
}

// insert adds a row of values.
func (g *rig) insert(t *testing.T, table string, values ...any) {
	t.Helper()
	var marks []string
	for i := range values {
		mark := "?"
		if g.name != "mysql" {
			mark = fmt.Sprintf("$%d", i+1)
		}
		marks = append(marks, mark)
	}
	if _, err := g.db.Exec("INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", values...); err != nil {
		t.Fatalf("insert into %s: %v", table, err)
	}
}

// open opens the database as a scan does.
func (g *rig) open(t *testing.T) *Database {
	t.Helper()
	d, err := Open(t.Context(), g.address, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// eachEngine runs test on a new database of each kind.
func eachEngine(t *testing.T, test func(t *testing.T, g *rig)) {
	t.Helper()
	for _, name := range []string{"sqlite", "postgres", "mysql"} {
		t.Run(name, func(t *testing.T) { test(t, newRig(t, name)) })
	}
}

func newRig(t *testing.T, name string) *rig {
	t.Helper()
	g := &rig{name: name}
	driver, dsn := "sqlite", ""
	switch name {
	case "sqlite":
		dsn = filepath.Join(t.TempDir(), "shop.db")
		g.address = "sqlite:" + dsn
	case "postgres":
		dsn = storetest.Postgres(t)
		driver, g.address = "pgx", dsn
	case "mysql":
		socket := mariadb(t)
		schema := fmt.Sprintf("t%d", time.Now().UnixNano())
		root, err := sql.Open("mysql", "root@unix("+socket+")/")
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		if _, err := root.Exec("CREATE DATABASE " + schema + " CHARACTER SET utf8mb4"); err != nil {
			t.Fatal(err)
		}
		driver, dsn = "mysql", "root@unix("+socket+")/"+schema
		g.address = "mysql://root@localhost/" + schema + "?socket=" + url.QueryEscape(socket)
	}
	var err error
	if g.db, err = sql.Open(driver, dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.db.Close() })
	return g
}

// server is the one MariaDB server of these tests.
var server struct {
	sync.Mutex
	dir string
	cmd *exec.Cmd
	err error
}

func TestMain(m *testing.M) {
	code := storetest.Main(m)
	if server.cmd != nil {
		server.cmd.Process.Kill()
		server.cmd.Wait()
	}
	os.RemoveAll(server.dir)
	os.Exit(code)
}

// mariadb returns the socket of a server that was started for these tests.
func mariadb(t *testing.T) string {
	t.Helper()
	server.Lock()
	defer server.Unlock()
	if server.dir == "" {
		server.err = startMariaDB()
	}
	if server.err != nil {
		t.Fatalf("start mariadb (make test installs it): %v", server.err)
	}
	return filepath.Join(server.dir, "s")
}

func startMariaDB() (err error) {
	if server.dir, err = os.MkdirTemp("", "stanch-my-"); err != nil {
		return err
	}
	data, socket := filepath.Join(server.dir, "data"), filepath.Join(server.dir, "s")
	same := []string{"--no-defaults", "--datadir=" + data, "--user=" + os.Getenv("USER"), "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=24M"}
	if os.Getuid() == 0 {
		same[2] = "--user=root"
	}
	install := exec.Command("mariadb-install-db", append(same, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")...)
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w: %s", err, out)
	}
	daemon := "/usr/sbin/mariadbd"
	if found, err := exec.LookPath("mariadbd"); err == nil {
		daemon = found
	}
	server.cmd = exec.Command(daemon, append(same, "--socket="+socket, "--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--pid-file="+filepath.Join(server.dir, "pid"))...)
	if err := server.cmd.Start(); err != nil {
		return err
	}
	for range 400 {
		db, err := sql.Open("mysql", "root@unix("+socket+")/")
		if err != nil {
			return err
		}
		err = db.Ping()
		db.Close()
		if err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("mariadbd does not answer")
}
