// Package config reads the one settings file of a centre. In go a file and the
// words of the command line; out comes one checked struct. It opens nothing
// that the settings name, and it never prints a secret: secrets are paths.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/keyring"
)

// A Config is the settings of a centre. Paths may be relative to the folder
// of the settings file.
type Config struct {
	// Data is the folder that holds the database, evidence and segments.
	Data string `yaml:"data"`
	// Keys is the folder that holds the token key and the ledger key. It lies
	// outside Data, and belongs in another backup than Data.
	Keys string `yaml:"keys"`
	// Listen is the address of console and API. Off loopback it needs TLS.
	Listen string `yaml:"listen"`
	// Database is empty for SQLite in Data, or postgres://… for PostgreSQL.
	Database string `yaml:"database"`
	// DatabaseFile is a file whose one line is the database address, for
	// addresses that hold a password.
	DatabaseFile string `yaml:"database_file"`
	// Watch lists the folders that are watched.
	Watch []Root `yaml:"watch"`
	// TLS names the certificate and its key; both or neither.
	TLS TLS `yaml:"tls"`
	// Packs is a folder of pack files that take the place of built-in ones.
	Packs string `yaml:"packs"`
	// AllowOutgoing lists hosts or networks inside the house that alarms may
	// be sent to. Everything public is allowed, everything else refused.
	AllowOutgoing []string `yaml:"allow_outgoing"`
	// Hosts lists further names by which browsers may reach the centre, such as
	// that of a proxy in front of it.
	Hosts []string `yaml:"hosts"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `yaml:"log_level"`
}

// A Root is a folder that is watched.
type Root struct {
	// Path is the folder.
	Path string `yaml:"path"`
	// Skip lists folders below it that are not entered.
	Skip []string `yaml:"skip"`
}

// TLS is how the centre proves itself to browsers.
type TLS struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// DefaultListen is where a centre listens if nothing else is said.
const DefaultListen = "127.0.0.1:8420"

// maxFile bounds a settings file.
const maxFile = 1 << 20

// Read reads the settings file at path, or returns the defaults if path is
// empty. A key that it does not know is an error with the key's name.
func Read(path string) (*Config, error) {
	c := &Config{}
	if path == "" {
		return c, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read settings %s: %s", path, firstLine(err))
	}
	c.anchor(filepath.Dir(path))
	return c, nil
}

// firstLine drops the picture of the file that the decoder draws below its
// message: settings may stand beside secrets.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// anchor makes relative paths relative to dir.
func (c *Config) anchor(dir string) {
	paths := []*string{&c.Data, &c.Keys, &c.DatabaseFile, &c.TLS.Cert, &c.TLS.Key, &c.Packs}
	for i := range c.Watch {
		paths = append(paths, &c.Watch[i].Path)
		for j := range c.Watch[i].Skip {
			paths = append(paths, &c.Watch[i].Skip[j])
		}
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

// Complete fills in what was left out, makes paths whole and looks for
// contradictions. It returns the first with the name of its key.
func (c *Config) Complete() (err error) {
	if c.Data == "" {
		if c.Data, err = keyring.DefaultData(); err != nil {
			return fmt.Errorf("data: %w", err)
		}
	}
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if c.Keys == "" {
		if c.Keys, err = keyring.DefaultDir(c.Data); err != nil {
			return fmt.Errorf("keys: %w", err)
		}
	}
	if c.Keys, err = filepath.Abs(c.Keys); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	for i := range c.Watch {
		if c.Watch[i].Path, err = filepath.Abs(c.Watch[i].Path); err != nil {
			return fmt.Errorf("watch: %w", err)
		}
	}
	return c.check()
}

func (c *Config) check() error {
	switch {
	case Within(c.Keys, c.Data):
		return fmt.Errorf("keys: %s lies inside the data folder; a backup of the data must not hold the keys", c.Keys)
	case c.Database != "" && c.DatabaseFile != "":
		return errors.New("database: give it here or in database_file, not both")
	case (c.TLS.Cert == "") != (c.TLS.Key == ""):
		return errors.New("tls: give both cert and key, or neither")
	}
	if _, err := c.Level(); err != nil {
		return err
	}
	for _, allowed := range c.AllowOutgoing {
		if strings.Contains(allowed, "/") {
			if _, err := netip.ParsePrefix(allowed); err != nil {
				return fmt.Errorf("allow_outgoing: %q is neither a host nor a network", allowed)
			}
		}
	}
	for i, root := range c.Watch {
		if card.HoldsPAN(root.Path) {
			return fmt.Errorf("watch: the path of folder %d holds a card number, which would be written down; rename the folder", i+1)
		}
		if root.Path == "" || root.Path == string(filepath.Separator) {
			return errors.New("watch: name a folder below the root of the file system")
		}
		if Within(root.Path, c.Data) || Within(root.Path, c.Keys) {
			return fmt.Errorf("watch: %s is Stanch's own folder, which is never looked at; name the folder that your programs write to", root.Path)
		}
	}
	_, err := c.Loopback()
	return err
}

// Within reports whether path is dir or lies in it, by their names.
func Within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// Loopback reports whether the centre listens on this machine alone.
func (c *Config) Loopback() (bool, error) {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return false, fmt.Errorf("listen: %q is not HOST:PORT", c.Listen)
	}
	if host == "localhost" {
		return true, nil
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback(), nil
}

// Level returns the log level.
func (c *Config) Level() (slog.Level, error) {
	var level slog.Level
	if c.LogLevel == "" {
		return slog.LevelInfo, nil
	}
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return 0, errors.New("log_level: want debug, info, warn or error")
	}
	return level, nil
}

// DatabaseURL returns the address of the database. It reads DatabaseFile.
func (c *Config) DatabaseURL() (string, error) {
	if c.DatabaseFile != "" {
		text, err := os.ReadFile(c.DatabaseFile)
		if err != nil {
			return "", fmt.Errorf("database_file: %w", err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	if c.Database != "" {
		return c.Database, nil
	}
	return "sqlite:" + filepath.Join(c.Data, "stanch.db"), nil
}
