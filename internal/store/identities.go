package store

import (
	"github.com/stanch/stanch/internal/evidence"
	"github.com/stanch/stanch/internal/record"
)

func identityNoun() noun {
	return noun{
		name: evidence.IdentityNoun, table: "identities",
		columns: []string{"fingerprint"},
		zero:    func() record.Thing { return &evidence.Identity{} },
		values:  func(t record.Thing) []any { return []any{t.(*evidence.Identity).Fingerprint} },
	}
}
