package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/ledger"
)

// evidenceCmd checks sealed evidence.
type evidenceCmd struct {
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
