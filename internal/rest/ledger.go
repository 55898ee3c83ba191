package rest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/casefile"
	"github.com/stanch/stanch/ledger"
)

// An entryView is an entry as the API shows it.
type entryView struct {
	Index    int64           `json:"index"`
	Kind     string          `json:"kind"`
	Subject  ledger.Subject  `json:"subject"`
	Case     string          `json:"case,omitempty"`
	Actor    string          `json:"actor"`
	At       time.Time       `json:"at"`
	Happened *time.Time      `json:"happened,omitempty"`
	Body     json.RawMessage `json:"body,omitempty" doc:"absent once erased"`
	Leaf     string          `json:"leaf" doc:"SHA-256 of salt and payload, hex"`
	Salt     string          `json:"salt,omitempty" doc:"hex"`
	ErasedBy int64           `json:"erased_by,omitempty"`
}

func showEntry(e ledger.Entry) entryView {
	return entryView{
		Index: e.Index, Kind: e.Kind, Subject: e.Subject, Case: e.Case, Actor: e.Actor, At: e.At, Happened: when(microsOf(e.Happened)),
		Body: e.Body, Leaf: hex.EncodeToString(e.Leaf[:]), Salt: hex.EncodeToString(e.Salt), ErasedBy: e.ErasedBy,
	}
}

func microsOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func (a *API) ledgerRoutes() {
	route(a, http.MethodGet, "/ledger/entries", "list-entries", "List entries, newest first", access.ReadLedger, a.listEntries)
	route(a, http.MethodGet, "/ledger/entries/{index}/proof", "prove-entry", "Prove that an entry is in the tree of the newest checkpoint", access.ReadLedger, a.proveEntry)
	route(a, http.MethodGet, "/ledger/checkpoint", "read-checkpoint", "Read the newest signed checkpoint", access.ReadLedger, a.readCheckpoint)
}

func (a *API) listEntries(ctx context.Context, p access.Principal, in *struct {
	Listing
	Case casefile.ID `query:"case" maxLength:"64"`
}) (*body[page[entryView]], error) {
	below, _, err := in.position()
	if err != nil {
		return nil, err
	}
	entries, err := a.Lists.Entries(ctx, p.Tenant, in.Case, below, in.size())
	if err != nil {
		return nil, err
	}
	out := paged(entries, in.size(), showEntry, func(e ledger.Entry) string { return cursor(e.Index, "") })
	if n := len(entries); n > 0 && entries[n-1].Index == 0 {
		out.Body.Next = "" // the first entry of all; a cursor of 0 would begin again
	}
	return out, nil
}

// A proofView is enough to check an entry without trusting who serves it.
type proofView struct {
	Entry      entryView `json:"entry"`
	Checkpoint string    `json:"checkpoint" doc:"signed note, C2SP tlog-checkpoint"`
	Hashes     []string  `json:"hashes" doc:"RFC 6962 inclusion proof, hex, leaf to root"`
}

func (a *API) proveEntry(ctx context.Context, p access.Principal, in *struct {
	Index int64 `path:"index" minimum:"0"`
}) (*body[proofView], error) {
	e, err := a.Lists.Entry(ctx, p.Tenant, in.Index)
	if err != nil {
		return nil, err
	}
	note, size, err := a.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	hashes, err := a.Lists.Proof(ctx, size, in.Index)
	if err != nil {
		return nil, err
	}
	out := proofView{Entry: showEntry(e), Checkpoint: string(note), Hashes: make([]string, 0, len(hashes))}
	for _, h := range hashes {
		out.Hashes = append(out.Hashes, hex.EncodeToString(h[:]))
	}
	return answer(out), nil
}

func (a *API) checkpoint(ctx context.Context) ([]byte, int64, error) {
	note, err := a.Lists.Checkpoint(ctx)
	if err != nil {
		return nil, 0, err
	}
	c, err := ledger.ReadCheckpoint(note)
	return note, c.Size, err
}

// A checkpointView is a checkpoint with what it says.
type checkpointView struct {
	Note   string `json:"note" doc:"signed note, C2SP tlog-checkpoint"`
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   string `json:"root" doc:"hex"`
}

func (a *API) readCheckpoint(ctx context.Context, _ access.Principal, _ *none) (*body[checkpointView], error) {
	note, _, err := a.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	c, err := ledger.ReadCheckpoint(note)
	if err != nil {
		return nil, err
	}
	return answer(checkpointView{string(note), c.Origin, c.Size, hex.EncodeToString(c.Root[:])}), nil
}
