package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// evidenceCmd checks sealed evidence.
type evidenceCmd struct {
	Due    evidenceDueCmd    `cmd:"" help:"List what is past its destroy-by date. / 列出已过应销毁日期的证物。"`
	Verify evidenceVerifyCmd `cmd:"" help:"Check an exported exhibit, offline. / 离线核验导出的证物。"`
}

// evidenceVerifyCmd checks an export with nothing but the ledger's public key.
// Exit 0 is intact, 1 not intact, 2 unreadable.
type evidenceVerifyCmd struct {
	where
	File string `arg:"" help:"Exported exhibit. / 导出的证物文件。" type:"path"`
	Key  string `help:"Verifier key, or a file that holds it. / 核验公钥或其文件。" placeholder:"K"`
	JSON bool   `help:"Print JSON. / 输出 JSON。"`
}

// evidenceDueCmd lists exhibits that were to be destroyed by now, served or not.
type evidenceDueCmd struct {
	where
	JSON bool `help:"Print JSON. / 输出 JSON。"`
}

// Run lists them, the longest due first.
func (c *evidenceDueCmd) Run(io *stdio) error {
	s, err := c.reader(io.Ctx)
	if err != nil {
		return fmt.Errorf("list evidence: %w", err)
	}
	defer s.Close()
	custodian := &evidence.Custodian{Store: s, Now: time.Now}
	due, err := custodian.Due(io.Ctx, tenant.Default)
	if err != nil {
		return fmt.Errorf("list evidence: %w", err)
	}
	if c.JSON {
		return printJSON(io.Out, append([]*evidence.Exhibit{}, due...))
	}
	for _, x := range due {
		fmt.Fprintf(io.Out, "%s  exhibit %s of case %s, %d bytes\n", when(x.DestroyBy), x.ID, x.Case, x.Size)
	}
	_, err = fmt.Fprintf(io.Out, "past the destroy-by date: %d\n", len(due))
	return err
}

// An evidenceVerdict is what evidence verify prints as JSON.
type evidenceVerdict struct {
	Intact      bool              `json:"intact"`
	Fault       string            `json:"fault,omitempty"`
	Exhibit     *evidence.Exhibit `json:"exhibit,omitempty"`
	Key         string            `json:"key"`
	Fingerprint string            `json:"fingerprint"`
	Proves      string            `json:"proves"` // consistency, or origin
}

// Run checks the file.
func (c *evidenceVerifyCmd) Run(io *stdio) error {
	settings, err := c.settings()
	if err != nil {
		return err
	}
	public, proves, err := verifierKey(c.Key, settings.Keys)
	if err != nil {
		return &exitError{2, fmt.Errorf("verify evidence: %w", err)}
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		return &exitError{exitUsage, errors.New("verify evidence: --key is not a verifier key, nor a file that holds one")}
	}
	f, err := os.Open(c.File)
	if err != nil {
		return &exitError{2, fmt.Errorf("verify evidence: %w", err)}
	}
	defer f.Close()
	out := evidenceVerdict{Key: key.Name(), Fingerprint: ledger.Fingerprint(public), Proves: proves}
	out.Exhibit, err = evidence.CheckExport(f, key)
	switch {
	case errors.Is(err, evidence.ErrDamaged):
		out.Fault = err.Error()
	case err != nil:
		return &exitError{2, fmt.Errorf("verify evidence %s: %w", c.File, err)}
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
	} else if out.Intact {
		x := out.Exhibit
		fmt.Fprintf(io.Out, "intact: exhibit %s, %d bytes, SHA-256 %s, sealed to %v\n", x.ID, x.Size, x.SHA256, x.Recipients)
		for _, e := range x.Events {
			fmt.Fprintf(io.Out, "        %s  %s by %s\n", when(e.At), e.What, e.By)
		}
	}
	if !c.JSON {
		printProof(io, out.Key, out.Fingerprint, out.Proves, out.Intact)
	}
	if !out.Intact {
		return &exitError{1, fmt.Errorf("verify evidence: %w", err)}
	}
	return nil
}
