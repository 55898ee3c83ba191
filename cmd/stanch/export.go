package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stanch/stanch/internal/durable"
)

// ledgerExportCmd writes the tree for other tools to read.
type ledgerExportCmd struct {
	where
	Out string `arg:"" help:"New folder to write to. / 新建的输出目录。" type:"path"`
}

// Run exports the ledger.
func (c *ledgerExportCmd) Run(io *stdio) error {
	s, err := c.reader(io.Ctx)
	if err != nil {
		return fmt.Errorf("export ledger: %w", err)
	}
	defer s.Close()
	if err := os.Mkdir(c.Out, 0o755); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("export ledger: %s exists; name a new folder", c.Out)
	} else if err != nil {
		return fmt.Errorf("export ledger: %w", err)
	}
	files := 0
	err = s.ExportTiles(io.Ctx, func(name string, content []byte) error {
		files++
		path := filepath.Join(c.Out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return durable.WriteFile(path, content, 0o644)
	})
	if err != nil {
		return fmt.Errorf("export ledger: %w", err)
	}
	_, err = fmt.Fprintf(io.Out, "%d files in %s\n", files, c.Out)
	return err
}
