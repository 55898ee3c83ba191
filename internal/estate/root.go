package estate

import (
	"context"
	"fmt"
	"slices"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/ledger"
)

// RootAdded is the body of the entry for a folder that is watched from now on,
// besides those of the settings file.
type RootAdded struct {
	Path string `json:"path"`
}

// Kind returns "house.root_added".
func (RootAdded) Kind() string { return "house.root_added" }

func foldRootAdded(h *House, e ledger.Entry) error {
	var b RootAdded
	err := e.Decode(&b)
	if !slices.Contains(h.Roots, b.Path) {
		h.Roots = append(h.Roots, b.Path)
	}
	return err
}

// AddRoot records a folder that is watched from now on. Whether it can be
// watched is asked by whoever watches.
func (r *Registrar) AddRoot(ctx context.Context, who record.Who, path string) error {
	if card.HoldsPAN(path) {
		return fmt.Errorf("add folder: %w", ErrCardData)
	}
	return r.change(ctx, who, "add folder", func(ctx context.Context, tx record.Tx, h *House) error {
		if slices.Contains(h.Roots, path) {
			return nil
		}
		return tx.Record(ctx, HouseSubject, RootAdded{path}, record.About{})
	})
}
