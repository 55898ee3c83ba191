package server

import (
	"context"

	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/internal/console"
	"github.com/stanch/stanch/internal/containment"
	"github.com/stanch/stanch/internal/finding"
	"github.com/stanch/stanch/internal/record"
	"github.com/stanch/stanch/internal/rest"
	"github.com/stanch/stanch/internal/store"
	"github.com/stanch/stanch/internal/tenant"
	"github.com/stanch/stanch/ledger"
)

// restLists shows the store to the API.
type restLists struct{ *store.Store }

// Cases implements [rest.Lists].
func (l restLists) Cases(ctx context.Context, t tenant.ID, below int64, state casefile.State, limit int) ([]*casefile.Case, error) {
	return l.Store.Cases(ctx, t, store.CaseFilter{Below: below, State: state, Limit: limit})
}

// Findings implements [rest.Lists].
func (l restLists) Findings(ctx context.Context, t tenant.ID, of casefile.ID, before int64, after finding.ID, limit int) ([]*finding.Finding, error) {
	return l.Store.Findings(ctx, t, store.FindingFilter{Case: of, Before: before, After: after, Limit: limit})
}

// Entries implements [rest.Lists].
func (l restLists) Entries(ctx context.Context, t tenant.ID, of casefile.ID, below int64, limit int) ([]ledger.Entry, error) {
	return l.Store.Entries(ctx, t, store.EntryFilter{Case: string(of), Below: below, Limit: limit})
}

// Proof implements [rest.Lists].
func (l restLists) Proof(ctx context.Context, size, index int64) ([]ledger.Hash, error) {
	proof, err := ledger.Prove(size, index, l.Tree(ctx))
	if err != nil {
		return nil, err
	}
	hashes := make([]ledger.Hash, len(proof))
	for i, h := range proof {
		hashes[i] = ledger.Hash(h)
	}
	return hashes, nil
}

// Plans implements [rest.Lists].
func (l restLists) Plans(ctx context.Context, t tenant.ID, of casefile.ID) ([]*containment.Plan, error) {
	return l.PlansOf(ctx, t, of)
}

// restAnswers shows the store's kept answers to the API.
type restAnswers struct{ *store.Store }

// Begin implements [rest.Answers].
func (a restAnswers) Begin(ctx context.Context, who record.Who, key string, digest []byte) (rest.Answer, bool, error) {
	kept, fresh, err := a.BeginAnswer(ctx, who, key, digest)
	return rest.Answer(kept), fresh, err
}

// Keep implements [rest.Answers].
func (a restAnswers) Keep(ctx context.Context, who record.Who, key string, answer rest.Answer) error {
	return a.KeepAnswer(ctx, who, key, store.KeptAnswer(answer))
}

// consoleLists shows the store to the console.
type consoleLists struct{ *store.Store }

// Cases implements [console.Lists].
func (l consoleLists) Cases(ctx context.Context, t tenant.ID, f console.CaseFilter) ([]*casefile.Case, error) {
	return l.Store.Cases(ctx, t, store.CaseFilter(f))
}

// Findings implements [console.Lists].
func (l consoleLists) Findings(ctx context.Context, t tenant.ID, f console.FindingFilter) ([]*finding.Finding, error) {
	return l.Store.Findings(ctx, t, store.FindingFilter(f))
}

// Entries implements [console.Lists].
func (l consoleLists) Entries(ctx context.Context, t tenant.ID, f console.EntryFilter) ([]ledger.Entry, error) {
	return l.Store.Entries(ctx, t, store.EntryFilter(f))
}
