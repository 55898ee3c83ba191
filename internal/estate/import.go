package estate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/stanch/stanch/internal/record"
)

// ErrImport says that an import has bad lines and changed nothing. The report
// lists them.
var ErrImport = errors.New("lines of the import are wrong; nothing was taken")

// A Report is what an import did, or what is wrong with it. At most a thousand
// bad lines are listed; Refused counts all.
type Report struct {
	Added   int       `json:"added"`
	Changed int       `json:"changed"`
	Same    int       `json:"same"`
	Refused int       `json:"refused"`
	Bad     []BadLine `json:"bad"`
}

// Import takes a CSV of nodes whole, or not at all: with any bad line it
// returns a report of every one, and [ErrImport]. The first line names the
// columns in English or Chinese: kind and code, and as needed name, merchant,
// parent, place and active. Merchant and parent are codes, of lines of the
// file or of nodes there already; lines may stand in any order. The same file
// taken twice changes nothing the second time.
func (r *Registrar) Import(ctx context.Context, who record.Who, from io.Reader) (Report, error) {
	s, err := readSheet(from)
	if err != nil {
		return Report{}, errors.New("import nodes: the upload broke off")
	}
	// Parents first; among equals the order of the file.
	slices.SortStableFunc(s.lines, func(a, b line) int {
		return cmp.Compare(slices.Index(NodeKinds(), a.draft.Kind), slices.Index(NodeKinds(), b.draft.Kind))
	})
	var report Report
	err = r.Book.Update(ctx, who, func(ctx context.Context, tx record.Tx) error {
		// The transaction may run again, so each run gathers afresh.
		run := &importing{sheet: sheet{bad: slices.Clone(s.bad), whole: s.whole}, seen: map[NodeID]bool{}}
		if err := run.all(ctx, tx, s.lines); err != nil {
			return err
		}
		report = run.finish()
		if report.Refused > 0 {
			return ErrImport
		}
		return nil
	})
	if err != nil {
		return report, fmt.Errorf("import nodes: %w", err)
	}
	return report, nil
}

// importing is one run over the lines inside a transaction.
type importing struct {
	sheet
	seen   map[NodeID]bool
	report Report
}

func (m *importing) all(ctx context.Context, tx record.Tx, lines []line) error {
	for _, l := range lines {
		if err := m.one(ctx, tx, l); err != nil {
			return err
		}
	}
	return nil
}

// one takes a line. Its errors are the store's; what is wrong with the line
// is noted.
func (m *importing) one(ctx context.Context, tx record.Tx, l line) error {
	why, err := l.resolve(ctx, tx)
	if err != nil {
		return err
	}
	if why != "" {
		m.refuse(l.number, why)
		return nil
	}
	id := IDOf(l.draft.Kind, l.draft.Merchant, l.draft.Code)
	if m.seen[id] {
		m.refuse(l.number, CauseTwice)
		return nil
	}
	m.seen[id] = true
	before, err := loadNode(ctx, tx, id)
	if err == nil {
		l.silent.keep(&l.draft, before)
	} else if !errors.Is(err, ErrNoNode) {
		return err
	}
	did, err := l.draft.record(ctx, tx, id)
	switch {
	case errors.Is(err, ErrParent):
		m.refuse(l.number, CauseParent)
		return nil
	case err != nil:
		return err
	}
	switch did {
	case added:
		m.report.Added++
	case changed:
		m.report.Changed++
	default:
		m.report.Same++
	}
	return nil
}

// resolve turns the codes of a line's merchant and parent into nodes.
func (l *line) resolve(ctx context.Context, tx record.Tx) (Cause, error) {
	d := &l.draft
	if l.merchant != "" && d.Kind != Merchant {
		d.Merchant = IDOf(Merchant, "", l.merchant)
		if there, err := exists(ctx, tx, d.Merchant); err != nil || !there {
			return CauseMerchant, err
		}
		d.Parent = d.Merchant
	}
	if l.parent == "" || l.parent == l.merchant {
		return "", nil
	}
	merchant := IDOf(Merchant, "", l.parent)
	isMerchant, err := exists(ctx, tx, merchant)
	if err != nil {
		return "", err
	}
	store, isStore := IDOf(Store, d.Merchant, l.parent), false
	if d.Kind != Store {
		if isStore, err = exists(ctx, tx, store); err != nil {
			return "", err
		}
	}
	switch {
	case isStore && isMerchant && l.merchant == "":
		return CauseAmbiguous, nil
	case isStore:
		d.Parent = store
	case isMerchant && l.merchant == "":
		d.Merchant, d.Parent = merchant, merchant
	default:
		return CauseParent, nil
	}
	return "", nil
}

func exists(ctx context.Context, tx record.Tx, id NodeID) (bool, error) {
	_, err := loadNode(ctx, tx, id)
	if errors.Is(err, ErrNoNode) {
		return false, nil
	}
	return err == nil, err
}

// finish returns the report, its bad lines in order of the file. A refused
// import did nothing.
func (m *importing) finish() Report {
	if m.whole == 0 {
		return m.report
	}
	slices.SortStableFunc(m.bad, func(a, b BadLine) int { return cmp.Compare(a.Line, b.Line) })
	return Report{Refused: m.whole, Bad: m.bad}
}
