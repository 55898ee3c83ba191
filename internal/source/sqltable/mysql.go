package sqltable

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// maria reads MySQL 5.7 and MariaDB 10 and later.
type maria struct{}

func openMySQL(u *url.URL, o Options) (*Database, error) {
	config := mysql.NewConfig()
	config.User = u.User.Username()
	config.Passwd = o.Password
	if password, ok := u.User.Password(); ok {
		config.Passwd = password
	}
	config.Net, config.Addr = "tcp", u.Host
	if u.Port() == "" {
		config.Addr = u.Hostname() + ":3306"
	}
	for name, values := range u.Query() {
		switch name {
		case "socket":
			config.Net, config.Addr = "unix", values[0]
		case "tls":
			config.TLSConfig = values[0]
		default:
			return nil, ErrAddress
		}
	}
	if config.TLSConfig == "" && config.Net == "tcp" {
		config.TLSConfig = "preferred"
	}
	config.DBName = strings.Trim(u.Path, "/")
	config.Timeout, config.ReadTimeout = connectTimeout, 2*o.Statement
	config.Logger = silent{}
	config.Collation = "utf8mb4_general_ci"
	config.Params = map[string]string{
		"time_zone": "'+00:00'", "net_write_timeout": "3600",
		"lock_wait_timeout": strconv.Itoa(max(1, int(o.Statement.Seconds()))),
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, ErrAddress
	}
	connector = limited{connector, o.Statement}
	d := &Database{Shown: "mysql://" + u.Host, db: sql.OpenDB(connector), engine: maria{}, single: config.DBName}
	if config.DBName != "" {
		d.Shown += "/" + config.DBName
	}
	return d, nil
}

// limited gives each session its limit, which the two servers call by
// different names.
type limited struct {
	driver.Connector
	statement time.Duration
}

func (l limited) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := l.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	do := conn.(driver.ExecerContext)
	if _, err = do.ExecContext(ctx, fmt.Sprintf("SET SESSION max_execution_time = %d", l.statement.Milliseconds()), nil); unknownVariable(err) {
		_, err = do.ExecContext(ctx, fmt.Sprintf("SET SESSION max_statement_time = %d", int(l.statement.Seconds())), nil)
	}
	if err != nil && !unknownVariable(err) {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func unknownVariable(err error) bool {
	var my *mysql.MySQLError
	return errors.As(err, &my) && my.Number == 1193
}

// silent keeps the driver from writing to standard error.
type silent struct{}

func (silent) Print(...any) {}

func (m maria) tables(ctx context.Context, db *sql.DB, single string) ([]Table, error) {
	rows, err := db.QueryContext(ctx, `SELECT TABLE_SCHEMA, TABLE_NAME, COALESCE(TABLE_COMMENT, ''), COALESCE(ENGINE, '') IN ('FEDERATED', 'CONNECT', 'SPIDER')
		FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
		AND TABLE_SCHEMA NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') AND (? = '' OR TABLE_SCHEMA = ?)
		ORDER BY 1, 2`, single, single)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []Table
	for rows.Next() {
		var t Table
		if err := rows.Scan(&t.Schema, &t.Name, &t.Comment, &t.Foreign); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range tables {
		if err := m.columns(ctx, db, &tables[i]); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

var (
	unreadMaria = []string{"date", "time", "datetime", "timestamp", "year", "bit", "uuid", "inet4", "inet6",
		"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection", "vector"}
	// A key of these types does not come back as it went.
	looseMaria = []string{"float", "double", "bit", "enum", "set", "json"}
)

func (m maria) columns(ctx context.Context, db *sql.DB, t *Table) error {
	rows, err := db.QueryContext(ctx, `SELECT COLUMN_NAME, LOWER(DATA_TYPE), COLUMN_TYPE, COALESCE(COLUMN_COMMENT, '') FROM information_schema.COLUMNS
		WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`, t.Schema, t.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	all := map[string]Column{}
	for rows.Next() {
		var c Column
		var base, full string
		if err := rows.Scan(&c.Name, &base, &full, &c.Comment); err != nil {
			return err
		}
		if base == "decimal" {
			c.cast = strings.ToUpper(strings.Split(full, " ")[0])
		}
		switch {
		case strings.HasSuffix(base, "blob"), strings.HasSuffix(base, "binary"):
			c.kind = binary
		case base == "float", base == "double":
			c.kind = float
		}
		if !slices.Contains(looseMaria, base) {
			all[c.Name] = c
		}
		if slices.Contains(unreadMaria, base) {
			t.Unread = append(t.Unread, c)
			continue
		}
		t.Columns = append(t.Columns, c)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return m.keys(ctx, db, t, all)
}

// keys takes the first unique index that holds whole columns without NULL.
func (maria) keys(ctx context.Context, db *sql.DB, t *Table, columns map[string]Column) error {
	rows, err := db.QueryContext(ctx, `SELECT INDEX_NAME, COALESCE(COLUMN_NAME, ''), SUB_PART IS NOT NULL OR NULLABLE = 'YES' FROM information_schema.STATISTICS
		WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND NON_UNIQUE = 0 AND INDEX_TYPE = 'BTREE'
		ORDER BY INDEX_NAME = 'PRIMARY' DESC, INDEX_NAME, SEQ_IN_INDEX`, t.Schema, t.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	current, fit := "", false
	for rows.Next() {
		var index, column string
		var unfit bool
		if err := rows.Scan(&index, &column, &unfit); err != nil {
			return err
		}
		if index != current {
			if fit {
				break
			}
			current, fit, t.keys = index, true, nil
		}
		c, known := columns[column]
		fit = fit && known && !unfit
		t.keys = append(t.keys, c)
	}
	if !fit {
		t.keys = nil
	}
	return rows.Err()
}

func (maria) quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func (m maria) from(t *Table) string { return m.quote(t.Schema) + "." + m.quote(t.Name) }

func (maria) param(_ int, c Column) string {
	if c.cast != "" {
		return "CAST(? AS " + c.cast + ")"
	}
	return "?"
}

func (m maria) key(c Column) string { return m.quote(c.Name) }

func (m maria) size(c Column) string { return "LENGTH(" + m.quote(c.Name) + ")" }

func (m maria) value(c Column) string { return m.quote(c.Name) }

func (m maria) slice(c Column, _ int) string {
	return "SUBSTRING(CAST(" + m.quote(c.Name) + " AS BINARY), ?, ?)"
}

// compare spells the order out, because servers use no index for row values.
func (m maria) compare(keys []Column, n int, sign string) (string, []int) {
	first := m.quote(keys[0].Name)
	p := m.param(n, keys[0])
	if len(keys) == 1 {
		return fmt.Sprintf("%s %s %s", first, sign, p), []int{0}
	}
	rest, repeat := m.compare(keys[1:], n, sign)
	for i := range repeat {
		repeat[i]++
	}
	return fmt.Sprintf("(%s %s= %s AND (%s %s %s OR %s))", first, sign, p, first, sign, p, rest), append([]int{0, 0}, repeat...)
}

func (maria) longest() int64 { return 4 << 30 }

// loose reads a table that no index orders by one statement, without a limit
// on its time: the server has no name for the place of a row.
func (maria) loose(ctx context.Context, r *Reading) (batcher, error) {
	return stream(ctx, r, "SET SESSION max_execution_time = 0", "SET SESSION max_statement_time = 0")
}
