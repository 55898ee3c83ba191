package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/internal/keyring"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/ledger"
)

// ledgerCmd checks the record.
type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:"" help:"Check that the ledger is intact, offline. / 离线核验账本是否完整。"`
	Export ledgerExportCmd `cmd:"" help:"Export the tree in tlog-tiles layout. / 以 tlog-tiles 格式导出。"`
}

// ledgerVerifyCmd checks the ledger, served or not. Exit 0 is intact, 1 not
// intact, 2 unreadable.
type ledgerVerifyCmd struct {
	where
	Deep bool   `help:"Also replay every entry and compare each row. / 重放全部记录并逐行比对。"`
	Key  string `help:"Verifier key, or a file that holds it. / 核验公钥或其文件。" placeholder:"K"`
	JSON bool   `help:"Print JSON. / 输出 JSON。"`
}

// A ledgerVerdict is what ledger verify prints as JSON.
type ledgerVerdict struct {
	Intact      bool   `json:"intact"`
	Fault       string `json:"fault,omitempty"`
	FirstBad    *int64 `json:"first_bad,omitempty"`
	Entries     int64  `json:"entries"`
	Root        string `json:"root,omitempty"`
	Erased      int64  `json:"erased"`
	Checkpoints int    `json:"checkpoints"`
	Rows        int64  `json:"rows,omitempty"` // compared by --deep
	Key         string `json:"key"`
	Fingerprint string `json:"fingerprint"`
	Proves      string `json:"proves"` // consistency, or origin
}

// Run checks the ledger.
func (c *ledgerVerifyCmd) Run(io *stdio) error {
	settings, err := c.settings()
	if err != nil {
		return err
	}
	public, proves, err := verifierKey(c.Key, settings.Keys)
	if err != nil {
		return &exitError{2, fmt.Errorf("verify ledger: %w", err)}
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		return &exitError{exitUsage, errors.New("verify ledger: --key is not a verifier key, nor a file that holds one")}
	}
	url, err := settings.DatabaseURL()
	if err != nil {
		return &exitError{2, err}
	}
	s, err := store.Open(io.Ctx, url, store.Options{})
	if err != nil {
		return &exitError{2, fmt.Errorf("verify ledger: %w", err)}
	}
	defer s.Close()
	out := ledgerVerdict{Key: key.Name(), Fingerprint: ledger.Fingerprint(public), Proves: proves}
	verdict, err := s.Verify(io.Ctx, key)
	if err == nil && c.Deep {
		out.Rows, err = s.VerifyDeep(io.Ctx)
	}
	out.Entries, out.Root, out.Erased, out.Checkpoints = verdict.Size, verdict.Root, verdict.Erased, verdict.Checkpoints
	return c.report(io, out, err)
}

// verifierKey returns the key to check with, and what it can prove: a key that
// was found beside the data proves that things fit together, and only one that
// came another way proves who wrote them.
func verifierKey(given, keys string) (public, proves string, err error) {
	if given == "" {
		public, err = keyring.Public(keys)
		return public, "consistency", err
	}
	if !exists(given) {
		return strings.TrimSpace(given), "origin", nil
	}
	text, err := os.ReadFile(given)
	if err != nil {
		return "", "", err
	}
	proves = "origin"
	if same, _ := filepath.Abs(given); filepath.Dir(same) == keys {
		proves = "consistency"
	}
	return strings.TrimSpace(string(text)), proves, nil
}

// printProof says which key was used and what that proves.
func printProof(io *stdio, key, fingerprint, proves string, intact bool) {
	fmt.Fprintf(io.Out, "key:    %s, fingerprint %s\n", key, fingerprint)
	if !intact {
		fmt.Fprintln(io.Out, "proves: nothing: what is checked is not what this key signed")
		return
	}
	if proves == "consistency" {
		fmt.Fprintln(io.Out, "proves: consistency only: the key was found beside the data; compare its fingerprint with one you were given, or pass --key")
		return
	}
	fmt.Fprintln(io.Out, "proves: origin: signed by the key that you gave")
}

// when shows Unix microseconds in UTC.
func when(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.RFC3339) }

func (c *ledgerVerifyCmd) report(io *stdio, out ledgerVerdict, err error) error {
	var fault *ledger.Fault
	switch {
	case errors.As(err, &fault):
		out.Fault = fault.What
		if fault.Index >= 0 {
			out.FirstBad = &fault.Index
		}
	case err != nil:
		return &exitError{2, fmt.Errorf("verify ledger: %w", err)}
	default:
		out.Intact = true
	}
	if !out.Intact {
		out.Proves = "nothing"
	}
	if c.JSON {
		if err := printJSON(io.Out, out); err != nil {
			return err
		}
	} else {
		c.print(io, out)
	}
	if !out.Intact {
		return &exitError{1, fault}
	}
	return nil
}

func (c *ledgerVerifyCmd) print(io *stdio, out ledgerVerdict) {
	if out.Intact {
		fmt.Fprintf(io.Out, "intact: %d entries, %d erased, %d earlier checkpoints met\n", out.Entries, out.Erased, out.Checkpoints)
		fmt.Fprintf(io.Out, "root:   %s\n", out.Root)
	}
	if c.Deep && out.Intact {
		fmt.Fprintf(io.Out, "deep:   %d rows are what their entries say\n", out.Rows)
	}
	printProof(io, out.Key, out.Fingerprint, out.Proves, out.Intact)
}
